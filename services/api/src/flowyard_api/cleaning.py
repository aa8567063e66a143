"""Forgets the answers that were kept for repeated keys, once nobody may repeat them."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.idempotency import forget_answers

RETENTION = timedelta(hours=24)
"""How long a key may be repeated."""

PERIOD = timedelta(minutes=5)
"""How often old answers are looked for."""

BATCH_SIZE = 1000
"""Most answers in one statement, so that no lock is held for long."""

_log = logging.getLogger("flowyard.api")


async def clean_answers(database: Database, stopping: asyncio.Event) -> None:
    """Forget old answers now and then, until the process stops."""
    while not stopping.is_set():
        try:
            await forget_old_answers(database)
        except DatabaseUnavailableError as error:
            _log.warning("Old answers stay for now", extra={"reason": str(error)})
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), PERIOD.total_seconds())


async def forget_old_answers(database: Database) -> int:
    """Forget all answers older than the retention, batch by batch, and return their number."""
    total = 0
    while True:
        async with database.transaction() as connection:
            count = await forget_answers(connection, older_than=RETENTION, limit=BATCH_SIZE)
        total += count
        if count < BATCH_SIZE:
            return total
