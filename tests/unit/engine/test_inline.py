"""Inline subflows: nodes of another template that run within the same instance."""

import pytest

from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.events import (
    ChildEnded,
    RetryNode,
    SkipNode,
)
from flowyard.engine.inlining import expand
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    converge,
    edge,
    exclusive,
    graph,
    inline,
    mapped,
    parallel,
    subflow,
)
from tests.support.playing import check, reloaded
from tests.unit.engine.inlined import BUILD, TAG, deploy, deploying, drain, driven, inputs, state


def test_a_token_goes_through_the_inner_nodes_and_on_with_the_childs_outputs() -> None:
    driver = driven(deploying(deploy(exports={"which": "image"})))

    waiting = state(driver)
    driver.succeed("deploy.build", {"digest": "sha"})
    driver.succeed("deploy.ship", {"id": 7})

    assert (waiting.status, waiting.reason) == (NodeStatus.WAITING, WaitReason.INNER)
    assert not waiting.is_active
    assert state(driver).outputs == {"shipped": 7, "image": "hub/app:1.0"}
    assert driver.snapshot.variables == {"which": "hub/app:1.0"}
    assert driver.ready() == ["after"]


def test_inner_expressions_see_their_own_variables_and_nodes_by_their_short_ids() -> None:
    driver = driven(deploying(deploy()))

    first = inputs(driver, "deploy.build")
    driver.succeed("deploy.build", {"digest": "sha"})

    assert first == {"text": "hub/app:1.0 1"}
    assert inputs(driver, "deploy.ship") == {"digest": "sha", "again": "sha"}
    assert state(driver).variables == {
        "tag": "1.0",
        "registry": "hub",
        "image": "hub/app:1.0",
        "digest": "sha",
    }
    assert driver.snapshot.variables == {}


@pytest.mark.parametrize("text", ["${secret}", "${nodes.before}", "${nodes['deploy.start']}"])
def test_inner_expressions_see_nothing_of_the_flow_around_them(text: str) -> None:
    child = graph("start build end", activity("build", {"text": text}))
    flow = expand(
        graph("start before deploy end", inline("deploy"), constants={"secret": 1}),
        {"deploy": child},
    )
    driver = driven(flow)

    driver.succeed("before", {})

    assert driver.status("deploy.build") is NodeStatus.FAILED


def test_the_flow_around_sees_no_inner_nodes() -> None:
    flow = expand(
        graph("start deploy after end", deploy(), activity("after", {"n": "${sorted(nodes)}"})),
        {"deploy": BUILD},
    )
    driver = driven(flow)

    driver.succeed("deploy.build", {"digest": 1})
    driver.succeed("deploy.ship", {"id": 1})

    assert inputs(driver, "after") == {"n": ["after", "deploy", "start"]}


def test_a_computed_variable_that_cannot_be_made_fails_the_node() -> None:
    child = graph("start build end", computed={"x": "${missing}"})
    driver = driven(deploying(inline("deploy"), child))

    failure = state(driver).failure

    assert failure is not None
    assert failure.message.startswith("Expected a known name (in variable x")


def test_an_inner_failure_waits_for_a_person_like_any_other() -> None:
    driver = driven(deploying(deploy()))

    driver.fail("deploy.build")
    outer = driver.reason("deploy")
    failed = driver.instance_status()
    driver.send(RetryNode(node_id="deploy.build", at=driver.tick()))
    driver.fail("deploy.build")
    driver.send(SkipNode(node_id="deploy.build", at=driver.tick()))

    assert (outer, failed) == (WaitReason.INNER, InstanceStatus.FAILED)
    assert driver.status("deploy.ship") is NodeStatus.FAILED
    check(driver.snapshot)


def test_a_failed_end_of_an_inline_subflow_may_be_passed_over() -> None:
    driver = driven(deploying(deploy()))
    driver.succeed("deploy.build", {"digest": 1})
    driver.succeed("deploy.ship", {})
    failed = driver.status("deploy.end")

    driver.send(SkipNode(node_id="deploy.end", at=driver.tick()))

    assert failed is NodeStatus.FAILED
    assert driver.status("deploy") is NodeStatus.SUCCEEDED
    assert driver.ready() == ["after"]
    check(driver.snapshot)


def test_a_loop_around_an_inline_subflow_begins_it_as_if_for_the_first_time() -> None:
    child = graph(
        "start work more",
        activity("work", {"n": "${loop}", "seen": "${'more' in nodes}"}),
        exclusive("more"),
        edge("more", "work", "loop < 2"),
        edge("more", "end", default=True),
    )
    flow = graph(
        "start deploy again",
        inline("deploy"),
        exclusive("again"),
        edge("again", "deploy", "loop < 2"),
        edge("again", "end", default=True),
    )
    driver = driven(expand(flow, {"deploy": child}))

    seen = []
    while driver.ready():
        seen.append(inputs(driver, "deploy.work"))
        driver.succeed("deploy.work")
        check(driver.snapshot)

    rounds = [{"n": 1, "seen": False}, {"n": 2, "seen": True}]
    assert seen == [*rounds, *rounds]
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_the_same_template_may_run_inline_in_two_branches_with_variables_of_their_own() -> None:
    flow = graph(
        "start split left join end",
        "split right join",
        parallel("split"),
        converge("join"),
        inline("left", inputs={"tag": "l"}),
        inline("right", inputs={"tag": "r"}),
    )
    driver = driven(expand(flow, {"left": BUILD, "right": BUILD}))

    assert inputs(driver, "left.build") == {"text": "hub/app:l 1"}
    assert inputs(driver, "right.build") == {"text": "hub/app:r 1"}
    drain_with(driver)
    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert state(driver, "left").outputs["image"] == "hub/app:l"


def drain_with(driver: Driver) -> None:
    while ready := driver.ready():
        driver.succeed(ready[0], {"digest": 1, "id": 1})
        check(driver.snapshot)


def test_inline_in_inline_goes_all_the_way_in_and_out() -> None:
    middle = expand(
        graph(
            "start inner end",
            inline("inner", inputs={"tag": "${tag}"}),
            inputs=TAG,
            outputs={"image": "${nodes.inner.image}"},
        ),
        {"inner": BUILD},
    )
    driver = driven(deploying(deploy(), middle))

    assert driver.ready() == ["deploy.inner.build"]
    assert inputs(driver, "deploy.inner.build") == {"text": "hub/app:1.0 1"}
    assert driver.snapshot.active_count == 1
    drain_with(driver)
    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert state(driver).outputs == {"image": "hub/app:1.0"}


def test_a_child_and_a_map_run_within_an_inline_subflow() -> None:
    child = graph(
        "start sub fan end",
        subflow("sub"),
        mapped("fan", "${hosts}", {"host": "${item} of ${len(hosts)}"}),
        constants={"hosts": ["a", "b"]},
        outputs={"count": "${nodes.fan.count}"},
    )
    driver = driven(deploying(inline("deploy"), child))
    started = [one.node_id for one in driver.children]

    driver.snapshot = reloaded(driver.snapshot)
    driver.send(ended(driver, "deploy.sub"))

    assert started == ["deploy.sub"]
    assert driver.ready() == ["deploy.fan:0", "deploy.fan:1"]
    assert inputs(driver, "deploy.fan:1") == {"host": "b of 2"}
    drain(driver)
    assert state(driver).outputs == {"count": 2}
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def ended(driver: Driver, node_id: str) -> ChildEnded:
    return ChildEnded(node_id=node_id, number=1, at=driver.tick(), succeeded=True, outputs={})


def test_a_graph_that_was_not_expanded_is_a_defect() -> None:
    driver = Driver(graph("start deploy end", inline("deploy")))

    with pytest.raises(BrokenInvariantError, match="deploy to be expanded"):
        driver.start()
