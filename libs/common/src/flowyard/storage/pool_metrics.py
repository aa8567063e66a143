"""How the connections to Postgres are used, in numbers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Literal, Self

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from flowyard.telemetry.metric_registry import Key
from flowyard.telemetry.metrics import Metrics

Pool = Literal["hot", "plain"]
"""The driver's own pool, for the statements on the path of every node; or SQLAlchemy's."""


class Use:
    """One use of a connection: a block in which it is borrowed and given back."""

    __slots__ = ("_asked_at", "_had_at", "_metrics", "_pool")

    def __init__(self, metrics: Metrics | None, pool: Pool) -> None:
        self._metrics = metrics
        self._pool: Pool = pool
        self._asked_at = self._had_at = 0.0

    def __enter__(self) -> Self:
        # Monotonic, and the machine's own: what is measured here decides nothing.
        self._asked_at = time.monotonic()
        return self

    def had(self) -> None:
        """Take note that the connection is there."""
        self._had_at = time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._metrics is None or not self._had_at:
            return
        waited, used = self._had_at - self._asked_at, time.monotonic() - self._had_at
        self._metrics.observe("flowyard_postgres_wait_seconds", waited, pool=self._pool)
        self._metrics.observe("flowyard_postgres_transaction_seconds", used, pool=self._pool)


class PoolMetrics:
    """Measures the pools of one :class:`flowyard.storage.database.Database`.

    Parameters
    ----------
    metrics
        Where the numbers go; None measures nothing.
    """

    def __init__(self, metrics: Metrics | None = None) -> None:
        self._metrics = metrics

    def use(self, pool: Pool) -> Use:
        """Return a block that measures the wait for a connection, and its use."""
        return Use(self._metrics, pool)

    @contextmanager
    def showing(self, hot: asyncpg.Pool, plain: AsyncEngine, plain_most: int) -> Iterator[None]:
        """Show the connections of both pools, for the length of the block.

        Parameters
        ----------
        plain_most
            Most connections of the plain one.
        """
        if self._metrics is None:
            yield
            return
        with self._metrics.showing(
            "flowyard_postgres_pool_connections", lambda: _connections(hot, plain, plain_most)
        ):
            yield


def _connections(hot: asyncpg.Pool, plain: AsyncEngine, plain_most: int) -> dict[Key, float]:
    found: dict[Key, float] = {}
    _add(found, "hot", hot.get_size(), hot.get_idle_size(), hot.get_max_size())
    queue = plain.pool
    if isinstance(queue, QueuePool):
        idle, used = queue.checkedin(), queue.checkedout()
        _add(found, "plain", idle + used, idle, plain_most)
    return found


def _add(found: dict[Key, float], pool: Pool, opened: int, idle: int, most: int) -> None:
    found[pool, "in_use"] = opened - idle
    found[pool, "idle"] = idle
    found[pool, "free"] = max(0, most - opened)
