from hypothesis import given
from hypothesis import strategies as st

from flowyard.messaging.consume import OffsetTracker
from flowyard.messaging.ports import IncomingRecord, TopicPartition

PLACE = TopicPartition("t", 0)
OTHER = TopicPartition("t", 1)


def record(offset: int, place: TopicPartition = PLACE) -> IncomingRecord:
    return IncomingRecord(
        topic=place.topic, partition=place.partition, offset=offset, key=None, value=b""
    )


def tracking(*offsets: int) -> OffsetTracker:
    tracker = OffsetTracker()
    for offset in offsets:
        tracker.started(record(offset))
    return tracker


def test_nothing_is_committable_while_the_oldest_record_is_unfinished() -> None:
    tracker = tracking(0, 1, 2)

    tracker.finished(PLACE, 1)
    tracker.finished(PLACE, 2)

    assert tracker.committable() == {}
    assert tracker.unfinished(PLACE) == 1


def test_finishing_the_oldest_record_commits_all_that_is_done_behind_it() -> None:
    tracker = tracking(5, 6, 7, 8)

    for offset in (6, 7, 5):
        tracker.finished(PLACE, offset)

    assert tracker.committable() == {PLACE: 8}


def test_only_what_changed_is_committable_again() -> None:
    tracker = tracking(0, 1)
    tracker.started(record(3, OTHER))
    tracker.finished(PLACE, 0)
    tracker.finished(OTHER, 3)

    assert tracker.committable() == {PLACE: 1, OTHER: 4}
    assert tracker.committable() == {}


def test_what_could_not_be_committed_is_committable_again() -> None:
    tracker = tracking(0)
    tracker.finished(PLACE, 0)
    offsets = tracker.committable()

    tracker.not_committed([*offsets, OTHER])

    assert tracker.committable() == {PLACE: 1}


def test_a_forgotten_partition_is_not_committed() -> None:
    tracker = tracking(0)
    tracker.finished(PLACE, 0)

    tracker.forget([PLACE, OTHER])
    tracker.finished(PLACE, 0)

    assert tracker.committable() == {}
    assert tracker.unfinished(PLACE) == 0


def test_a_forgotten_partition_may_start_over_at_an_earlier_offset() -> None:
    tracker = tracking(7)
    tracker.forget([PLACE])

    assert tracker.started(record(2))
    tracker.finished(PLACE, 2)

    assert tracker.committable() == {PLACE: 3}


def test_a_record_that_is_read_twice_is_started_once() -> None:
    tracker = tracking(0, 1)
    tracker.finished(PLACE, 0)

    assert not tracker.started(record(0))
    assert not tracker.started(record(1))
    assert tracker.unfinished(PLACE) == 1


def test_a_record_that_is_finished_twice_counts_once() -> None:
    tracker = tracking(0, 1, 2)

    for offset in (1, 1, 0, 0, 1):
        tracker.finished(PLACE, offset)

    assert tracker.committable() == {PLACE: 2}
    assert tracker.unfinished(PLACE) == 1


def test_an_offset_that_was_never_read_is_passed_over() -> None:
    tracker = tracking(4)

    tracker.finished(PLACE, 3)
    tracker.finished(PLACE, 5)
    tracker.finished(OTHER, 4)

    assert tracker.committable() == {}


def test_gaps_between_offsets_do_no_harm() -> None:
    tracker = tracking(0, 10, 25)

    tracker.finished(PLACE, 0)
    assert tracker.committable() == {PLACE: 10}
    tracker.finished(PLACE, 10)
    tracker.finished(PLACE, 25)

    assert tracker.committable() == {PLACE: 26}


@given(st.permutations(range(12)))
def test_in_any_order_no_unfinished_record_is_ever_committed(order: list[int]) -> None:
    tracker = tracking(*range(12))
    unfinished = set(range(12))
    committed = 0

    for offset in order:
        tracker.finished(PLACE, offset)
        unfinished.remove(offset)
        committed = tracker.committable().get(PLACE, committed)
        assert committed == min(unfinished, default=12)
        assert tracker.unfinished(PLACE) == len(unfinished)
