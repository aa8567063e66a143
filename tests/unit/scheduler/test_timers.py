from datetime import UTC, datetime, timedelta

from flowyard.ids import new_id
from flowyard.storage.advance_store import StepKey
from flowyard_scheduler.timers import HORIZON, Timers

NOW = datetime(2031, 5, 1, tzinfo=UTC)


def key(node_id: str = "wait") -> StepKey:
    return StepKey(instance_id=new_id(), node_id=node_id, number=1, step=0)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_waits_end_in_the_order_of_their_times() -> None:
    timers = Timers()
    late, soon = key(), key()
    timers.add(late, after(2), 0, NOW)
    timers.add(soon, after(1), 0, NOW)

    assert timers.next_due() == after(1)
    assert [one.instance_id for one in timers.take_due(after(3), 10)] == [
        soon.instance_id,
        late.instance_id,
    ]
    assert (len(timers), timers.next_due()) == (0, None)


def test_a_wait_beyond_the_horizon_is_left_to_the_scan() -> None:
    timers = Timers()

    timers.add(key(), NOW + HORIZON + timedelta(seconds=1), 0, NOW)

    assert len(timers) == 0


def test_a_wait_is_kept_once() -> None:
    timers = Timers()
    one = key()
    for _ in range(2):
        timers.add(one, after(1), 0, NOW)

    assert len(timers.take_due(after(1), 10)) == 1


def test_no_more_are_taken_than_are_asked_for() -> None:
    timers = Timers()
    for _ in range(3):
        timers.add(key(), after(1), 0, NOW)

    assert len(timers.take_due(after(1), 2)) == 2
    assert len(timers) == 1


def test_rule_9_an_instance_that_has_ended_leaves_no_wait_behind() -> None:
    timers = Timers()
    ended, other = key(), key()
    timers.add(ended, after(1), 0, NOW)
    timers.add(other, after(2), 0, NOW)

    timers.forget(ended.instance_id)

    assert len(timers) == 1
    assert timers.next_due() == after(2)
    assert [one.instance_id for one in timers.take_due(after(5), 10)] == [other.instance_id]


def test_rule_9_many_forgotten_waits_take_no_room() -> None:
    timers = Timers()
    keys = [key() for _ in range(1000)]
    for one in keys:
        timers.add(one, after(30), 0, NOW)

    for one in keys:
        timers.forget(one.instance_id)

    assert len(timers) == 0
    assert len(timers._heap) <= 100


def test_waits_of_a_revoked_partition_are_dropped() -> None:
    timers = Timers()
    timers.add(key(), after(1), 1, NOW)
    kept = key()
    timers.add(kept, after(2), 2, NOW)

    timers.drop_where(lambda partition: partition == 1)

    assert [one.instance_id for one in timers.take_due(after(5), 10)] == [kept.instance_id]
