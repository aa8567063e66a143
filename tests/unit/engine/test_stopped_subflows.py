"""Stopping the tokens within one inline subflow while the rest of its instance goes on."""

from flowyard.engine.events import PauseNode, ResumeNode
from flowyard.engine.inlining import expand
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import chain, converge, graph, inline, parallel


def _driver() -> Driver:
    flow = graph(
        "start split left join end",
        "split right join",
        parallel("split"),
        converge("join"),
        inline("left"),
        inline("right"),
    )
    driver = Driver(expand(flow, {"left": chain(2), "right": chain(1)}))
    driver.start()
    return driver


def test_what_runs_in_a_stopped_subflow_ends_and_nothing_follows_it() -> None:
    driver = _driver()
    driver.send(PauseNode(node_id="left", at=driver.tick()))

    driver.succeed("left.a1")
    driver.succeed("right.a1")

    assert driver.reason("left.a2") is WaitReason.BREAKPOINT
    assert driver.status("right") is NodeStatus.SUCCEEDED
    assert driver.instance_status() is InstanceStatus.RUNNING


def test_resuming_a_stopped_subflow_lets_its_tokens_in() -> None:
    driver = _driver()
    driver.send(PauseNode(node_id="left", at=driver.tick()))
    driver.succeed("left.a1")
    driver.succeed("right.a1")

    driver.send(ResumeNode(node_id="left", at=driver.tick()))
    driver.succeed("left.a2")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_a_node_with_a_stop_of_its_own_stays_when_its_subflow_is_resumed() -> None:
    driver = _driver()
    driver.send(PauseNode(node_id="left", at=driver.tick()))
    driver.send(PauseNode(node_id="left.a2", at=driver.tick()))
    driver.succeed("left.a1")

    driver.send(ResumeNode(node_id="left", at=driver.tick()))

    assert driver.reason("left.a2") is WaitReason.BREAKPOINT
    driver.send(ResumeNode(node_id="left.a2", at=driver.tick()))
    assert driver.reason("left.a2") is WaitReason.QUEUED


def test_a_subflow_that_is_not_begun_stops_in_front() -> None:
    driver = Driver(expand(graph("start a left end", inline("left")), {"left": chain(1)}))
    driver.start()
    driver.send(PauseNode(node_id="left", at=driver.tick()))

    driver.succeed("a")

    assert driver.reason("left") is WaitReason.BREAKPOINT
    driver.send(ResumeNode(node_id="left", at=driver.tick()))
    assert driver.ready() == ["left.a1"]
