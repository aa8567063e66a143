"""Tells Postgres every second how much waits, for admission."""

import asyncio
import heapq
import logging
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from flowyard.clock import Clock
from flowyard.errors import RetryableError
from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.loads import (
    Load,
    ProjectLoad,
    QueueLoad,
    StartsLoad,
    forget_load,
    report_load,
)
from flowyard.tasks import stop
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.pace import LEAST_RATE
from flowyard_scheduler.queue_line import QueueLine
from flowyard_scheduler.start_line import Kind

REPORT_SECONDS = 1.0
"""Pause between two reports; one small statement each."""

SMOOTHING = 0.3
"""What the last second counts for in a rate: most of it is of the last five seconds."""

MAX_PROJECTS = 100
"""Most projects that are told of one queue: those of which the most waits or is handed out."""

LOGGER = logging.getLogger("flowyard.scheduler")


class LoadReports:
    """Reports in the background; an async context manager.

    Parameters
    ----------
    memory
        What is reported on.
    """

    def __init__(self, *, database: Database, memory: Memory, clock: Clock) -> None:
        self._database = database
        self._dispatcher = memory.dispatcher
        self._line = memory.starts
        self._postgres_clock = memory.clock
        self._clock = clock
        self._scheduler_id: uuid.UUID = new_id()
        self._ended = _Rates()
        self._reporting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._reporting = asyncio.create_task(self._report_forever(), name="report-load")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and take back what was told; safe to call twice."""
        reporting, self._reporting = self._reporting, None
        if reporting is None:
            return
        await stop(reporting)
        with suppress(RetryableError):
            async with self._database.hot() as connection:
                await forget_load(connection, self._scheduler_id)

    async def _report_forever(self) -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            try:
                await self.report()
            except RetryableError:
                LOGGER.warning("What waits could not be told")
            except Exception:
                # The outermost loop: whoever goes by the reports takes none for no scheduler.
                LOGGER.exception("What waits could not be told")

    async def report(self) -> None:
        """Tell what waits now."""
        load = self.summarize()
        async with self._database.hot() as connection:
            await report_load(connection, self._scheduler_id, load)

    def summarize(self) -> Load:
        """Return what waits now; the time between two calls is that of the rates."""
        now, instant = self._postgres_clock.now(), self._clock.monotonic()
        lines = list(self._dispatcher.lines)
        ended = self._ended.take(instant, {line.name: line.released_total for line in lines})
        queues = [
            self._queue(line, now, ended[line.name])
            for line in lines
            if line.waiting_count or line.handed_out_count or ended[line.name]
        ]
        return Load(queues=queues, starts=self._starts(now, instant))

    def _queue(self, line: QueueLine, now: datetime, rate: float) -> QueueLoad:
        projects = {name for name in {*line.waiting, *line.out} if name}
        found = [
            ProjectLoad(
                project=name,
                waiting=len(line.waiting.get(name, ())),
                handed_out=line.out.get(name, 0),
                oldest_seconds=_age(now, (one.since for one in line.waiting.get(name, ()))),
            )
            for name in projects
        ]
        oldest = line.oldest_since()
        return QueueLoad(
            queue=line.name,
            waiting=line.waiting_count,
            handed_out=line.handed_out_count,
            running=len(line.begun),
            window=self._dispatcher.window_of(line.name),
            rate=round(rate, 2),
            oldest_seconds=0.0 if oldest is None else _age(now, [oldest]),
            projects=heapq.nlargest(
                MAX_PROJECTS, found, key=lambda one: (one.waiting, one.handed_out)
            ),
        )

    def _starts(self, now: datetime, instant: float) -> list[StartsLoad]:
        rates = self._line.rates(instant)
        found: dict[Kind, StartsLoad] = {}
        for group in self._line.groups:
            key = (group.project, group.queues)
            one = found.setdefault(
                key,
                StartsLoad(
                    project=group.project,
                    queues=list(group.queues),
                    rate=round(rates.get(key, 0.0), 2),
                ),
            )
            one.waiting += len(group.waiting)
            one.oldest_seconds = max(one.oldest_seconds, _age(now, [group.oldest_at()]))
        return list(found.values())


class _Rates:
    """How much totals grow in a second, smoothed."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._totals: dict[Any, int] = {}
        self._rates: dict[Any, float] = {}

    def take(self, instant: float, totals: dict[Any, int]) -> dict[Any, float]:
        """Return the rates since the last call, for the present totals only."""
        seconds = 0.0 if self._at is None else instant - self._at
        rates: dict[Any, float] = {}
        for key, total in totals.items():
            rate = (total - self._totals.get(key, 0)) / seconds if seconds else 0.0
            earlier = self._rates.get(key)
            rate = rate if earlier is None else earlier + SMOOTHING * (rate - earlier)
            rates[key] = rate if rate > LEAST_RATE else 0.0
        self._at, self._totals, self._rates = instant, dict(totals), rates
        return rates


def _age(now: datetime, since: Iterable[datetime]) -> float:
    for one in since:
        return round(max(0.0, (now - one).total_seconds()), 3)
    return 0.0
