"""What validation lets through can be run to its end, and dominators are what they claim."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flowyard.engine.dominance import immediate_dominators
from flowyard.engine.graph import CONDITIONAL_KINDS, SPLIT_KINDS, Edge, Graph, NodeKind
from flowyard.engine.validation import check_structure, complete
from tests.support.random_graphs import structured_graphs

many = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

MAX_MOVES = 400
"""Moves of a game in which exclusive gateways choose freely; after it they choose to leave."""


class Game:
    """Tokens on a graph: each carries the splits that it is inside of."""

    def __init__(self, graph: Graph, data: st.DataObject) -> None:
        self.graph = graph
        self.data = data
        self.tokens: list[tuple[str, tuple[tuple[str, int], ...]]] = [(graph.start_id, ())]
        self.arrived: dict[tuple[tuple[str, int], ...], int] = {}
        self.started = 0
        self.moves = 0
        self.left_out = _distances(graph)

    def play(self) -> None:
        """Move tokens until one is at the end."""
        while True:
            self.moves += 1
            assert self.moves < 10 * MAX_MOVES + 100 * len(self.graph.nodes)
            index = self.data.draw(st.integers(0, len(self.tokens) - 1))
            node_id, inside = self.tokens.pop(index)
            if node_id == self.graph.end_id:
                assert inside == ()
                assert self.tokens == []
                assert self.arrived == {}
                return
            self.leave(node_id, inside)

    def leave(self, node_id: str, inside: tuple[tuple[str, int], ...]) -> None:
        edges = self.graph.outgoing[node_id]
        kind = self.graph.nodes[node_id].kind
        if kind in SPLIT_KINDS:
            chosen = edges
            if kind in CONDITIONAL_KINDS:
                least = self.data.draw(st.integers(0, len(edges) - 1))
                chosen = edges[least:]
            self.started += 1
            inside = (*inside, (node_id, self.started))
            self.arrived[inside] = len(chosen)
            for edge in chosen:
                self.arrive(edge.target, inside)
        elif kind is NodeKind.EXCLUSIVE and self.moves < MAX_MOVES:
            self.arrive(self.data.draw(st.sampled_from(edges)).target, inside)
        else:
            nearest = min(edges, key=lambda edge: self.left_out[edge.target])
            self.arrive(nearest.target, inside)

    def arrive(self, node_id: str, inside: tuple[tuple[str, int], ...]) -> None:
        split_id = self.graph.split_of.get(node_id)
        if split_id is not None and inside and inside[-1][0] == split_id:
            self.arrived[inside] -= 1
            if self.arrived[inside]:
                return
            del self.arrived[inside]
            inside = inside[:-1]
        self.tokens.append((node_id, inside))


def _distances(graph: Graph) -> Mapping[str, int]:
    found = {graph.end_id: 0}
    todo = [graph.end_id]
    for node_id in todo:
        for edge in graph.incoming[node_id]:
            if edge.source not in found:
                found[edge.source] = found[node_id] + 1
                todo.append(edge.source)
    return found


@many
@given(structured_graphs())
def test_structured_graphs_are_sound(graph: Graph) -> None:
    assert check_structure(graph) == ()


@st.composite
def bent_graphs(draw: st.DrawFn) -> Graph:
    """Draw a structured graph of which some edges lead elsewhere."""
    graph = draw(structured_graphs())
    edges = list(graph.edges)
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(edges) - 1))
        target = draw(st.sampled_from(sorted(graph.nodes)))
        if draw(st.booleans()):
            edges[index] = replace(edges[index], target=target)
        else:
            gateways = [
                name for name, node in graph.nodes.items() if node.kind in CONDITIONAL_KINDS
            ]
            assume(gateways)
            edges.append(Edge(source=draw(st.sampled_from(gateways)), target=target, condition="x"))
    return complete(graph.nodes, edges, graph.start_id, graph.end_id)


@many
@given(bent_graphs() | structured_graphs(), st.data())
def test_every_way_through_an_accepted_graph_ends_with_one_token(
    graph: Graph, data: st.DataObject
) -> None:
    assume(not check_structure(graph))

    Game(graph, data).play()


@many
@given(bent_graphs())
def test_no_cycle_is_left_without_its_back_edges(graph: Graph) -> None:
    assume(not any(one.code == "cycle_outside_exclusive" for one in check_structure(graph)))
    ahead = {
        name: [edge for edge in edges if not edge.is_back] for name, edges in graph.outgoing.items()
    }
    waiting = {graph.start_id: 0}
    todo = [graph.start_id]
    for name in todo:
        for edge in graph.outgoing[name]:
            if edge.target not in waiting:
                waiting[edge.target] = 0
                todo.append(edge.target)
    for name in waiting:
        for edge in ahead[name]:
            waiting[edge.target] += 1

    free = [name for name, count in waiting.items() if not count]
    for name in free:
        for edge in ahead[name]:
            waiting[edge.target] -= 1
            if not waiting[edge.target]:
                free.append(edge.target)

    assert len(free) == len(waiting)
    assert all(
        graph.nodes[edge.source].kind is NodeKind.EXCLUSIVE for edge in graph.edges if edge.is_back
    )


def _reachable(successors: Mapping[str, list[str]], without: str | None) -> set[str]:
    seen = {"0"} - {without}
    todo = list(seen)
    for name in todo:
        for target in successors[name]:
            if target not in seen and target != without:
                seen.add(target)
                todo.append(target)
    return seen


@st.composite
def crooked_graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    names = [str(number) for number in range(draw(st.integers(1, 9)))]
    return {name: draw(st.lists(st.sampled_from(names), max_size=3)) for name in names}


@settings(max_examples=500, deadline=None)
@given(crooked_graphs())
def test_an_immediate_dominator_is_the_last_node_that_no_way_avoids(
    successors: dict[str, list[str]],
) -> None:
    reached = _reachable(successors, None)
    dominators = {
        name: {other for other in reached if name not in _reachable(successors, other)}
        for name in reached
    }

    found = immediate_dominators(successors, "0")

    assert found.keys() == reached - {"0"}
    for name, dominator in found.items():
        assert dominators[name] == dominators[dominator] | {name}
