"""The four checks, each on the smallest graph that breaks it."""

import time

import pytest

from flowyard.engine.graph import Edge, Graph, Node, NodeKind
from flowyard.engine.validation import check_structure, complete
from flowyard.testing.graphs import (
    chain,
    converge,
    edge,
    exclusive,
    graph,
    parallel,
    split_join,
)
from tests.unit.engine.structures import SOUND, UNSOUND, found


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_graph_has_no_problem(name: str) -> None:
    assert check_structure(SOUND[name]) == ()


@pytest.mark.parametrize("name", UNSOUND)
def test_a_problem_names_its_code_and_node(name: str) -> None:
    checked, expected = UNSOUND[name]

    assert found(checked) == expected


def test_an_edge_to_a_missing_node_is_named_at_its_source() -> None:
    start = Node(node_id="start", kind=NodeKind.START)
    end = Node(node_id="end", kind=NodeKind.END)

    checked = complete(
        {"start": start, "end": end}, [Edge(source="start", target="gone")], "start", "end"
    )

    assert found(checked) == {("unknown_target", "start")}


def test_a_graph_without_start_and_end_says_so() -> None:
    assert found(complete({}, [], "start", "end")) == {("missing_start", ""), ("missing_end", "")}


def test_every_message_says_what_was_expected_and_what_was_found() -> None:
    messages = [
        problem.message for checked, _ in UNSOUND.values() for problem in check_structure(checked)
    ]

    assert all(message.startswith("Expected ") and ", but " in message for message in messages)


def test_problems_come_in_the_order_of_the_nodes() -> None:
    checked = graph("start a end", "z end", "b end", "c end")

    assert [problem.node_id for problem in check_structure(checked)] == ["z", "b", "c"]


def nested(depth: int) -> Graph:
    down = [name for level in range(depth) for name in (f"s{level}", f"a{level}")]
    up = [f"j{level}" for level in reversed(range(depth))]
    return graph(
        " ".join(["start", *down, *up, "end"]),
        *(f"s{level} j{level}" for level in range(depth)),
        *(parallel(f"s{level}") for level in range(depth)),
        *(converge(f"j{level}") for level in range(depth)),
    )


def exits(length: int) -> Graph:
    """Every step may leave for the end or go back to the step before."""
    parts: list[Node | Edge | str] = ["start e0"]
    for index in range(length):
        following = f"e{index + 1}" if index + 1 < length else "last"
        before = f"e{max(0, index - 1)}"
        parts += [
            exclusive(f"e{index}"),
            edge(f"e{index}", following, "1"),
            edge(f"e{index}", before, "2"),
            edge(f"e{index}", "end", default=True),
        ]
    return graph(*parts, "last end")


@pytest.mark.parametrize(
    "checked",
    [chain(10_000), split_join(5_000), split_join(2, 5_000), nested(3_000), exits(5_000)],
    ids=["chain", "wide", "long branches", "nested", "exits"],
)
def test_large_graphs_are_checked_in_less_than_a_second(checked: Graph) -> None:
    begun = time.process_time()
    problems = check_structure(checked)
    elapsed = time.process_time() - begun

    assert problems == ()
    assert elapsed < 1
