"""Transactions, locks and guards: the Postgres in memory keeps to the rules of a real one."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from flowyard.storage.database import Database
from flowyard.storage.queries import load_queries
from flowyard.storage.schema import METADATA
from tests.conformance.storage.benches import insertion, memory_database, memory_server
from tests.conformance.storage.cases import IDS, PROJECTS
from tests.conformance.storage.parameters import columns
from tests.support.simulation.postgres.database import insert
from tests.support.simulation.postgres.server import UnknownStatementError

pytestmark = pytest.mark.service

QUERIES = load_queries("scheduler")
GATEWAY = load_queries("gateway")
SLOTS = load_queries("slots")
ME, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
AN_HOUR_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Yard:
    """A database with one instance and one attempt in it."""

    def __init__(self, database: Database, lay: Callable[..., Any]) -> None:
        self.database = database
        self._lay = lay

    async def set_up(self) -> None:
        project = {"project_id": PROJECTS[0], "name": "p"}
        template = {"template_id": ME, "project_id": PROJECTS[0], "key": "t", "latest_version": 1}
        version = {"template_id": ME, "number": 1, "source": "", "document": "{}", "graph": "{}"}
        await self._lay("project", project)
        await self._lay("template", template)
        await self._lay("template_version", {**version, "content_hash": "", "actor": "ann"})
        head = {"instance_id": IDS[0], "project_id": PROJECTS[0], "template_id": ME, "version": 1}
        tail = {"name": "run", "partition": 0, "given": "{}", "actor": "ann"}
        await self._lay("instance", {**head, **tail, "callback_secret": "s"})
        key = {"instance_id": IDS[0], "node_id": "a", "number": 1, "step": 0}
        await self._lay("attempt", {**key, "status": "ready", "opened_at": AN_HOUR_AGO})


@pytest.fixture(params=["memory", "real"])
async def yard(request: pytest.FixtureRequest, database: Database) -> Yard:
    found = _in_memory() if request.param == "memory" else _real(database)
    await found.set_up()
    return found


def _in_memory() -> Yard:
    server = memory_server()

    async def lay(table: str, values: dict[str, Any]) -> None:
        insert(server, table, **values)

    return Yard(memory_database(server), lay)


def _real(database: Database) -> Yard:
    async def lay(table: str, values: dict[str, Any]) -> None:
        async with database.hot() as connection:
            await connection.execute(insertion(table, values), *values.values())

    return Yard(database, lay)


def batch(revision: int) -> list[Any]:
    """Return the parameters of a batch that moves the instance on from a revision."""
    instance = (IDS[0], revision, None)
    empty = (column for width in (13, 10, 11, 5) for column in columns([], width))
    return [*columns([instance], 3), *empty, 0]


async def move(connection: asyncpg.Connection, revision: int) -> int:
    return len(await connection.fetch(QUERIES["write_batch"], *batch(revision)))


async def revision(connection: asyncpg.Connection) -> int:
    found: int = (await connection.fetch(QUERIES["load_instances"], [IDS[0]]))[0]["revision"]
    return found


async def claim(connection: asyncpg.Connection, runner: uuid.UUID) -> int:
    columns = ([IDS[0]], ["a"], [1], [0])
    return len(await connection.fetch(GATEWAY["claim_steps"], runner, *columns, timedelta(days=1)))


async def fails_later(connection: asyncpg.Connection, work: Callable[[], Awaitable[None]]) -> None:
    """Work in a transaction that is rolled back."""
    async with connection.transaction():
        await work()
        raise ZeroDivisionError


async def settled() -> None:
    """Let what waits get as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0.005)


async def test_what_is_not_committed_nobody_else_sees(yard: Yard) -> None:
    async with yard.database.hot() as one, yard.database.hot() as other:
        async with one.transaction():
            await move(one, 0)
            seen = await revision(one), await revision(other)
        after = await revision(other)

    assert (seen, after) == ((1, 0), 1)


async def test_what_is_rolled_back_never_was(yard: Yard) -> None:
    async with yard.database.hot() as one:

        async def work() -> None:
            assert await move(one, 0) == 1

        with pytest.raises(ZeroDivisionError):
            await fails_later(one, work)
        assert await revision(one) == 0


@pytest.mark.parametrize("commits", [True, False])
async def test_who_wants_a_row_waits_and_then_goes_by_what_it_has_become(
    yard: Yard,
    commits: bool,  # noqa: FBT001 - a column of the table
) -> None:
    async with yard.database.hot() as one, yard.database.hot() as other:
        waiting: list[asyncio.Task[int]] = []

        async def work() -> None:
            await move(one, 0)
            waiting.append(asyncio.create_task(move(other, 0)))
            await settled()
            assert not waiting[0].done()

        if commits:
            async with one.transaction():
                await work()
        else:
            with pytest.raises(ZeroDivisionError):
                await fails_later(one, work)
        moved = await waiting[0]

    assert moved == (0 if commits else 1)


async def test_of_two_claims_the_second_waits_for_the_first_and_finds_nothing(yard: Yard) -> None:
    async with yard.database.hot() as one, yard.database.hot() as other:
        async with one.transaction():
            mine = await claim(one, ME)
            waiting = asyncio.create_task(claim(other, OTHER))
            await settled()
            assert not waiting.done()
        theirs = await waiting

    assert (mine, theirs) == (1, 0)


async def lock(connection: asyncpg.Connection, key: str) -> None:
    await connection.fetch(SLOTS["lock_lines"], [PROJECTS[0]], [key], [], [], [])


async def test_of_transactions_that_wait_in_a_circle_one_is_given_up(yard: Yard) -> None:
    async def cross(connection: asyncpg.Connection, first: str, second: str) -> str:
        try:
            async with connection.transaction():
                await lock(connection, first)
                await settled()
                await lock(connection, second)
        except asyncpg.exceptions.DeadlockDetectedError:
            return "given up"
        return "done"

    async with yard.database.hot() as one, yard.database.hot() as other:
        ends = await asyncio.gather(cross(one, "a", "b"), cross(other, "b", "a"))

    assert sorted(ends) == ["done", "given up"]


async def test_after_an_error_a_transaction_takes_nothing_more(yard: Yard) -> None:
    line = (IDS[0], "a", 1, 1, AN_HOUR_AGO, "info", "text", 1)
    twice = columns([line, line], len(line))
    async with yard.database.hot() as one:

        async def go_on() -> None:
            with pytest.raises(asyncpg.UniqueViolationError):
                await one.execute(GATEWAY["insert_log_lines"], *twice)
            await revision(one)

        with pytest.raises(asyncpg.exceptions.InFailedSQLTransactionError):
            await fails_later(one, go_on)
        assert await revision(one) == 0


async def test_a_statement_that_nobody_knows_is_an_error_of_the_test() -> None:
    server = memory_server()

    with pytest.raises(UnknownStatementError):
        server.run(None, "DROP TABLE instance", (), lambda _: None)


def test_the_tables_are_those_of_the_schema() -> None:
    assert memory_server().tables.rows.keys() == METADATA.tables.keys()
