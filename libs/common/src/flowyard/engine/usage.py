"""Which nodes have used a variable already: those make a later change of it too late."""

from collections.abc import Iterable, Iterator

from flowyard.engine.expressions import names_in
from flowyard.engine.graph import (
    Activity,
    Graph,
    InputSpec,
    JsonValue,
    Node,
    NodeKind,
    owner_of,
    scope_of,
)
from flowyard.engine.lazy import needed_by
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import NodeMark, NodeState, Snapshot


def used_by(snapshot: Snapshot, name: str, scope_id: str = "") -> tuple[str, ...]:
    """Return the nodes that have read a variable, in the order in which they were reached.

    Counted by what their expressions can read, not by what they did read. A node that has
    failed reads again when it is retried, and one that a token waits at has read nothing:
    neither counts. What runs on behalf of a node counts as that node.

    Parameters
    ----------
    snapshot
        The instance.
    name
        Of an input, a constant, or a computed, lazy or exported variable.
    scope_id
        Id of the inline subflow whose variable it is; empty for the instance's own.
    """
    lazy = snapshot.graph.lazy_of(scope_id)
    found: dict[str, None] = {}
    for state in snapshot.nodes.values():
        if scope_of(state.node_id) != scope_id or not _has_read(state):
            continue
        if name in needed_by(_names_read(snapshot.graph, state), lazy):
            found[owner_of(state.node_id) or state.node_id] = None
    return tuple(found)


def _has_read(state: NodeState) -> bool:
    return state.visits > 0 and state.status is not NodeStatus.FAILED


def _names_read(graph: Graph, state: NodeState) -> Iterator[str]:
    node = graph.find(state.node_id)
    if node is None:
        return
    for value in _values_read(graph, node, is_passed=state.mark is NodeMark.CONDITION):
        yield from names_in(value)


def _values_read(graph: Graph, node: Node, *, is_passed: bool) -> Iterator[JsonValue]:
    """Yield everything with expressions that a node renders when a token enters it."""
    options = node.options
    if options.run_when is not None:
        yield f"${{{options.run_when}}}"
    if is_passed:
        return
    yield options.run_as
    yield None if options.concurrency is None else options.concurrency.key
    yield None if node.map is None else node.map.items
    if node.activity is not None:
        yield rendered_inputs(node.activity)
    if node.subflow is not None:
        yield dict(node.subflow.inputs)
    for edge in graph.outgoing.get(node.node_id, ()):
        if edge.condition is not None:
            yield f"${{{edge.condition}}}"
        yield edge.boolrule
    declared = graph.scopes.get(scope_of(node.node_id), graph)
    if node.kind is NodeKind.START:
        yield dict(declared.computed)
        yield from _conditions(declared.inputs)
    if node.kind is NodeKind.END:
        yield dict(declared.outputs)


def rendered_inputs(activity: Activity) -> dict[str, JsonValue]:
    """Return the inputs of an activity without those that are taken as they are."""
    return {name: one for name, one in activity.inputs.items() if name not in activity.verbatim}


def _conditions(specs: Iterable[InputSpec]) -> Iterator[JsonValue]:
    for spec in specs:
        if spec.visible_when is not None:
            yield f"${{{spec.visible_when}}}"
