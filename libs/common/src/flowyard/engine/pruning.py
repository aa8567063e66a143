"""Leaving optional nodes out of a graph.

Rules: the result is a sound graph of the same kind, or there is none. What is left out is
joined: whatever led to it leads to what came behind it. Nodes of an inline subflow vanish with
it; each level of a graph, with a start and an end of its own, is pruned by itself.

Theory of operation, after the example of bk-sops: branches of a parallel gateway that are left
with nothing lead straight to its converge and are dropped; a parallel gateway without any
branch vanishes with its converge, and what led to either leads to what came behind. That may
empty a branch of an outer one, so it is done from the innermost outwards. Gateways with
conditions stay as they are: a branch with nothing on it is still a choice. Variables that only
what was left out has used are not asked for any more.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from flowyard.engine.graph import (
    INNER_SEPARATOR,
    Edge,
    Graph,
    JsonValue,
    Node,
    NodeKind,
    scope_of,
)
from flowyard.engine.references import names_used
from flowyard.engine.snapshot import Plan
from flowyard.engine.validation import complete
from flowyard.errors import PermanentError

UNKNOWN_NODE = "unknown_node"
"""Code of a node that the graph does not have."""

NOT_OPTIONAL = "not_optional"
"""Code of a node that always runs."""

NOTHING_LEFT = "nothing_left"
"""Code of a choice after which there is nothing between a start and its end."""

UNKNOWN_SCHEME = "unknown_scheme"
"""Code of a scheme that the graph does not have."""


class PruneError(PermanentError, ValueError):
    """Raised for a choice of nodes that cannot be left out.

    Parameters
    ----------
    reason
        One of this module's codes.
    name
        The node or the scheme that it is about; for nothing left, the inline subflow, empty
        for the graph itself.
    message
        One sentence.
    """

    code = "not_prunable"

    def __init__(self, reason: str, name: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.name = name


def excluded_by(graph: Graph, schemes: Iterable[str]) -> frozenset[str]:
    """Return the optional nodes that schemes leave out: those that none of them keeps.

    Nodes within inline subflows are not theirs to choose.

    Parameters
    ----------
    schemes
        Names of schemes of the graph; none at all leave nothing out.

    Raises
    ------
    PruneError
        Raised if the graph has no such scheme.
    """
    names = tuple(schemes)
    if not names:
        return frozenset()
    known = {scheme.name: scheme for scheme in graph.schemes}
    kept: frozenset[str] = frozenset()
    for name in names:
        if name not in known:
            message = f"Expected a scheme of the template, but {name} is none"
            raise PruneError(UNKNOWN_SCHEME, name, message)
        kept |= known[name].keeps
    optional = {node_id for node_id in optional_nodes(graph) if not scope_of(node_id)}
    return frozenset(optional) - kept


def optional_nodes(graph: Graph) -> tuple[str, ...]:
    """Return the nodes that may be left out, in the order of the graph."""
    return tuple(node_id for node_id, node in graph.nodes.items() if node.options.is_optional)


def default_schemes(graph: Graph) -> tuple[str, ...]:
    """Return the schemes that are taken where nobody chooses."""
    return tuple(scheme.name for scheme in graph.schemes if scheme.is_default)


def planned(graph: Graph, plan: Plan) -> Graph:
    """Return what is left of a graph for one instance.

    Raises
    ------
    PruneError
        Raised if the plan names a scheme or a node that cannot be left out.
    """
    excluded = excluded_by(graph, plan.schemes) | plan.excluded
    return prune(graph, excluded) if excluded else graph


def prune(graph: Graph, excluded: Iterable[str]) -> Graph:
    """Return a sound graph without the given nodes, joined where they were.

    Parameters
    ----------
    graph
        Sound; its inline subflows may be part of it.
    excluded
        Ids of optional nodes. What lies within an excluded inline subflow may be named too.

    Raises
    ------
    PruneError
        Raised if a node is unknown or always runs, or if nothing would be left of the graph
        or of an inline subflow.
    """
    wanted = frozenset(excluded)
    _check_excluded(graph, wanted)
    gone = {node_id for node_id in graph.nodes if _is_gone(node_id, wanted)}
    edges = _joined([edge for edge in graph.edges if not _is_within(edge, wanted)], wanted)
    nodes = {node_id: node for node_id, node in graph.nodes.items() if node_id not in gone}
    edges, emptied = _without_empty_splits(nodes, edges)
    nodes = {node_id: node for node_id, node in nodes.items() if node_id not in emptied}
    _check_left(nodes, edges)
    left = replace(
        graph,
        nodes=nodes,
        edges=tuple(edges),
        scopes={key: scope for key, scope in graph.scopes.items() if key in nodes},
    )
    return _without_unused(graph, _completed(left))


def _check_excluded(graph: Graph, wanted: frozenset[str]) -> None:
    for node_id in sorted(wanted):
        node = graph.nodes.get(node_id)
        if node is None:
            message = f"Expected a node to leave out, but there is no {node_id}"
            raise PruneError(UNKNOWN_NODE, node_id, message)
        if not node.options.is_optional:
            message = f"Expected an optional node to leave out, but {node_id} always runs"
            raise PruneError(NOT_OPTIONAL, node_id, message)


def _is_gone(node_id: str, wanted: Collection[str]) -> bool:
    """Tell whether a node is left out, or lies in an inline subflow that is."""
    while node_id:
        if node_id in wanted:
            return True
        node_id = node_id.rpartition(INNER_SEPARATOR)[0]
    return False


def _is_within(edge: Edge, wanted: Collection[str]) -> bool:
    """Tell whether an edge lies in an inline subflow that is left out."""
    return _is_gone(scope_of(edge.source), wanted)


def _joined(edges: list[Edge], wanted: Collection[str]) -> list[Edge]:
    """Return the edges with those to left-out nodes led on to what comes behind them."""
    following = {edge.source: edge.target for edge in edges if edge.source in wanted}

    def led_on(target: str) -> str:
        while target in following:
            target = following[target]
        return target

    return [
        replace(edge, target=led_on(edge.target)) for edge in edges if edge.source not in wanted
    ]


def _without_empty_splits(
    nodes: Mapping[str, Node], edges: list[Edge]
) -> tuple[list[Edge], set[str]]:
    """Return the edges without empty branches of parallel gateways, and the nodes that are gone.

    A round that removes a gateway is followed by another: the branch around it may be empty.
    """
    emptied: set[str] = set()
    pairs = {
        node.node_id: node.converge_id
        for node in nodes.values()
        if node.kind is NodeKind.PARALLEL and node.converge_id is not None
    }
    is_changed = True
    while is_changed:
        is_changed = False
        edges = [edge for edge in edges if pairs.get(edge.source) != edge.target]
        sources = {edge.source for edge in edges}
        for split_id, converge_id in list(pairs.items()):
            if split_id in sources:
                continue
            del pairs[split_id]
            edges = _bridged(edges, split_id, converge_id)
            emptied |= {split_id, converge_id}
            is_changed = True
    return edges, emptied


def _bridged(edges: list[Edge], split_id: str, converge_id: str) -> list[Edge]:
    """Return the edges past an empty parallel gateway and its converge."""
    behind = next(edge.target for edge in edges if edge.source == converge_id)
    return [
        replace(edge, target=behind) if edge.target in (split_id, converge_id) else edge
        for edge in edges
        if edge.source != converge_id
    ]


def _check_left(nodes: Mapping[str, Node], edges: Iterable[Edge]) -> None:
    for edge in edges:
        is_empty = (
            nodes[edge.source].kind is NodeKind.START and nodes[edge.target].kind is NodeKind.END
        )
        if is_empty:
            scope_id = scope_of(edge.source)
            where = f"in {scope_id}" if scope_id else "in the flow"
            message = f"Expected a node to run {where}, but all of them are left out"
            raise PruneError(NOTHING_LEFT, scope_id, message)


def _completed(graph: Graph) -> Graph:
    """Return a graph whose splits and back edges are found anew, level by level."""
    nodes: dict[str, Node] = {}
    edges: dict[int, Edge] = {}
    for scope_id in {scope_of(node_id): None for node_id in graph.nodes}:
        level = {key: node for key, node in graph.nodes.items() if scope_of(key) == scope_id}
        numbers = [index for index, edge in enumerate(graph.edges) if edge.source in level]
        found = complete(
            level,
            [graph.edges[number] for number in numbers],
            _only(level, NodeKind.START),
            _only(level, NodeKind.END),
        )
        nodes |= found.nodes
        edges |= dict(zip(numbers, found.edges, strict=True))
    return replace(
        graph,
        nodes={node_id: nodes[node_id] for node_id in graph.nodes},
        edges=tuple(edges[number] for number in range(len(graph.edges))),
    )


def _only(level: Mapping[str, Node], kind: NodeKind) -> str:
    return next(node_id for node_id, node in level.items() if node.kind is kind)


def _without_unused(before: Graph, after: Graph) -> Graph:
    """Return a graph that asks for nothing which only left-out nodes have used.

    An input that nothing has ever used stays as it is: somebody wants it to be given.
    """
    # Computed variables that nobody reads are rendered at the start all the same.
    idle = before.computed.keys() - names_used(before)
    unused = names_used(before, idle) - names_used(after, idle)
    if not unused:
        return after

    def used(values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {name: value for name, value in values.items() if name not in unused}

    return replace(
        after,
        inputs=tuple(
            replace(spec, is_required=False) if spec.name in unused else spec
            for spec in after.inputs
        ),
        computed=used(after.computed),
        lazy=used(after.lazy),
    )
