"""Small graphs: sound ones, and for each mistake the smallest that makes it."""

from flowyard.engine.graph import Activity, Graph, Node, NodeKind
from flowyard.engine.validation import check_structure
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


def found(checked: Graph) -> set[tuple[str, str]]:
    return {(problem.code, problem.node_id) for problem in check_structure(checked)}
