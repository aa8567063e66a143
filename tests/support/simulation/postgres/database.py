"""Connections to the Postgres in memory, as the product's stores use them.

Every statement travels to the server and its rows travel back, both of which take a while.
What the statement does happens at one instant in between, whether or not who asked for it
still lives. A link that breaks may do so before that instant or after it; who asked cannot tell.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, cast

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from flowyard.storage.database import DRIVER_FAULTS, Database
from flowyard.storage.errors import DatabaseUnavailableError
from tests.support.simulation.postgres.server import Parameters, Server, delay
from tests.support.simulation.postgres.tables import Row, Transaction

Schedule = Callable[..., object]
"""Calls something later, outside of the process that asks: delay, function, arguments."""


@dataclass(slots=True, kw_only=True)
class Link:
    """What lies between a process and the server."""

    schedule: Schedule
    random: random.Random
    longest_seconds: float = 0.0
    """How long a statement, and its answer, travel at most."""
    breaking: float = 0.0
    """Share of the statements at which the connection breaks."""
    is_cut: bool = False
    """Whether the server cannot be reached now."""


class Session:
    """One connection; what it has begun is rolled back when it breaks."""

    def __init__(self, server: Server, link: Link) -> None:
        self._server = server
        self._link = link
        self._transaction: Transaction | None = None
        self._is_broken = False
        self._asked: asyncio.Future[list[Row]] | None = None
        """What the client waits for."""

    async def fetch(self, text: str, *parameters: Any) -> list[Row]:
        if self._is_broken:
            raise asyncpg.InterfaceError("connection is closed")
        link = self._link
        answer: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        self._asked = answer
        fate = link.random.random() / link.breaking if link.breaking else 1.0
        if link.is_cut or fate < 0.5:
            link.schedule(delay(link.random, link.longest_seconds), self._break, answer)
        else:
            is_lost = fate < 1.0
            link.schedule(
                delay(link.random, link.longest_seconds),
                self._arrive,
                answer,
                self._transaction,
                text,
                parameters,
                is_lost,
            )
        try:
            return await answer
        except asyncio.CancelledError:
            # The driver lets such a connection go: nobody knows what it has done.
            self.close()
            raise

    async def fetchrow(self, text: str, *parameters: Any) -> Row | None:
        rows = await self.fetch(text, *parameters)
        return rows[0] if rows else None

    async def fetchval(self, text: str, *parameters: Any) -> Any:
        row = await self.fetchrow(text, *parameters)
        return None if row is None else next(iter(row.values()))

    async def execute(self, text: str, *parameters: Any) -> str:
        await self.fetch(text, *parameters)
        return ""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        await self.fetch(BEGIN)
        try:
            yield
        except BaseException:
            if not self._is_broken:
                await self.fetch(ROLLBACK)
            raise
        await self.fetch(COMMIT)

    def close(self) -> None:
        """Break the connection: what is not committed is rolled back."""
        self._is_broken = True
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            transaction.end(commits=False)
        asked, self._asked = self._asked, None
        if asked is not None and not asked.done():
            # Whether what it asked for is done, the client does not learn.
            error = asyncpg.PostgresConnectionError("connection was closed")
            self._link.schedule(0, _settle, asked, error)

    def _arrive(
        self,
        answer: asyncio.Future[list[Row]],
        within: Transaction | None,
        text: str,
        parameters: Parameters,
        is_lost: bool,  # noqa: FBT001 - is scheduled by position
    ) -> None:
        # What came before the connection broke is done; what belongs to a transaction is not.
        if within.is_over if within is not None else self._is_broken and text in _CONTROL:
            return

        def reply(found: list[Row] | Exception) -> None:
            link = self._link
            if is_lost or link.is_cut:
                link.schedule(delay(link.random, link.longest_seconds), self._break, answer)
            else:
                link.schedule(delay(link.random, link.longest_seconds), _settle, answer, found)

        if text in _CONTROL:
            self._control(text)
            reply([])
        else:
            self._server.run(self._transaction, text, parameters, reply)

    def _control(self, text: str) -> None:
        if text == BEGIN:
            self._transaction = self._server.begin()
            return
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            transaction.end(commits=text == COMMIT and not transaction.is_failed)

    def _break(self, answer: asyncio.Future[list[Row]]) -> None:
        self.close()
        if not answer.done():
            answer.set_exception(asyncpg.PostgresConnectionError("connection was closed"))


_FAULTS: tuple[type[BaseException], ...] = (*DRIVER_FAULTS, TimeoutError)
BEGIN, COMMIT, ROLLBACK = "BEGIN", "COMMIT", "ROLLBACK"
_CONTROL = frozenset({BEGIN, COMMIT, ROLLBACK})


def _settle(answer: asyncio.Future[list[Row]], found: list[Row] | Exception) -> None:
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)


class MemoryDatabase(Database):
    """Connections of one process to a Postgres in memory."""

    def __init__(self, server: Server, link: Link) -> None:
        super().__init__("postgresql://memory")
        self.server = server
        self.link = link
        self._sessions: dict[Session, None] = {}

    @override
    async def __aenter__(self) -> Self:
        return self

    @override
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @override
    @asynccontextmanager
    async def hot(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            if self.link.is_cut:
                # As long as a refused connection takes.
                await asyncio.sleep(delay(self.link.random, self.link.longest_seconds))
                raise asyncpg.PostgresConnectionError("connection refused")
            with self._session() as session:
                yield cast("asyncpg.Connection", session)
        except _FAULTS as error:
            raise DatabaseUnavailableError(f"Postgres broke off: {error}") from error

    @override
    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        raise NotImplementedError("Expected hot statements alone")
        yield

    def close(self) -> None:
        """Break all connections."""
        for session in list(self._sessions):
            session.close()
        self._sessions.clear()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        session = Session(self.server, self.link)
        self._sessions[session] = None
        try:
            yield session
        finally:
            session.close()
            self._sessions.pop(session, None)


def insert(server: Server, table: str, **values: Any) -> Row:
    """Add a row, committed at once."""
    transaction = server.begin()
    row = transaction.insert(table, values)
    transaction.end(commits=True)
    return row


def update(server: Server, table: str, key: Sequence[Any], **values: Any) -> None:
    """Change a row, committed at once."""
    transaction = server.begin()
    row = transaction.get(table, tuple(key))
    if row is None:
        raise LookupError(f"Expected a row of {table}, but there is none")
    transaction.update(table, row, **values)
    transaction.end(commits=True)


def select(server: Server, table: str, **values: Any) -> list[Mapping[str, Any]]:
    """Return committed rows with these values."""
    return [
        row
        for row in server.tables.rows[table].values()
        if all(row[name] == value for name, value in values.items())
    ]
