"""Taking ended instances out of the database, in one transaction with what is left of them.

Theory of operation: rows are returned by the very statements that delete them, so that what is
written elsewhere is what goes, to the row. The transaction is committed by whoever called once
that is safely stored; whatever breaks off before that leaves everything as it was.
"""

import uuid
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from flowyard.storage.queries import load_queries

QUERIES = load_queries("retiring")
"""The statements of ``retiring.sql`` by name."""

LOCK_SPACE = 0x52657469
"""First half of the advisory locks on projects; any constant would do ("Reti" in ASCII)."""

READ_AHEAD = 500
"""Rows that are fetched together; what an instance may hold is bounded by the disk alone."""

_TABLES = ("node", "attempt", "command", "log_line", "instance")


@dataclass(frozen=True, slots=True, order=True)
class RipePlace:
    """Where the oldest ended instances have been looked at up to."""

    ended_at: datetime
    instance_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenInstance:
    """What is kept in the database of an instance that was taken out."""

    instance_id: uuid.UUID
    project_id: uuid.UUID
    template_id: uuid.UUID
    version: int
    name: str
    status: str
    labels: str
    """As JSON text."""
    actor: str
    is_mock: bool
    parent_instance_id: uuid.UUID | None
    origin_instance_id: uuid.UUID | None
    origin: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePlace:
    """Where in a file the lines of some instances stand."""

    archive_id: uuid.UUID
    start: int
    length: int


async def lock_project(connection: asyncpg.Connection, project_id: uuid.UUID) -> bool:
    """Take the lock on a project for this connection; False where another one has it.

    It goes with the connection: whoever lost it cannot commit any more.
    """
    locked: bool = await connection.fetchval(
        "SELECT pg_try_advisory_lock($1, hashtext($2))", LOCK_SPACE, str(project_id)
    )
    return locked


async def unlock_project(connection: asyncpg.Connection, project_id: uuid.UUID) -> None:
    """Give the lock on a project back."""
    await connection.fetchval(
        "SELECT pg_advisory_unlock($1, hashtext($2))", LOCK_SPACE, str(project_id)
    )


async def find_ripe(
    connection: asyncpg.Connection,
    project_id: uuid.UUID,
    after: timedelta,
    *,
    behind: RipePlace | None,
    limit: int,
) -> list[RipePlace]:
    """Return instances that nothing started but a person and that ended so long ago, oldest first.

    Parameters
    ----------
    after
        How long ago at least.
    behind
        Begins behind this one.
    """
    ended_at, instance_id = (
        (None, uuid.UUID(int=0)) if behind is None else (behind.ended_at, behind.instance_id)
    )
    rows = await connection.fetch(
        QUERIES["ripe_roots"], project_id, after, ended_at, instance_id, limit
    )
    return [RipePlace(row["ended_at"], row["instance_id"]) for row in rows]


async def lock_trees(
    connection: asyncpg.Connection, roots: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Lock ended instances with all that they have started, and return these by root.

    Left out is what has to stay: what is held, what somebody else has locked, and what
    something is still to be done about. Has to be called in a transaction.
    """
    rows = await connection.fetch(QUERIES["lock_trees"], roots)
    trees: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row in rows:
        trees.setdefault(row["root_id"], []).append(row["instance_id"])
    # A statement of its own: it sees what was committed until all of them were locked.
    busy = await connection.fetch(
        QUERIES["busy_roots"], roots, [row["instance_id"] for row in rows]
    )
    for row in busy:
        trees.pop(row["root_id"], None)
    return trees


async def take_instances(
    connection: asyncpg.Connection, instance_ids: Collection[uuid.UUID]
) -> list[tuple[TakenInstance, str]]:
    """Delete the rows of instances, and return what is kept of each and the row as JSON text."""
    rows = await connection.fetch(QUERIES["take_instances"], list(instance_ids))
    return [(TakenInstance(**_without(row, "line")), row["line"]) for row in rows]


async def take_rows(
    connection: asyncpg.Connection, instance_ids: Collection[uuid.UUID]
) -> AsyncIterator[str]:
    """Delete what belongs to instances, and yield each row as JSON text.

    All of it is deleted before the first row comes.
    """
    rows = connection.cursor(QUERIES["take_rows"], list(instance_ids), prefetch=READ_AHEAD)
    async for row in rows:
        yield row["line"]


async def drop_rows(connection: asyncpg.Connection, instance_ids: Collection[uuid.UUID]) -> None:
    """Delete instances and all that belongs to them."""
    for table in _TABLES:
        await connection.execute(
            f"DELETE FROM {table} WHERE instance_id = ANY ($1::uuid[])",  # noqa: S608  # from above
            list(instance_ids),
        )


async def find_versions(
    connection: asyncpg.Connection, wanted: Collection[tuple[uuid.UUID, int]]
) -> list[str]:
    """Return versions of templates as JSON text, by template and number."""
    rows = await connection.fetch(
        QUERIES["versions"],
        [template_id for template_id, _ in wanted],
        [number for _, number in wanted],
    )
    return [row["line"] for row in rows]


def _without(row: asyncpg.Record, name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
