from datetime import UTC, datetime, timedelta

import pytest

from flowyard.engine.snapshot import WaitReason
from flowyard.ids import new_id
from flowyard.storage.advance_store import DueNode
from flowyard_scheduler.stuck import GRACE, StuckNodes

NOW = datetime(2031, 5, 1, tzinfo=UTC)
PAUSE = timedelta(seconds=5)
AGAIN = timedelta(seconds=60)
INSTANCE = new_id()


def overdue(
    check_at: datetime, *, step: int = 0, number: int = 1, node_id: str = "build"
) -> DueNode:
    return DueNode(
        instance_id=INSTANCE,
        node_id=node_id,
        partition=3,
        reason=WaitReason.QUEUED,
        check_at=check_at,
        number=number,
        step=step,
        wait_until=None,
    )


def looked_once(**changes: int) -> StuckNodes:
    stuck = StuckNodes(PAUSE, **changes)
    stuck.remember(overdue(NOW), 3, check_at=NOW + AGAIN, looked_at=NOW)
    return stuck


def test_a_node_that_is_overdue_for_the_first_time_is_not_stuck() -> None:
    assert not StuckNodes(PAUSE).is_stuck(overdue(NOW), NOW)


def test_a_node_that_is_overdue_again_without_a_word_is_stuck() -> None:
    assert looked_once().is_stuck(overdue(NOW + AGAIN), NOW + AGAIN)


@pytest.mark.parametrize(
    "heard",
    [
        overdue(NOW + AGAIN + timedelta(seconds=1)),
        overdue(NOW + AGAIN, step=1),
        overdue(NOW + AGAIN, number=2),
    ],
    ids=["its time has moved", "another step", "another attempt"],
)
def test_a_node_that_was_heard_of_is_not_stuck(heard: DueNode) -> None:
    assert not looked_once().is_stuck(heard, NOW + 2 * AGAIN)


def test_two_looks_right_after_each_other_count_as_one() -> None:
    stuck = StuckNodes(PAUSE)
    one = overdue(NOW)
    for seconds in (0, 1):
        looked_at = NOW + timedelta(seconds=seconds)
        stuck.remember(one, 3, check_at=one.check_at, looked_at=looked_at)

    assert not stuck.is_stuck(one, NOW + timedelta(seconds=4))
    assert stuck.is_stuck(one, NOW + PAUSE)


def test_what_is_not_overdue_again_in_its_time_is_forgotten() -> None:
    stuck = looked_once()

    stuck.forget_heard(NOW + AGAIN + GRACE)
    kept = len(stuck)
    stuck.forget_heard(NOW + AGAIN + GRACE + timedelta(seconds=1))

    assert (kept, len(stuck)) == (1, 0)


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    stuck = looked_once(limit=2)
    for node_id in ("test", "ship"):
        one = overdue(NOW, node_id=node_id)
        stuck.remember(one, 3, check_at=NOW + AGAIN, looked_at=NOW)

    assert len(stuck) == 2
    assert not stuck.is_stuck(overdue(NOW + AGAIN), NOW + AGAIN)


def test_what_is_known_of_a_revoked_partition_is_dropped() -> None:
    stuck = looked_once()

    stuck.drop_where(lambda partition: partition != 3)
    kept = len(stuck)
    stuck.drop_where(lambda partition: partition == 3)

    assert (kept, len(stuck)) == (1, 0)
