"""Runners: one row per plugin gateway process says that it is alive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.queries import load_queries
from flowyard.storage.schema import runner

_QUERIES = load_queries("gateway")

DEAD_AFTER = timedelta(seconds=5)
"""A runner that has not renewed its row for this long is dead, by Postgres' clock.

Source: docs/decisions/0004-claims.md.
"""

FORGET_AFTER = timedelta(hours=1)
"""When the row of a dead runner is taken away; it is dead with and without it."""


async def renew_runner(connection: asyncpg.Connection, boot_id: UUID, host: str) -> datetime:
    """Say that a runner is alive now, and return when that is; its first call makes its row."""
    renewed_at: datetime = await connection.fetchval(_QUERIES["renew_runner"], boot_id, host)
    return renewed_at


async def remove_runner(connection: asyncpg.Connection, boot_id: UUID) -> None:
    """Take a runner's row away; what it has claimed and not finished is unknown from then on."""
    await connection.execute(_QUERIES["remove_runner"], boot_id)


async def forget_runners(
    connection: asyncpg.Connection, *, after: timedelta = FORGET_AFTER
) -> None:
    """Take away the rows of runners that died long ago."""
    await connection.execute(_QUERIES["forget_runners"], after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One plugin gateway process."""

    boot_id: UUID
    host: str
    started_at: datetime
    renewed_at: datetime


async def list_alive_runners(connection: AsyncConnection) -> list[Runner]:
    """Return the runners that are alive by Postgres' clock, the longest-running first."""
    rows = await connection.execute(
        select(runner)
        .where(runner.c.renewed_at > func.now() - DEAD_AFTER)
        .order_by(runner.c.started_at, runner.c.boot_id)
    )
    return [Runner(**row) for row in rows.mappings()]
