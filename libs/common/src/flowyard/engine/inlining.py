"""Graphs of inline subflows, flattened into the graph of the template that runs them.

The nodes of ``deploy`` become ``deploy.start``, ``deploy.build``, ``deploy.end``; no edge leads
from them to the others. The graph of a published version is flattened already, so that one
level at a time suffices.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from flowyard.engine.graph import (
    INNER_SEPARATOR,
    Compensation,
    Edge,
    Graph,
    Node,
    NodeKind,
    Subflow,
    Variables,
    scope_of,
)
from flowyard.engine.pruning import PruneError, excluded_by, prune
from flowyard.errors import PermanentError

MAX_NESTING = 20
"""How deep inline subflows may lie in each other; as deep as instances."""

MAX_NODES = 10_000
"""Most nodes of a flattened graph: every instance of it holds the state of each in memory."""


class InliningError(PermanentError):
    """Raised when an inline subflow cannot be flattened."""

    code = "invalid_inline"

    def __init__(self, node_id: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.node_id = node_id
        """Of the subflow, in the graph that runs it."""
        self.reason = reason
        """Stable name of the cause."""


def expand(graph: Graph, children: Mapping[str, Graph]) -> Graph:
    """Return a graph with the graphs of its inline subflows flattened into it.

    Parameters
    ----------
    children
        What each inline subflow runs, by the id of its node; flattened themselves.

    Raises
    ------
    InliningError
        Raised with the reason ``nesting_limit`` or ``too_many_nodes``, or with that of a
        :class:`~flowyard.engine.pruning.PruneError` for the schemes of a node.
    """
    nodes: dict[str, Node] = {}
    edges = list(graph.edges)
    scopes = dict(graph.scopes)
    for node_id, node in graph.nodes.items():
        nodes[node_id] = node
        if node_id not in children:
            continue
        child = _chosen(node, children[node_id])
        inner = _Prefix(node_id, child)
        _check_nesting(node_id, child)
        nodes |= {inner.name(one.node_id): inner.node(one) for one in child.nodes.values()}
        edges += [inner.edge(edge) for edge in child.edges]
        scopes[node_id] = _variables(child)
        scopes |= {inner.name(key): declared for key, declared in child.scopes.items()}
        if len(nodes) > MAX_NODES:
            raise InliningError(
                node_id,
                "too_many_nodes",
                f"Expected at most {MAX_NODES} nodes with those of inline subflows,"
                f" but there are {len(nodes)} at {node_id}",
            )
    return replace(graph, nodes=nodes, edges=tuple(edges), scopes=scopes)


def renamed(graph: Graph, rename: Callable[[str], str]) -> Graph:
    """Return a graph whose subflows name their templates in another way.

    Parameters
    ----------
    rename
        From the name that the graph uses to the new one.
    """

    def of(subflow: Subflow | None) -> Subflow | None:
        return None if subflow is None else replace(subflow, template=rename(subflow.template))

    def undoing(undo: Compensation | None) -> Compensation | None:
        return None if undo is None else replace(undo, subflow=of(undo.subflow))

    return replace(
        graph,
        nodes={
            node_id: replace(
                node,
                subflow=of(node.subflow),
                options=replace(node.options, compensation=undoing(node.options.compensation)),
            )
            if node.subflow is not None or node.options.compensation is not None
            else node
            for node_id, node in graph.nodes.items()
        },
    )


def check_recursion(graph: Graph, template: str, rename: Callable[[str], str]) -> None:
    """Refuse a flattened graph in which a template runs within itself.

    Parameters
    ----------
    template
        Whose graph it is.
    rename
        From the name that the graph uses to one that is compared.

    Raises
    ------
    InliningError
        Raised with the reason ``recursion`` and the way from template to template.
    """
    for node_id, node in graph.nodes.items():
        if node.is_inline:
            path = [template, *(rename(name) for name in _templates(graph, node_id))]
            if path[-1] in path[:-1]:
                outermost = node_id.partition(INNER_SEPARATOR)[0]
                way = " > ".join(path[path.index(path[-1]) :])
                raise InliningError(
                    outermost,
                    "recursion",
                    f"Expected no template to run within itself, but {way}",
                )


def _templates(graph: Graph, node_id: str) -> Iterator[str]:
    """Yield the templates that run at an inline subflow, the outermost first."""
    scope_id = scope_of(node_id)
    if scope_id:
        yield from _templates(graph, scope_id)
    subflow = graph.nodes[node_id].subflow
    if subflow is not None:
        yield subflow.template


class _Prefix:
    """Gives what a graph consists of the ids that it has within another one."""

    def __init__(self, node_id: str, child: Graph) -> None:
        self._prefix = node_id + INNER_SEPARATOR
        self._names = {child.start_id: str(NodeKind.START), child.end_id: str(NodeKind.END)}

    def name(self, node_id: str) -> str:
        return self._prefix + self._names.get(node_id, node_id)

    def node(self, node: Node) -> Node:
        return replace(
            node,
            node_id=self.name(node.node_id),
            converge_id=None if node.converge_id is None else self.name(node.converge_id),
        )

    def edge(self, edge: Edge) -> Edge:
        return replace(edge, source=self.name(edge.source), target=self.name(edge.target))


def _chosen(node: Node, child: Graph) -> Graph:
    """Return what is left of a child's graph by the schemes of the node that runs it."""
    schemes = () if node.subflow is None else node.subflow.schemes
    try:
        excluded = excluded_by(child, schemes)
        return prune(child, excluded) if excluded else child
    except PruneError as error:
        raise InliningError(node.node_id, error.reason, str(error)) from error


def _check_nesting(node_id: str, child: Graph) -> None:
    deepest = max(child.nodes, key=lambda one: one.count(INNER_SEPARATOR), default="")
    if deepest.count(INNER_SEPARATOR) + 1 > MAX_NESTING:
        raise InliningError(
            node_id,
            "nesting_limit",
            f"Expected at most {MAX_NESTING} inline subflows within each other, but there are more"
            f" at {node_id}{INNER_SEPARATOR}{scope_of(deepest)}",
        )


def _variables(graph: Graph) -> Variables:
    return Variables(
        inputs=graph.inputs,
        constants=graph.constants,
        computed=graph.computed,
        lazy=graph.lazy,
        outputs=graph.outputs,
    )
