"""What options and people make of an inline subflow as a whole."""

from datetime import timedelta

import pytest

from flowyard.engine.effects import AcquireSlot, ReleaseSlot, WithdrawAttempt
from flowyard.engine.events import (
    CancelInstance,
    DeadlinePassed,
    PauseInstance,
    PauseNode,
    RestartSubflow,
    ResumeInstance,
    ResumeNode,
    RetryDue,
    RetryNode,
    SlotGranted,
)
from flowyard.engine.graph import (
    ConcurrencyKey,
    Deadline,
    DeadlineAction,
    RetryPolicy,
)
from flowyard.engine.inlining import expand
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import NodeMark, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    chain,
    converge,
    graph,
    inline,
    optioned,
    parallel,
)
from tests.support.playing import check
from tests.unit.engine.inlined import deploy, deploying, driven, inputs, state


def test_inputs_that_do_not_fit_fail_the_node_and_no_policy_repeats_that() -> None:
    policy = RetryPolicy(times=3, interval_seconds=1)
    driver = driven(deploying(optioned(inline("deploy"), retry=policy)))

    failure = state(driver).failure

    assert failure is not None
    assert failure.code == "invalid_inputs"
    assert "deploy.start" not in driver.snapshot.nodes
    assert driver.instance_status() is InstanceStatus.FAILED


def test_a_person_may_mend_the_inputs_of_an_inline_subflow() -> None:
    driver = driven(deploying(inline("deploy")))

    driver.send(RetryNode(node_id="deploy", at=driver.tick(), inputs={"tag": "2.0"}))

    assert inputs(driver, "deploy.build") == {"text": "hub/app:2.0 1"}
    check(driver.snapshot)


SPLIT = graph(
    "start split a join end", "split b join", parallel("split"), converge("join"), activity("a")
)


def test_an_ignored_failure_waits_until_nothing_in_the_subflow_goes_on() -> None:
    driver = driven(deploying(optioned(inline("deploy"), ignores_failure=True), SPLIT))

    driver.fail("deploy.a")
    while_b_works = driver.status("deploy")
    driver.succeed("deploy.b")

    assert while_b_works is NodeStatus.WAITING
    assert (state(driver).status, state(driver).mark) == (NodeStatus.SUCCEEDED, NodeMark.IGNORED)
    assert driver.status("deploy.a") is NodeStatus.CANCELLED
    assert driver.status("deploy.join") is NodeStatus.CANCELLED
    assert driver.ready() == ["after"]
    failure = state(driver).failure
    assert failure is not None
    assert failure.message == "Expected a to succeed, but it failed: It broke"
    check(driver.snapshot)


def test_a_retry_policy_starts_the_subflow_over_and_then_waits_for_a_person() -> None:
    policy = RetryPolicy(times=1, interval_seconds=5)
    driver = driven(deploying(optioned(deploy(), retry=policy)))
    driver.succeed("deploy.build", {"digest": "old"})
    driver.fail("deploy.ship")

    waiting = driver.reason("deploy")
    driver.at += timedelta(seconds=10)
    driver.send(RetryDue(node_id="deploy", number=1, at=driver.at))
    begun = inputs(driver, "deploy.build")
    driver.fail("deploy.build")

    assert waiting is WaitReason.RETRY
    assert begun == {"text": "hub/app:1.0 1"}
    assert driver.reason("deploy") is WaitReason.INNER
    assert driver.status("deploy.build") is NodeStatus.FAILED
    assert driver.instance_status() is InstanceStatus.FAILED
    check(driver.snapshot)


@pytest.mark.parametrize("action", [DeadlineAction.FAIL, DeadlineAction.SKIP])
def test_a_deadline_cancels_the_inner_nodes(action: DeadlineAction) -> None:
    driver = driven(deploying(optioned(deploy(), deadline=Deadline(seconds=9, action=action))))
    driver.at += timedelta(seconds=20)

    driver.send(DeadlinePassed(node_id="deploy", number=1, at=driver.at))

    assert driver.status("deploy.build") is NodeStatus.CANCELLED
    assert WithdrawAttempt(node_id="deploy.build", number=1) in driver.effects
    expected = NodeStatus.FAILED if action is DeadlineAction.FAIL else NodeStatus.SKIPPED
    assert driver.status("deploy") is expected
    check(driver.snapshot)


def test_a_run_condition_passes_over_the_whole_subflow() -> None:
    driver = driven(deploying(optioned(deploy(), run_when="False")))

    assert driver.status("deploy") is NodeStatus.SKIPPED
    assert "deploy.start" not in driver.snapshot.nodes
    assert driver.ready() == ["after"]


def test_an_inline_subflow_takes_its_turn_for_a_concurrency_key() -> None:
    key = ConcurrencyKey(key="db", limit=1)
    driver = driven(deploying(optioned(deploy(), concurrency=key)))
    waits = driver.reason("deploy")

    driver.send(SlotGranted(node_id="deploy", number=1, at=driver.tick()))
    driver.succeed("deploy.build", {"digest": 1})
    driver.succeed("deploy.ship", {"id": 1})

    assert waits is WaitReason.CONCURRENCY
    assert AcquireSlot(node_id="deploy", number=1, key="db", limit=1) in driver.effects
    assert ReleaseSlot(node_id="deploy", number=1) in driver.effects
    assert driver.ready() == ["after"]


def test_a_restart_cancels_what_is_left_and_begins_from_the_inner_start() -> None:
    driver = driven(deploying(deploy()))
    driver.succeed("deploy.build", {"digest": "old"})

    driver.send(RestartSubflow(node_id="deploy", at=driver.tick(), inputs={"tag": "2.0"}))

    assert driver.status("deploy.ship") is NodeStatus.CANCELLED
    assert driver.ready() == ["deploy.build"]
    assert inputs(driver, "deploy.build") == {"text": "hub/app:2.0 1"}
    assert "digest" not in state(driver).variables
    check(driver.snapshot)
    drain_build(driver)
    assert driver.ready() == ["after"]


def drain_build(driver: Driver) -> None:
    driver.succeed("deploy.build", {"digest": "new"})
    driver.succeed("deploy.ship", {"id": 1})


def test_a_pause_keeps_inner_tokens_back_and_a_breakpoint_stops_one_by_its_full_id() -> None:
    driver = driven(deploying(deploy()))
    driver.send(PauseInstance(at=driver.tick()))
    driver.succeed("deploy.build", {"digest": 1})
    paused = driver.reason("deploy.ship")
    driver.send(PauseNode(node_id="deploy.ship", at=driver.tick()))
    driver.send(ResumeInstance(at=driver.tick()))
    stopped = driver.reason("deploy.ship")

    driver.send(ResumeNode(node_id="deploy.ship", at=driver.tick()))

    assert (paused, stopped) == (WaitReason.PAUSED, WaitReason.BREAKPOINT)
    assert driver.ready() == ["deploy.ship"]


def test_a_cancel_leaves_nothing_of_an_inline_subflow_behind() -> None:
    driver = driven(deploying(deploy()))

    driver.send(CancelInstance(at=driver.tick()))

    assert driver.status("deploy") is NodeStatus.CANCELLED
    assert driver.status("deploy.build") is NodeStatus.CANCELLED
    check(driver.snapshot)


def test_an_outer_policy_covers_what_fails_two_levels_down() -> None:
    middle = expand(graph("start inner end", inline("inner")), {"inner": chain(1)})
    node = optioned(inline("deploy"), ignores_failure=True)
    driver = driven(deploying(node, middle))

    driver.fail("deploy.inner.a1")

    assert state(driver).mark is NodeMark.IGNORED
    assert driver.status("deploy.inner") is NodeStatus.CANCELLED
    assert driver.ready() == ["after"]
    check(driver.snapshot)
