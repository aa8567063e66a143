"""What the options of a node change about its life."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flowyard.engine.effects import AcquireSlot, ReleaseSlot
from flowyard.engine.errors import UnknownAttemptError
from flowyard.engine.events import (
    AttemptKey,
    PauseInstance,
    ResumeInstance,
    RetryDue,
    RetryNode,
    SlotGranted,
    StepFailed,
    StepStarted,
    StepSucceeded,
    StepWaited,
)
from flowyard.engine.graph import (
    ConcurrencyKey,
    Graph,
    RetryPolicy,
)
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import NodeMark, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, graph, optioned


def _flow(node_id: str = "a", **options: object) -> Graph:
    return graph(f"start {node_id} b end", optioned(activity(node_id), **options))


def test_an_ignored_failure_counts_as_success_and_is_marked() -> None:
    driver = Driver(_flow(ignores_failure=True))
    driver.start()

    driver.fail("a")

    state = driver.snapshot.nodes["a"]
    assert (state.status, state.mark) == (NodeStatus.SUCCEEDED, NodeMark.IGNORED)
    assert state.failure is not None
    assert state.failure.code == "broken"
    assert driver.ready() == ["b"]


def test_an_ignored_failure_exports_that_it_did_not_succeed() -> None:
    node = optioned(activity("a", exports={"went_well": "_result"}), ignores_failure=True)
    driver = Driver(graph("start a end", node))
    driver.start()

    driver.fail("a")

    assert driver.snapshot.variables["went_well"] is False


def test_a_failure_is_retried_as_often_as_the_policy_says() -> None:
    driver = Driver(_flow(retry=RetryPolicy(times=2, interval_seconds=5, factor=3)))
    driver.start()
    pauses = []

    for _ in range(2):
        driver.fail("a")
        state = driver.snapshot.nodes["a"]
        assert state.reason is WaitReason.RETRY
        assert state.resume_at is not None
        pauses.append((state.resume_at - driver.at).total_seconds())
        assert driver.instance_status() is InstanceStatus.RUNNING
        driver.come_due("a")
    driver.fail("a")

    assert pauses == [5, 15]
    assert driver.status("a") is NodeStatus.FAILED
    assert driver.instance_status() is InstanceStatus.FAILED


def test_a_retry_takes_the_inputs_of_the_failed_attempt() -> None:
    node = optioned(activity("a", {"x": "${loop}"}), retry=RetryPolicy(times=1, interval_seconds=1))
    driver = Driver(graph("start a end", node))
    driver.start()

    driver.fail("a")
    driver.come_due("a")

    attempt = driver.snapshot.nodes["a"].attempt
    assert attempt is not None
    assert (attempt.number, attempt.inputs) == (2, {"x": 1})


def test_a_pause_between_retries_is_never_longer_than_its_limit() -> None:
    policy = RetryPolicy(times=50, interval_seconds=1, factor=10, limit_seconds=30)
    driver = Driver(_flow(retry=policy))
    driver.start()
    longest = timedelta(0)

    for _ in range(50):
        driver.fail("a")
        resume_at = driver.snapshot.nodes["a"].resume_at
        assert resume_at is not None
        longest = max(longest, resume_at - driver.at)
        driver.come_due("a")

    assert longest == timedelta(seconds=30)


def test_jitter_only_shortens_a_pause_and_is_the_same_each_time() -> None:
    policy = RetryPolicy(times=1, interval_seconds=100, jitter=0.5)
    pauses = set()

    for _ in range(3):
        driver = Driver(_flow(retry=policy))
        driver.start()
        driver.fail("a")
        resume_at = driver.snapshot.nodes["a"].resume_at
        assert resume_at is not None
        pauses.add((resume_at - driver.at).total_seconds())

    assert len(pauses) == 1
    assert 50 <= pauses.pop() < 100


@pytest.mark.parametrize(
    ("codes", "code", "is_retried"),
    [
        ((), "broken", True),
        ((), "outcome_unknown", False),
        (("outcome_unknown",), "outcome_unknown", True),
        (("timeout",), "timeout", True),
        (("timeout",), "broken", False),
    ],
)
def test_only_listed_codes_are_retried(
    codes: tuple[str, ...], code: str, *, is_retried: bool
) -> None:
    driver = Driver(_flow(retry=RetryPolicy(times=1, interval_seconds=1, codes=codes)))
    driver.start()

    driver.fail("a", code)

    assert (driver.reason("a") is WaitReason.RETRY) is is_retried


def test_a_person_gets_all_automatic_retries_again() -> None:
    driver = Driver(_flow(retry=RetryPolicy(times=1, interval_seconds=1)))
    driver.start()
    driver.fail("a")
    driver.come_due("a")
    driver.fail("a")

    driver.send(RetryNode(node_id="a", at=driver.tick()))
    driver.fail("a")

    assert driver.reason("a") is WaitReason.RETRY


def test_an_early_or_repeated_retry_time_changes_nothing() -> None:
    driver = Driver(_flow(retry=RetryPolicy(times=1, interval_seconds=60)))
    driver.start()
    driver.fail("a")

    early = driver.send(RetryDue(node_id="a", number=1, at=driver.tick()))
    driver.come_due("a")
    repeated = driver.send(RetryDue(node_id="a", number=1, at=driver.tick()))

    assert early.is_stale
    assert repeated.is_stale


def test_a_retry_that_is_due_in_a_pause_is_kept_back_until_the_resume() -> None:
    driver = Driver(_flow(retry=RetryPolicy(times=1, interval_seconds=1)))
    driver.start()
    driver.fail("a")
    driver.send(PauseInstance(at=driver.tick()))
    before = len(driver.dispatched)

    driver.come_due("a")

    assert driver.reason("a") is WaitReason.PAUSED
    assert len(driver.dispatched) == before
    driver.send(ResumeInstance(at=driver.tick()))
    assert driver.reason("a") is WaitReason.QUEUED
    assert len(driver.dispatched) == before + 1


@pytest.mark.parametrize(("holds", "status"), [(True, "ready"), (False, "skipped")])
def test_a_run_condition_passes_a_node_over_where_it_does_not_hold(
    status: str, *, holds: bool
) -> None:
    flow = replace(_flow(run_when="wanted"), constants={"wanted": holds})
    driver = Driver(flow)

    driver.start()

    assert driver.status("a") == status
    if not holds:
        assert driver.snapshot.nodes["a"].mark is NodeMark.CONDITION
        assert driver.ready() == ["b"]


def test_a_run_condition_that_cannot_be_evaluated_fails_the_node() -> None:
    driver = Driver(_flow(run_when="nobody_knows"))

    driver.start()

    failure = driver.snapshot.nodes["a"].failure
    assert failure is not None
    assert failure.code == "expression_failed"


def test_a_node_acts_as_who_its_options_say() -> None:
    driver = Driver(_flow(run_as="deployer-${instance.project}"))

    driver.start()

    attempt = driver.snapshot.nodes["a"].attempt
    assert attempt is not None
    assert attempt.actor == "deployer-example"


def test_rule_1_a_result_of_a_step_that_was_never_handed_out_tells_of_an_old_snapshot() -> None:
    driver = Driver(_flow(concurrency=ConcurrencyKey(limit=2, key="db")))
    driver.start()
    key = AttemptKey(node_id="a", number=1, step=0)

    for result in (
        StepStarted(key=key, at=driver.tick()),
        StepSucceeded(key=key, at=driver.tick(), outputs={}),
        StepFailed(key=key, at=driver.tick(), code="broken", message="It is."),
        StepWaited(
            key=key,
            at=driver.tick(),
            reason=WaitReason.TIMER,
            after=timedelta(seconds=1),
            state=None,
        ),
    ):
        with pytest.raises(UnknownAttemptError):
            driver.send(result)


def test_a_node_with_a_concurrency_key_waits_until_it_is_granted() -> None:
    flow = replace(
        _flow(concurrency=ConcurrencyKey(limit=2, key="db-${name}")), constants={"name": "main"}
    )
    driver = Driver(flow)

    driver.start()

    assert driver.reason("a") is WaitReason.CONCURRENCY
    assert AcquireSlot(node_id="a", number=1, key="db-main", limit=2) in driver.effects
    assert not driver.dispatched
    driver.send(SlotGranted(node_id="a", number=1, at=driver.tick()))
    assert driver.reason("a") is WaitReason.QUEUED
    assert driver.dispatched[0].node_id == "a"


def test_a_slot_is_given_back_when_its_attempt_ends() -> None:
    driver = Driver(_flow(concurrency=ConcurrencyKey(limit=1, key="x")))
    driver.start()
    driver.send(SlotGranted(node_id="a", number=1, at=driver.tick()))

    driver.fail("a")

    assert ReleaseSlot(node_id="a", number=1) in driver.effects


def test_a_grant_that_comes_twice_dispatches_once() -> None:
    driver = Driver(_flow(concurrency=ConcurrencyKey(limit=1, key="x")))
    driver.start()
    driver.send(SlotGranted(node_id="a", number=1, at=driver.tick()))

    again = driver.send(SlotGranted(node_id="a", number=1, at=driver.tick()))

    assert again.is_stale
    assert len(driver.dispatched) == 1


def test_a_grant_in_a_pause_is_kept_until_the_resume() -> None:
    driver = Driver(_flow(concurrency=ConcurrencyKey(limit=1, key="x")))
    driver.start()
    driver.send(PauseInstance(at=driver.tick()))

    driver.send(SlotGranted(node_id="a", number=1, at=driver.tick()))

    assert driver.reason("a") is WaitReason.PAUSED
    driver.send(ResumeInstance(at=driver.tick()))
    assert driver.effects.count(AcquireSlot(node_id="a", number=1, key="x", limit=1)) == 2
