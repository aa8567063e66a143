"""What is filled in: the converge of each split, and the edges that lead back."""

import pytest

from flowyard.engine.validation import check_structure
from flowyard.testing.graphs import (
    edge,
    exclusive,
    graph,
)
from tests.unit.engine.structures import SOUND, UNSOUND


def test_splits_know_their_converges() -> None:
    nodes = SOUND["nested"].nodes

    assert {name: node.converge_id for name, node in nodes.items() if node.converge_id} == {
        "s": "j",
        "t": "k",
    }


def test_a_split_among_the_ways_of_a_choice_keeps_the_converge_that_they_share() -> None:
    checked = SOUND["way beside a split that shares its converge"]

    assert checked.nodes["s"].converge_id == "j"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chain", set()),
        ("loop", {("check", "work")}),
        ("loop onto itself", {("e", "e")}),
        ("loop around a split", {("e", "s")}),
        ("loop that comes back through an activity", {("e", "wait")}),
    ],
)
def test_back_edges_leave_exclusive_gateways(name: str, expected: set[tuple[str, str]]) -> None:
    edges = SOUND[name].edges

    assert {(edge.source, edge.target) for edge in edges if edge.is_back} == expected


def test_every_cycle_has_a_back_edge_when_ways_enter_a_loop_in_two_places() -> None:
    checked = graph(
        "start x",
        edge("x", "a", "1"),
        edge("x", "b", "2"),
        "a e",
        edge("e", "b", "1"),
        edge("e", "end", default=True),
        "b f",
        edge("f", "a", "1"),
        edge("f", "end", default=True),
        exclusive("x"),
        exclusive("e"),
        exclusive("f"),
    )

    back = {(edge.source, edge.target) for edge in checked.edges if edge.is_back}

    assert check_structure(checked) == ()
    assert back in ({("e", "b")}, {("f", "a")})


def test_unsound_graphs_are_completed_as_far_as_they_go() -> None:
    checked, _ = UNSOUND["one converge for two splits"]

    assert checked.nodes["t"].converge_id == "j"
    assert checked.nodes["s"].converge_id is None
