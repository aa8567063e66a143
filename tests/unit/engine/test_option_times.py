"""When options have nodes looked at, over pauses, restarts and notices."""

from datetime import timedelta

import pytest

from flowyard.engine.attempts import QUEUED_CHECK
from flowyard.engine.ending import REVIEW_CHECK
from flowyard.engine.events import (
    DeadlinePassed,
    PauseInstance,
    RestartSubflow,
    ResumeInstance,
    SlotGranted,
    StepStarted,
)
from flowyard.engine.graph import Activity, ConcurrencyKey, Deadline, DeadlineAction
from flowyard.engine.snapshot import NodeState, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, graph, optioned, subflow

MINUTE = Deadline(seconds=60)
TOLD = Deadline(
    seconds=60,
    action=DeadlineAction.NOTIFY,
    notice=Activity(plugin="notify", version="1.0"),
)


def begun(**options: object) -> Driver:
    driver = Driver(graph("start a end", optioned(activity("a"), **options)))
    driver.start()
    return driver


def a(driver: Driver) -> NodeState:
    return driver.snapshot.nodes["a"]


def pause(driver: Driver) -> None:
    driver.send(PauseInstance(at=driver.tick(), withdrawn=frozenset({"a"})))


def test_a_step_that_a_pause_takes_back_has_not_taken_any_time() -> None:
    driver = begun(deadline=MINUTE)

    pause(driver)
    paused = a(driver)
    driver.at += timedelta(hours=1)
    driver.send(ResumeInstance(at=driver.at))

    assert paused.deadline_at is None
    assert a(driver).deadline_at == driver.at + timedelta(seconds=60)


def test_a_later_step_that_a_pause_takes_back_keeps_its_deadline() -> None:
    driver = begun(deadline=MINUTE)
    due_at = a(driver).deadline_at
    driver.wait("a")
    driver.elapse("a")

    pause(driver)

    assert a(driver).reason is WaitReason.PAUSED
    assert a(driver).deadline_at == due_at


def test_a_step_with_a_slot_that_is_resumed_after_a_pause_stands_in_line_without_deadline() -> None:
    driver = begun(deadline=MINUTE, concurrency=ConcurrencyKey(limit=1, key="db"))
    driver.send(SlotGranted(node_id="a", number=1, at=driver.tick()))

    pause(driver)
    driver.send(ResumeInstance(at=driver.tick()))

    assert a(driver).reason is WaitReason.CONCURRENCY
    assert a(driver).deadline_at is None


def test_a_subflow_that_is_started_over_does_not_take_the_deadline_of_its_earlier_run() -> None:
    limited = optioned(subflow("a"), deadline=MINUTE, concurrency=ConcurrencyKey(limit=1, key="db"))
    driver = Driver(graph("start a end", limited))
    driver.start()
    driver.send(SlotGranted(node_id="a", number=1, at=driver.tick()))

    driver.send(RestartSubflow(node_id="a", at=driver.tick()))

    assert a(driver).reason is WaitReason.CONCURRENCY
    assert a(driver).deadline_at is None


@pytest.mark.parametrize("is_running", [True, False])
def test_a_notice_does_not_have_a_working_node_looked_at_at_once(*, is_running: bool) -> None:
    driver = begun(deadline=TOLD)
    if is_running:
        driver.send(StepStarted(key=driver.key("a"), at=driver.tick()))

    driver.at += timedelta(seconds=61)
    driver.send(DeadlinePassed(node_id="a", number=1, at=driver.at))

    assert a(driver).check_at == driver.at + QUEUED_CHECK


def test_a_notice_does_not_have_a_wait_looked_at_before_its_time() -> None:
    driver = begun(deadline=TOLD)
    driver.wait("a", after=timedelta(hours=1))
    due_at = driver.at + timedelta(hours=1)

    driver.at += timedelta(seconds=61)
    driver.send(DeadlinePassed(node_id="a", number=1, at=driver.at))

    assert a(driver).check_at == due_at


def test_a_notice_does_not_have_a_wait_without_bound_looked_at_soon() -> None:
    driver = begun(deadline=TOLD)
    driver.wait("a", WaitReason.CALLBACK, after=None)

    driver.at += timedelta(seconds=61)
    driver.send(DeadlinePassed(node_id="a", number=1, at=driver.at))

    assert a(driver).check_at == driver.at + REVIEW_CHECK
