"""A window is as wide as it takes to keep all slots busy, and not much wider."""

import heapq
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import mean

import pytest

from flowyard.testing.driving import EPOCH
from flowyard_scheduler.window import FIRST_SIZE, LEAST_SIZE, Window

TARGET = 0.1
WAY = 0.004
"""Seconds from handing a step out to its begin, and from its end to its release."""


class Yard:
    """Slots that run what is handed out, first come, first served; there is always more."""

    def __init__(self, window: Window, slots: int, seconds: Callable[[int], float]) -> None:
        self.window = window
        self.slots = slots
        self.seconds = seconds
        self.skew = 0.0
        self.now = 0.0
        self.ended = 0
        self.waits: deque[float] = deque(maxlen=200)
        self._free = [0.0] * slots
        self._out: list[tuple[float, float, float]] = []
        """When released, handed out and begun."""

    def run(self, until: float) -> int:
        """Let time go by, and return how many steps ended in it."""
        ended = self.ended
        while self.now < until:
            self._hand_out()
            released, handed_out, began = heapq.heappop(self._out)
            self.now = released
            self.ended += 1
            self.waits.append(began - handed_out - WAY)
            self.window.begin(_at(handed_out), _at(began + self.skew), _at(released))
        return self.ended - ended

    def _hand_out(self) -> None:
        while len(self._out) < self.window.size:
            began = max(heapq.heappop(self._free), self.now + WAY)
            ends = began + self.seconds(self.ended + len(self._out))
            heapq.heappush(self._free, ends)
            heapq.heappush(self._out, (ends + WAY, self.now, began))
        self.window.hand_out(_at(self.now), is_full=True)


def _at(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("slots", "seconds"),
    [(4, 0.1), (32, 0.1), (300, 0.1), (32, 0.005), (64, 2.0), (1, 0.01)],
)
def test_slots_stay_busy_while_little_stands_in_line(slots: int, seconds: float) -> None:
    yard = Yard(Window(TARGET), slots, lambda _: seconds)
    settled = max(10, 60 * seconds)

    yard.run(settled)
    ended = yard.run(2 * settled)

    capacity = slots / seconds * settled
    assert ended > 0.9 * capacity
    least_line = (LEAST_SIZE - slots) * seconds / slots
    assert mean(yard.waits) < max(2 * TARGET, seconds / 4, 2 * least_line)


def test_short_and_long_steps_together_keep_all_slots_busy() -> None:
    yard = Yard(Window(TARGET), 32, lambda number: 0.9 if number % 2 else 0.01)

    yard.run(40)
    ended = yard.run(80)

    assert ended > 0.9 * 40 * 32 / 0.455


@pytest.mark.parametrize("skew", [-3600.0, -0.3, 0.3, 3600.0])
def test_clocks_that_differ_change_nothing(skew: float) -> None:
    straight, skewed = (Yard(Window(TARGET), 32, lambda _: 0.1) for _ in range(2))
    skewed.skew = skew

    assert skewed.run(30) == straight.run(30)


def test_a_clock_that_was_wrong_for_a_moment_does_not_hold_up_quick_steps() -> None:
    yard = Yard(Window(TARGET), 32, lambda _: 0.005)
    yard.skew = -0.3
    yard.run(0.1)
    yard.skew = 0.0

    yard.run(10)
    ended = yard.run(20)

    assert ended > 0.9 * 10 * 32 / 0.005


def test_a_window_narrows_when_slots_go_and_widens_when_they_come() -> None:
    yard = Yard(Window(TARGET), 64, lambda _: 0.05)
    yard.run(20)
    wide = yard.window.size

    yard.seconds = lambda _: 0.8
    yard.run(60)
    narrow = yard.window.size
    yard.seconds = lambda _: 0.05
    yard.run(90)

    assert wide > 100
    assert narrow < 100
    assert yard.window.size > 100


def test_a_window_that_is_never_full_keeps_its_size() -> None:
    window = Window(TARGET)

    for number in range(1000):
        window.hand_out(_at(number), is_full=False)
        window.begin(_at(number), _at(number + WAY), _at(number + WAY))

    assert window.size == FIRST_SIZE
