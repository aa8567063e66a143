"""What becomes of inline subflows and maps of which several parts end, badly or in one step."""

from flowyard.engine.advance import advance
from flowyard.engine.events import ForceFail, RetryNode
from flowyard.engine.graph import Graph
from flowyard.engine.inlining import expand
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import NodeMark, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import chain, converge, graph, inline, mapped, optioned, parallel
from tests.support.playing import check
from tests.support.surroundings import as_loaded, outline


def outer(inside: Graph, **children: Graph) -> Graph:
    """Return ``start sub after end``, where ``sub`` is inline and its failure is ignored."""
    whole = graph("start sub after end", optioned(inline("sub"), ignores_failure=True))
    return expand(whole, {"sub": expand(inside, children)})


def test_a_map_that_ends_beside_a_failed_node_keeps_its_subflow_going() -> None:
    inside = graph("start p m x j end", "p f j", parallel("p"), converge("j"), mapped("m", [1]))
    driver = Driver(outer(inside))
    driver.start()
    driver.fail("sub.f")

    driver.succeed("sub.m:0")

    check(driver.snapshot)
    assert driver.reason("sub") is WaitReason.INNER
    assert driver.ready() == ["sub.x"]
    assert driver.status("after") is NodeStatus.PENDING


def test_a_subflow_that_is_given_up_beside_a_failed_node_keeps_the_one_around_it_going() -> None:
    lenient = optioned(inline("in"), ignores_failure=True)
    inside = graph("start p in x j end", "p f j", parallel("p"), converge("j"), lenient)
    driver = Driver(outer(inside, **{"in": chain(1)}))
    driver.start()
    driver.fail("sub.f")

    driver.fail("sub.in.a1")

    check(driver.snapshot)
    assert driver.snapshot.nodes["sub.in"].mark is NodeMark.IGNORED
    assert driver.reason("sub") is WaitReason.INNER
    assert driver.ready() == ["sub.x"]


def test_subflows_within_each_other_are_given_up_in_one_step_when_nothing_is_left() -> None:
    lenient = optioned(inline("in"), ignores_failure=True)
    inside = graph("start p in j end", "p f j", parallel("p"), converge("j"), lenient)
    driver = Driver(outer(inside, **{"in": chain(1)}))
    driver.start()
    driver.fail("sub.f")

    driver.fail("sub.in.a1")
    driver.succeed("after")

    assert driver.snapshot.nodes["sub"].mark is NodeMark.IGNORED
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_rule_2_a_cancelled_item_runs_again_with_the_same_inputs_whoever_owns_the_instance() -> (
    None
):
    driver = Driver(graph("start m end", mapped("m", ["x"], {"of": "${item}"})))
    driver.start()
    driver.fail("m:0")
    driver.send(RetryNode(node_id="m:0", at=driver.tick(), inputs={"of": "edited"}))
    driver.send(ForceFail(node_id="m", at=driver.tick()))
    loaded = as_loaded(driver.snapshot)

    retry = RetryNode(node_id="m", at=driver.tick())

    assert outline(advance(driver.snapshot, retry)) == outline(advance(loaded, retry))
