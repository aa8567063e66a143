"""What the tests of maps have in common."""

from collections.abc import Mapping

from flowyard.engine.events import (
    RetryNode,
    SkipNode,
)
from flowyard.engine.graph import JsonValue, Node
from flowyard.engine.snapshot import NodeState
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import graph
from tests.support.playing import check


def driven(fan: Node, given: Mapping[str, JsonValue] | None = None) -> Driver:
    driver = Driver(graph(f"start {fan.node_id} after end", fan), given)
    driver.start()
    return driver


def items(count: int) -> list[JsonValue]:
    return [f"host-{index}" for index in range(count)]


def state(driver: Driver, node_id: str = "fan") -> NodeState:
    return driver.snapshot.nodes[node_id]


def code(driver: Driver, node_id: str = "fan") -> str:
    failure = state(driver, node_id).failure
    assert failure is not None
    return failure.code


def retry(driver: Driver, node_id: str = "fan") -> None:
    decision = driver.send(RetryNode(node_id=node_id, at=driver.tick()))
    assert decision.rejection is None
    check(driver.snapshot)


def skip(driver: Driver, node_id: str = "fan") -> None:
    decision = driver.send(SkipNode(node_id=node_id, at=driver.tick()))
    assert decision.rejection is None
    check(driver.snapshot)


def drain(driver: Driver) -> None:
    """Let everything succeed, and the counts be what the items say."""
    while ready := driver.ready():
        driver.succeed(ready[0])
        check(driver.snapshot)
