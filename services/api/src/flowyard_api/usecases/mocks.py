"""Canned results: checked against the graph, and held against what plugins give."""

from collections.abc import Iterator, Mapping

from jsonschema import Draft202012Validator

from flowyard.engine.binding import RESERVED_PREFIX, has_reserved_key
from flowyard.engine.graph import WORK_KINDS, Graph, Node
from flowyard.engine.snapshot import Failure, Mock
from flowyard_api.catalog import PluginMap
from flowyard_api.errors import ApiError, Fault
from flowyard_api.models.trying import MockResult

MAX_WARNINGS = 100
"""Most that is said about the outputs of one run."""

_REASON_CHARS = 200


class InvalidMocksError(ApiError):
    """Raised for canned results that the graph, or anything, cannot take."""

    code = "invalid_mocks"


def mocks_of(graph: Graph, given: Mapping[str, MockResult]) -> dict[str, Mock]:
    """Return canned results as the engine takes them, by node id.

    Raises
    ------
    InvalidMocksError
        Raised if one is for no node, for a node that runs nothing, or has reserved keys.
    """
    faults = [
        fault for node_id, result in given.items() for fault in _faults(graph, node_id, result)
    ]
    if faults:
        raise InvalidMocksError(faults[0].msg, errors=faults)
    return {node_id: _mock(result) for node_id, result in given.items()}


def _mock(result: MockResult) -> Mock:
    failure = result.failure
    return Mock(
        outputs=result.outputs,
        failure=None if failure is None else Failure(code=failure.code, message=failure.message),
        is_run=result.run,
    )


def _faults(graph: Graph, node_id: str, result: MockResult) -> Iterator[Fault]:
    node = graph.find(node_id)
    if node is None:
        yield _fault(
            node_id, "unknown_node", f"Expected a node of the graph, but {node_id} is none"
        )
    elif node.kind not in WORK_KINDS:
        yield _fault(
            node_id,
            "not_mockable",
            f"Expected an activity, a subflow or a map, but {node_id} is {node.kind}",
        )
    if has_reserved_key(result.outputs):
        yield _fault(
            node_id,
            "reserved_key",
            f"Expected no key that begins with {RESERVED_PREFIX},"
            f" but the outputs of {node_id} have one",
            "outputs",
        )


def warnings_of(
    graph: Graph, given: Mapping[str, MockResult], plugins: PluginMap
) -> tuple[Fault, ...]:
    """Return where canned outputs differ from what the plugins of their nodes give."""
    found = []
    for node_id, result in given.items():
        node = graph.find(node_id)
        if node is None or result.run or result.failure is not None:
            continue
        for fault in _unlike(node, result, plugins):
            found.append(fault)
            if len(found) == MAX_WARNINGS:
                return tuple(found)
    return tuple(found)


def _unlike(node: Node, result: MockResult, plugins: PluginMap) -> Iterator[Fault]:
    activity = node.activity if node.map is None else None
    plugin = None if activity is None else plugins.get((activity.plugin, activity.version))
    if plugin is None:
        return
    for error in Draft202012Validator(plugin.outputs_schema).iter_errors(result.outputs):
        reason = error.message[:_REASON_CHARS]
        yield _fault(
            node.node_id,
            "unlike_outputs",
            f"Expected outputs as {plugin.name} gives them, but {reason}",
            "outputs",
            *error.absolute_path,
        )


def _fault(node_id: str, code: str, message: str, *below: str | int) -> Fault:
    return Fault(loc=("body", "mocks", node_id, *below), msg=message, type=code, node_id=node_id)
