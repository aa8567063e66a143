"""Waits that end soon, in the order in which they end.

Postgres holds all of them; this holds those within the horizon, so that they
fire on time without a query.
"""

import heapq
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowyard.storage.advance_store import StepKey

HORIZON = timedelta(seconds=60)
"""How far ahead waits are kept in memory; later ones are found by the scan."""


@dataclass(frozen=True, slots=True, order=True)
class Timer:
    """One wait that ends by itself."""

    due_at: datetime
    instance_id: uuid.UUID
    node_id: str
    number: int
    step: int
    partition: int


class Timers:
    """Waits within the horizon."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._known: set[Timer] = set()

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, key: StepKey, due_at: datetime, partition: int, now: datetime) -> None:
        """Keep a wait, unless it ends beyond the horizon or is known already."""
        if due_at > now + HORIZON:
            return
        timer = Timer(due_at, key.instance_id, key.node_id, key.number, key.step, partition)
        if timer not in self._known:
            self._known.add(timer)
            heapq.heappush(self._heap, timer)

    def next_due(self) -> datetime | None:
        """Return when the next wait ends, or None."""
        return self._heap[0].due_at if self._heap else None

    def take_due(self, now: datetime, limit: int) -> list[Timer]:
        """Remove and return the waits that have ended, the earliest first."""
        due: list[Timer] = []
        while self._heap and self._heap[0].due_at <= now and len(due) < limit:
            timer = heapq.heappop(self._heap)
            self._known.discard(timer)
            due.append(timer)
        return due

    def drop_where(self, is_dropped: Callable[[int], bool]) -> None:
        """Forget the waits of partitions for which the question is answered yes."""
        self._heap = [timer for timer in self._heap if not is_dropped(timer.partition)]
        heapq.heapify(self._heap)
        self._known = set(self._heap)
