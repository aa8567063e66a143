"""What the tests of inline subflows have in common."""

from collections.abc import Mapping

from flowyard.engine.graph import (
    Graph,
    InputSpec,
    JsonValue,
    Node,
)
from flowyard.engine.inlining import expand
from flowyard.engine.snapshot import NodeState
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    graph,
    inline,
)
from tests.support.playing import check

TAG = (InputSpec(name="tag"),)


BUILD = graph(
    "start build ship end",
    activity("build", {"text": "${image} ${loop}"}, exports={"digest": "digest"}),
    activity("ship", {"digest": "${digest}", "again": "${nodes.build.digest}"}),
    inputs=TAG,
    constants={"registry": "hub"},
    computed={"image": "${registry}/app:${tag}"},
    outputs={"shipped": "${nodes.ship.id}", "image": "${image}"},
)


def deploying(node: Node, child: Graph = BUILD, path: str = "start deploy after end") -> Graph:
    return expand(graph(path, node), {node.node_id: child})


def driven(flow: Graph, given: Mapping[str, JsonValue] | None = None) -> Driver:
    driver = Driver(flow, given)
    driver.start()
    check(driver.snapshot)
    return driver


def deploy(**more: Mapping[str, str]) -> Node:
    return inline("deploy", inputs={"tag": "1.0"}, **more)  # type: ignore[arg-type]  # exports only


def state(driver: Driver, node_id: str = "deploy") -> NodeState:
    return driver.snapshot.nodes[node_id]


def inputs(driver: Driver, node_id: str) -> Mapping[str, JsonValue] | None:
    attempt = state(driver, node_id).attempt
    return None if attempt is None else attempt.inputs


def drain(driver: Driver) -> None:
    while ready := driver.ready():
        driver.succeed(ready[0], {"n": 1})
        check(driver.snapshot)
