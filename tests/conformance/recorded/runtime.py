"""An instance in the words of bamboo's runtime, as the assertions of recorded cases ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.conformance.recorded.names import Names

JsonObject = dict[str, Any]
"""What the API shows, or what a recording asks for."""

FINISHED, FAILED, RUNNING = "FINISHED", "FAILED", "RUNNING"
SUSPENDED, REVOKED, READY = "SUSPENDED", "REVOKED", "READY"

_STATES: Mapping[str, str] = {
    "pending": READY,
    "ready": RUNNING,
    "running": RUNNING,
    "waiting": RUNNING,
    "succeeded": FINISHED,
    "skipped": FINISHED,
    "failed": FAILED,
    "cancelled": REVOKED,
}
_DUE = frozenset({"queued", "dispatched"})
_STOPS = frozenset({"paused", "breakpoint"})
_INSTANCE_STATES: Mapping[str, str] = {
    "created": READY,
    "running": RUNNING,
    "paused": SUSPENDED,
    # A root pipeline of bamboo goes on running while one of its nodes has failed.
    "failed": RUNNING,
    "succeeded": FINISHED,
    "cancelled": REVOKED,
}
_EX_DATA: Mapping[str, str] = {
    "no_branch_matches": "all conditions of branches are not meet",
    "several_branches_match": "multiple conditions meet",
}
"""What bamboo writes where we have a code."""

_FORCED = "forced_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """The names of states."""

    FINISHED: str = FINISHED
    FAILED: str = FAILED
    RUNNING: str = RUNNING
    SUSPENDED: str = SUSPENDED
    REVOKED: str = REVOKED
    READY: str = READY


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a node is doing."""

    name: str
    loop: int = 0
    skip: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What a node was given and has yielded."""

    inputs: JsonObject
    outputs: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One earlier run of a node."""

    node_id: str
    inputs: JsonObject
    outputs: JsonObject
    loop: int
    retry: int
    skip: bool
    version: str
    started_time: str | None
    archived_time: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextValue:
    """One variable."""

    value: Any
    type: str = "PLAIN"


class ContextValueType:
    """The kinds of variables that assertions name."""

    PLAIN = "PLAIN"


class Runtime:
    """What assertions may ask.

    Parameters
    ----------
    shown
        The instance as the API shows it.
    names
        What the tree's things are called here.
    variables
        Our names of variables by theirs, by the id of a process; ``${x}`` is theirs.
    lazy
        Texts of variables that are rendered at each use, by the id of a process and our name.
    """

    def __init__(
        self,
        shown: JsonObject,
        names: Names,
        *,
        variables: Mapping[str, Mapping[str, str]],
        lazy: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._shown = shown
        self._names = names
        self._variables = variables
        self._lazy = lazy
        self._nodes = {node["node_id"]: node for node in shown["nodes"]}

    @property
    def is_settled(self) -> bool:
        """Tell whether the instance changes no more, unless a person steps in."""
        return self._shown["status"] in ("succeeded", "cancelled", "failed")

    @property
    def has_due(self) -> bool:
        """Tell whether something is to begin at once and has not yet."""
        return self._shown["status"] == "created" or any(
            node["status"] == "ready" and node["reason"] in _DUE for node in self._nodes.values()
        )

    def is_reached(self, node_id: str) -> bool:
        """Tell whether a token has ever come to a node."""
        node = self._nodes.get(self._names.of(node_id))
        return node is not None and node["visits"] > 0

    def get_state(self, node_id: str) -> State:
        """Return what a node, or the whole pipeline, is doing."""
        if node_id == self._names.root:
            return State(name=_INSTANCE_STATES[self._shown["status"]], loop=1)
        node = self._node(node_id)
        is_stopped = node["reason"] in _STOPS or node.get("has_breakpoint", False)
        name = SUSPENDED if is_stopped and node["status"] in _OPEN else _STATES[node["status"]]
        return State(
            name=name,
            loop=node["visits"],
            skip=node["status"] == "skipped",
            version=node["attempts"][-1]["attempt_id"] if node["attempts"] else "",
        )

    def get_execution_data(self, node_id: str) -> Data:
        """Return what a node was given last, and has yielded."""
        if node_id == self._names.root:
            outputs = self._shown["outputs"] or {}
            return Data(inputs={}, outputs=self._named(node_id, outputs))
        node = self._node(node_id)
        if node_id in self._names.scopes:
            return self._process_data(node_id, node)
        if not node["attempts"]:
            return Data(inputs={}, outputs=_failure(node))
        latest = self._history(node_id, node, node["attempts"][-1])
        return Data(inputs=latest.inputs, outputs=latest.outputs)

    def get_histories(self, node_id: str) -> list[History]:
        """Return the earlier runs of a node; the run that was skipped is one of them."""
        node = self._node(node_id)
        attempts = node["attempts"] if node["status"] == "skipped" else node["attempts"][:-1]
        return [self._history(node_id, node, attempt) for attempt in attempts]

    def get_context_outputs(self, process_id: str) -> set[str]:
        """Return which variables a process yields."""
        outputs = self._node(process_id)["outputs"] or {}
        return set(self._named(process_id, outputs))

    def context(self, process_id: str) -> dict[str, ContextValue]:
        """Return the variables of a process."""
        if process_id == self._names.root:
            present = self._shown["variables"] or {}
        else:
            present = self._node(process_id).get("variables") or {}
        known = {**self._lazy.get(process_id, {}), **present}
        named = self._named(process_id, known)
        return {name: ContextValue(value=value) for name, value in named.items()}

    def steps_taken(self, node_id: str) -> int:
        """Return how often the latest run of a node was polled or called back."""
        attempts = self._node(node_id)["attempts"]
        return int(attempts[-1]["step"]) if attempts else 0

    def is_waiting(self, node_id: str) -> bool:
        """Tell whether the latest run of a node can still be polled or called back."""
        attempts = self._node(node_id)["attempts"]
        return bool(attempts) and attempts[-1]["closed_at"] is None

    def _node(self, node_id: str) -> JsonObject:
        found: JsonObject = self._nodes[self._names.of(node_id)]
        return found

    def _named(self, process_id: str, values: JsonObject) -> JsonObject:
        theirs = {ours: name for name, ours in self._variables.get(process_id, {}).items()}
        return {theirs.get(name, f"${{{name}}}"): value for name, value in values.items()}

    def _process_data(self, node_id: str, node: JsonObject) -> Data:
        rounds = {"_loop": node["visits"], "_inner_loop": node["visits"]}
        inputs = node["attempts"][-1]["inputs"] if node["attempts"] else {}
        outputs = self._named(node_id, node["outputs"] or {})
        return Data(
            inputs=self._named(node_id, inputs or {}),
            outputs={**outputs, **rounds} if node["status"] == "succeeded" else outputs,
        )

    def _history(self, node_id: str, node: JsonObject, attempt: JsonObject) -> History:
        rounds = {"_loop": attempt["visit"], "_inner_loop": attempt["visit"]}
        inputs = (attempt["inputs"] or {}).get("values", {})
        code = (attempt["failure"] or {}).get("code")
        is_well = attempt["status"] == "succeeded" or code == _FORCED
        outputs = {**(attempt["outputs"] or {}), "_result": is_well, **rounds}
        if code == _FORCED:
            outputs |= {"ex_data": attempt["failure"]["message"], "_forced_failed": True}
        same = [one for one in node["attempts"] if one["visit"] == attempt["visit"]]
        return History(
            node_id=node_id,
            inputs={**inputs, **rounds},
            outputs=outputs,
            loop=attempt["visit"],
            retry=same.index(attempt),
            skip=False,
            version=attempt["attempt_id"],
            started_time=attempt["started_at"] or attempt["opened_at"],
            archived_time=attempt["closed_at"],
        )


_OPEN = frozenset({"pending", "ready", "running", "waiting"})


def _failure(node: JsonObject) -> JsonObject:
    failure = node["failure"] or {}
    code = str(failure.get("code"))
    return {"ex_data": _EX_DATA[code]} if code in _EX_DATA else {}
