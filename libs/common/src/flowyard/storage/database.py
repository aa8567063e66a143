"""Connections to Postgres: an SQLAlchemy engine for plain statements, a pool for hot ones.

Stores take a connection and never commit; who opens the connection owns the
transaction. Hot statements, those on the path of every node, are SQL text that
runs on asyncpg directly, prepared and with arrays as parameters.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    ExitStack,
    asynccontextmanager,
)
from functools import partial
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from typing_extensions import override

from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.pool_metrics import PoolMetrics
from flowyard.telemetry.metrics import Metrics

DRIVER_FAULTS: tuple[type[BaseException], ...] = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.PostgresSystemError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.InvalidCachedStatementError,
    InterfaceError,
    OperationalError,
    PoolTimeoutError,
)
"""What the driver raises when trying again later may help: what was given is not to blame.

Whole families of the server's errors: rollbacks and deadlocks (40), full disks and too
many connections (53), shutdowns and cancelled statements (57), failing devices (58). The
driver's own internal error is what a connection gives on which the server has said goodbye
while nobody asked it anything, until it is known to be closed.
"""

_POOL_FAULTS: tuple[type[BaseException], ...] = (*DRIVER_FAULTS, TimeoutError)
_STATEMENT_FAULTS: tuple[type[BaseException], ...] = (*DRIVER_FAULTS, DBAPIError)

CONNECT_TIMEOUT_SECONDS = 5.0
"""How long one attempt to connect may take; a server on the same network answers within 1 s."""


def dump_json(value: Any) -> str:
    """Return a value as JSON text, for a parameter of type json."""
    return orjson.dumps(value, default=_plain).decode()


def _may_pass(error: BaseException) -> bool:
    # SQLAlchemy gives most of the server's errors no class of their own: the cause tells.
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else None
    return isinstance(error, DRIVER_FAULTS) or isinstance(cause, DRIVER_FAULTS)


def _plain(value: object) -> str:
    # The driver's ids are of a class of its own, which orjson does not know.
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"Expected a value that JSON knows, but got a {type(value).__name__}")


class _HotConnection(asyncpg.Connection):  # type: ignore[misc]  # the driver has no types
    """A connection that keeps no session state, so that giving it back costs no round trip."""

    @override
    def get_reset_query(self) -> str:
        return ""


async def _plan_once(connection: asyncpg.Connection) -> None:
    # A plan is kept as long as its connection. One that was made while the tables were small
    # would read them whole until somebody analyzes them, however large they have become.
    # A statement that has to read a table whole all the same then looks so expensive that the
    # server would compile it, which takes half a second each time. Left to itself the server
    # would also plan anew with each call, because an array of one element promises less work
    # than one of unknown length: that took longer than carrying the statements out.
    await connection.execute(
        "SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan"
    )


def _refuse_closed(connection: DBAPIConnection, *_: object) -> None:
    """Have the pool open a connection anew that the server has closed while nobody used it.

    The driver knows of it from the socket. To ask the server each time would cost every
    transaction three round trips, and would not tell what happens right afterwards either.
    """
    driver: asyncpg.Connection = connection.driver_connection
    if driver.is_closed():
        raise DisconnectionError("Expected an open connection, but the server has closed it")


async def _connect(*arguments: Any, **options: Any) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(*arguments, **options)
    except asyncpg.InternalServerError as error:
        # Whatever the server finds wrong with itself while somebody arrives is not the guest's
        # fault. A full disk is one such thing: what every session reads first cannot be written.
        raise ConnectionAbortedError(f"the server failed at the door: {error}") from error


async def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    """Return the driver's connection, for hot statements within a plain transaction.

    A statement costs a fifth there of what it costs through SQLAlchemy. JSON goes in as text,
    and comes out decoded.
    """
    raw = await connection.get_raw_connection()
    driver: asyncpg.Connection = raw.driver_connection
    if not driver.is_in_transaction():
        # SQLAlchemy opens its transaction with the first statement that it is given.
        await connection.exec_driver_sql("SELECT")
    return driver


class Database:
    """All connections of one process to one Postgres.

    Parameters
    ----------
    url
        ``postgresql://user:password@host:port/name``; ``?host=/folder`` names a Unix socket.
    pool_size
        Connections for plain statements, and as many for hot ones.
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = url
        self._pool_size = pool_size
        self._engine: AsyncEngine | None = None
        self._snapshots: AsyncEngine | None = None
        """The same connections, whose transactions begin in another way."""
        self._pool: asyncpg.Pool | None = None
        self._measures = PoolMetrics()
        self._shown = ExitStack()

    def measure(self, metrics: Metrics) -> None:
        """Have the use of connections measured from now on; to be called before it is entered."""
        self._measures = PoolMetrics(metrics)

    async def __aenter__(self) -> Self:
        """Open the pools; the server need not answer yet."""
        address = urlunsplit(urlsplit(self.url)._replace(scheme="postgresql"))
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=partial(_connect, address, timeout=CONNECT_TIMEOUT_SECONDS),
            pool_size=self._pool_size,
            max_overflow=self._pool_size,
            json_serializer=dump_json,
            json_deserializer=orjson.loads,
        )
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)
        self._snapshots = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._pool = asyncpg.create_pool(
            address,
            connect=_connect,
            min_size=0,
            max_size=self._pool_size,
            timeout=CONNECT_TIMEOUT_SECONDS,
            connection_class=_HotConnection,
            init=_plan_once,
        )
        try:
            await self._pool
        except DRIVER_FAULTS as error:
            await self._engine.dispose()
            raise DatabaseUnavailableError(
                "Expected Postgres to answer, but it does not"
            ) from error
        most = 2 * self._pool_size
        self._shown.enter_context(self._measures.showing(self._pool, self._engine, most))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections; safe to call twice."""
        self._shown.close()
        engine, self._engine, self._snapshots = self._engine, None, None
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                    await pool.close()
            except TimeoutError:
                pool.terminate()
        if engine is not None:
            await engine.dispose()

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction for plain statements; it commits unless the block raises.

        Raises
        ------
        DatabaseUnavailableError
            Raised if Postgres cannot be reached or breaks off.
        """
        return self._borrowed(self._engine, AsyncEngine.begin)

    @asynccontextmanager
    async def _borrowed(
        self,
        engine: AsyncEngine | None,
        borrow: Callable[[AsyncEngine], AbstractAsyncContextManager[AsyncConnection]],
    ) -> AsyncIterator[AsyncConnection]:
        if engine is None:
            raise DatabaseUnavailableError("Expected an open database, but it is closed")
        try:
            with self._measures.use("plain") as use:
                async with borrow(engine) as connection:
                    use.had()
                    yield connection
        except _STATEMENT_FAULTS as error:
            if not _may_pass(error):
                raise
            raise DatabaseUnavailableError(f"Postgres broke off: {error}") from error

    def session(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Borrow a connection whose transactions the block begins and commits as it likes.

        Raises
        ------
        DatabaseUnavailableError
            Raised as by :meth:`transaction`.
        """
        return self._borrowed(self._engine, AsyncEngine.connect)

    def snapshot(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction that sees all as it stood at its first statement, and only reads.

        Raises
        ------
        DatabaseUnavailableError
            Raised as by :meth:`transaction`.
        """
        return self._borrowed(self._snapshots, AsyncEngine.begin)

    @asynccontextmanager
    async def hot(self) -> AsyncIterator[asyncpg.Connection]:
        """Borrow a driver connection, outside any transaction.

        Raises
        ------
        DatabaseUnavailableError
            Raised if Postgres cannot be reached or breaks off.
        """
        if self._pool is None:
            raise DatabaseUnavailableError("Expected an open database, but it is closed")
        try:
            with self._measures.use("hot") as use:
                async with self._pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS) as connection:
                    use.had()
                    yield connection
        except _POOL_FAULTS as error:
            raise DatabaseUnavailableError(f"Postgres broke off: {error}") from error

    async def is_available(self) -> bool:
        """Tell whether Postgres answers now; for readiness."""
        try:
            async with self.hot() as connection:
                await connection.fetchval("SELECT 1")
        except DatabaseUnavailableError:
            return False
        return True
