"""Bringing a cluster's database and topics to what this release needs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from flowyard.errors import RetryableError
from flowyard.messaging.kafka import KafkaBroker
from flowyard.storage.database import Database
from flowyard.storage.migrate import Phase, upgrade
from flowyard_cli.errors import UsageError
from flowyard_cli.settings import OperatorSettings
from flowyard_cli.topics import ensure_topics

FIRST_PAUSE_SECONDS = 1.0
"""Wait before the second try; it doubles from there."""

LONGEST_PAUSE_SECONDS = 10.0
"""Longest wait between two tries."""

_log = logging.getLogger("flowyard.cli.migrate")


async def migrate_all(settings: OperatorSettings, phase: Phase = Phase.EXPAND) -> None:
    """Migrate the database and create missing topics, waiting for servers that are not up yet.

    Raises
    ------
    UsageError
        Raised if no database is named.
    ContractPendingError
        Raised if the upgrade before this one was not brought to its end.
    """
    if settings.database_url is None:
        raise UsageError("Expected FLOWYARD_DATABASE_URL to name the database, but it is not set")
    url = settings.database_url
    await _persist("Postgres", lambda: _migrate(url, phase))
    if settings.kafka_servers:
        await _persist("Kafka", lambda: _create_topics(settings))


async def _migrate(url: str, phase: Phase) -> None:
    async with Database(url) as database:
        revision = await upgrade(database, phase)
    _log.info("Database is up to date", extra={"schema_revision": revision, "phase": phase.value})


async def _create_topics(settings: OperatorSettings) -> None:
    servers, security = settings.kafka_servers or "", settings.kafka_security
    async with KafkaBroker(servers=servers, security=security) as broker:
        await ensure_topics(broker, partitions=settings.partitions)
    _log.info("Topics are there", extra={"partitions": settings.partitions})


async def _persist(server: str, act: Callable[[], Awaitable[None]]) -> None:
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            await act()
        except RetryableError as error:
            _log.warning(
                "Waiting for a server",
                extra={"server": server, "reason": str(error), "retry_seconds": pause},
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        else:
            return
