"""Reruns: where they may begin, and what they take over."""

from dataclasses import replace

import pytest

from flowyard.engine.graph import INNER_SEPARATOR, Graph, JsonValue, Node, NodeKind
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.seeding import why_not
from flowyard.engine.snapshot import NodeMark, Plan, Seed, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    choice,
    converge,
    edge,
    exclusive,
    graph,
    parallel,
    split_join,
    subflow,
)


def row() -> Graph:
    return graph(
        "start a b c end",
        activity("a", exports={"image": "image"}),
        activity("b", {"image": "${image}", "host": "${nodes.a.host}", "where": "${where}"}),
        constants={"where": "here"},
    )


def rerun(flow: Graph, start_id: str, **seed: object) -> Driver:
    plan = Plan(seed=Seed(instance_id="1", start_id=start_id, **seed))  # type: ignore[arg-type]  # its own fields
    driver = Driver(flow, plan=plan)
    driver.start()
    return driver


def inputs_of(driver: Driver, node_id: str) -> object:
    attempt = driver.snapshot.nodes[node_id].attempt
    return None if attempt is None else attempt.inputs


def test_a_rerun_begins_at_its_node_with_what_the_earlier_one_had_come_to() -> None:
    driver = rerun(
        row(),
        "b",
        variables={"image": "app:7", "where": "there", "gone": 1},
        outputs={"a": {"host": "h1"}, "c": {"n": 1}},
    )

    assert driver.ready() == ["b"]
    assert inputs_of(driver, "b") == {"image": "app:7", "host": "h1", "where": "there"}
    assert driver.snapshot.variables == {"image": "app:7", "where": "there"}
    state = driver.snapshot.nodes["a"]
    assert (state.status, state.mark, state.attempt) == (
        NodeStatus.SUCCEEDED,
        NodeMark.REUSED,
        None,
    )
    assert driver.status("c") is NodeStatus.PENDING

    driver.succeed("b")
    driver.succeed("c")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_edited_inputs_are_taken_as_they_are() -> None:
    given: dict[str, JsonValue] = {"image": "${not.an.expression}"}

    driver = rerun(row(), "b", inputs=given)

    assert inputs_of(driver, "b") == given


def test_edited_inputs_reach_a_subflow() -> None:
    driver = rerun(graph("start a b end", subflow("b", inputs={"n": 1})), "b", inputs={"n": 2})

    assert driver.children[0].inputs == {"n": 2}


def test_edited_inputs_hold_for_the_first_visit_only() -> None:
    flow = graph(
        "start work check end",
        activity("work", {"round": "${loop}"}),
        exclusive("check"),
        edge("check", "work", "loop < 2"),
        edge("check", "end", default=True),
    )
    driver = rerun(flow, "work", inputs={"round": "first"})

    driver.succeed("work")

    assert inputs_of(driver, "work") == {"round": 2}


def test_in_a_loop_only_what_lies_in_front_is_taken_over() -> None:
    flow = graph(
        "start a b c check end",
        exclusive("check"),
        edge("check", "a", "loop < 2"),
        edge("check", "end", default=True),
    )

    driver = rerun(flow, "b", outputs={"a": {}, "c": {}, "check": {}, "start": {}})

    assert driver.status("a") is NodeStatus.SUCCEEDED
    assert driver.status("c") is NodeStatus.PENDING
    assert driver.status("check") is NodeStatus.PENDING

    driver.succeed("b")
    driver.succeed("c")

    assert driver.ready() == ["a"]


def test_a_rerun_from_a_gateway_chooses_anew() -> None:
    flow = choice(["n == 1", "n == 2"], default=False, constants={"n": 1})

    driver = rerun(flow, "choose", variables={"n": 2})

    assert driver.ready() == ["b2"]


def test_a_rerun_from_a_split_starts_all_its_branches() -> None:
    driver = rerun(split_join(2, 1), "split")

    driver.succeed("b1-1")
    assert driver.reason("join") is WaitReason.BRANCHES
    driver.succeed("b2-1")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


@pytest.mark.parametrize("node_id", ["before", "split", "choose", "child", "all", "after"])
def test_a_rerun_may_begin_at_work_and_branching_gateways(node_id: str) -> None:
    assert why_not(_everything(), node_id) is None


@pytest.mark.parametrize(
    ("node_id", "words"),
    [
        ("start", "is start"),
        ("end", "is end"),
        ("join", "is converge"),
        ("left", "between split and join"),
        ("nested", "between split and join"),
        ("deep", "between split and join"),
        ("child.step", "lies in one"),
        ("before:rollback", "is none"),
        ("nowhere", "is none"),
    ],
)
def test_a_rerun_may_begin_nowhere_else(node_id: str, words: str) -> None:
    refusal = why_not(_everything(), node_id)

    assert refusal is not None
    assert words in refusal


def _everything() -> Graph:
    flow = graph(
        "start before split left join choose child all after end",
        "split nested deep nested-join join",
        "nested deeper nested-join",
        "choose after",
        parallel("split"),
        parallel("nested"),
        converge("join"),
        converge("nested-join"),
        exclusive("choose"),
        edge("choose", "child", "True"),
        edge("choose", "after", default=True),
        subflow("child"),
    )
    inner = f"child{INNER_SEPARATOR}step"
    every = replace(flow.nodes["all"], kind=NodeKind.MAP)
    nodes: dict[str, Node] = {**flow.nodes, "all": every, inner: activity(inner)}
    return replace(flow, nodes=nodes)
