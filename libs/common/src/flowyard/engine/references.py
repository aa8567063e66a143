"""What the expressions of a graph refer to: variables, and outputs of nodes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.engine.expressions import paths_in
from flowyard.engine.graph import Activity, Graph, JsonValue, Node, scope_of

Reference = tuple[str, ...]
"""A name and the fixed keys behind it, as in ``("nodes", "build", "image")``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dangling:
    """One thing that a graph refers to and that a pruned one does not yield any more."""

    node_id: str
    """The node that refers to it; empty for the outputs of the graph."""
    name: str
    """Of a variable, or ``nodes.<id>``."""


def names_used(graph: Graph, besides: Iterable[str] = ()) -> frozenset[str]:
    """Return the variables that nodes and outputs read, also by way of others.

    Those of the flow itself: inline subflows have variables of their own.

    Parameters
    ----------
    besides
        Variables that count as read whoever reads them.
    """
    found: set[str] = set()
    pending = [*besides, *(path[0] for path in _paths(graph))]
    definitions: dict[str, JsonValue] = {**graph.computed, **graph.lazy}
    conditions = {
        spec.name: f"${{{spec.visible_when}}}"
        for spec in graph.inputs
        if spec.visible_when is not None
    }
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            for value in (definitions.get(name), conditions.get(name)):
                pending.extend(path[0] for path in paths_in(value))
    return frozenset(found)


def dangling(before: Graph, after: Graph) -> tuple[Dangling, ...]:
    """Return what a pruned graph refers to and only left-out nodes yield, in its order.

    An expression that really reads one of these will fail; one on a way that is not taken
    will not.

    Parameters
    ----------
    before, after
        A graph, and what is left of it.
    """
    gone = {node_id for node_id in before.nodes if node_id not in after.nodes}
    exported = {name for node in after.nodes.values() for name in node.exports}
    own = {*(spec.name for spec in before.inputs), *before.constants, *before.computed}
    lost = {
        name
        for node_id in gone
        for name in before.nodes[node_id].exports
        if name not in exported | own and not scope_of(node_id)
    }
    found: dict[Dangling, None] = {}
    for node_id, node in after.nodes.items():
        if not scope_of(node_id):
            for name in _lost(_values_of(after, node), gone, lost):
                found[Dangling(node_id=node_id, name=name)] = None
    for name in _lost([dict(after.outputs)], gone, lost):
        found[Dangling(node_id="", name=name)] = None
    return tuple(found)


def _lost(values: Iterable[JsonValue], gone: set[str], lost: set[str]) -> Iterator[str]:
    for value in values:
        for name, *below in sorted(paths_in(value)):
            if name in lost:
                yield name
            elif name == "nodes" and below and below[0] in gone:
                yield f"nodes.{below[0]}"


def _paths(graph: Graph) -> Iterator[Reference]:
    for node_id, node in graph.nodes.items():
        if not scope_of(node_id):
            for value in _values_of(graph, node):
                yield from paths_in(value)
    yield from paths_in(dict(graph.outputs))


def _values_of(graph: Graph, node: Node) -> Iterator[JsonValue]:
    """Yield everything with expressions that a node may render."""
    options = node.options
    if options.run_when is not None:
        yield f"${{{options.run_when}}}"
    yield options.run_as
    yield None if options.concurrency is None else options.concurrency.key
    yield None if node.map is None else node.map.items
    undo, deadline = options.compensation, options.deadline
    for activity in (
        node.activity,
        None if undo is None else undo.activity,
        None if deadline is None else deadline.notice,
    ):
        yield dict(_rendered(activity))
    for subflow in (node.subflow, None if undo is None else undo.subflow):
        yield {} if subflow is None else dict(subflow.inputs)
    for edge in graph.outgoing[node.node_id]:
        if edge.condition is not None:
            yield f"${{{edge.condition}}}"
        yield from (reference[0] for reference in REFERENCE.finditer(edge.boolrule or ""))


def _rendered(activity: Activity | None) -> Mapping[str, JsonValue]:
    if activity is None:
        return {}
    return {name: one for name, one in activity.inputs.items() if name not in activity.verbatim}
