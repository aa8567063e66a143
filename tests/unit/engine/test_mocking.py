"""Canned results: what is given instead of being run."""

import pytest

from flowyard.engine.events import RetryNode
from flowyard.engine.graph import (
    INNER_SEPARATOR,
    Graph,
    RetryPolicy,
)
from flowyard.engine.inlining import expand
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.mocking import mock_of
from flowyard.engine.snapshot import Failure, Mock, NodeMark, Plan, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    edge,
    exclusive,
    graph,
    inline,
    mapped,
    optioned,
    subflow,
)

BROKEN = Mock(failure=Failure(code="no_disk", message="It was to fail"))
RUN = Mock(is_run=True)


def mocked(flow: Graph, **mocks: Mock) -> Driver:
    driver = Driver(flow, plan=Plan(is_mocked=True, mocks=mocks))
    driver.start()
    return driver


def test_what_has_no_result_succeeds_without_outputs_and_nothing_is_run() -> None:
    driver = mocked(graph("start a sub end", subflow("sub")))

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.effects == []
    assert driver.snapshot.nodes["a"].mark is NodeMark.MOCKED


def test_canned_outputs_are_exported_and_decide_at_gateways() -> None:
    flow = graph(
        "start build choose",
        activity("build", exports={"n": "count"}),
        exclusive("choose"),
        edge("choose", "b1", "n == 1"),
        edge("choose", "b2", "n == 2"),
        "b1 end",
        "b2 end",
    )

    driver = mocked(flow, build=Mock(outputs={"count": 2}))

    assert driver.status("b2") is NodeStatus.SUCCEEDED
    assert driver.status("b1") is NodeStatus.PENDING


def test_inputs_are_rendered_though_nothing_is_run() -> None:
    driver = mocked(graph("start a end", activity("a", {"x": "${nothing}"})))

    assert driver.instance_status() is InstanceStatus.FAILED


def test_a_canned_failure_stops_the_node_and_a_person_may_try_it_again() -> None:
    driver = mocked(graph("start a b end"), a=BROKEN)
    assert driver.instance_status() is InstanceStatus.FAILED

    driver.send(RetryNode(node_id="a", at=driver.tick()))

    state = driver.snapshot.nodes["a"]
    assert state.failure == BROKEN.failure
    assert state.attempt is not None
    assert state.attempt.number == 2
    assert driver.effects == []


def test_a_canned_failure_follows_the_retry_policy() -> None:
    policy = RetryPolicy(times=1, interval_seconds=5)

    driver = mocked(graph("start a end", optioned(activity("a"), retry=policy)), a=BROKEN)

    assert driver.reason("a") is WaitReason.RETRY


def test_a_node_that_is_to_be_run_is_run() -> None:
    driver = mocked(graph("start a b end"), b=RUN)

    assert driver.ready() == ["b"]


def test_in_a_real_run_only_what_has_a_result_is_given_one() -> None:
    driver = Driver(graph("start a b end"), plan=Plan(mocks={"a": Mock()}))

    driver.start()

    assert driver.ready() == ["b"]


def _map() -> Graph:
    return graph("start all end", mapped("all", [1, 2], {"x": "${item}"}))


def test_a_map_is_given_its_result_as_a_whole() -> None:
    driver = mocked(_map(), all=Mock(outputs={"results": [1, 2]}))

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.snapshot.nodes["all"].outputs == {"results": [1, 2]}
    assert driver.status("all:0") is NodeStatus.PENDING


def test_a_map_fails_as_a_whole_where_that_is_its_result() -> None:
    driver = mocked(_map(), all=BROKEN)

    assert driver.instance_status() is InstanceStatus.FAILED
    assert driver.effects == []


def test_a_map_is_entered_where_an_item_has_a_result_and_no_other_item_is_run() -> None:
    driver = mocked(_map(), **{"all:1": BROKEN})

    assert driver.status("all:0") is NodeStatus.SUCCEEDED
    assert driver.status("all:1") is NodeStatus.FAILED
    assert driver.effects == []


def test_a_map_that_is_to_be_run_runs_its_items() -> None:
    driver = mocked(_map(), all=RUN)

    assert driver.ready() == ["all:0", "all:1"]


@pytest.mark.parametrize(
    ("mocks", "expected"),
    [
        ({}, Mock()),
        ({"sub": RUN}, RUN),
        ({"sub": RUN, "sub.a": BROKEN}, BROKEN),
        ({"sub": BROKEN}, Mock()),
        ({"sub.a": RUN}, RUN),
    ],
)
def test_what_lies_in_an_inline_subflow_is_run_where_that_is(
    mocks: dict[str, Mock], expected: Mock
) -> None:
    plan = Plan(is_mocked=True, mocks=mocks)

    assert mock_of(plan, f"sub{INNER_SEPARATOR}a") == expected


def test_an_inline_subflow_is_given_its_result_as_a_whole() -> None:
    flow = expand(graph("start sub end", inline("sub")), {"sub": graph("start a end")})

    driver = mocked(flow, sub=Mock(outputs={"n": 1}))

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.snapshot.nodes["sub"].outputs == {"n": 1}


def test_an_inline_subflow_without_a_result_is_entered_and_its_inner_gateway_decides() -> None:
    child = graph(
        "start look choose",
        activity("look", exports={"n": "n"}),
        exclusive("choose"),
        edge("choose", "left", "n == 1"),
        edge("choose", "right", default=True),
        "left end",
        "right end",
    )
    flow = expand(graph("start sub end", inline("sub")), {"sub": child})

    driver = mocked(flow, **{"sub.look": Mock(outputs={"n": 1})})

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.status("sub.left") is NodeStatus.SUCCEEDED
    assert driver.status("sub.right") is NodeStatus.PENDING
    assert driver.effects == []


def test_a_map_that_was_to_fail_fails_again_when_it_is_retried() -> None:
    driver = mocked(_map(), all=BROKEN)

    driver.send(RetryNode(node_id="all", at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.FAILED
    assert driver.status("all:0") is NodeStatus.PENDING
