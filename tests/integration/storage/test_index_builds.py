"""Indexes of tables that are in use: built beside the work, whatever stops a build."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic import command
from sqlalchemy import text

from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.migrate import alembic_config, check_schema, upgrade

BEFORE = "0010"
"""The revision before the first index that is built beside the work."""

BUILT = frozenset({"node_waiting_idx", "instance_broken_idx", "instance_template_idx"})
FILL = """\
INSERT INTO project (project_id, name) VALUES (gen_random_uuid(), 'shop');
INSERT INTO template (template_id, project_id, key)
    SELECT gen_random_uuid(), project_id, 'release' FROM project;
INSERT INTO template_version (template_id, number, source, document, graph, content_hash, actor)
    SELECT template_id, 1, '', '{}', '{}', '', 'ops' FROM template;
INSERT INTO instance (instance_id, project_id, template_id, version, name, status, partition,
        given, actor, callback_secret)
    SELECT gen_random_uuid(), project_id, template_id, 1, 'Release', 'failed', 0, '{}', 'ops', ''
    FROM template;
INSERT INTO node (instance_id, node_id, partition, status, revision, visits, reason, check_at,
        reached_at)
    SELECT instance_id, 'ask', 0, 'failed', 1, 1, 'incident', now(), now() FROM instance;
"""
BUILDING = (
    "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'"
    " AND wait_event_type = 'Lock' AND datname = current_database()"
)
WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_%advisory%lock%'"
    " AND datname = current_database()"
)
INDEXES = "SELECT indexrelid::regclass::text AS name, indisvalid FROM pg_index"
RENAME = "UPDATE instance SET name = 'renamed'"
COUNT_VISIT = "UPDATE node SET visits = visits + 1"


@pytest.fixture
async def filled(empty_database_uri: str) -> AsyncIterator[Database]:
    """Yield a database of an older release that holds rows."""
    async with Database(empty_database_uri) as database:
        async with database.transaction() as connection:
            await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), BEFORE))
        async with database.hot() as driver:
            await driver.execute(FILL)
        yield database


async def _valid(database: Database) -> dict[str, bool]:
    async with database.hot() as connection:
        rows = await connection.fetch(INDEXES)
    return {row["name"]: row["indisvalid"] for row in rows if row["name"] in BUILT}


async def _builder(database: Database) -> int:
    """Return the process of the server that builds an index, once it waits for a writer."""
    return await _seen(database, BUILDING)


async def _seen(database: Database, what: str) -> int:
    async with asyncio.timeout(10), database.hot() as connection:
        while (found := await connection.fetchval(what)) is None:
            pass
        return int(found)


async def test_writers_go_on_while_an_index_is_built(filled: Database) -> None:
    async with asyncio.TaskGroup() as group, filled.transaction() as before:
        await before.execute(text(RENAME))
        upgrading = group.create_task(upgrade(filled))
        await _builder(filled)

        async with filled.hot() as later, later.transaction():
            await later.execute("SET LOCAL lock_timeout = '2s'")
            await later.execute("LOCK TABLE instance IN ROW EXCLUSIVE MODE")
            written = await later.fetch("SELECT name FROM instance")
        assert not upgrading.done()

    await check_schema(filled)
    assert [row["name"] for row in written] == ["Release"]
    assert await _valid(filled) == dict.fromkeys(BUILT, True)


async def _broken_off(database: Database, write: str) -> dict[str, bool]:
    """Break off the first build that a write keeps waiting, and return what indexes are left."""
    async with database.transaction() as writer:
        await writer.execute(text(write))
        upgrading = asyncio.create_task(upgrade(database))
        builder = await _builder(database)
        async with database.hot() as connection:
            await connection.execute("SELECT pg_cancel_backend($1)", builder)
        with pytest.raises(DatabaseUnavailableError):
            await upgrading
    return await _valid(database)


async def test_a_build_that_was_broken_off_is_done_again(filled: Database) -> None:
    left_behind = await _broken_off(filled, COUNT_VISIT)

    await upgrade(filled)

    await check_schema(filled)
    assert False in left_behind.values()
    assert await _valid(filled) == dict.fromkeys(BUILT, True)


async def test_an_index_of_an_empty_table_does_not_stop_the_next_try(filled: Database) -> None:
    async with filled.transaction() as connection:
        await connection.execute(text("DELETE FROM node"))
    left_behind = await _broken_off(filled, RENAME)

    await upgrade(filled)

    await check_schema(filled)
    assert left_behind["node_waiting_idx"]
    assert await _valid(filled) == dict.fromkeys(BUILT, True)


async def test_whoever_waits_for_its_turn_to_migrate_keeps_no_build_waiting(
    filled: Database, empty_database_uri: str
) -> None:
    async with Database(empty_database_uri) as other, asyncio.timeout(30):
        async with filled.transaction() as writer:
            await writer.execute(text(RENAME))
            first = asyncio.create_task(upgrade(filled))
            await _builder(filled)
            second = asyncio.create_task(upgrade(other))
            await _seen(filled, WAITING)
        assert await first == await second

    assert await _valid(filled) == dict.fromkeys(BUILT, True)
