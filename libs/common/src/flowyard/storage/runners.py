"""Runners: one row per plugin gateway process says that it is alive."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from flowyard.storage.queries import load_queries

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
