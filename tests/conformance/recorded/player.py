"""Plays recorded cases of bamboo against a whole Flowyard, over its public API."""

import ast
import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from tests.conformance.recorded.components import CallbackUrls, component_table
from tests.conformance.recorded.names import Names, names_of
from tests.conformance.recorded.recordings import JsonObject, Recording
from tests.conformance.recorded.runtime import ContextValueType, Runtime, States
from tests.support.flowyard import PROJECT, Flowyard

PATIENCE_SECONDS = 60.0
"""How long a state may take to come that a case expects."""

SETTLED_SECONDS = 2.0
"""The same where nothing goes on by itself any more."""

LOOK_SECONDS = 0.05

_API = "/api/v1"

_STATES_OF: Mapping[str, str] = {
    "assert_all_finish": "FINISHED",
    "assert_all_failed": "FAILED",
    "assert_all_running": "RUNNING",
    "assert_all_suspended": "SUSPENDED",
}

_PROCESS_VERBS: Mapping[str, str] = {
    "pause_pipeline": "pause",
    "resume_pipeline": "resume",
    "revoke_pipeline": "cancel",
}
"""Our operations on instances and inline subflows, by bamboo's on processes."""

_NODE_VERBS: Mapping[str, str] = {
    "pause_node_appoint": "pause",
    "resume_node_appoint": "resume",
    "skip_node": "skip",
    "retry_subprocess": "restart",
    "forced_fail_activity": "force-fail",
    "skip_exclusive_gateway": "choose",
    "skip_conditional_parallel_gateway": "choose",
}
"""Our operations on nodes, by bamboo's."""


class CaseFailedError(Exception):
    """Raised for what a case expects and does not find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A step whose expectation was not met."""

    step: str
    """Its operation, with what it asks."""
    reason: str


class Player:
    """Plays one case.

    Parameters
    ----------
    speed
        By what the pauses of a case are multiplied; the plugins' own as well.
    callback_urls
        Where waiting nodes are called back.
    """

    def __init__(
        self,
        flowyard: Flowyard,
        recording: Recording,
        *,
        key: str,
        speed: float,
        callback_urls: CallbackUrls,
    ) -> None:
        self._flowyard = flowyard
        self._recording = recording
        self._key = key
        self._speed = speed
        self._callback_urls = callback_urls
        self._names = Names(root="")
        self._variables: dict[str, dict[str, str]] = {}
        self._lazy: dict[str, dict[str, Any]] = {}
        self._instance_id = ""

    async def play(self) -> list[Deviation]:
        """Carry out all steps, and return which of their expectations were not met."""
        found: list[Deviation] = []
        for step in self._recording.steps:
            try:
                await self._step(step)
            except CaseFailedError as error:
                asked = str(step.get("args", ""))[:160]
                found.append(Deviation(step=f"{step['op']} {asked}", reason=str(error)))
                if step["op"] == "run_pipeline":
                    break
        return found

    async def _step(self, step: JsonObject) -> None:
        name, arguments, words = step["op"], step.get("args", []), step.get("kwargs", {})
        if name in _STATES_OF:
            await self._until(lambda at: _all_are(at, arguments[0], _STATES_OF[name]))
        elif name.startswith("assert"):
            await self._assertion(name, arguments, words)
        else:
            await self._operation(name, arguments, words)

    async def _assertion(self, name: str, arguments: list[Any], words: JsonObject) -> None:
        match name:
            case "assert":
                text = arguments[0]
                if not _says_nothing(text):
                    await self._until(lambda at: self._holds(text, at))
            case "assert_exec_data_equal":
                await self._until(lambda at: _differences(at, arguments[0]))
            case "assert_not_executed":
                _require(_reached(await self._runtime(), arguments[0]))
            case "assert_schedule_finish":
                await self._until(lambda at: _finished(at, arguments[0], words))
            case "assert_schedule_not_finish":
                await self._until(lambda at: _not_finished(at, arguments[0], words))
            case _:
                raise CaseFailedError(f"Expected a known assertion, but {name} is none")

    def _holds(self, text: str, at: Runtime) -> str:
        scope: dict[str, Any] = {
            "runtime": at,
            "states": States(),
            "context": at.context,
            "ContextValueType": ContextValueType,
            "param": _Parameters(self._recording.parameters),
            "len": len,
            "__builtins__": {},
        }
        processes = {self._names.root, *self._names.scopes, "pipeline"}
        scope |= {one: one for one in processes if one.isidentifier() and one not in scope}
        scope["pipeline"] = self._names.root
        try:
            # The recorded assertions are expressions of Python, written by the oracle.
            holds = eval(compile(text, "assertion", "eval"), scope)  # noqa: S307
        except (KeyError, IndexError) as error:
            return f"nothing is known of {error}"
        return "" if holds else f"it does not hold: {text}"

    async def _operation(self, name: str, arguments: list[Any], words: JsonObject) -> None:
        match name:
            case "runtime":
                pass  # faults of bamboo's own store; ours has suites of its own
            case "run_pipeline":
                await self._run(arguments[0])
            case "sleep":
                await self._sleep(arguments[0])
            case "callback":
                data = words.get("data", arguments[2] if len(arguments) > 2 else None)
                await self._call_back(arguments[0], data)
            case "retry_node":
                await self._retry(*arguments)
            case _ if name in _PROCESS_VERBS:
                await self._at_process(arguments[0], _PROCESS_VERBS[name])
            case _ if name in _NODE_VERBS:
                body = self._body(name, *arguments[1:])
                await self._at_node(arguments[0], _NODE_VERBS[name], body)
            case _:
                raise CaseFailedError(f"Expected a known operation, but {name} is none")

    def _body(self, name: str, *arguments: Any) -> JsonObject:
        """Return what an operation on a node is told."""
        if name == "forced_fail_activity":
            return {"message": arguments[0]} if arguments else {}
        if name in ("skip_exclusive_gateway", "skip_conditional_parallel_gateway"):
            flow_ids = arguments[0] if isinstance(arguments[0], list) else [arguments[0]]
            return {"targets": [self._names.targets[flow_id] for flow_id in flow_ids]}
        return {}

    async def _run(self, tree: JsonObject) -> None:
        answer = await self._flowyard.client.post(
            f"/projects/{PROJECT}/imports",
            json={
                "files": [{"name": "tree.json", "text": orjson.dumps(tree).decode()}],
                "components": component_table(),
                "key_prefix": f"{self._key}-",
                "mode": "publish",
            },
        )
        if not answer.is_success:
            raise CaseFailedError(f"the import was answered {answer.status_code}: {answer.text}")
        imported = answer.json()
        self._take_over(tree, imported)
        refused = [one for one in imported["templates"] if one["version"] is None]
        if refused:
            told = [one for one in imported["diagnostics"] if one["severity"] == "error"]
            raise CaseFailedError(f"the import was refused: {told or refused}")
        root = next(one for one in imported["templates"] if one["flow_id"] == tree["id"])
        created = await self._flowyard.client.post(
            f"/projects/{PROJECT}/instances", json={"template": root["key"], "inputs": {}}
        )
        if not created.is_success:
            raise CaseFailedError(f"the start was answered {created.text}")
        self._instance_id = created.json()["instance_id"]

    def _take_over(self, tree: JsonObject, imported: JsonObject) -> None:
        flows = {one["flow_id"]: one for one in imported["templates"]}
        self._names = names_of(tree, {key: one["node_ids"] for key, one in flows.items()})
        processes = {tree["id"]: tree["id"]} | {
            node_id: flow_id
            for flow_id in flows
            for node_id in self._names.scopes
            if flow_id.endswith(f"-{node_id}")
        }
        for process_id, flow_id in processes.items():
            names = flows[flow_id]["variable_names"]
            self._variables[process_id] = {f"${{{name}}}": ours for name, ours in names.items()}
            self._lazy[process_id] = flows[flow_id]["document"].get("lazy", {})

    async def _retry(self, node_id: str, values: JsonObject | None = None) -> None:
        if values is None:
            await self._at_node(node_id, "retry", {})
            return
        state = (await self._runtime()).get_state(node_id)
        inputs = {"values": values, "loop": state.loop}
        await self._at_node(node_id, "retry", {"inputs": inputs})

    async def _sleep(self, seconds: float) -> None:
        """Pause as long as a case does, made shorter, but until all that is due has begun.

        At the recorded pace a busy machine begins it well within the pause; at ours it may not.
        """
        loop = asyncio.get_running_loop()
        latest = loop.time() + seconds
        await asyncio.sleep(seconds * self._speed)
        while (await self._runtime()).has_due:
            if loop.time() > latest:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _call_back(self, node_id: str, data: Any) -> None:
        key = (self._instance_id, self._names.of(node_id))
        await self._until(lambda _: "" if key in self._callback_urls else "it does not wait")
        # Whose name the address holds depends on the gateway's settings, not on the case.
        path = self._callback_urls[key].partition(_API)[2]
        answer = await self._flowyard.client.post(path, json=data)
        if not answer.is_success:
            raise CaseFailedError(f"the callback was answered {answer.status_code}: {answer.text}")

    async def _at_process(self, process_id: str, verb: str) -> None:
        if process_id == self._names.root:
            await self._post(f"/instances/{self._instance_id}/actions/{verb}", {})
        else:
            await self._at_node(process_id, verb, {})

    async def _at_node(self, node_id: str, verb: str, body: JsonObject) -> None:
        ours = quote(self._names.of(node_id), safe="")
        await self._post(f"/instances/{self._instance_id}/nodes/{ours}/actions/{verb}", body)

    async def _post(self, path: str, body: JsonObject) -> None:
        answer = await self._flowyard.client.post(path, json=body, params={"wait": 10})
        if answer.status_code != 200:
            raise CaseFailedError(f"{path} was answered {answer.status_code}: {answer.text}")

    async def _runtime(self) -> Runtime:
        shown = await self._flowyard.instance(self._instance_id)
        return Runtime(shown, self._names, variables=self._variables, lazy=self._lazy)

    async def _until(self, unmet: Callable[[Runtime], str]) -> None:
        """Return when nothing is unmet any more; raise when that takes too long."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while reason := _asked(unmet, at := await self._runtime()):
            patience = SETTLED_SECONDS if at.is_settled else PATIENCE_SECONDS
            if loop.time() > begun + patience:
                raise CaseFailedError(reason)
            await asyncio.sleep(LOOK_SECONDS)


class _Parameters:
    def __init__(self, values: JsonObject) -> None:
        self.__dict__.update(values)


def _asked(unmet: Callable[[Runtime], str], at: Runtime) -> str:
    try:
        return unmet(at)
    except KeyError as error:
        return f"nothing is known of {error}"


def _require(unmet: str) -> None:
    if unmet:
        raise CaseFailedError(unmet)


def _says_nothing(text: str) -> bool:
    """Tell whether an assertion compares a thing with itself, its time having been lost."""
    compared = ast.parse(text, mode="eval").body
    return (
        isinstance(compared, ast.Compare)
        and isinstance(compared.ops[0], ast.NotEq)
        and ast.dump(compared.left) == ast.dump(compared.comparators[0])
    )


def _all_are(at: Runtime, node_ids: list[str], state: str) -> str:
    found = {one: at.get_state(one).name for one in node_ids}
    wrong = {one: name for one, name in found.items() if name != state}
    return f"not {state}: {wrong}" if wrong else ""


def _reached(at: Runtime, node_ids: list[str]) -> str:
    found = [one for one in node_ids if at.is_reached(one)]
    return f"reached: {found}" if found else ""


def _differences(at: Runtime, wanted: JsonObject) -> str:
    for node_id, data in wanted.items():
        found = at.get_execution_data(node_id)
        if found.inputs != data["inputs"]:
            return f"{node_id} was given {found.inputs}, not {data['inputs']}"
        if found.outputs != data["outputs"]:
            return f"{node_id} has yielded {found.outputs}, not {data['outputs']}"
    return ""


def _finished(at: Runtime, node_id: str, words: JsonObject) -> str:
    state, taken = at.get_state(node_id), at.steps_taken(node_id)
    if state.name == "FINISHED" and taken == words.get("times", taken):
        return ""
    return f"{node_id} is {state.name} after {taken} steps"


def _not_finished(at: Runtime, node_id: str, words: JsonObject) -> str:
    taken = at.steps_taken(node_id)
    is_ended_well = at.get_state(node_id).name == "FINISHED" and not at.get_state(node_id).skip
    is_expired = not at.is_waiting(node_id)
    if (
        is_ended_well
        or taken != words.get("times", taken)
        or words.get("expired", is_expired) != is_expired
    ):
        return f"{node_id} has taken {taken} steps"
    return ""
