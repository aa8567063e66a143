"""Who is taken in while much waits, and when the others may come again."""

from datetime import datetime, timedelta

import pytest

from flowyard.storage.database import Database
from flowyard.storage.loads import Load, ProjectLoad, QueueLoad, StartsLoad, merge
from flowyard.telemetry.metrics import Metrics
from flowyard.testing.driving import EPOCH
from flowyard.testing.graphs import activity, exclusive, graph
from flowyard_api.admission import (
    LEAST_LINE,
    LONGEST_RETRY_SECONDS,
    Admission,
    AdmissionLimits,
    NewWork,
    OverloadedError,
)

WORK = NewWork("shop", frozenset({"default"}), frozenset({"default", "gpu"}))
OTHER = NewWork("other", frozenset({"default"}), frozenset({"default"}))


class HandClock:
    """Time that moves when it is pushed."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class Door:
    """An admission that is told by hand what waits."""

    def __init__(self, *, wait: float = 2.0, starts: int = 10_000, queue: int = 1000) -> None:
        self.clock = HandClock()
        self.metrics = Metrics("api")
        self.admission = Admission(
            Database("postgresql://nobody@127.0.0.1:1/none"),
            self.clock,
            self.metrics,
            AdmissionLimits(start_wait_seconds=wait, start_backlog=starts, queue_backlog=queue),
        )

    def tell(self, *starts: StartsLoad, queues: tuple[QueueLoad, ...] = ()) -> None:
        self.clock.seconds += 1
        self.admission.take_in(
            Load(queues=list(queues), starts=list(starts)), self.clock.monotonic()
        )

    def takes(self, work: NewWork, count: int = 1) -> bool:
        try:
            self.admission.admit([work] * count)
        except OverloadedError:
            return False
        return True

    def refusal(self, work: NewWork) -> OverloadedError:
        with pytest.raises(OverloadedError) as caught:
            self.admission.admit([work])
        return caught.value


def line(
    waiting: int, *, rate: float = 100.0, project: str = "shop", queue: str = "default"
) -> StartsLoad:
    return StartsLoad(project=project, queues=[queue], waiting=waiting, rate=rate)


def test_whatever_comes_is_taken_in_while_nothing_stands_in_line() -> None:
    door = Door()
    door.tell()

    assert all(door.takes(WORK, 1000) for _ in range(9))


def test_a_line_that_is_longer_than_the_wait_is_refused_with_the_time_it_takes() -> None:
    door = Door(wait=2.0)
    door.tell(line(700))

    refusal = door.refusal(WORK)

    assert refusal.code == "overloaded"
    assert refusal.facts == {"retry_after_seconds": 6}
    assert door.metrics.value("flowyard_api_refused_starts_total", reason="line") == 1


def test_who_was_refused_is_taken_in_again_when_half_of_the_wait_is_left() -> None:
    door = Door(wait=2.0)
    door.tell(line(201))
    assert not door.takes(WORK)

    door.tell(line(150))
    assert not door.takes(WORK)
    door.tell(line(100))
    assert door.takes(WORK)
    door.tell(line(150))
    assert door.takes(WORK)


def test_what_was_let_in_since_the_schedulers_told_counts_as_well() -> None:
    door = Door(wait=2.0)
    door.tell(line(150))

    assert door.takes(WORK, 60)
    assert not door.takes(WORK)

    door.tell(line(90))
    assert door.takes(WORK)


def test_instances_that_are_created_together_are_taken_in_together() -> None:
    door = Door(wait=2.0)
    door.tell(line(300))

    with pytest.raises(OverloadedError):
        door.admission.admit([OTHER, WORK])

    assert door.takes(OTHER, 1000)


def test_a_project_that_floods_is_refused_and_others_are_not() -> None:
    door = Door(wait=2.0)
    door.tell(line(5000), line(10, project="other"))

    assert not door.takes(WORK)
    assert door.takes(OTHER)


def test_a_short_line_is_no_overload_however_slowly_it_moves() -> None:
    door = Door(wait=2.0)
    door.tell(line(LEAST_LINE - 1, rate=0.5))

    assert door.takes(WORK)
    assert not door.takes(WORK)


def test_a_line_that_does_not_move_is_refused_only_once_it_is_full() -> None:
    door = Door(wait=2.0, starts=500)
    door.tell(line(499, rate=0.0))

    assert door.takes(WORK)
    assert door.refusal(WORK).seconds == LONGEST_RETRY_SECONDS


def test_of_a_full_line_everybody_has_a_share() -> None:
    door = Door(wait=100.0, starts=1000)
    door.tell(line(900), line(150, project="other"))

    assert not door.takes(WORK)
    assert door.takes(OTHER)


def test_a_line_for_another_queue_refuses_nobody() -> None:
    door = Door(wait=2.0)
    door.tell(line(5000, queue="slow"))

    assert door.takes(WORK)


def test_too_many_steps_in_a_queue_refuse_whoever_brings_more_of_them() -> None:
    door = Door(queue=1000)
    waits = QueueLoad(
        queue="gpu", waiting=1100, rate=10.0, projects=[ProjectLoad(project="shop", waiting=1100)]
    )
    door.tell(queues=(waits,))

    refusal = door.refusal(WORK)

    assert refusal.reason == "queue"
    assert refusal.seconds == 60
    assert door.takes(OTHER)
    assert door.takes(NewWork("new", frozenset({"gpu"}), frozenset({"gpu"})))


def test_loads_of_several_schedulers_are_added_up() -> None:
    one, two = (
        Load(
            queues=[
                QueueLoad(
                    queue="default",
                    waiting=waiting,
                    window=10,
                    oldest_seconds=age,
                    projects=[ProjectLoad(project="shop", waiting=waiting)],
                )
            ],
            starts=[line(waiting, rate=5)],
        )
        for waiting, age in ((3, 1.0), (4, 0.5))
    )

    total = merge([one, two])

    assert total.queues == [
        QueueLoad(
            queue="default",
            waiting=7,
            window=20,
            oldest_seconds=1.0,
            projects=[ProjectLoad(project="shop", waiting=7)],
        )
    ]
    assert total.starts == [line(7, rate=10)]


def test_a_flow_begins_with_the_queues_that_no_other_work_lies_before() -> None:
    flow = graph(
        "start choice a b end",
        "choice c end",
        exclusive("choice"),
        activity("a", queue="quick"),
        activity("b", queue="late"),
        activity("c", queue="slow"),
    )

    assert flow.first_queues == ("quick", "slow")
    assert flow.queues == {"quick", "slow", "late"}
