"""What happens when an attempt takes longer than it may."""

from datetime import timedelta

from flowyard.engine.effects import WithdrawAttempt
from flowyard.engine.events import (
    DeadlinePassed,
    StepWaited,
)
from flowyard.engine.graph import (
    Activity,
    Deadline,
    DeadlineAction,
    Graph,
    RetryPolicy,
)
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import NodeMark, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, graph, optioned


def _flow(node_id: str = "a", **options: object) -> Graph:
    return graph(f"start {node_id} b end", optioned(activity(node_id), **options))


def test_a_passed_deadline_fails_the_node_and_has_its_plugin_told() -> None:
    driver = Driver(_flow(deadline=Deadline(seconds=60)))
    driver.start()

    driver.pass_deadline("a")

    state = driver.snapshot.nodes["a"]
    assert state.failure is not None
    assert (state.status, state.failure.code) == (NodeStatus.FAILED, "deadline")
    assert WithdrawAttempt(node_id="a", number=1) in driver.effects
    assert state.deadline_at is None


def test_a_passed_deadline_is_retried_like_any_failure() -> None:
    retry = RetryPolicy(times=1, interval_seconds=1, codes=("deadline",))
    driver = Driver(_flow(deadline=Deadline(seconds=60), retry=retry))
    driver.start()

    driver.pass_deadline("a")
    driver.come_due("a")

    state = driver.snapshot.nodes["a"]
    assert state.deadline_at == driver.at + timedelta(seconds=60)
    assert state.attempt is not None
    assert state.attempt.number == 2


def test_a_passed_deadline_skips_where_it_is_to() -> None:
    driver = Driver(_flow(deadline=Deadline(seconds=60, action=DeadlineAction.SKIP)))
    driver.start()

    driver.pass_deadline("a")

    state = driver.snapshot.nodes["a"]
    assert (state.status, state.mark) == (NodeStatus.SKIPPED, NodeMark.DEADLINE)
    assert driver.ready() == ["b"]


def test_a_passed_deadline_tells_somebody_once_and_the_node_goes_on() -> None:
    notice = Activity(plugin="notify", version="1.0", inputs={"text": "late: ${instance.name}"})
    deadline = Deadline(seconds=60, action=DeadlineAction.NOTIFY, notice=notice)
    driver = Driver(_flow(deadline=deadline))
    driver.start()

    driver.pass_deadline("a")

    told = driver.snapshot.nodes["a:notify"].attempt
    assert told is not None
    assert told.inputs == {"text": "late: test"}
    assert driver.snapshot.nodes["a"].deadline_at is None
    assert driver.ready() == ["a", "a:notify"]


def test_a_notification_that_fails_holds_nothing_back() -> None:
    notice = Activity(plugin="notify", version="1.0")
    deadline = Deadline(seconds=60, action=DeadlineAction.NOTIFY, notice=notice)
    driver = Driver(graph("start a end", optioned(activity("a"), deadline=deadline)))
    driver.start()
    driver.pass_deadline("a")

    driver.fail("a:notify")
    driver.succeed("a")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.snapshot.failed_count == 0


def test_a_notification_under_way_ends_with_its_instance() -> None:
    notice = Activity(plugin="notify", version="1.0")
    deadline = Deadline(seconds=60, action=DeadlineAction.NOTIFY, notice=notice)
    driver = Driver(graph("start a end", optioned(activity("a"), deadline=deadline)))
    driver.start()
    driver.pass_deadline("a")

    driver.succeed("a")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.status("a:notify") is NodeStatus.CANCELLED


def test_a_deadline_bounds_when_a_waiting_node_is_looked_at() -> None:
    driver = Driver(_flow(deadline=Deadline(seconds=60)))
    driver.start()

    driver.wait("a", WaitReason.CALLBACK, after=None)

    state = driver.snapshot.nodes["a"]
    assert state.check_at == state.deadline_at


def test_a_deadline_that_was_met_changes_nothing() -> None:
    driver = Driver(_flow(deadline=Deadline(seconds=60)))
    driver.start()
    driver.succeed("a")

    late = driver.send(DeadlinePassed(node_id="a", number=1, at=driver.at + timedelta(hours=1)))

    assert late.is_stale


def test_what_a_waiting_plugin_knows_already_is_kept_when_it_is_stopped() -> None:
    driver = Driver(graph("start a end", optioned(activity("a"), deadline=Deadline(seconds=60))))
    driver.start()
    driver.send(
        StepWaited(
            key=driver.key("a"),
            at=driver.tick(),
            reason=WaitReason.CALLBACK,
            after=None,
            state={},
            outputs={"job": 7},
        )
    )

    driver.pass_deadline("a")

    attempt = driver.snapshot.nodes["a"].attempt
    assert attempt is not None
    assert attempt.outputs == {"job": 7}
