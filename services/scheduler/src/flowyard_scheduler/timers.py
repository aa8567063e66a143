"""Waits that end soon, in the order in which they end.

Postgres holds all of them; this holds those within the horizon, so that they
fire on time without a query.
"""

import heapq
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flowyard.storage.advance_store import StepKey

HORIZON = timedelta(seconds=60)
"""How far ahead waits are kept in memory; later ones are found by the scan."""

_LEAST_HEAP = 100


class TimerKind(StrEnum):
    """What a time is for."""

    WAIT = "wait"
    """A wait of a plugin ends."""
    RETRY = "retry"
    """An automatic attempt is due."""
    DEADLINE = "deadline"
    """An attempt has taken too long."""


@dataclass(frozen=True, slots=True, order=True)
class Timer:
    """One thing that happens by itself at a time."""

    due_at: datetime
    instance_id: uuid.UUID
    node_id: str
    number: int
    step: int
    partition: int
    kind: TimerKind = TimerKind.WAIT


class Timers:
    """Waits within the horizon."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._known: set[Timer] = set()
        self._of: dict[uuid.UUID, set[Timer]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def add(
        self,
        key: StepKey,
        due_at: datetime,
        partition: int,
        now: datetime,
        kind: TimerKind = TimerKind.WAIT,
    ) -> None:
        """Keep a time, unless it lies beyond the horizon or is known already."""
        if due_at > now + HORIZON:
            return
        timer = Timer(due_at, key.instance_id, key.node_id, key.number, key.step, partition, kind)
        if timer not in self._known:
            self._known.add(timer)
            self._of.setdefault(timer.instance_id, set()).add(timer)
            heapq.heappush(self._heap, timer)

    def add_each(
        self,
        key: StepKey,
        times: Mapping[TimerKind, datetime | None],
        partition: int,
        now: datetime,
    ) -> None:
        """Keep the times of a step that there are, as far as they lie within the horizon."""
        for kind, due_at in times.items():
            if due_at is not None:
                self.add(key, due_at, partition, now, kind)

    def next_due(self) -> datetime | None:
        """Return when the next wait ends, or None."""
        while self._heap and self._heap[0] not in self._known:
            heapq.heappop(self._heap)
        return self._heap[0].due_at if self._heap else None

    def take_due(self, now: datetime, limit: int) -> list[Timer]:
        """Remove and return the waits that have ended, the earliest first."""
        due: list[Timer] = []
        while len(due) < limit and (due_at := self.next_due()) is not None and due_at <= now:
            timer = heapq.heappop(self._heap)
            self._forget(timer)
            due.append(timer)
        return due

    def forget(self, instance_id: uuid.UUID) -> None:
        """Forget the waits of an instance: it has ended."""
        self._known -= self._of.pop(instance_id, set())
        # What is forgotten leaves the heap when its turn comes, or when it is most of the heap.
        if len(self._heap) > 2 * len(self._known) + _LEAST_HEAP:
            self._rebuild()

    def drop_where(self, is_dropped: Callable[[int], bool]) -> None:
        """Forget the waits of partitions for which the question is answered yes."""
        for timer in [one for one in self._known if is_dropped(one.partition)]:
            self._forget(timer)
        self._rebuild()

    def _forget(self, timer: Timer) -> None:
        self._known.discard(timer)
        of_instance = self._of[timer.instance_id]
        of_instance.discard(timer)
        if not of_instance:
            del self._of[timer.instance_id]

    def _rebuild(self) -> None:
        self._heap = list(self._known)
        heapq.heapify(self._heap)
