from dataclasses import replace

import pytest

from flowyard.engine.graph import Graph, InputSpec, VariableType
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    choice,
    converge,
    edge,
    exclusive,
    graph,
    loop,
    parallel,
    split_join,
)


def test_a_split_starts_all_branches_and_its_converge_waits_for_them() -> None:
    driver = Driver(split_join(3))

    driver.start()
    assert {effect.node_id for effect in driver.dispatched} == {"b1-1", "b2-1", "b3-1"}
    driver.succeed("b2-1")
    driver.succeed("b1-1")
    assert driver.reason("join") is WaitReason.BRANCHES
    driver.succeed("b3-1")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_a_converge_waits_only_for_the_branches_that_were_started() -> None:
    driver = Driver(split_join(3, when=("x > 0", "x > 1", "x > 2"), inputs=_x()), {"x": 2})

    driver.start()
    assert [effect.node_id for effect in driver.dispatched] == ["b1-1", "b2-1"]
    driver.succeed("b1-1")
    driver.succeed("b2-1")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.status("b3-1") is NodeStatus.PENDING


def test_an_empty_branch_arrives_at_its_converge_at_once() -> None:
    flow = graph(
        "start split a join end", edge("split", "join"), parallel("split"), converge("join")
    )
    driver = Driver(flow)

    driver.start()
    assert driver.status("join") is NodeStatus.WAITING
    driver.succeed("a")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_an_exclusive_gateway_follows_the_one_true_branch() -> None:
    driver = Driver(choice(("x == 1", "x == 2"), inputs=_x()), {"x": 2})

    driver.start()

    assert [effect.node_id for effect in driver.dispatched] == ["b2"]


def test_an_exclusive_gateway_without_a_match_follows_its_default() -> None:
    driver = Driver(choice(("x == 1",), inputs=_x()), {"x": 9})

    driver.start()

    assert [effect.node_id for effect in driver.dispatched] == ["otherwise"]


@pytest.mark.parametrize(
    ("conditions", "x", "code"),
    [
        (("x == 1", "x == 2"), 3, "no_branch_matches"),
        (("x > 0", "x > 1"), 2, "several_branches_match"),
        (("x > unknown",), 2, "expression_failed"),
    ],
)
def test_a_gateway_that_cannot_choose_stops_with_the_reason(
    conditions: tuple[str, ...], x: int, code: str
) -> None:
    driver = Driver(choice(conditions, default=False, inputs=_x()), {"x": x})

    driver.start()

    gateway = driver.snapshot.nodes["choose"]
    assert gateway.status is NodeStatus.FAILED
    assert gateway.failure is not None
    assert gateway.failure.code == code
    assert driver.instance_status() is InstanceStatus.FAILED


def test_a_loop_goes_back_until_its_condition_fails() -> None:
    driver = Driver(loop("loop < 3"))

    driver.start()
    for _ in range(3):
        driver.succeed("work")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.snapshot.nodes["work"].visits == 3
    assert [effect.number for effect in driver.dispatched] == [1, 2, 3]


def test_a_loop_without_an_end_stops_at_its_limit() -> None:
    flow = graph(
        "start work check",
        exclusive("check", loop_limit=2),
        edge("check", "work", "True"),
        edge("check", "end", default=True),
    )
    driver = Driver(flow)

    driver.start()
    for _ in range(3):
        driver.succeed("work")

    failure = driver.snapshot.nodes["check"].failure
    assert failure is not None
    assert failure.code == "loop_limit"


def _x() -> tuple[InputSpec, ...]:
    return (InputSpec(name="x", type=VariableType.INTEGER),)


def test_a_converge_that_serves_no_split_lets_its_token_pass() -> None:
    flow = graph(
        "start choose a merge end",
        "b merge",
        exclusive("choose"),
        converge("merge"),
        edge("choose", "a", "False"),
        edge("choose", "b", default=True),
    )
    driver = Driver(flow)

    driver.start()
    driver.succeed("b")

    assert driver.snapshot.status is InstanceStatus.SUCCEEDED


@pytest.mark.parametrize("x", [1, 2])
def test_a_converge_takes_a_token_from_outside_of_its_branches(x: int) -> None:
    flow = graph(
        "start choose split a join end",
        "split b join",
        exclusive("choose"),
        parallel("split"),
        converge("join"),
        edge("choose", "split", "x == 1"),
        edge("choose", "join", default=True),
        inputs=_x(),
    )
    driver = Driver(flow, {"x": x})

    driver.start()
    for node_id in driver.ready():
        driver.succeed(node_id)

    assert driver.snapshot.status is InstanceStatus.SUCCEEDED
    assert driver.status("join") is NodeStatus.SUCCEEDED


def test_branches_are_counted_anew_in_every_round_of_a_loop() -> None:
    flow = graph(
        "start work split a join check",
        "split b join",
        parallel("split"),
        converge("join"),
        exclusive("check"),
        edge("check", "work", "loop < 3"),
        edge("check", "end", default=True),
    )
    driver = Driver(flow)

    driver.start()
    for _ in range(3):
        driver.succeed("work")
        driver.succeed("b")
        assert driver.reason("join") is WaitReason.BRANCHES
        driver.succeed("a")

    assert driver.snapshot.status is InstanceStatus.SUCCEEDED
    assert driver.snapshot.nodes["join"].visits == 3


def _spoken(*rules: str, takes_first: bool = False) -> Graph:
    """Return a choice whose conditions are written in the language of bk-sops."""
    whole = choice(tuple("True" for _ in rules), inputs=_x(), default=False)
    conditions = iter(rules)
    edges = tuple(
        replace(one, condition=None, boolrule=next(conditions)) if one.condition else one
        for one in whole.edges
    )
    chooser = replace(whole.nodes["choose"], takes_first=takes_first)
    return replace(whole, nodes={**whole.nodes, "choose": chooser}, edges=edges)


def test_a_condition_of_bk_sops_is_rendered_to_text_and_then_told() -> None:
    driver = Driver(_spoken("${x} == 1", '"${x}" in ("2", "3")'), {"x": 2})

    driver.start()

    assert [effect.node_id for effect in driver.dispatched] == ["b2"]


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("${x} = 1", ("2 = 1", "${x} = 1", "choose")),
        ("${nowhere} == 1", ("${nowhere} == 1", "choose")),
    ],
)
def test_a_condition_of_bk_sops_that_fails_stops_the_gateway_with_its_text(
    rule: str, parts: tuple[str, ...]
) -> None:
    driver = Driver(_spoken(rule), {"x": 2})

    driver.start()

    failure = driver.snapshot.nodes["choose"].failure
    assert failure is not None
    assert failure.code == "condition_failed"
    assert all(part in failure.message for part in parts)


def test_a_failure_repeats_only_the_beginning_of_a_long_condition() -> None:
    driver = Driver(_spoken(f"${{x}} = {'1' * 3000}"), {"x": 2})

    driver.start()

    failure = driver.snapshot.nodes["choose"].failure
    assert failure is not None
    assert len(failure.message) < 1200


def test_of_several_matches_the_first_is_taken_where_that_is_said() -> None:
    driver = Driver(_spoken("${x} > 3", "${x} > 1", "${x} > 0", takes_first=True), {"x": 2})

    driver.start()

    assert [effect.node_id for effect in driver.dispatched] == ["b2"]


def test_conditions_behind_the_first_match_are_not_looked_at() -> None:
    driver = Driver(_spoken("${x} > 1", "${nowhere} > 1", takes_first=True), {"x": 2})

    driver.start()

    assert [effect.node_id for effect in driver.dispatched] == ["b1"]
