"""A variable counts as used once a node that reads it has been entered."""

from dataclasses import replace

import pytest

from flowyard.engine.events import PauseInstance
from flowyard.engine.graph import (
    Activity,
    ConcurrencyKey,
    Graph,
    InputSpec,
    JsonValue,
    Node,
    NodeKind,
    NodeOptions,
)
from flowyard.engine.snapshot import NodeMark
from flowyard.engine.usage import used_by
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, edge, exclusive, graph


def with_options(options: NodeOptions) -> Node:
    return replace(activity("a"), options=options)


def started(one: Graph) -> Driver:
    driver = Driver(one)
    driver.start()
    return driver


def uses(text: JsonValue) -> Graph:
    return graph("start a b end", activity("a", {"x": text}), constants={"v": 1, "w": 2})


@pytest.mark.parametrize(
    "text", ["${v}", "a ${v + 1} b", ["${v}"], {"k": "${[v]}"}, "${w if w else v}"]
)
def test_a_node_that_was_entered_has_used_what_its_inputs_can_read(text: JsonValue) -> None:
    assert used_by(started(uses(text)).snapshot, "v") == ("a",)


@pytest.mark.parametrize("text", ["v", "${w}", "${nodes.v}", "${[v for v in [1]]}", "$${v}"])
def test_what_only_looks_like_the_name_is_no_use(text: JsonValue) -> None:
    assert used_by(started(uses(text)).snapshot, "v") == ()


def test_a_node_that_was_not_reached_has_used_nothing() -> None:
    driver = started(graph("start a b end", activity("b", {"x": "${v}"}), constants={"v": 1}))

    assert used_by(driver.snapshot, "v") == ()

    driver.succeed("a")
    assert used_by(driver.snapshot, "v") == ("b",)


def test_a_node_that_a_token_waits_at_has_used_nothing() -> None:
    driver = started(graph("start a b end", activity("b", {"x": "${v}"}), constants={"v": 1}))
    driver.send(PauseInstance(at=driver.tick()))

    driver.succeed("a")

    assert "b" in driver.snapshot.nodes
    assert used_by(driver.snapshot, "v") == ()


def test_a_node_that_has_failed_reads_again_and_does_not_count() -> None:
    driver = started(uses("${v}"))

    driver.fail("a")

    assert used_by(driver.snapshot, "v") == ()


@pytest.mark.parametrize(
    "options",
    [
        NodeOptions(run_when="v == 1"),
        NodeOptions(run_as="user-${v}"),
        NodeOptions(concurrency=ConcurrencyKey(limit=1, key="deploy-${v}")),
    ],
)
def test_what_the_options_read_is_used(options: NodeOptions) -> None:
    driver = started(graph("start a b end", with_options(options), constants={"v": 1}))

    assert used_by(driver.snapshot, "v") == ("a",)


def test_a_node_that_was_passed_over_has_read_its_condition_only() -> None:
    node = replace(activity("a", {"x": "${w}"}), options=NodeOptions(run_when="v == 2"))
    driver = started(graph("start a b end", node, constants={"v": 1, "w": 1}))

    assert driver.snapshot.nodes["a"].mark is NodeMark.CONDITION
    assert used_by(driver.snapshot, "v") == ("a",)
    assert used_by(driver.snapshot, "w") == ()


def test_lazy_variables_hand_the_use_on() -> None:
    one = replace(uses("${outer}"), lazy={"outer": "${inner}", "inner": "${v}"})
    driver = started(one)

    assert used_by(driver.snapshot, "v") == ("a",)
    assert used_by(driver.snapshot, "inner") == ("a",)
    assert used_by(driver.snapshot, "w") == ()


def test_what_computed_variables_read_is_used_by_the_start() -> None:
    one = replace(uses("x"), computed={"c": "${v}"}, lazy={"late": "${w}"})

    assert used_by(started(one).snapshot, "v") == ("start",)
    assert used_by(started(one).snapshot, "w") == ()


def test_what_decides_on_visibility_is_used_by_the_start() -> None:
    specs = (
        InputSpec(name="mode", is_required=False, default="a"),
        InputSpec(name="more", visible_when="mode == 'b'"),
    )
    driver = started(replace(uses("x"), inputs=specs))

    assert used_by(driver.snapshot, "mode") == ("start",)


def test_conditions_are_used_by_their_gateway() -> None:
    one = graph(
        "start a choose",
        exclusive("choose"),
        edge("choose", "b", "v == 1"),
        edge("choose", "end", default=True),
        "b end",
        constants={"v": 1},
    )
    driver = started(one)
    assert used_by(driver.snapshot, "v") == ()

    driver.succeed("a")

    assert used_by(driver.snapshot, "v") == ("choose",)


def test_conditions_of_imported_flows_count_too() -> None:
    one = graph(
        "start choose",
        exclusive("choose"),
        replace(edge("choose", "a"), boolrule="${v} == 1"),
        edge("choose", "end", default=True),
        "a end",
        constants={"v": 1},
    )

    assert "choose" in used_by(started(one).snapshot, "v")


def test_a_verbatim_input_uses_nothing() -> None:
    node = Node(
        node_id="a",
        kind=NodeKind.ACTIVITY,
        activity=Activity(
            plugin="shell",
            version="1.0",
            inputs={"script": "echo ${v}"},
            verbatim=frozenset({"script"}),
        ),
    )
    driver = started(graph("start a end", node, constants={"v": 1}))

    assert used_by(driver.snapshot, "v") == ()


def test_several_nodes_are_told_in_the_order_in_which_they_were_reached() -> None:
    driver = started(
        graph(
            "start b a end",
            activity("a", {"x": "${v}"}),
            activity("b", {"x": "${v}"}),
            constants={"v": 1},
            outputs={"v": "${v}"},
        )
    )
    driver.succeed("b")
    driver.succeed("a")

    assert used_by(driver.snapshot, "v") == ("b", "a", "end")
