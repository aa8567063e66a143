"""Log lines of attempts: stored many at a time by plugin gateways, read by offset."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.errors import RetryableError
from flowyard.storage.cancellations import AttemptKey
from flowyard.storage.queries import load_queries
from flowyard.storage.schema import attempt, log_line

_QUERIES = load_queries("gateway")
_FOLLOWING = load_queries("api")

LOG_LEVELS = ("debug", "info", "warning", "error")
"""The levels, from what matters least to what matters most."""


class LinePlacedError(RetryableError):
    """Raised when one of the places is taken: another run of the attempt has written meanwhile."""

    code = "line_placed"


class LogEnd(NamedTuple):
    """Where the stored lines of an attempt end."""

    sequence: int
    """Of the last line; 0 where there is none."""
    size_so_far: int
    """Bytes of all lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of an attempt's log."""

    sequence: int
    """Counted from 1 over all steps of the attempt."""
    at: datetime
    level: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """A line that is to be stored, with its place."""

    key: AttemptKey
    line: LogLine
    size_so_far: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLogState:
    """Whether an attempt may still log, and how far its log goes."""

    last_sequence: int
    """0 where there is no line."""
    is_closed: bool
    """True when no further line will come, but for a plugin that ignores its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNews:
    """What is new of a log that is followed."""

    lines: list[LogLine]
    is_closed: bool
    """True when no further line will come, though there may be more than these."""


async def insert_log_lines(connection: asyncpg.Connection, lines: Sequence[PlacedLine]) -> None:
    """Store lines, all or none.

    Raises
    ------
    LinePlacedError
        Raised if one of the places is taken.
    """
    try:
        await connection.execute(
            _QUERIES["insert_log_lines"],
            [one.key.instance_id for one in lines],
            [one.key.node_id for one in lines],
            [one.key.number for one in lines],
            [one.line.sequence for one in lines],
            [one.line.at for one in lines],
            [one.line.level for one in lines],
            [one.line.text for one in lines],
            [one.size_so_far for one in lines],
        )
    except asyncpg.UniqueViolationError as error:
        raise LinePlacedError("Expected free places for log lines, but one is taken") from error


async def find_log_ends(
    connection: asyncpg.Connection, keys: Sequence[AttemptKey]
) -> dict[int, LogEnd]:
    """Return where the lines of attempts end, keyed by place; those without lines are left out."""
    rows = await connection.fetch(
        _QUERIES["last_log_lines"],
        [key.instance_id for key in keys],
        [key.node_id for key in keys],
        [key.number for key in keys],
    )
    return {row["place"]: LogEnd(row["sequence"], row["size_so_far"]) for row in rows}


async def read_log_news(
    connection: asyncpg.Connection, places: Sequence[tuple[AttemptKey, int]], *, limit: int
) -> list[LogNews]:
    """Return what is new of several logs, in their order; one statement for all of them.

    An attempt that has not begun is followed until its instance has ended, or is gone.

    Parameters
    ----------
    places
        The attempts, each with the sequence that it is read behind.
    limit
        Most lines of one of them.
    """
    rows = await connection.fetch(
        _FOLLOWING["read_logs"],
        [key.instance_id for key, _ in places],
        [key.node_id for key, _ in places],
        [key.number for key, _ in places],
        [after for _, after in places],
        limit,
    )
    lines: list[list[LogLine]] = [[] for _ in places]
    is_closed = [True] * len(places)
    for row in rows:
        place = row["place"]
        has_ended = row["instance_status"] in FINAL_INSTANCE_STATUSES
        is_closed[place] = row["is_closed"] if row["has_begun"] else has_ended
        if row["sequence"] is not None:
            lines[place].append(
                LogLine(
                    sequence=row["sequence"], at=row["at"], level=row["level"], text=row["text"]
                )
            )
    return [
        LogNews(lines=of_one, is_closed=closed)
        for of_one, closed in zip(lines, is_closed, strict=True)
    ]


async def find_log_state(
    connection: AsyncConnection, instance_id: uuid.UUID, node_id: str, number: int
) -> AttemptLogState | None:
    """Return how far an attempt's log goes; None if there is no such attempt."""
    last = (
        select(func.max(log_line.c.sequence))
        .where(
            log_line.c.instance_id == instance_id,
            log_line.c.node_id == node_id,
            log_line.c.number == number,
        )
        .scalar_subquery()
    )
    rows = await connection.execute(
        select(
            attempt.c.closed_at,
            attempt.c.cancel_requested_at,
            attempt.c.cancel_confirmed_at,
            func.coalesce(last, 0).label("last_sequence"),
        ).where(
            attempt.c.instance_id == instance_id,
            attempt.c.node_id == node_id,
            attempt.c.number == number,
        )
    )
    row = rows.one_or_none()
    if row is None:
        return None
    is_stopped = row.cancel_requested_at is None or row.cancel_confirmed_at is not None
    return AttemptLogState(
        last_sequence=row.last_sequence, is_closed=row.closed_at is not None and is_stopped
    )


async def list_log_lines(
    connection: AsyncConnection,
    instance_id: uuid.UUID,
    node_id: str,
    number: int,
    *,
    after: int,
    level: str,
    limit: int,
) -> list[LogLine]:
    """Return lines of an attempt in order.

    Parameters
    ----------
    after
        Begins behind this sequence.
    level
        Leaves out what matters less.
    limit
        Most of them.
    """
    statement = (
        select(log_line.c.sequence, log_line.c.at, log_line.c.level, log_line.c.text)
        .where(
            log_line.c.instance_id == instance_id,
            log_line.c.node_id == node_id,
            log_line.c.number == number,
            log_line.c.sequence > after,
        )
        .order_by(log_line.c.sequence)
        .limit(limit)
    )
    if level != LOG_LEVELS[0]:
        statement = statement.where(log_line.c.level.in_(LOG_LEVELS[LOG_LEVELS.index(level) :]))
    rows = await connection.execute(statement)
    return [LogLine(**row) for row in rows.mappings()]
