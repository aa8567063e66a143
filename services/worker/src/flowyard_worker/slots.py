"""How many steps may run at once."""

import asyncio
from collections import Counter

from flowyard.telemetry.metrics import Metrics

RESERVED = 8
"""Into how many parts the even share of a queue is divided, of which one is kept for it alone."""


class Slots:
    """A count of running steps with a limit, shared by all queues.

    A queue may take what the others leave, but for a few slots of each of them: steps that take
    long hold up those of no other queue for long.

    Parameters
    ----------
    limit
        How many at most.
    metrics
        Where the count is shown.
    queues
        How many queues share them.
    """

    def __init__(self, limit: int, metrics: Metrics, *, queues: int = 1) -> None:
        self._limit = limit
        reserved = (queues - 1) * max(1, limit // (RESERVED * queues))
        self._most = max(1, limit - reserved)
        self._taken = 0
        self._of: Counter[str] = Counter()
        self._metrics = metrics
        self._room = asyncio.Event()

    @property
    def limit(self) -> int:
        """How many steps may run at once."""
        return self._limit

    def free(self, queue: str) -> int:
        """Return how many more steps of a queue may begin now."""
        return min(self._limit - self._taken, self._most - self._of[queue])

    async def wait_free(self, queue: str) -> None:
        """Return once at least one slot is free; it may be gone at the next await."""
        while self.free(queue) <= 0:
            self._room.clear()
            await self._room.wait()

    async def take(self, wanted: int, queue: str) -> int:
        """Wait for a free slot and take as many as are free, up to ``wanted``."""
        await self.wait_free(queue)
        count = min(wanted, self.free(queue))
        self._add(count, queue)
        return count

    def release(self, count: int, queue: str) -> None:
        """Give slots back."""
        self._add(-count, queue)
        self._room.set()

    def _add(self, count: int, queue: str) -> None:
        self._taken += count
        self._of[queue] += count
        self._metrics.set("flowyard_worker_steps_in_flight", self._taken)
