"""How many steps may run at once."""

import asyncio

from flowyard.telemetry.metrics import Metrics


class Slots:
    """A count of running steps with a limit, shared by all queues.

    Parameters
    ----------
    limit
        How many at most.
    metrics
        Where the count is shown.
    """

    def __init__(self, limit: int, metrics: Metrics) -> None:
        self._limit = limit
        self._taken = 0
        self._metrics = metrics
        self._room = asyncio.Event()
        self._room.set()

    @property
    def limit(self) -> int:
        """How many steps may run at once."""
        return self._limit

    @property
    def free(self) -> int:
        """How many more steps may begin now."""
        return self._limit - self._taken

    async def wait_free(self) -> None:
        """Return once at least one slot is free; it may be gone at the next await."""
        await self._room.wait()

    async def take(self, wanted: int) -> int:
        """Wait for a free slot and take as many as are free, up to ``wanted``."""
        while self.free <= 0:
            await self._room.wait()
        count = min(wanted, self.free)
        self._add(count)
        return count

    def release(self, count: int) -> None:
        """Give slots back."""
        self._add(-count)

    def _add(self, count: int) -> None:
        self._taken += count
        if self._taken < self._limit:
            self._room.set()
        else:
            self._room.clear()
        self._metrics.set("flowyard_worker_steps_in_flight", self._taken)
