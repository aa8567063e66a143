"""Ended instances with something of everything, and what moves them out."""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from flowyard.archive.places import ArchivePlace
from flowyard.clock import SystemClock
from flowyard.storage.cancellations import AttemptKey
from flowyard.storage.database import Database, driver_of
from flowyard.storage.log_lines import LogLine, PlacedLine, insert_log_lines
from flowyard.storage.retention import RetentionMode, Rule
from flowyard.telemetry.metrics import Metrics
from flowyard_api.usecases.retiring import Retirement, Tally
from tests.support.api import Api, Scheduler, now

TABLES = ("instance", "node", "attempt", "command", "log_line")
"""What an instance is made of."""

NOTHING = dict.fromkeys(TABLES, 0)
"""As many rows as are left where nothing is left."""

HOUR = timedelta(hours=1)


def retirement(
    database: Database,
    place: ArchivePlace | None,
    mode: RetentionMode = RetentionMode.ARCHIVE,
    after: timedelta = HOUR,
    **more: Any,
) -> Retirement:
    return Retirement(
        database=database,
        place=place,
        default=Rule(mode=mode, after=after),
        metrics=more.pop("metrics", None) or Metrics("api"),
        clock=SystemClock(),
        **more,
    )


async def retire(one: Retirement) -> Tally:
    return await one.run(asyncio.Event())


async def ended(api: Api, status: str = "succeeded", **fields: Any) -> uuid.UUID:
    """Create an instance that ended long ago, with two nodes, two attempts and three lines."""
    instance_id = await api.start(**fields)
    await end(api.database, instance_id, status)
    return instance_id


async def end(database: Database, instance_id: uuid.UUID, status: str = "succeeded") -> None:
    scheduler = Scheduler(database=database, instance_id=instance_id)
    await scheduler.advance(
        status,
        {
            "prepare": {"status": "succeeded", "outputs": {"image": "shop:2", "size": None}},
            "ask": {"status": "succeeded", "outputs": {"yes": True}},
        },
        variables={"version": "1.4.2"},
        outputs={"done": [1, None, "\u00fc"]},
    )
    for node_id in ("prepare", "ask"):
        await scheduler.open_attempt(node_id, status="succeeded", closed_at=now())
    async with database.transaction() as connection:
        driver = await driver_of(connection)
        await driver.execute(
            "UPDATE command SET outcome = 'applied', settled_at = now()"
            " WHERE instance_id = $1 AND outcome IS NULL",
            instance_id,
        )
        await insert_log_lines(driver, [_line(instance_id, number) for number in (1, 2, 3)])


def _line(instance_id: uuid.UUID, number: int) -> PlacedLine:
    line = LogLine(
        sequence=number,
        at=datetime(2026, 1, 2, tzinfo=UTC),
        level="info" if number < 3 else "error",
        text=f'line {number}: "quoted"\nand broken',
    )
    return PlacedLine(
        key=AttemptKey(instance_id=instance_id, node_id="prepare", number=1),
        line=line,
        size_so_far=number,
    )


@dataclass(frozen=True)
class Rows:
    """All rows of all tables that instances are made of."""

    of: Mapping[str, list[str]] = field(default_factory=dict)

    def count(self) -> dict[str, int]:
        return {table: len(rows) for table, rows in self.of.items()}


async def rows_of(database: Database) -> Rows:
    async with database.hot() as connection:
        return Rows({table: await _rows(connection, table) for table in TABLES})


async def _rows(connection: asyncpg.Connection, table: str) -> list[str]:
    found = await connection.fetch(
        f"SELECT (to_jsonb(t) - 'callback_secret')::text AS row FROM {table} AS t"  # noqa: S608
    )
    return sorted(one["row"] for one in found)
