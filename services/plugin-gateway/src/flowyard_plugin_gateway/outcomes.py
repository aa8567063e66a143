"""Outcomes are stored behind the answers, many in one statement.

Until its outcome is stored a step stays held in memory, so that a further
delivery to this process finds the result there. That is why the store must have
committed, durably, before a step is let go.
"""

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self
from uuid import UUID

import asyncpg

from flowyard.storage.claims import release_claims, store_outcomes
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.tasks import stop
from flowyard.telemetry.metrics import Metrics
from flowyard_plugin_gateway.held_step import HeldStep

logger = logging.getLogger("flowyard.plugin_gateway")

GATHER_SECONDS = 0.01
"""How long outcomes gather before they are stored together.

A crash within this time costs an unknown outcome, a shorter one costs a
statement more; at 1,000 steps/s it makes batches of ten.
"""

MAX_BATCH = 500
"""Outcomes in one statement."""

RETRY_SECONDS = 0.5
"""Time between tries while Postgres does not answer."""

UNKNOWN = '{"unknown": true}'
"""Stands for an outcome that nobody knows, or that Postgres refuses to store."""


class OutcomeWriter:
    """Stores outcomes and takes claims back, behind everything else.

    Parameters
    ----------
    database, metrics
        As everywhere.
    boot_id
        Whose claims they are.
    let_go
        Is called for each step once nothing about it is left to write.
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        *,
        boot_id: UUID,
        let_go: Callable[[HeldStep], None],
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._boot_id = boot_id
        self._let_go = let_go
        self._outcomes: list[HeldStep] = []
        self._releases: list[HeldStep] = []
        self._wake = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to write."""
        self._loop_task = asyncio.create_task(self._run(), name="outcome-writer")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop writing; what is not stored by now is counted as lost. Safe to call twice."""
        task, self._loop_task = self._loop_task, None
        if task is None:
            return
        await stop(task)
        if self._outcomes:
            logger.error("Outcomes were lost", extra={"count": len(self._outcomes)})
            self._count_lost(len(self._outcomes))

    def store(self, held: HeldStep) -> None:
        """Have the outcome of a claimed step stored; it is the held step's result."""
        self._outcomes.append(held)
        self._wake.set()

    def release(self, held: HeldStep) -> None:
        """Have the claim on a step taken back that was not begun."""
        held.is_releasing = True
        self._releases.append(held)
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            try:
                await self._write()
            except DatabaseUnavailableError:
                logger.warning("Outcomes wait for Postgres", extra={"count": len(self._outcomes)})
                await self._rest()
            except Exception:
                # The outermost loop: what is not stored stays held, for it must not run again.
                logger.exception("Outcomes could not be stored")
                await self._rest()

    async def _rest(self) -> None:
        self._wake.set()
        await asyncio.sleep(RETRY_SECONDS)

    async def _write(self) -> None:
        while self._releases:
            batch = self._releases[:MAX_BATCH]
            async with self._database.hot() as connection:
                await release_claims(connection, self._boot_id, [held.key for held in batch])
            del self._releases[: len(batch)]
            self._finish(batch)
        while self._outcomes:
            batch = self._outcomes[:MAX_BATCH]
            await self._store(batch)
            del self._outcomes[: len(batch)]
            self._finish(batch)

    async def _store(self, batch: list[HeldStep]) -> None:
        try:
            await self._store_together([(held, (held.result or b"").decode()) for held in batch])
        except asyncpg.PostgresError as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._store(batch[:middle])
                await self._store(batch[middle:])
                return
            logger.exception(
                "Postgres refuses an outcome",
                extra={**batch[0].log_facts, "sqlstate": error.sqlstate},
            )
            self._count_lost(1)
            await self._store_together([(batch[0], UNKNOWN)])

    async def _store_together(self, outcomes: list[tuple[HeldStep, str]]) -> None:
        async with self._database.hot() as connection:
            stored = await store_outcomes(
                connection, self._boot_id, [(held.key, text) for held, text in outcomes]
            )
        for outcome in stored:
            if outcome.is_late:
                held = outcomes[outcome.place][0]
                logger.warning("An outcome came late", extra=dict(held.log_facts))
                self._metrics.count("flowyard_plugin_gateway_outcomes_total", result="late")
        late = sum(outcome.is_late for outcome in stored)
        self._metrics.count(
            "flowyard_plugin_gateway_outcomes_total", len(stored) - late, result="stored"
        )
        self._metrics.count(
            "flowyard_plugin_gateway_outcomes_total",
            len(outcomes) - len(stored),
            result="superseded",
        )

    def _count_lost(self, count: int) -> None:
        self._metrics.count("flowyard_plugin_gateway_outcomes_total", count, result="lost")

    def _finish(self, batch: list[HeldStep]) -> None:
        for held in batch:
            self._let_go(held)
