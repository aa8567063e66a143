"""Forgets what nobody needs any more: answers kept for repeated keys, notes of who looked on."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.idempotency import forget_answers
from flowyard.storage.personal_drafts import forget_lookers

RETENTION = timedelta(hours=24)
"""How long a key may be repeated, and how long it is known who looked on."""

PERIOD = timedelta(minutes=5)
"""How often there is a look for what is old."""

BATCH_SIZE = 1000
"""Most rows in one statement, so that no lock is held for long."""

_log = logging.getLogger("flowyard.api")


class Forget(Protocol):
    """Deletes at most so many rows of an age, and returns their number."""

    async def __call__(
        self, connection: AsyncConnection, *, older_than: timedelta, limit: int
    ) -> int:
        """Delete them."""
        ...


async def clean(database: Database, stopping: asyncio.Event) -> None:
    """Forget old answers and notes now and then, until the process stops."""
    while not stopping.is_set():
        try:
            await forget_old_answers(database)
            await forget_old_lookers(database)
        except DatabaseUnavailableError as error:
            _log.warning("Old answers stay for now", extra={"reason": str(error)})
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), PERIOD.total_seconds())


async def forget_old_answers(database: Database) -> int:
    """Forget all answers older than the retention, batch by batch, and return their number."""
    return await _batches(database, forget_answers)


async def forget_old_lookers(database: Database) -> int:
    """Forget who has only looked at templates longer ago than the retention, batch by batch."""
    return await _batches(database, forget_lookers)


async def _batches(database: Database, forget: Forget) -> int:
    total = 0
    while True:
        async with database.transaction() as connection:
            count = await forget(connection, older_than=RETENTION, limit=BATCH_SIZE)
        total += count
        if count < BATCH_SIZE:
            return total
