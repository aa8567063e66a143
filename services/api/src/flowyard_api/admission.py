"""Whether new instances are taken in: no more than begin soon, and no project at others' cost.

Theory of operation. Schedulers let new instances begin as there is room, and tell
every second how many stand in line, by project and queue, and how fast they get away.
From that follows how long a newcomer would stand there; where it is too long,
it is refused with the time after which it would not be. Nothing is asked for per
request: a verdict is a look at what was told last, with what this process has
let in since. Commands for instances that exist are never refused here, nor are
children, callbacks and whatever else accepted work brings with it.

See docs/decisions/0014-admission.md.
"""

import asyncio
import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from flowyard.clock import Clock
from flowyard.engine.graph import Graph
from flowyard.storage.database import Database
from flowyard.storage.loads import Load, QueueLoad, ReportedLoad, StartsLoad, read_load
from flowyard.storage.starts import count_open_starts
from flowyard.telemetry.metrics import Metrics
from flowyard_api.errors import ApiError
from flowyard_api.repeating import repeat

REFRESH_SECONDS = 0.5
"""How often the schedulers' reports are read; they are a second apart."""

LEAST_LINE = 16
"""So many instances of a project may stand in line however slowly it moves."""

LEAST_RATE = 0.01
"""Starts in a second; below, a line does not move, and only its length counts."""

LONGEST_RETRY_SECONDS = 60
"""Nobody is sent away for longer: things may have changed by then."""


class OverloadedError(ApiError):
    """Raised for new instances that would have to wait for too long."""

    code = "overloaded"

    def __init__(self, message: str, *, reason: str, seconds: float) -> None:
        self.seconds = max(1, min(LONGEST_RETRY_SECONDS, math.ceil(seconds)))
        super().__init__(message, retry_after_seconds=self.seconds)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionLimits:
    """How much may wait, from the settings."""

    start_wait_seconds: float
    """How long a new instance may stand in line."""
    start_backlog: int
    """How many may stand in line, over all projects."""
    queue_backlog: int
    """How many steps may wait for room in one queue, over all projects."""


@dataclass(frozen=True, slots=True)
class NewWork:
    """What an instance would bring."""

    project: str
    first: frozenset[str] = frozenset()
    """Queues that it begins with."""
    queues: frozenset[str] = frozenset()
    """All queues of its own activities."""


def work_of(project: str, graph: Graph, *, is_mocked: bool = False) -> NewWork:
    """Return what an instance of a graph brings; one with canned results brings no steps."""
    if is_mocked:
        return NewWork(project)
    return NewWork(project, frozenset(graph.first_queues), graph.queues)


class Admission:
    """Says who is taken in.

    Parameters
    ----------
    limits
        How much may wait.
    """

    def __init__(
        self, database: Database, clock: Clock, metrics: Metrics, limits: AdmissionLimits
    ) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._limits = limits
        self._queues: dict[str, QueueLoad] = {}
        self._lines: dict[str, list[StartsLoad]] = {}
        self._has_schedulers = True
        self._unattended = 0
        """How many starts wait while no scheduler tells of any."""
        self._told_at = clock.monotonic()
        """As of when what was told last holds."""
        self._admitted: deque[tuple[float, NewWork, int]] = deque()
        self._refusing: set[NewWork] = set()

    async def keep_informed(self, stopping: asyncio.Event) -> None:
        """Read what schedulers tell, again and again, until the process stops."""
        await repeat(
            self.refresh,
            stopping,
            seconds=REFRESH_SECONDS,
            waits="What waits is not known for now",
            broke="What waits is not known for now",
        )

    async def refresh(self) -> ReportedLoad:
        """Read what schedulers have told last."""
        async with self._database.hot() as connection:
            told = await read_load(connection)
            unattended = 0
            if not told.schedulers:
                unattended = await count_open_starts(connection, most=self._limits.start_backlog)
        self._has_schedulers, self._unattended = told.schedulers > 0, unattended
        self.take_in(told.load, self._clock.monotonic() - told.age_seconds)
        return told

    def take_in(self, load: Load, at: float) -> None:
        """Go by another load from now on.

        Parameters
        ----------
        at
            As of when it holds, in monotonic seconds.
        """
        self._told_at = at
        self._queues = {queue.queue: queue for queue in load.queues}
        self._lines = {}
        for line in load.starts:
            self._lines.setdefault(line.project, []).append(line)
        while self._admitted and self._admitted[0][0] < at:
            self._admitted.popleft()
        self._refusing = {one for one in self._refusing if one.project in self._lines}

    def admit(self, wanted: Sequence[NewWork]) -> None:
        """Take in instances, all or none.

        Raises
        ------
        OverloadedError
            Raised if one of them is too many.
        """
        counts = Counter(wanted)
        for one, count in counts.items():
            try:
                self._check_line(one)
                self._check_backlog(one)
                self._check_queues(one)
            except OverloadedError as error:
                self._metrics.count("flowyard_api_refused_starts_total", count, reason=error.reason)
                raise
        now = self._clock.monotonic()
        self._admitted.extend((now, one, count) for one, count in counts.items())

    def _check_line(self, one: NewWork) -> None:
        """Refuse whoever would stand in line for too long; once refused, until it is half of it."""
        lines = [
            line for line in self._lines.get(one.project, ()) if one.first.intersection(line.queues)
        ]
        rate = sum(line.rate for line in lines)
        ahead = sum(line.waiting for line in lines) + self._let_in(one.project, one.first)
        if not lines or rate < LEAST_RATE or ahead < LEAST_LINE:
            self._refusing.discard(one)
            return
        most = self._limits.start_wait_seconds / (2 if one in self._refusing else 1)
        wait = ahead / rate
        if wait <= most:
            self._refusing.discard(one)
            return
        self._refusing.add(one)
        raise OverloadedError(
            f"Expected a new instance of project {one.project} to begin within"
            f" {self._limits.start_wait_seconds:g} s, but {ahead} stand in line before it,"
            f" for about {wait:.0f} s",
            reason="line",
            seconds=wait - self._limits.start_wait_seconds / 2,
        )

    def _check_backlog(self, one: NewWork) -> None:
        """Refuse whoever has its share of a line that is too long as a whole."""
        waiting = {
            project: sum(line.waiting for line in lines) for project, lines in self._lines.items()
        }
        total = sum(waiting.values()) + self._unattended + self._let_in(None, None)
        if total < self._limits.start_backlog:
            return
        own = waiting.get(one.project, 0) + self._let_in(one.project, None)
        share = self._limits.start_backlog / len(waiting.keys() | {one.project})
        if own < share and self._has_schedulers:
            return
        rate = sum(line.rate for line in self._lines.get(one.project, ()))
        raise OverloadedError(
            f"Expected fewer than {self._limits.start_backlog} instances to stand in line, but"
            f" there are {total}",
            reason="line",
            seconds=_until(own - share / 2, rate),
        )

    def _check_queues(self, one: NewWork) -> None:
        """Refuse whoever has its share of the steps of a queue in which too many wait."""
        for name in one.queues & self._queues.keys():
            queue = self._queues[name]
            if queue.waiting < self._limits.queue_backlog:
                continue
            waiting = {project.project: project.waiting for project in queue.projects}
            own = waiting.get(one.project, 0)
            sharing = {project for project, count in waiting.items() if count} | {one.project}
            share = self._limits.queue_backlog / len(sharing)
            if own < share:
                continue
            raise OverloadedError(
                f"Expected fewer than {self._limits.queue_backlog} steps to wait in queue {name},"
                f" but there are {queue.waiting}, {own} of them of project {one.project}",
                reason="queue",
                seconds=_until(own - share / 2, queue.rate / len(sharing)),
            )

    def _let_in(self, project: str | None, first: frozenset[str] | None) -> int:
        """Return how many were let in since the schedulers told."""
        return sum(
            count
            for at, one, count in self._admitted
            if at >= self._told_at
            and project in (None, one.project)
            and (first is None or first & one.first)
        )


def _until(excess: float, rate: float) -> float:
    return excess / rate if rate >= LEAST_RATE else LONGEST_RETRY_SECONDS
