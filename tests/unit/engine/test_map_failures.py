"""What fails in a map, and what people do about it."""

from datetime import timedelta
from typing import Any

import pytest

from flowyard.engine.effects import CancelChild, WithdrawAttempt
from flowyard.engine.events import (
    CancelInstance,
    DeadlinePassed,
    ForceFail,
    ForceSucceed,
    RetryDue,
)
from flowyard.engine.graph import Deadline, DeadlineAction, JsonValue, RetryPolicy
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.map_progress import Progress
from flowyard.engine.snapshot import NodeMark, WaitReason
from flowyard.testing.graphs import mapped, optioned
from tests.support.playing import check
from tests.unit.engine.fanned import code, drain, driven, items, retry, skip, state


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("${1}", "not_a_list"),
        ("${missing}", "expression_failed"),
        ([0] * 10_001, "too_many_items"),
    ],
)
def test_what_is_no_list_of_items_fails_the_map_and_may_be_retried(
    given: JsonValue, expected: str
) -> None:
    driver = driven(mapped("fan", given))

    failed = code(driver)
    retry(driver)

    assert driver.status("fan") is NodeStatus.FAILED
    assert (failed, code(driver)) == (expected, expected)
    assert driver.instance_status() is InstanceStatus.FAILED


@pytest.mark.parametrize(
    "tolerance", [{"tolerated": 1}, {"tolerated_percent": 25.0}, {"tolerated_percent": 49}]
)
def test_tolerated_failures_count_as_ignored_and_keep_their_reason(
    tolerance: dict[str, Any],
) -> None:
    driver = driven(mapped("fan", items(4), concurrency=1, **tolerance))

    driver.succeed("fan:0")
    driver.fail("fan:1")
    driver.succeed("fan:2")
    driver.succeed("fan:3")

    item = state(driver, "fan:1")
    assert (item.status, item.mark) == (NodeStatus.SUCCEEDED, NodeMark.IGNORED)
    assert item.failure is not None
    assert state(driver).outputs["failed"] == [1]
    assert state(driver).outputs["succeeded"] == 3
    assert driver.ready() == ["after"]


def test_one_failure_more_than_tolerated_fails_the_map() -> None:
    driver = driven(mapped("fan", items(4), tolerated=1, tolerated_percent=25))

    for index in (0, 1):
        driver.fail(f"fan:{index}")
    for index in (2, 3):
        driver.succeed(f"fan:{index}")

    failure = state(driver).failure
    assert failure is not None
    assert failure.message == (
        "Expected at most 1 of 4 items to fail, but 2 did (fan:0: It broke; fan:1: It broke)"
    )


def test_a_retry_of_the_map_reruns_what_failed_and_begins_what_was_not() -> None:
    driver = driven(mapped("fan", items(5), concurrency=2))
    driver.succeed("fan:0", {"n": 0})
    driver.fail("fan:1")
    driver.succeed("fan:2", {"n": 2})

    retry(driver)

    attempts = {one: state(driver, one).attempt for one in driver.ready()}
    assert {one: attempt and attempt.number for one, attempt in attempts.items()} == {
        "fan:1": 2,
        "fan:3": 1,
    }
    assert (attempt := state(driver).attempt) is not None
    assert attempt.number == 2
    drain(driver)
    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert state(driver).outputs["succeeded"] == 5


def test_a_retry_reruns_many_failed_items_no_faster_than_the_concurrency() -> None:
    driver = driven(mapped("fan", items(6), concurrency=2, tolerated=5))
    for index in range(6):
        driver.fail(f"fan:{index}")
    assert driver.status("fan") is NodeStatus.FAILED

    retry(driver)

    assert driver.ready() == ["fan:0", "fan:1"]
    driver.fail("fan:0")
    drain(driver)
    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert state(driver).outputs["failed"] == [0]


def test_a_person_may_retry_one_item_and_the_failed_map_is_taken_up_again() -> None:
    driver = driven(mapped("fan", items(3), concurrency=1))
    driver.fail("fan:0")
    assert driver.instance_status() is InstanceStatus.FAILED

    retry(driver, "fan:0")

    assert driver.reason("fan") is WaitReason.ITEMS
    assert driver.instance_status() is InstanceStatus.RUNNING
    drain(driver)
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_an_item_that_a_person_passes_over_no_longer_fails_the_map() -> None:
    driver = driven(mapped("fan", items(2)))
    driver.fail("fan:0")
    driver.fail("fan:1")

    skip(driver, "fan:0")
    after_one = driver.status("fan")
    skip(driver, "fan:1")

    assert after_one is NodeStatus.FAILED
    assert driver.ready() == ["after"]
    assert state(driver).outputs["statuses"] == ["skipped", "skipped"]


def test_an_item_retried_while_others_run_is_counted_once() -> None:
    driver = driven(mapped("fan", items(3), concurrency=2, tolerated=1))
    driver.fail("fan:0")

    retry(driver, "fan:0")

    assert Progress.of(state(driver)) == Progress(next=3, begun=3, open=3, undone=0, left=0)
    drain(driver)
    assert state(driver).outputs["failed"] == []


def test_a_skip_of_a_failed_map_leaves_no_item_behind() -> None:
    driver = driven(mapped("fan", items(2)))
    driver.succeed("fan:0")
    driver.fail("fan:1")

    skip(driver)

    assert driver.status("fan") is NodeStatus.SKIPPED
    assert driver.status("fan:1") is NodeStatus.CANCELLED
    assert driver.ready() == ["after"]


def test_a_map_that_a_person_stops_cancels_its_items_and_stays_stopped() -> None:
    driver = driven(mapped("fan", items(3), concurrency=2, tolerated=3))

    driver.send(ForceFail(node_id="fan", at=driver.tick()))

    assert driver.status("fan") is NodeStatus.FAILED
    assert WithdrawAttempt(node_id="fan:1", number=1) in driver.effects
    assert driver.instance_status() is InstanceStatus.FAILED
    retry(driver)
    assert driver.ready() == ["fan:0", "fan:1"]
    drain(driver)
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_a_map_that_a_person_lets_succeed_goes_on_with_the_outputs_given() -> None:
    driver = driven(mapped("fan", items(3)))
    driver.fail("fan:0")

    driver.send(ForceSucceed(node_id="fan", at=driver.tick(), outputs={"count": 1}))

    assert state(driver).outputs == {"count": 1}
    assert driver.ready() == ["after"]
    check(driver.snapshot)


def test_ignored_failures_of_a_map_leave_no_failed_item_behind() -> None:
    driver = driven(optioned(mapped("fan", items(2)), ignores_failure=True))

    driver.fail("fan:0")
    driver.succeed("fan:1")

    assert (state(driver).status, state(driver).mark) == (NodeStatus.SUCCEEDED, NodeMark.IGNORED)
    assert state(driver, "fan:0").mark is NodeMark.IGNORED
    assert driver.ready() == ["after"]
    check(driver.snapshot)


def test_a_retry_policy_counts_for_each_item() -> None:
    policy = RetryPolicy(times=1, interval_seconds=5)
    driver = driven(optioned(mapped("fan", items(2)), retry=policy))
    for index in range(2):
        driver.fail(f"fan:{index}")
    driver.at += timedelta(seconds=10)

    for index in range(2):
        driver.send(RetryDue(node_id=f"fan:{index}", number=1, at=driver.at))
    driver.succeed("fan:0")
    driver.fail("fan:1")

    assert code(driver) == "items_failed"
    assert state(driver).retries == 0
    assert state(driver, "fan:1").retries == 1


def test_a_deadline_holds_for_each_item() -> None:
    deadline = Deadline(seconds=30, action=DeadlineAction.SKIP)
    driver = driven(optioned(mapped("fan", items(2)), deadline=deadline))
    driver.succeed("fan:0")
    driver.at += timedelta(seconds=60)

    driver.send(DeadlinePassed(node_id="fan:1", number=1, at=driver.at))

    assert state(driver, "fan:1").mark is NodeMark.DEADLINE
    assert driver.ready() == ["after"]
    assert state(driver).outputs["failed"] == []


def test_a_cancel_ends_children_and_steps_of_items() -> None:
    driver = driven(mapped("fan", items(2), runs_child=True))

    driver.send(CancelInstance(at=driver.tick()))

    assert CancelChild(node_id="fan:1", number=1) in driver.effects
    check(driver.snapshot)
