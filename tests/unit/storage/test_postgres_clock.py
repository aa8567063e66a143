from datetime import UTC, datetime, timedelta

import pytest

from flowyard.storage.postgres_clock import PostgresClock

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
CLOSE = timedelta(milliseconds=1)


class Machine:
    """A machine whose own clock is wrong by a day, and a Postgres that is right."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.jump = timedelta()

    def now(self) -> datetime:
        return self.right() + timedelta(days=1)

    def monotonic(self) -> float:
        return self.seconds

    def right(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds) + self.jump

    def read(self, clock: PostgresClock, *, before: float, after: float) -> None:
        """Take a reading that is so many seconds on its way, there and back."""
        asked_at = self.monotonic()
        self.seconds += before
        reading = self.right()
        self.seconds += after
        clock.set(reading, asked_at=asked_at)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> PostgresClock:
    return PostgresClock(machine)


def test_before_the_first_reading_it_is_the_time_of_the_machine(
    machine: Machine, clock: PostgresClock
) -> None:
    machine.seconds += 5

    assert abs(clock.now() - machine.now()) < CLOSE


def test_the_time_of_postgres_goes_on_between_two_readings(
    machine: Machine, clock: PostgresClock
) -> None:
    machine.read(clock, before=0.0004, after=0.0004)
    machine.seconds += 5

    assert abs(clock.now() - machine.right()) < CLOSE


@pytest.mark.parametrize(("before", "after"), [(0.0004, 0.5), (0.5, 0.0004), (2.0, 3.0)])
def test_a_reading_that_took_long_spoils_nothing(
    machine: Machine, clock: PostgresClock, before: float, after: float
) -> None:
    machine.read(clock, before=0.0004, after=0.0004)
    machine.seconds += 1
    machine.read(clock, before=before, after=after)

    assert abs(clock.now() - machine.right()) < CLOSE


def test_what_slow_readings_have_in_common_is_closer_than_each_of_them(
    machine: Machine, clock: PostgresClock
) -> None:
    machine.read(clock, before=0.3, after=0.0001)
    machine.read(clock, before=0.0001, after=0.3)

    assert abs(clock.now() - machine.right()) < CLOSE


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(hours=-2), timedelta(seconds=-1)])
def test_a_clock_of_postgres_that_was_set_is_followed(
    machine: Machine, clock: PostgresClock, jump: timedelta
) -> None:
    machine.read(clock, before=0.0004, after=0.0004)
    machine.jump = jump
    machine.seconds += 1
    machine.read(clock, before=0.0004, after=0.0004)

    assert abs(clock.now() - machine.right()) < CLOSE


def test_clocks_that_drift_apart_are_followed(machine: Machine, clock: PostgresClock) -> None:
    for _ in range(1000):
        machine.read(clock, before=0.0004, after=0.0004)
        machine.seconds += 10
        machine.jump += timedelta(milliseconds=0.5)

    assert abs(clock.now() - machine.right()) < 5 * CLOSE
