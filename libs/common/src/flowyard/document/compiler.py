"""From a document to the graph that an instance runs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flowyard.document.convergence import insert_converges
from flowyard.document.model import END_ID, START_ID, Document, DocumentNode
from flowyard.document.naming import check_names
from flowyard.document.part import Report
from flowyard.document.plugins import check_plugins
from flowyard.document.problems import DocumentError, Path, Problem
from flowyard.document.reader import try_read
from flowyard.document.verbatim import UNCHECKED, Plugins, with_verbatim
from flowyard.engine.graph import Activity, Edge, Graph, Node, NodeKind
from flowyard.engine.pruning import NOTHING_LEFT, PruneError, excluded_by, prune
from flowyard.engine.structure import Structure
from flowyard.engine.validation import check_structure, complete

_BLOCKING_CODES = frozenset({"duplicate_node", "unknown_target", "node_kind"})
"""Mistakes after which the shape of the graph says nothing any more."""


def compile_document(document: Document, *, plugins: Plugins | None) -> Graph:
    """Return the graph of a document, checked as far as that is possible without running it.

    Parameters
    ----------
    document
        Read without problems.
    plugins
        What activities may run; None skips the checks of plugins and their inputs, and
        :data:`UNCHECKED` those of expressions in these inputs too.

    Raises
    ------
    DocumentError
        Raised with everything that keeps the graph from being run.
    """
    graph, splits = _build(document, plugins)
    problems = [*_contents(document, plugins), *_shape(document, graph, splits)]
    problems = problems or _schemes(document, graph)
    if problems:
        raise DocumentError(problems)
    return graph


def check_document(text: str, *, plugins: Plugins | None) -> tuple[Problem, ...]:
    """Return everything that is wrong with a text as a document, sorted by place.

    Finds more than reading and compiling one after the other: what can be made out of
    a text with mistakes is checked all the same.
    """
    document, found = try_read(text, plugins=plugins)
    problems = list(found)
    if document is not None and document.nodes:
        problems += _contents(document, plugins)
        if _is_connected(document) and not any(_is_blocking(problem) for problem in problems):
            known = {(problem.code, problem.node_id) for problem in problems}
            graph, splits = _build(document)
            shape = _shape(document, graph, splits)
            problems += [one for one in shape if (one.code, one.node_id) not in known]
            problems = problems or _schemes(document, graph)
    return DocumentError(problems).problems if problems else ()


def _is_connected(document: Document) -> bool:
    """Tell whether everything leads somewhere."""
    known = {END_ID, *(node.node_id for node in document.nodes)}
    return all(edge.target in known for node in document.nodes for edge in _edges(node))


def _is_blocking(problem: Problem) -> bool:
    is_of_branches = problem.code in ("missing_key", "wrong_type") and problem.path[:1] == (
        "nodes",
    )
    return problem.code in _BLOCKING_CODES or is_of_branches


def _build(document: Document, plugins: Plugins | None = None) -> tuple[Graph, dict[str, str]]:
    """Return the graph and, for each converge that was put in, its split."""
    nodes = {START_ID: Node(node_id=START_ID, kind=NodeKind.START)}
    nodes |= {node.node_id: _node(node, plugins) for node in document.nodes}
    nodes[END_ID] = Node(node_id=END_ID, kind=NodeKind.END)
    edges = [Edge(source=START_ID, target=document.nodes[0].node_id)]
    edges += [edge for node in document.nodes for edge in _edges(node)]
    structure = Structure(nodes, edges, START_ID, END_ID)
    all_nodes, all_edges, splits = insert_converges(structure)
    graph = complete(
        all_nodes,
        all_edges,
        START_ID,
        END_ID,
        inputs=document.inputs,
        constants=document.constants,
        computed=document.computed,
        lazy=document.lazy,
        outputs=document.outputs,
        schemes=document.schemes,
        on_failure=document.on_failure,
    )
    return graph, splits


def _node(node: DocumentNode, plugins: Plugins | None) -> Node:
    def taken(activity: Activity, role: str) -> Activity:
        render = node.render.get(role, frozenset())
        return replace(activity, verbatim=with_verbatim(activity, plugins, render))

    options, undo, deadline = node.options, node.options.compensation, node.options.deadline
    if undo is not None and undo.activity is not None:
        undo = replace(undo, activity=taken(undo.activity, "rollback"))
        options = replace(options, compensation=undo)
    if deadline is not None and deadline.notice is not None:
        deadline = replace(deadline, notice=taken(deadline.notice, "notify"))
        options = replace(options, deadline=deadline)
    return Node(
        node_id=node.node_id,
        kind=node.kind,
        name=node.name,
        activity=None if node.activity is None else taken(node.activity, "plugin"),
        subflow=node.subflow,
        map=node.map,
        options=options,
        exports=node.exports,
        takes_first=node.takes_first,
        loop_limit=node.loop_limit,
    )


def _edges(node: DocumentNode) -> Iterator[Edge]:
    if node.next_id is not None:
        yield Edge(source=node.node_id, target=node.next_id)
    for branch in node.branches:
        yield Edge(
            source=node.node_id,
            target=branch.target,
            condition=branch.condition,
            boolrule=branch.boolrule,
            is_default=branch.is_default,
            name=branch.name,
        )


def _contents(document: Document, plugins: Plugins | None) -> list[Problem]:
    report = Report(document.places, [])
    check_names(document, report, plugins)
    if plugins is not None and plugins is not UNCHECKED:
        check_plugins(document, plugins, report)
    return report.problems


def _shape(document: Document, graph: Graph, splits: Mapping[str, str]) -> list[Problem]:
    report = Report(document.places, [])
    paths: dict[str, Path] = {
        node.node_id: ("nodes", index) for index, node in enumerate(document.nodes)
    }
    for problem in check_structure(graph):
        node_id = splits.get(problem.node_id, problem.node_id)
        path = paths.get(node_id, ("nodes",))
        report.add(problem.code, problem.message, path, node_id=node_id or None)
    return report.problems


def _schemes(document: Document, graph: Graph) -> list[Problem]:
    """Report schemes that leave nothing to run; several together keep more than each."""
    report = Report(document.places, [])
    for scheme in graph.schemes:
        try:
            prune(graph, excluded_by(graph, [scheme.name]))
        except PruneError as error:
            if error.reason != NOTHING_LEFT:
                raise
            message = f"Expected scheme {scheme.name} to keep a node that runs, but it keeps none"
            report.add(NOTHING_LEFT, message, ("schemes", scheme.name))
    return report.problems
