"""Counts now and then what lives and waits in the owned partitions: for metrics alone.

Counted from rows rather than kept along: after a restart an owner holds only those
instances that something has happened to, and a number that was kept along can drift.
"""

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from flowyard.clock import Clock
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.errors import RetryableError
from flowyard.storage.census import count_live, count_waiting
from flowyard.storage.database import Database
from flowyard.tasks import stop
from flowyard.telemetry.metrics import Metrics
from flowyard_scheduler.ownership import Share

FIRST_SECONDS = 2.0
"""Pause before the first count: by then partitions are assigned."""

COUNT_SECONDS = 15.0
"""Pause between two counts; Prometheus usually asks as often."""

REST = 50
"""As many times what a count has taken is the least pause after it: 2 % of one connection, however
much waits."""

LOGGER = logging.getLogger("flowyard.scheduler")


class Census:
    """Counts in the background; an async context manager.

    Parameters
    ----------
    share
        Returns the partitions that are owned now.
    """

    def __init__(
        self,
        *,
        database: Database,
        share: Callable[[], Share],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._share = share
        self._clock = clock
        self._metrics = metrics
        self._counting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._counting = asyncio.create_task(self._count_forever(), name="census")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        counting, self._counting = self._counting, None
        if counting is not None:
            await stop(counting)

    async def _count_forever(self) -> None:
        pause = FIRST_SECONDS
        while True:
            await asyncio.sleep(pause)
            began = self._clock.monotonic()
            try:
                await self.count()
            except RetryableError:
                LOGGER.warning("What waits could not be counted")
            except Exception:
                # The outermost loop: a number that is old must not stop the work.
                LOGGER.exception("What waits could not be counted")
            pause = max(COUNT_SECONDS, REST * (self._clock.monotonic() - began))

    async def count(self) -> None:
        """Count once, and show it; zero of what there is none of."""
        share = self._share()
        waiting: dict[str, int] = {}
        live: dict[str, int] = {}
        if share.owned:
            async with self._database.hot() as connection:
                waiting = await count_waiting(connection, owned=share.owned, count=share.count)
                live = await count_live(connection, owned=share.owned, count=share.count)
        self._metrics.show(
            "flowyard_scheduler_waiting_nodes",
            {(reason.value,): waiting.get(reason, 0) for reason in WaitReason},
        )
        self._metrics.show(
            "flowyard_scheduler_instances",
            {
                (status.value,): live.get(status, 0)
                for status in InstanceStatus
                if status not in FINAL_INSTANCE_STATUSES
            },
        )
