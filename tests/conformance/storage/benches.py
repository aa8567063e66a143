"""The two Postgres that the suite compares: a real one, and the one in memory."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol

import asyncpg
from sqlalchemy.dialects.postgresql import JSONB

from flowyard.storage.database import Database
from flowyard.storage.schema import METADATA
from tests.support.simulation.postgres.database import Link, MemoryDatabase, insert
from tests.support.simulation.postgres.server import Server
from tests.support.simulation.postgres.statements import known_statements
from tests.support.simulation.seeding import seeded

Values = Mapping[str, Any]

FIRST_NUMBER = 100
"""The first number that a server makes up."""


TABLES = (
    "instance", "node", "attempt", "command", "concurrency_slot", "runner", "partition_broker",
    "log_line", "scheduler_load", "webhook_delivery",
)  # fmt: skip
"""What the statements write to."""

Laid = Sequence[tuple[str, Values]]
"""Rows with their tables, in an order in which they may be inserted; JSON columns are text."""

Found = dict[str, list[dict[str, Any]]]
"""All rows by table."""


class Bench(Protocol):
    """A Postgres on which one statement is tried out, and leaves nothing behind."""

    async def try_out(
        self, rows: Laid, text: str, parameters: Sequence[Any]
    ) -> tuple[list[Values] | str, Found]:
        """Return a statement's rows, or its error's name, and what it has left in the tables."""
        ...


class RealBench:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def try_out(
        self, rows: Laid, text: str, parameters: Sequence[Any]
    ) -> tuple[list[Values] | str, Found]:
        async with self._database.hot() as connection:
            trial = connection.transaction()
            await trial.start()
            try:
                for table, values in rows:
                    await connection.execute(insertion(table, values), *values.values())
                answer: list[Values] | str
                try:
                    async with connection.transaction():
                        answer = [dict(row) for row in await connection.fetch(text, *parameters)]
                except asyncpg.PostgresError as error:
                    answer = type(error).__name__
                found = {
                    table: [dict(row) for row in await connection.fetch(f"SELECT * FROM {table}")]  # noqa: S608 - names of the schema
                    for table in TABLES
                }
            finally:
                await trial.rollback()
        return answer, found


def insertion(table: str, values: Values) -> str:
    columns = METADATA.tables[table].columns
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(
        f"${place}::jsonb" if isinstance(columns[name].type, JSONB) else f"${place}"
        for place, name in enumerate(values, 1)
    )
    return f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({places})"  # noqa: S608 - names of the schema


class MemoryBench:
    async def try_out(
        self, rows: Laid, text: str, parameters: Sequence[Any]
    ) -> tuple[list[Values] | str, Found]:
        server = memory_server()
        for table, values in rows:
            insert(server, table, **values)
        answer: list[Values] | str
        try:
            async with memory_database(server).hot() as connection:
                answer = list(await connection.fetch(text, *parameters))
        except asyncpg.PostgresError as error:
            answer = type(error).__name__
        rows_of = server.tables.rows
        found = {table: [dict(row) for row in rows_of[table].values()] for table in TABLES}
        return answer, found


def memory_server() -> Server:
    server = Server(lambda: datetime.now(UTC), known_statements())  # noqa: TID251 - as the real one
    # Below are the numbers that tests lay down.
    server.tables.identities = count(FIRST_NUMBER)
    return server


def memory_database(server: Server) -> MemoryDatabase:
    loop = asyncio.get_running_loop()
    return MemoryDatabase(server, Link(schedule=loop.call_later, random=seeded("link")))


class Plain:
    """Makes what two servers return comparable.

    Parameters
    ----------
    known
        Instants that the test has laid down; others are those of the server's clock.
    """

    def __init__(self, known: Sequence[datetime]) -> None:
        self._known = frozenset(known)

    def row(self, row: Values) -> dict[str, Any]:
        return {name: self.value(name, value) for name, value in row.items()}

    def rows(self, rows: Sequence[Values], *, is_ordered: bool) -> list[dict[str, Any]]:
        plain = [self.row(row) for row in rows]
        return plain if is_ordered else sorted(plain, key=repr)

    def value(self, name: str, value: object) -> object:
        match value:
            case datetime() if value not in self._known:
                # Further instants are the server's own, some rounded time from now.
                return f"now {_rounded(value - datetime.now(UTC))}"  # noqa: TID251
            case float() if name == "age_seconds":
                return round(value / 20)
            case _ if hasattr(value, "int") and hasattr(value, "hex"):
                return uuid.UUID(int=value.int)
            case _:
                return value


def _rounded(span: timedelta) -> int:
    return round(span / timedelta(seconds=40))
