"""Whether a graph can be run: every problem as a value that names its node.

Rules: nothing here raises for a bad graph. Four checks build upon each other, so
that one mistake is not reported four times: connections and conditions; ways from
the start and to the end; cycles; then splits with their converges, and last that
no way leads into, out of or between the branches of a split.

A converge serves at most one split. A token that reaches it from outside of that
split's branches passes: so the other ways of an exclusive gateway that the split
is one way of may end there too. A converge that serves no split lets every token
pass. Outside of splits an exclusive gateway may lead to the end.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from flowyard.engine.graph import (
    BRANCHING_KINDS,
    CONDITIONAL_KINDS,
    Edge,
    FailurePolicy,
    Graph,
    InputSpec,
    JsonValue,
    Node,
    NodeKind,
    Scheme,
)
from flowyard.engine.structure import Stream, Structure, closure, leave_streams

MAX_EXPLAINED = 20
"""How many splits, and converges for each, are looked at to say where a way leads past.

Finding that takes time in proportion to the graph for each; a drawing with more
mistakes than this gets plainer words for the rest.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphProblem:
    """One reason why a graph cannot be run."""

    code: str
    """Stable name of the cause."""
    message: str
    """One sentence for the person who drew the graph."""
    node_id: str
    """The node that has to be changed; empty when the graph as a whole is wrong."""


class GraphVariables(TypedDict, total=False):
    """The variables of a graph, as keyword arguments."""

    inputs: tuple[InputSpec, ...]
    constants: Mapping[str, JsonValue]
    computed: Mapping[str, JsonValue]
    lazy: Mapping[str, JsonValue]
    outputs: Mapping[str, JsonValue]
    schemes: tuple[Scheme, ...]
    on_failure: FailurePolicy


def check_structure(graph: Graph) -> tuple[GraphProblem, ...]:
    """Find everything that keeps a graph from being run.

    Returns
    -------
    tuple of GraphProblem
        Empty for a sound graph; else sorted by the order of the graph's nodes.
    """
    problems = list(_references(graph))
    if problems:
        return tuple(problems)
    structure = Structure(graph.nodes, graph.edges, graph.start_id, graph.end_id)
    problems += _contents(graph)
    conditions = list(_conditions(structure))
    problems += _connections(structure)
    problems += _cycles(structure)
    problems += _ways(structure, are_cycles_sound=not structure.loops.unguarded)
    if not problems:
        problems += _matches(structure)
    if not problems:
        problems += _jumps(structure)
    rank = {node_id: index for index, node_id in enumerate(graph.nodes)}
    return tuple(sorted([*problems, *conditions], key=lambda problem: rank[problem.node_id]))


def complete(
    nodes: Mapping[str, Node],
    edges: Iterable[Edge],
    start_id: str,
    end_id: str,
    **variables: Unpack[GraphVariables],
) -> Graph:
    """Return a graph in which splits know their converges and edges whether they lead back.

    Works on unsound graphs too, as far as they go; :func:`check_structure` says
    what is wrong with them.

    Parameters
    ----------
    nodes, edges, start_id, end_id
        As in a graph; ``converge_id`` and ``is_back`` are set anew.
    variables
        ``inputs``, ``constants``, ``outputs`` and the like, as in a graph.
    """
    graph = Graph(nodes=nodes, edges=tuple(edges), start_id=start_id, end_id=end_id, **variables)
    if any(_references(graph)):
        return graph
    structure = Structure(nodes, graph.edges, start_id, end_id)
    converges = _converges(structure)
    back = structure.loops.back
    return replace(
        graph,
        nodes={
            node_id: replace(node, converge_id=converges.get(node_id))
            if node.converge_id != converges.get(node_id)
            else node
            for node_id, node in nodes.items()
        },
        edges=tuple(
            replace(edge, is_back=number in back) if edge.is_back != (number in back) else edge
            for number, edge in enumerate(graph.edges)
        ),
    )


def _references(graph: Graph) -> Iterator[GraphProblem]:
    for node_id, what in ((graph.start_id, "start"), (graph.end_id, "end")):
        node = graph.nodes.get(node_id)
        if node is None or node.kind.value != what:
            yield GraphProblem(
                code=f"missing_{what}",
                message=f"Expected a node {node_id} of kind {what}, but there is none",
                node_id="",
            )
    for edge in graph.edges:
        for near, far in ((edge.source, edge.target), (edge.target, edge.source)):
            if far not in graph.nodes:
                yield GraphProblem(
                    code="unknown_target",
                    message=f"Expected an edge of {near} to join two nodes,"
                    f" but there is no node {far}",
                    node_id=near if near in graph.nodes else "",
                )


_CONTENTS: Mapping[NodeKind, frozenset[str]] = {
    NodeKind.ACTIVITY: frozenset({"an activity"}),
    NodeKind.SUBFLOW: frozenset({"a subflow"}),
    NodeKind.MAP: frozenset({"a map"}),
}


def _content(node: Node) -> frozenset[str]:
    """Return what a node says about what it runs; a map's own content is not told apart."""
    if node.map is not None and (node.activity is None or node.subflow is None):
        return frozenset({"a map"})
    parts = {"an activity": node.activity, "a subflow": node.subflow, "a map": node.map}
    return frozenset(name for name, part in parts.items() if part is not None)


def _contents(graph: Graph) -> Iterator[GraphProblem]:
    for node_id, node in graph.nodes.items():
        if _content(node) != _CONTENTS.get(node.kind, frozenset()):
            found = " and ".join(sorted(_content(node))) or "nothing"
            yield _problem(
                "node_content",
                node_id,
                f"what a node of kind {node.kind} runs",
                f"it has {found}",
            )
        if node.map is not None and node.activity is None and node.subflow is None:
            yield _problem("node_content", node_id, "what a map runs per item", "it has nothing")
        if node.kind is NodeKind.START and node_id != graph.start_id:
            yield _problem("several_starts", node_id, "one start", f"{graph.start_id} is it")
        if node.kind is NodeKind.END and node_id != graph.end_id:
            yield _problem("several_ends", node_id, "one end", f"{graph.end_id} is it")


def _conditions(structure: Structure) -> Iterator[GraphProblem]:
    for node_id, node in structure.nodes.items():
        edges = [structure.edges[number] for number in structure.outgoing[node_id]]
        defaults = [edge.target for edge in edges if edge.is_default]
        if node.kind not in CONDITIONAL_KINDS:
            for edge in edges:
                if edge.is_default or edge.condition is not None or edge.boolrule is not None:
                    yield _problem(
                        "unexpected_condition",
                        node_id,
                        f"no condition on an edge of a node of kind {node.kind}",
                        f"the edge to {edge.target} has one",
                    )
            continue
        if len(defaults) > 1:
            yield _problem(
                "several_defaults", node_id, "one default", f"{' and '.join(defaults)} both are"
            )
        for edge in edges:
            if not edge.is_default and not (edge.condition or edge.boolrule or "").strip():
                yield _problem(
                    "missing_condition",
                    node_id,
                    "a condition or a default",
                    f"the edge to {edge.target} is neither",
                )


def _connections(structure: Structure) -> Iterator[GraphProblem]:
    for node_id, node in structure.nodes.items():
        count = len(structure.outgoing[node_id])
        if node.kind is NodeKind.END:
            if count:
                yield _problem("connection_count", node_id, "nothing after the end", f"{count} do")
        elif not count:
            yield _problem("dangling_node", node_id, "a next node", "there is none")
        elif count > 1 and node.kind not in BRANCHING_KINDS:
            yield _problem(
                "connection_count",
                node_id,
                f"one next node after a node of kind {node.kind}",
                f"there are {count}",
            )
        if node.kind is NodeKind.START:
            for source in structure.sources(node_id):
                yield _problem(
                    "connection_count", node_id, "nothing before the start", f"{source} leads to it"
                )
            if structure.end_id in structure.targets(node_id):
                yield _problem(
                    "connection_count", node_id, "a node between start and end", "there is none"
                )


def _cycles(structure: Structure) -> Iterator[GraphProblem]:
    for number in structure.loops.unguarded:
        edge = structure.edges[number]
        yield _problem(
            "cycle_outside_exclusive",
            edge.source,
            "an exclusive gateway in every loop",
            f"{edge.source} leads back to {edge.target} without one",
        )


def _ways(structure: Structure, *, are_cycles_sound: bool) -> Iterator[GraphProblem]:
    """Find nodes off the ways from start to end; never start or end, others are to blame."""
    for node_id in structure.nodes:
        if node_id not in structure.walk.entered and node_id != structure.end_id:
            yield _problem(
                "unreachable_node", node_id, f"a way from the start to {node_id}", "there is none"
            )
    if not are_cycles_sound:
        return
    dangling = [node_id for node_id in structure.nodes if not structure.outgoing[node_id]]
    ending = closure([structure.end_id, *dangling], structure.sources)
    for node_id in structure.walk.order:
        if node_id not in ending and node_id != structure.start_id:
            yield _problem(
                "no_way_to_end", node_id, f"a way from {node_id} to the end", "there is none"
            )


def _matches(structure: Structure) -> Iterator[GraphProblem]:
    converges = _converges(structure)
    unmatched = [split_id for split_id in structure.meetings if split_id not in converges]
    for index, split_id in enumerate(unmatched):
        leaks = list(_leaks(structure, split_id, converges)) if index < MAX_EXPLAINED else []
        yield from leaks or [_unbalanced(structure, split_id, converges)]


def _converges(structure: Structure) -> dict[str, str]:
    """Return the converge of each split; inner splits choose first, the others get none."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for split_id, place in structure.meetings.items():
        if structure.nodes[place].kind is NodeKind.CONVERGE and place not in taken:
            found[split_id] = place
            taken.add(place)
    return found


def _unbalanced(structure: Structure, split_id: str, converges: Mapping[str, str]) -> GraphProblem:
    place = structure.meetings[split_id]
    other = next((one for one, converge in converges.items() if converge == place), None)
    return _problem(
        "unbalanced_parallel",
        split_id,
        f"one converge that joins all branches of {split_id}",
        f"{place} serves {other} already" if other else f"they first meet at {place}",
    )


def _leaks(
    structure: Structure, split_id: str, converges: Mapping[str, str]
) -> Iterator[GraphProblem]:
    """Yield the edges that lead past a converge which every branch can reach."""
    region = _region(structure, split_id)
    heads = structure.targets(split_id)
    taken = set(converges.values())
    candidates = [
        node_id
        for node_id in structure.walk.order
        if node_id in region - taken and structure.nodes[node_id].kind is NodeKind.CONVERGE
    ]
    for converge in candidates[:MAX_EXPLAINED]:
        before = closure([converge], lambda name: region.intersection(structure.sources(name)))
        if before.issuperset(heads):
            yield from _edges_past(structure, converge, before)
            return


def _region(structure: Structure, split_id: str) -> frozenset[str]:
    """Return the nodes between a split and the place where its branches meet."""
    place = structure.meetings[split_id]
    inside = closure(
        structure.targets(split_id),
        lambda name: () if name in (place, split_id) else structure.targets(name),
    )
    return inside - {place, split_id}


def _edges_past(
    structure: Structure, converge: str, before: frozenset[str]
) -> Iterator[GraphProblem]:
    for node_id in before - {converge}:
        for target in structure.targets(node_id):
            if target not in before:
                yield _problem(
                    "jump_out_of_branch",
                    node_id,
                    f"all ways in the branch to lead to {converge}",
                    f"{node_id} leads past it to {target}",
                )


def _jumps(structure: Structure) -> Iterator[GraphProblem]:
    converges = _converges(structure)
    streams = structure.streams(converges)
    for number, inner in streams.of_edge.items():
        edge = structure.edges[number]
        expected = streams.of_node[edge.target]
        found = leave_streams(inner, edge.target, converges)
        if found is not expected:
            yield _jump(edge, found, expected)


def _jump(edge: Edge, found: Stream, expected: Stream) -> GraphProblem:
    if found.depth > expected.depth and found.is_within(expected):
        return _problem(
            "jump_out_of_branch",
            edge.source,
            f"ways out of a branch of {found.split_id} only through its converge",
            f"{edge.source} leads to {edge.target}",
        )
    return _problem(
        "jump_into_branch",
        edge.target,
        f"ways into a branch of {expected.split_id} only through it",
        f"{edge.source} leads to {edge.target}",
    )


def _problem(code: str, node_id: str, expected: str, found: str) -> GraphProblem:
    return GraphProblem(code=code, message=f"Expected {expected}, but {found}", node_id=node_id)
