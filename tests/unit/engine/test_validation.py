"""The four checks, each on the smallest graph that breaks it."""

import time

import pytest

from flowyard.engine.graph import Activity, Edge, Graph, Node, NodeKind
from flowyard.engine.validation import check_structure, complete
from flowyard.testing.graphs import (
    chain,
    choice,
    conditional_parallel,
    converge,
    edge,
    exclusive,
    graph,
    loop,
    parallel,
    split_join,
    subflow,
)


def found(checked: Graph) -> set[tuple[str, str]]:
    return {(problem.code, problem.node_id) for problem in check_structure(checked)}


SOUND = {
    "chain": chain(3),
    "split": split_join(3, 2),
    "conditional split": split_join(2, when=["1", "2"]),
    "choice": choice(["x", "y"]),
    "loop": loop("x"),
    "subflow": graph("start child end", subflow("child")),
    "empty branch": graph("start s a j end", "s j", parallel("s"), converge("j")),
    "one branch": graph("start s a j end", parallel("s"), converge("j")),
    "one branch within one branch": graph(
        "start s t a k j end", parallel("s"), parallel("t"), converge("k"), converge("j")
    ),
    "both branches empty": Graph(
        nodes={
            "start": Node(node_id="start", kind=NodeKind.START),
            "s": parallel("s"),
            "j": converge("j"),
            "end": Node(node_id="end", kind=NodeKind.END),
        },
        edges=(edge("start", "s"), edge("s", "j"), edge("s", "j"), edge("j", "end")),
        start_id="start",
        end_id="end",
    ),
    "nested": graph(
        "start s t a k j end",
        "t b k",
        "s c j",
        parallel("s"),
        parallel("t"),
        converge("k"),
        converge("j"),
    ),
    "choice within a branch, each way to the converge": graph(
        "start s e",
        "s a j end",
        edge("e", "b", "1"),
        edge("e", "j", default=True),
        "b j",
        parallel("s"),
        exclusive("e"),
        converge("j"),
    ),
    "choice with a converge of its own": graph(
        "start e",
        edge("e", "a", "1"),
        edge("e", "b", default=True),
        "a j end",
        "b j",
        exclusive("e"),
        converge("j"),
    ),
    "way beside a split that shares its converge": graph(
        "start e",
        edge("e", "s", "1"),
        edge("e", "c", default=True),
        "s a j end",
        "s b j",
        "c j",
        exclusive("e"),
        parallel("s"),
        converge("j"),
    ),
    "early end outside of splits": graph(
        "start e", edge("e", "end", "1"), edge("e", "a", default=True), "a end", exclusive("e")
    ),
    "loop onto itself": graph(
        "start e", edge("e", "e", "1"), edge("e", "end", default=True), exclusive("e")
    ),
    "loop within a branch": graph(
        "start s a e",
        "s b j end",
        edge("e", "a", "1"),
        edge("e", "j", default=True),
        parallel("s"),
        exclusive("e"),
        converge("j"),
    ),
    "loop around a split": graph(
        "start s a j e",
        "s b j",
        edge("e", "s", "1"),
        edge("e", "end", default=True),
        parallel("s"),
        exclusive("e"),
        converge("j"),
    ),
    "loop that comes back through an activity": graph(
        "start check e",
        edge("e", "end", "1"),
        edge("e", "wait", default=True),
        "wait check",
        exclusive("e"),
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_graph_has_no_problem(name: str) -> None:
    assert check_structure(SOUND[name]) == ()


UNSOUND = {
    "nothing to do": (graph("start end"), {("connection_count", "start")}),
    "two nodes after an activity": (
        graph("start a b end", "a end"),
        {("connection_count", "a")},
    ),
    "two nodes after the start": (
        graph("start a end", "start b end"),
        {("connection_count", "start")},
    ),
    "a node before the start": (
        graph("start a", exclusive("e"), "a e", edge("e", "start", "1"), edge("e", "end", "2")),
        {("connection_count", "start")},
    ),
    "a node after the end": (
        graph("start a end a"),
        {("connection_count", "end"), ("cycle_outside_exclusive", "end")},
    ),
    "a node without a next one": (
        graph("start e", exclusive("e"), edge("e", "a", "1"), edge("e", "end", "2")),
        {("dangling_node", "a")},
    ),
    "unreachable nodes": (
        graph("start a end", "b c end"),
        {("unreachable_node", "b"), ("unreachable_node", "c")},
    ),
    "an isolated node": (
        graph("start a end", exclusive("lost")),
        {("unreachable_node", "lost"), ("dangling_node", "lost")},
    ),
    "a cycle of activities": (
        graph("start a b c a", "d end"),
        {("cycle_outside_exclusive", "c"), ("unreachable_node", "d")},
    ),
    "an activity that leads to itself": (
        graph("start a a", "a end"),
        {("cycle_outside_exclusive", "a"), ("connection_count", "a")},
    ),
    "a cycle through a split": (
        graph("start s a s", "s b j end", "a j", parallel("s"), converge("j")),
        {("cycle_outside_exclusive", "a"), ("connection_count", "a")},
    ),
    "a loop without a way out": (
        graph("start a e", exclusive("e"), edge("e", "a", "1"), edge("e", "e", "2")),
        {
            ("no_way_to_end", "a"),
            ("no_way_to_end", "e"),
        },
    ),
    "branches that meet at an activity": (
        graph("start s a c end", "s b c", parallel("s")),
        {("unbalanced_parallel", "s")},
    ),
    "branches that meet at the end": (
        graph(
            "start s",
            edge("s", "a", "1"),
            edge("s", "b", "2"),
            "a end",
            "b end",
            conditional_parallel("s"),
        ),
        {("unbalanced_parallel", "s")},
    ),
    "a converge that misses one branch": (
        graph("start s a j end", "s b j", "s c end", parallel("s"), converge("j")),
        {("unbalanced_parallel", "s")},
    ),
    "one converge for two splits": (
        graph("start s t a j end", "t b j", "s c j", parallel("s"), parallel("t"), converge("j")),
        {("unbalanced_parallel", "s")},
    ),
    "an exclusive gateway that leaves its branch for the end": (
        graph(
            "start s e",
            "s a j end",
            edge("e", "j", "1"),
            edge("e", "end", default=True),
            parallel("s"),
            exclusive("e"),
            converge("j"),
        ),
        {("jump_out_of_branch", "e")},
    ),
    "an exclusive gateway that leaves its branch backwards": (
        graph(
            "start p s e",
            "s a j end",
            edge("e", "j", "1"),
            edge("e", "p", default=True),
            parallel("s"),
            exclusive("e"),
            converge("j"),
        ),
        {("jump_out_of_branch", "e")},
    ),
    "a jump between branches": (
        graph(
            "start s e",
            "s a j end",
            edge("e", "j", "1"),
            edge("e", "a", default=True),
            parallel("s"),
            exclusive("e"),
            converge("j"),
        ),
        {("jump_into_branch", "a")},
    ),
    "a jump into a branch from before": (
        graph(
            "start e",
            edge("e", "a", "1"),
            edge("e", "s", default=True),
            "s a j end",
            "s b j",
            parallel("s"),
            exclusive("e"),
            converge("j"),
        ),
        {("jump_into_branch", "a")},
    ),
    "a jump into a branch from behind": (
        graph(
            "start s a j e",
            "s b j",
            edge("e", "a", "1"),
            edge("e", "end", default=True),
            parallel("s"),
            exclusive("e"),
            converge("j"),
        ),
        {("jump_into_branch", "a")},
    ),
    "a jump into a branch of a branch": (
        graph(
            "start s e",
            edge("e", "a", "1"),
            edge("e", "t", default=True),
            "t a k j end",
            "t b k",
            "s c j",
            parallel("s"),
            parallel("t"),
            exclusive("e"),
            converge("k"),
            converge("j"),
        ),
        {("jump_into_branch", "a")},
    ),
    "a condition too few": (
        graph("start e", exclusive("e"), edge("e", "a", " "), edge("e", "end", "1"), "a end"),
        {("missing_condition", "e")},
    ),
    "two defaults": (
        graph(
            "start e",
            exclusive("e"),
            edge("e", "a", default=True),
            edge("e", "end", default=True),
            "a end",
        ),
        {("several_defaults", "e")},
    ),
    "a condition after an activity": (
        graph("start a", edge("a", "end", "1")),
        {("unexpected_condition", "a")},
    ),
    "an activity without a plugin": (
        graph("start a end", Node(node_id="a", kind=NodeKind.ACTIVITY)),
        {("node_content", "a")},
    ),
    "a gateway with a plugin": (
        graph(
            "start c end",
            Node(
                node_id="c", kind=NodeKind.CONVERGE, activity=Activity(plugin="noop", version="1.0")
            ),
        ),
        {("node_content", "c")},
    ),
    "a second start": (
        graph("start a end", "other a", Node(node_id="other", kind=NodeKind.START)),
        {("several_starts", "other"), ("unreachable_node", "other")},
    ),
    "a second end": (
        graph(
            "start e",
            edge("e", "other", "1"),
            edge("e", "end", "2"),
            exclusive("e"),
            Node(node_id="other", kind=NodeKind.END),
        ),
        {("several_ends", "other")},
    ),
}


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
