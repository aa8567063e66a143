"""The lease of this process: a row that says it is alive, and its own view of how long.

Others call the process dead 5 s after the last renewal that Postgres has seen.
The process itself counts from the moment *before* it asked for that renewal, on
its monotonic clock, so that it always stops before the others may give up its
claims. It must be asked right before each call of a plugin.
"""

import asyncio
import logging
import socket
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from flowyard.clock import Clock
from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.postgres_clock import PostgresClock
from flowyard.storage.runners import DEAD_AFTER, forget_runners, remove_runner, renew_runner
from flowyard.tasks import stop
from flowyard.telemetry.metrics import Metrics

logger = logging.getLogger("flowyard.plugin_gateway")

RENEW_SECONDS = 1.0
"""Time between renewals: four may be lost before the lease lapses."""

MARGIN_SECONDS = 0.5
"""How much earlier than the others the process calls its own lease lapsed.

It covers clocks that run at different speeds; the direction of the error is safe.
"""

NEVER = timedelta(days=365)
"""Longer than any process is silent: who may not judge takes all rows for alive."""

RENEW_TIMEOUT_SECONDS = 2.0
"""When a renewal that hangs is given up; a connection that is half open never answers."""


class RunnerLease:
    """Keeps this process's row and says whether it may begin anything.

    Parameters
    ----------
    database
        Best one of its own, so that no slow statement keeps a renewal waiting.
    metrics
        Where its age is shown.
    clock
        Its own time is asked for only until Postgres has told its time.
    """

    def __init__(self, database: Database, metrics: Metrics, clock: Clock) -> None:
        self.boot_id: UUID = new_id()
        """New for every process start."""
        self._database = database
        self._metrics = metrics
        self._clock = clock
        self.postgres_clock = PostgresClock(clock)
        """Postgres' time, read with each renewal: what plugins go by, since this machine's own
        clock may jump between two steps, and the next step may be another machine's."""
        self._renewed_at: float | None = None
        self._unbroken_since = float("inf")
        self._steady_since = 0.0
        self._loop_task: asyncio.Task[None] | None = None

    def monotonic(self) -> float:
        """Return the seconds that this lease is measured by."""
        return self._clock.monotonic()

    @property
    def age_seconds(self) -> float:
        """Time since the last renewal; infinite before the first."""
        if self._renewed_at is None:
            return float("inf")
        return self._clock.monotonic() - self._renewed_at

    def is_held(self) -> bool:
        """Tell whether everybody still takes this process for alive."""
        return self.age_seconds < DEAD_AFTER.total_seconds() - MARGIN_SECONDS

    def is_held_since(self, moment: float) -> bool:
        """Tell whether nobody can have taken this process for dead since a monotonic instant.

        A claim that is older than a lapse may have been given up in it, however
        freshly the lease was renewed.
        """
        return self.is_held() and moment >= self._unbroken_since

    def may_judge(self) -> bool:
        """Tell whether this process may call another one dead.

        Only when its own renewals have succeeded without a gap for as long as a
        lease lasts: after an outage of Postgres everybody's row is old.
        """
        steady = self._clock.monotonic() - self._steady_since
        return self.is_held() and steady >= DEAD_AFTER.total_seconds()

    def silence_of_the_dead(self) -> timedelta:
        """Return how long another process must have been silent for this one to call it dead."""
        return DEAD_AFTER if self.may_judge() else NEVER

    async def __aenter__(self) -> Self:
        """Take the lease, and keep it."""
        await self.renew()
        self._loop_task = asyncio.create_task(self._keep(), name="runner-lease")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lease up; safe to call twice."""
        task, self._loop_task = self._loop_task, None
        if task is None:
            return
        await stop(task)
        self._renewed_at = None
        try:
            async with self._database.hot() as connection:
                await remove_runner(connection, self.boot_id)
        except DatabaseUnavailableError:
            logger.warning("The runner's row stays behind; it will be taken for dead")

    async def renew(self) -> None:
        """Renew the lease once.

        Raises
        ------
        DatabaseUnavailableError
            Raised if Postgres does not answer; the lease then runs on until it lapses.
        """
        asked_at = self._clock.monotonic()
        async with self._database.hot() as connection:
            read_at = self._clock.monotonic()
            reading = await renew_runner(connection, self.boot_id, socket.gethostname())
        self.postgres_clock.set(reading, asked_at=read_at)
        if not self.is_held():
            self._unbroken_since = self._clock.monotonic()
        if self._renewed_at is None or asked_at - self._renewed_at > 2 * RENEW_SECONDS:
            self._steady_since = asked_at
        self._renewed_at = asked_at

    async def _keep(self) -> None:
        await self._forget_dead()
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                async with asyncio.timeout(RENEW_TIMEOUT_SECONDS):
                    await self.renew()
            except (DatabaseUnavailableError, TimeoutError):
                logger.warning("The lease was not renewed", extra={"age_seconds": self.age_seconds})
            except Exception:
                # The outermost loop: without it this process would never begin a step again.
                logger.exception("The lease could not be renewed")
            self._metrics.set("flowyard_plugin_gateway_lease_age_seconds", self.age_seconds)

    async def _forget_dead(self) -> None:
        with suppress(DatabaseUnavailableError):
            async with self._database.hot() as connection:
                await forget_runners(connection)
