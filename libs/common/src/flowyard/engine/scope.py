"""The names that an expression may use at one node of one instance."""

from collections.abc import Iterator, Mapping
from typing import Any

from typing_extensions import override

from flowyard.engine.expressions import Budget, SecretName
from flowyard.engine.graph import INNER_SEPARATOR, SATELLITE_SEPARATOR, JsonValue
from flowyard.engine.lazy import LazyValues
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import InstanceFacts, NodeMark, NodeState

SYSTEM_NAMES = ("instance", "loop", "nodes", "project", "secrets")
"""Names that every expression knows."""

RESERVED_NAMES = frozenset(SYSTEM_NAMES) - {"project"}
"""Those that variables may not take; a variable named ``project`` hides that of the system."""

RESULT = "_result"
"""Automatic output: whether the node's last visit was a success."""

LOOP = "_loop"
"""Automatic output: how often the node has been entered."""

_ENDED = frozenset(
    {NodeStatus.SUCCEEDED, NodeStatus.FAILED, NodeStatus.SKIPPED, NodeStatus.CANCELLED}
)
_NOTHING: Mapping[str, JsonValue] = {}


class _NodeOutputs(Mapping[str, JsonValue]):
    """``nodes.x``: what a node has left, and by their full names its automatic outputs.

    Attributes and names may never begin with an underscore; these two constants are
    served as subscripts because they lead to nothing but a boolean and a number.
    """

    __slots__ = ("_state",)

    def __init__(self, state: NodeState) -> None:
        self._state = state

    @override
    def __getitem__(self, name: str) -> JsonValue:
        state = self._state
        if name == LOOP:
            return state.visits
        if name == RESULT and state.status in _ENDED:
            return state.status is NodeStatus.SUCCEEDED and state.mark is not NodeMark.IGNORED
        return state.outputs[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._state.outputs)

    @override
    def __len__(self) -> int:
        return len(self._state.outputs)


class _Outputs(Mapping[str, Mapping[str, JsonValue]]):
    """``nodes``: the outputs of nodes of the same scope that have succeeded, by node id.

    In an inline subflow the ids are those of its own template, and nodes that only an
    earlier run of it has reached are unknown.
    """

    def __init__(self, scope_id: str, layers: tuple[Mapping[str, NodeState], ...]) -> None:
        self._prefix = scope_id + INNER_SEPARATOR if scope_id else ""
        self._layers = layers

    @override
    def __getitem__(self, node_id: str) -> Mapping[str, JsonValue]:
        state = self._find(self._prefix + node_id) if _is_own(node_id) else None
        if state is None or (self._prefix and not state.visits):
            raise KeyError(node_id)
        return _NodeOutputs(state)

    def _find(self, node_id: str) -> NodeState | None:
        for layer in self._layers:
            state = layer.get(node_id)
            if state is not None:
                return state
        return None

    @override
    def __iter__(self) -> Iterator[str]:
        found = {node_id: None for layer in self._layers for node_id in layer}
        names = (one.removeprefix(self._prefix) for one in found if one.startswith(self._prefix))
        return (name for name in names if name in self)

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)


def _is_own(node_id: str) -> bool:
    """Tell whether an id is one that people write: of no inner node and no satellite."""
    return INNER_SEPARATOR not in node_id and SATELLITE_SEPARATOR not in node_id


class _Secrets(Mapping[str, SecretName]):
    """``secrets``: a reference for any name; whether it exists only the plugin gateway knows."""

    @override
    def __getitem__(self, name: str) -> SecretName:
        return SecretName(name)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(())

    @override
    def __len__(self) -> int:
        return 0


_SECRETS = _Secrets()


class Scope(Mapping[str, Any]):
    """Variables and system names, looked up only when they are used.

    Parameters
    ----------
    variables
        Inputs, constants, computed and exported variables by name.
    layers
        States of reached nodes; the first layer that knows a node wins.
    scope_id
        The inline subflow whose nodes may be read; empty for the flow itself.
    facts, started_at
        What ``instance`` tells.
    loop
        How often the node has been entered, this time included.
    lazy
        Definitions of lazy variables by name; hidden by variables of the same name.
    budget
        What expressions may still cost that read these names, and others of the decision.
    """

    __slots__ = (
        *("_facts", "_layers", "_lazy", "_loop", "_scope_id", "_started_at", "_variables"),
        "budget",
    )

    def __init__(
        self,
        *,
        variables: Mapping[str, JsonValue],
        layers: tuple[Mapping[str, NodeState], ...],
        facts: InstanceFacts,
        started_at: str | None,
        loop: int,
        lazy: Mapping[str, JsonValue] = _NOTHING,
        scope_id: str = "",
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget
        self._variables = variables
        self._lazy = LazyValues(lazy, self)
        self._layers = layers
        self._scope_id = scope_id
        self._facts = facts
        self._started_at = started_at
        self._loop = loop

    @override
    def __getitem__(self, name: str) -> Any:
        match name:
            case "nodes":
                return _Outputs(self._scope_id, self._layers)
            case "loop":
                return self._loop
            case "secrets":
                return _SECRETS
            case "instance":
                return self._instance()
            case "project" if "project" not in self._variables:
                return self._facts.plan.project_variables
            case _:
                return self._variable(name)

    def _instance(self) -> Mapping[str, JsonValue]:
        facts = self._facts
        parent = facts.parent
        return {
            "id": str(facts.instance_id),
            "name": facts.name,
            "project": facts.project,
            "actor": facts.actor,
            "started_at": self._started_at,
            "template": facts.template,
            "url": facts.url,
            "parent": None
            if parent is None
            else {"id": str(parent.instance_id), "node": parent.node_id, "attempt": parent.number},
        }

    def _variable(self, name: str) -> JsonValue:
        if name in self._lazy and name not in self._variables:
            return self._lazy.get(name)
        return self._variables[name]

    @override
    def __iter__(self) -> Iterator[str]:
        yield from {**self._variables, **dict.fromkeys((*self._lazy, *SYSTEM_NAMES))}

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)
