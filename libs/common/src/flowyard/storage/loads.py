"""How much waits: told by every scheduler each second, added up by whoever asks.

These are facts of the past, good for admission, dashboards and autoscaling; nothing that must be
right goes by them.
"""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

import asyncpg
import msgspec
from msgspec import Struct, field

from flowyard.storage.queries import load_queries

QUERIES = load_queries("loads")
"""The statements of ``loads.sql`` by name."""

FRESH = timedelta(seconds=5)
"""What was told longer ago does not count: its scheduler is gone, or cannot write."""

FORGET_AFTER = timedelta(minutes=1)
"""When the row of a scheduler that is gone is taken away."""


class ProjectLoad(Struct, kw_only=True):
    """One project's steps in one queue."""

    project: str
    waiting: int = 0
    handed_out: int = 0
    oldest_seconds: float = 0.0
    """Age of the oldest one that waits; 0 without any."""


class QueueLoad(Struct, kw_only=True):
    """One queue."""

    queue: str
    waiting: int = 0
    """Steps that wait for room in its window."""
    handed_out: int = 0
    """Steps that are handed out and not finished, running or not."""
    running: int = 0
    """Those of them that were reported as running, which takes a second."""
    window: int = 0
    """Most steps that are handed out now."""
    rate: float = 0.0
    """Steps that end in a second, over the last few."""
    oldest_seconds: float = 0.0
    """Age of the oldest step that is not known to run; 0 without any."""
    projects: list[ProjectLoad] = field(default_factory=list)


class StartsLoad(Struct, kw_only=True):
    """New instances of one project that wait for room in the queues that they begin with."""

    project: str
    queues: list[str]
    waiting: int = 0
    rate: float = 0.0
    """How many begin in a second, over the last few."""
    oldest_seconds: float = 0.0


class Load(Struct, kw_only=True):
    """What waits, of one scheduler or of all."""

    queues: list[QueueLoad] = field(default_factory=list)
    starts: list[StartsLoad] = field(default_factory=list)


class ReportedLoad(Struct, kw_only=True):
    """What all schedulers have told."""

    load: Load
    schedulers: int
    """How many have told lately."""
    age_seconds: float
    """How long ago the first of them did."""


async def report_load(connection: asyncpg.Connection, scheduler_id: uuid.UUID, load: Load) -> None:
    """Tell what waits in a scheduler's partitions."""
    await connection.execute(
        QUERIES["report_load"], scheduler_id, msgspec.json.encode(load).decode()
    )


async def forget_load(connection: asyncpg.Connection, scheduler_id: uuid.UUID) -> None:
    """Take away what a scheduler has told, and what others told long ago."""
    await connection.execute(QUERIES["forget_loads"], scheduler_id, FORGET_AFTER)


async def read_load(connection: asyncpg.Connection) -> ReportedLoad:
    """Return what waits over all schedulers that have told lately."""
    rows = await connection.fetch(QUERIES["read_loads"], FRESH)
    loads: list[Load] = []
    for row in rows:
        # What a newer release tells in addition is left out, and what is no load says nothing.
        with suppress(msgspec.MsgspecError, RecursionError):
            loads.append(_older(msgspec.json.decode(row["load"], type=Load), row["age_seconds"]))
    age = max((row["age_seconds"] for row in rows), default=0.0)
    return ReportedLoad(load=merge(loads), schedulers=len(rows), age_seconds=age)


def merge(loads: Iterable[Load]) -> Load:
    """Add up loads: numbers are added, of ages the oldest counts."""
    queues: dict[str, QueueLoad] = {}
    starts: dict[tuple[str, tuple[str, ...]], StartsLoad] = {}
    for load in loads:
        for queue in load.queues:
            _add_queue(queues.setdefault(queue.queue, QueueLoad(queue=queue.queue)), queue)
        for one in load.starts:
            key = (one.project, tuple(one.queues))
            found = starts.setdefault(key, StartsLoad(project=one.project, queues=one.queues))
            found.waiting += one.waiting
            found.rate += one.rate
            found.oldest_seconds = max(found.oldest_seconds, one.oldest_seconds)
    return Load(queues=[queues[name] for name in sorted(queues)], starts=list(starts.values()))


def _add_queue(total: QueueLoad, one: QueueLoad) -> None:
    total.waiting += one.waiting
    total.handed_out += one.handed_out
    total.running += one.running
    total.window += one.window
    total.rate += one.rate
    total.oldest_seconds = max(total.oldest_seconds, one.oldest_seconds)
    known = {project.project: project for project in total.projects}
    for project in one.projects:
        found = known.get(project.project)
        if found is None:
            found = ProjectLoad(project=project.project)
            total.projects.append(found)
        found.waiting += project.waiting
        found.handed_out += project.handed_out
        found.oldest_seconds = max(found.oldest_seconds, project.oldest_seconds)


def _older(load: Load, seconds: float) -> Load:
    """Return a load whose ages are those of now."""
    aged: Sequence[QueueLoad | ProjectLoad | StartsLoad] = [
        *load.queues,
        *(project for queue in load.queues for project in queue.projects),
        *load.starts,
    ]
    for one in aged:
        if one.oldest_seconds:
            one.oldest_seconds += seconds
    return load
