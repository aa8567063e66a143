"""One node by itself: the graph that runs it, with the variables of its own flow."""

from collections.abc import Collection
from dataclasses import replace

from flowyard.engine.graph import (
    INNER_SEPARATOR,
    WORK_KINDS,
    Edge,
    FailurePolicy,
    Graph,
    Node,
    scope_of,
)


def why_not_alone(graph: Graph, node_id: str) -> str | None:
    """Return why a node cannot be run by itself, as one sentence; None where it can."""
    if scope_of(node_id):
        return f"Expected a node outside of inline subflows, but {node_id} lies in one"
    node = graph.nodes.get(node_id)
    if node is None:
        return f"Expected a node of the graph, but {node_id} is none"
    if node.kind not in WORK_KINDS:
        return f"Expected an activity, a subflow or a map, but {node_id} is {node.kind}"
    return None


def settable(graph: Graph) -> frozenset[str]:
    """Return the names of the variables that a graph knows, those that nodes export included."""
    exported = (
        name for node in graph.nodes.values() if not scope_of(node.node_id) for name in node.exports
    )
    declared = (spec.name for spec in graph.inputs)
    return frozenset((*declared, *graph.constants, *graph.computed, *graph.lazy, *exported))


def alone(graph: Graph, node_id: str, given: Collection[str]) -> Graph:
    """Return the graph that runs one node and nothing else, whatever its run condition says.

    Inputs need no value; nothing is rolled back by itself.

    Parameters
    ----------
    node_id
        One that :func:`why_not_alone` has nothing against.
    given
        Variables that get their values from outside: what would be computed is not then.
    """
    inside = {key: node for key, node in graph.nodes.items() if _is_of(node_id, key)}
    nodes = {
        graph.start_id: graph.nodes[graph.start_id],
        **inside,
        node_id: _unconditional(graph.nodes[node_id]),
        graph.end_id: graph.nodes[graph.end_id],
    }
    inner = tuple(
        edge
        for edge in graph.edges
        if node_id not in (edge.source, edge.target) and edge.source in inside
    )
    declared = {spec.name for spec in graph.inputs}
    return replace(
        graph,
        nodes=nodes,
        edges=(
            Edge(source=graph.start_id, target=node_id),
            *inner,
            Edge(source=node_id, target=graph.end_id),
        ),
        inputs=tuple(replace(spec, is_required=False) for spec in graph.inputs),
        constants={
            **graph.constants,
            **dict.fromkeys(name for name in given if name not in declared),
        },
        computed={name: text for name, text in graph.computed.items() if name not in given},
        lazy={name: text for name, text in graph.lazy.items() if name not in given},
        outputs={},
        scopes={key: scope for key, scope in graph.scopes.items() if _is_of(node_id, key)},
        schemes=(),
        on_failure=FailurePolicy.STOP,
    )


def _is_of(node_id: str, other_id: str) -> bool:
    return other_id == node_id or other_id.startswith(node_id + INNER_SEPARATOR)


def _unconditional(node: Node) -> Node:
    options = replace(node.options, run_when=None, is_optional=False)
    return replace(node, options=options)
