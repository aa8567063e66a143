"""Cancellations: what goes on for attempts that were closed from outside is ended here.

Rules and theory of operation
-----------------------------
1. Whoever closes an attempt from outside asks for its cancellation in the same
   transaction, and from then on none of its steps can be claimed. So what is to be ended
   can only become less.
2. Every gateway looks once a second at what is asked for and not confirmed, and acts on
   its part: it stops what it runs, gives up the claims of dead runners, asks the plugins
   that it hosts to stop what they have begun elsewhere, and confirms the rest.
3. A plugin is asked by one gateway at a time: the row is taken for as long as the question
   may take. Who dies meanwhile is followed by another; plugins must bear being asked twice.
4. A plugin that cannot be asked is asked again, but not for ever: then it is given up,
   counted, and confirmed all the same.
5. Whether a cancellation is confirmed is decided by Postgres, by compare-and-set: never
   while a claim has no outcome.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

from flowyard.storage.cancellations import (
    AttemptKey,
    OpenCancellation,
    TakenCancellation,
    confirm_cancellations,
    find_cancelled,
    open_cancellations,
    take_cancellations,
)
from flowyard.storage.claims import StepKey, give_up_claims, release_claims
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.tasks import stop
from flowyard.telemetry.logs import TRACEPARENT
from flowyard.telemetry.metrics import Metrics
from flowyard_plugin_gateway.cancel_call import CALL_SECONDS, CancelCall
from flowyard_plugin_gateway.intake import StepIntake
from flowyard_plugin_gateway.lease import RunnerLease
from flowyard_plugin_gateway.registry import PluginRegistry

logger = logging.getLogger("flowyard.plugin_gateway")

LOOK_SECONDS = 1.0
"""Time between two looks; what a person who cancels waits at most for it to begin."""

MAX_FOUND = 500
"""Cancellations that one look deals with."""

MAX_CALLS = 32
"""Plugins that are asked at the same time."""

TAKEN_SECONDS = CALL_SECONDS + 5.0
"""How long a plugin is not asked by anybody else, and when it is asked again."""

MAX_TRIES = 5
"""How often a plugin is asked."""

GIVEN_UP_SECONDS = 300.0
"""How long a plugin is looked for that nobody hosts."""


class CancellationWatch:
    """Looks for cancellations, and does this process's part of them.

    Parameters
    ----------
    database, metrics
        As everywhere.
    registry
        The plugins that can be asked here.
    lease
        This process's.
    intake
        Holds what runs here.
    call
        Asks a plugin.
    """

    def __init__(
        self,
        *,
        database: Database,
        metrics: Metrics,
        registry: PluginRegistry,
        lease: RunnerLease,
        intake: StepIntake,
        call: CancelCall,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._plugins = [f"{plugin.name}@{plugin.version}" for plugin in registry]
        self._lease = lease
        self._intake = intake
        self._call = call
        self._calls: set[asyncio.Task[None]] = set()
        self._loop_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to look."""
        self._loop_task = asyncio.create_task(self._run(), name="cancellation-watch")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop looking, and let plugins that are being asked answer. Safe to call twice."""
        task, self._loop_task = self._loop_task, None
        if task is None:
            return
        await stop(task)
        if self._calls:
            await asyncio.wait(self._calls)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                while await self._look():
                    pass
            except DatabaseUnavailableError:
                logger.warning("Cancellations wait for Postgres")
            except Exception:
                # The outermost loop: without it nothing would ever be cancelled here again.
                logger.exception("Cancellations could not be looked at")

    async def _look(self) -> bool:
        """Do what can be done now; True when there may be more of it at once."""
        await self._stop_unclaimed()
        async with self._database.hot() as connection:
            found = await open_cancellations(
                connection,
                self._lease.boot_id,
                self._plugins,
                dead_after=self._lease.silence_of_the_dead(),
                most_tries=MAX_TRIES,
                given_up_after=timedelta(seconds=GIVEN_UP_SECONDS),
                limit=MAX_FOUND,
            )
        if not found:
            return False
        await self._stop_own(_claims(found, "own"))
        given_up = await self._give_up(_claims(found, "dead"))
        await self._ask([one.key for one in found if one.kind == "waiting"])
        for one in found:
            if one.kind == "given_up":
                self._count("given_up")
                logger.error("A cancellation was given up", extra=_facts(one.key))
        confirmed = await self.confirm(
            [one.key for one in found if one.kind in ("over", "given_up")]
        )
        return given_up > 0 or (confirmed > 0 and len(found) == MAX_FOUND)

    async def _stop_unclaimed(self) -> None:
        """Stop runs without a claim: their attempts may be confirmed long before they end."""
        running = self._intake.running_unclaimed()
        if not running:
            return
        keys = [AttemptKey(*step[:3]) for step in running]
        async with self._database.hot() as connection:
            places = await find_cancelled(connection, keys)
        for place in places:
            self._intake.stop(running[place])

    async def _stop_own(self, claims: Sequence[StepKey]) -> None:
        # A claim of this process that it does not hold was never begun.
        stray = [claim for claim in claims if not self._intake.stop(claim)]
        if stray:
            async with self._database.hot() as connection:
                await release_claims(connection, self._lease.boot_id, stray)

    async def _give_up(self, claims: Sequence[StepKey]) -> int:
        if not claims:
            return 0
        async with self._database.hot() as connection:
            return len(await give_up_claims(connection, claims))

    async def _ask(self, keys: Sequence[AttemptKey]) -> None:
        room = MAX_CALLS - len(self._calls)
        if not keys or room <= 0 or not self._lease.is_held():
            return
        async with self._database.hot() as connection:
            taken = await take_cancellations(
                connection, keys[:room], kept_for=timedelta(seconds=TAKEN_SECONDS)
            )
        for one in taken:
            task = asyncio.create_task(self._ask_one(one))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _ask_one(self, taken: TakenCancellation) -> None:
        try:
            if await self._call.ask(taken):
                self._count("asked")
            else:
                self._count("failed")
                if taken.tries < MAX_TRIES:
                    return
                self._count("given_up")
                logger.error("A cancellation was given up", extra=_facts_of(taken))
            await self.confirm([taken.key])
        except DatabaseUnavailableError:
            logger.warning("A cancellation waits for Postgres", extra=_facts_of(taken))
        except Exception:
            # The outermost frame of this task: the plugin will be asked again.
            logger.exception("A plugin could not be asked to stop", extra=_facts_of(taken))

    async def confirm(self, keys: Sequence[AttemptKey]) -> int:
        """Confirm cancellations of which nothing goes on, and return how many were open."""
        if not keys:
            return 0
        async with self._database.hot() as connection:
            confirmed = await confirm_cancellations(connection, keys)
        self._count("confirmed", len(confirmed))
        return len(confirmed)

    def _count(self, result: str, amount: int = 1) -> None:
        self._metrics.count("flowyard_plugin_gateway_cancellations_total", amount, result=result)


def _claims(found: Sequence[OpenCancellation], kind: str) -> list[StepKey]:
    return [StepKey(*one.key, one.claimed_step or 0) for one in found if one.kind == kind]


def _facts_of(taken: TakenCancellation) -> dict[str, object]:
    return {**_facts(taken.key), TRACEPARENT: taken.traceparent}


def _facts(key: AttemptKey) -> dict[str, object]:
    return {"instance_id": str(key.instance_id), "node_id": key.node_id, "attempt": key.number}
