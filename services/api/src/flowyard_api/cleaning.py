"""Forgets what nobody needs any more.

Answers kept for repeated keys, notes of who looked on, drafts once tried, and what webhooks were
told.
"""

import asyncio
from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.database import Database
from flowyard.storage.idempotency import forget_answers
from flowyard.storage.personal_drafts import forget_lookers
from flowyard.storage.retention import forget_trials
from flowyard.storage.webhook_history import forget_deliveries, forget_orphans
from flowyard_api.repeating import repeat

RETENTION = timedelta(hours=24)
"""How long a key may be repeated, and how long it is known who looked on."""

PERIOD = timedelta(minutes=5)
"""How often there is a look for what is old."""

BATCH_SIZE = 1000
"""Most rows in one statement, so that no lock is held for long."""


class Forget(Protocol):
    """Deletes at most so many rows of an age, and returns their number."""

    async def __call__(
        self, connection: AsyncConnection, *, older_than: timedelta, limit: int
    ) -> int:
        """Delete them."""
        ...


async def clean(database: Database, stopping: asyncio.Event, *, webhook_history: timedelta) -> None:
    """Forget what is old now and then, until the process stops.

    Parameters
    ----------
    webhook_history
        How long it is known what webhooks were told.
    """

    async def forget() -> None:
        await forget_old_answers(database)
        await forget_old_lookers(database)
        await forget_old_deliveries(database, webhook_history)
        await forget_unused_trials(database)

    await repeat(
        forget,
        stopping,
        seconds=PERIOD.total_seconds(),
        waits="Old answers stay for now",
        broke="What is old could not be forgotten",
    )


async def forget_old_answers(database: Database) -> int:
    """Forget all answers older than the retention, batch by batch, and return their number."""
    return await _batches(database, forget_answers)


async def forget_old_lookers(database: Database) -> int:
    """Forget who has only looked at templates longer ago than the retention, batch by batch."""
    return await _batches(database, forget_lookers)


async def forget_old_deliveries(database: Database, age: timedelta) -> int:
    """Forget what webhooks were told before, and all of deleted ones, batch by batch."""
    orphans = await _batches(database, forget_orphans)
    return orphans + await _batches(database, forget_deliveries, age)


async def forget_unused_trials(database: Database) -> int:
    """Forget what was tried out, never published, and of which no run is left, batch by batch."""
    return await _batches(database, forget_trials)


async def _batches(database: Database, forget: Forget, age: timedelta = RETENTION) -> int:
    total = 0
    while True:
        async with database.transaction() as connection:
            count = await forget(connection, older_than=age, limit=BATCH_SIZE)
        total += count
        if count < BATCH_SIZE:
            return total
