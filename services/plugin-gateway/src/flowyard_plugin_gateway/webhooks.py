"""Delivers webhooks: takes what is due, calls receivers, notes how it went.

Rules and theory of operation
-----------------------------
1. What is to be delivered stands in Postgres, written in the transaction that made it true.
   Every gateway looks for what is due; a row is taken for longer than a call may last, so no two
   call for it at once, and one whose gateway dies is taken by another when that time is over.
2. Delivered at least once: a call whose end could not be noted is made again, with the same id.
3. Each webhook has a few places, and one while it does not answer. What is taken goes round all
   webhooks, so one that is slow, or has much waiting, holds up nobody else.
4. Whoever answers with 410, or fails too often in a row for too long, or has too much waiting, is
   told nothing any more until a person enables it.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

import asyncpg

from flowyard.clock import Clock
from flowyard.contracts.webhooks import CALL_SECONDS, RETRY_DELAYS, RETRY_JITTER
from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.webhook_claims import (
    DeliveryStatus,
    DisabledReason,
    DueDelivery,
    TriedDelivery,
    claim_deliveries,
    disable_webhook,
    measure_webhooks,
    note_failures,
    note_successes,
    settle_deliveries,
)
from flowyard.tasks import stop
from flowyard.telemetry.metrics import Metrics
from flowyard_plugin_gateway.webhook_call import CallAnswer, WebhookCall

logger = logging.getLogger("flowyard.plugin_gateway")

LOOK_SECONDS = 0.5
"""Time between two looks while there is nothing to do."""

LEASE = timedelta(seconds=2 * CALL_SECONDS)
"""How long a delivery is nobody else's: the call, and as long again to note how it went."""

PLACES = 8
"""Calls of one webhook at the same time."""

HOPELESS_FAILURES = 50
"""Failures in a row from which on a webhook may be disabled: five deliveries given up."""

HOPELESS_AFTER = timedelta(hours=24)
"""How long all calls must have failed for that; as long as one delivery is tried."""

MEASURE_SECONDS = 15.0
"""How often it is measured what waits."""

MAX_PENDING = 100_000
"""How much may wait for one webhook; at about 1.5 KB each that is 150 MB of Postgres."""

GRACE = timedelta(hours=1)
"""How long a webhook that a person has enabled may work off what waits, however much it is."""


@dataclass(frozen=True, slots=True)
class _Result:
    """What has come of a call."""

    due: DueDelivery
    answer: CallAnswer
    tried: TriedDelivery


class WebhookDeliveries:
    """The deliveries that one process makes; an async context manager.

    Parameters
    ----------
    database, metrics
        As everywhere.
    call
        Calls receivers.
    clock
        The time in Postgres.
    places
        Calls at the same time, over all webhooks; 0 leaves them to other gateways.
    """

    def __init__(
        self,
        *,
        database: Database,
        metrics: Metrics,
        call: WebhookCall,
        clock: Clock,
        places: int,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._call = call
        self._clock = clock
        self._places = places
        self._calls: set[asyncio.Task[None]] = set()
        self._results: list[_Result] = []
        """Of calls that are over, not noted yet; they hold their places."""
        self._has_news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Begin to look."""
        if self._places:
            self._tasks = [
                asyncio.create_task(self._run(), name="webhook-deliveries"),
                asyncio.create_task(self._measure(), name="webhook-measures"),
            ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take nothing more, let calls end, and note how they went. Safe to call twice."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            await stop(task)
        with suppress(DatabaseUnavailableError):
            await self.finish()

    async def _run(self) -> None:
        while True:
            self._has_news.clear()
            try:
                await self._note()
                while await self.take():
                    pass
            except DatabaseUnavailableError:
                logger.warning("Webhooks wait for Postgres")
                await asyncio.sleep(LOOK_SECONDS)
            except Exception:
                # The outermost loop: without it nothing would ever be delivered here again.
                logger.exception("Webhooks could not be looked at")
                await asyncio.sleep(LOOK_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_news.wait(), LOOK_SECONDS)

    async def take(self) -> int:
        """Begin the calls that are due and that there is room for, and return their number."""
        room = self._places - len(self._calls) - len(self._results)
        if room <= 0:
            return 0
        async with self._database.hot() as connection:
            found = await claim_deliveries(
                connection, new_id(), limit=room, per_webhook=PLACES, lease=LEASE
            )
        for due in found:
            task = asyncio.create_task(self._deliver(due), name="webhook-delivery")
            self._calls.add(task)
            task.add_done_callback(self._forget)
        return len(found)

    async def finish(self) -> None:
        """Let calls end, and note how they went.

        Raises
        ------
        DatabaseUnavailableError
            Raised if that cannot be noted; the calls are made again then.
        """
        if self._calls:
            await asyncio.wait(self._calls)
        await self._note()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        self._has_news.set()

    async def _deliver(self, due: DueDelivery) -> None:
        started_at, began = self._clock.now(), self._clock.monotonic()
        try:
            answer = await self._call.send(due)
        except Exception:
            # The outermost one of its task: the delivery is made again, and others go on.
            logger.exception("A delivery has failed", extra=_facts(due))
            return
        seconds = self._clock.monotonic() - began
        self._metrics.observe("flowyard_plugin_gateway_webhook_delivery_seconds", seconds)
        status = _status(due, answer)
        tried = TriedDelivery(
            delivery_id=due.delivery_id,
            claim=due.claim,
            status=status,
            retry_after=_pause(due, answer) if status is DeliveryStatus.PENDING else timedelta(0),
            started_at=started_at,
            duration=timedelta(seconds=seconds),
            status_code=answer.status_code,
            error=answer.error,
            response=answer.response,
        )
        self._results.append(_Result(due, answer, tried))

    async def _note(self) -> None:
        """Note how calls went, all of them at once; what cannot be noted is kept."""
        results, self._results = self._results, []
        if not results:
            return
        try:
            async with self._database.hot() as connection, connection.transaction():
                mine = await settle_deliveries(connection, [one.tried for one in results])
                await _note_health(
                    connection, [one for one in results if one.due.delivery_id in mine]
                )
        except BaseException:
            self._results = [*results, *self._results]
            raise
        for one in results:
            self._count(one, mine)

    def _count(self, one: _Result, mine: Collection[UUID]) -> None:
        status = one.tried.status
        result = "failed" if status is DeliveryStatus.PENDING else status.value
        is_mine = one.due.delivery_id in mine
        self._metrics.count(
            "flowyard_plugin_gateway_webhook_deliveries_total",
            result=result if is_mine else "late",
        )
        if is_mine and status is DeliveryStatus.GIVEN_UP:
            logger.warning("A delivery is given up", extra=_facts(one.due))

    async def _measure(self) -> None:
        while True:
            try:
                await self.measure()
            except DatabaseUnavailableError:
                logger.debug("What waits for webhooks could not be measured")
            except Exception:
                # The outermost loop: without it a backlog would grow without a bound.
                logger.exception("What waits for webhooks could not be measured")
            await asyncio.sleep(MEASURE_SECONDS)

    async def measure(self, *, bound: int = MAX_PENDING, grace: timedelta = GRACE) -> None:
        """Measure what waits, and disable webhooks for which it is more than the bound."""
        async with self._database.hot() as connection:
            loads = await measure_webhooks(connection, bound=bound + 1, grace=grace)
            for load in loads:
                if (
                    load.pending > bound
                    and load.is_settled
                    and await disable_webhook(connection, load.webhook_id, DisabledReason.BACKLOG)
                ):
                    facts = {"webhook_id": str(load.webhook_id), "pending": load.pending}
                    logger.warning("Too much waits for a webhook: it is disabled", extra=facts)
        pending = sum(load.pending for load in loads)
        oldest = max((load.overdue_seconds for load in loads), default=0.0)
        self._metrics.set("flowyard_plugin_gateway_webhook_pending", pending)
        self._metrics.set("flowyard_plugin_gateway_webhook_oldest_seconds", oldest)


async def _note_health(connection: asyncpg.Connection, results: Sequence[_Result]) -> None:
    """Note which webhooks answer, and disable those for which there is no hope."""
    succeeded = {one.due.webhook_id for one in results if one.answer.error is None}
    failures = Counter(one.due.webhook_id for one in results if one.answer.error is not None)
    gone = {one.due.webhook_id for one in results if one.answer.is_gone}
    if succeeded:
        await note_successes(connection, sorted(succeeded))
    for webhook_id, count in sorted(failures.items()):
        is_hopeless = await note_failures(
            connection, webhook_id, count, most=HOPELESS_FAILURES, longest=HOPELESS_AFTER
        )
        if webhook_id not in gone and not is_hopeless:
            continue
        reason = DisabledReason.GONE if webhook_id in gone else DisabledReason.FAILING
        if await disable_webhook(connection, webhook_id, reason):
            facts = {"webhook_id": str(webhook_id), "reason": reason.value}
            logger.warning("A webhook is disabled", extra=facts)


def _status(due: DueDelivery, answer: CallAnswer) -> DeliveryStatus:
    if answer.error is None:
        return DeliveryStatus.DELIVERED
    if answer.is_gone or due.tries >= len(RETRY_DELAYS):
        return DeliveryStatus.GIVEN_UP
    return DeliveryStatus.PENDING


def _pause(due: DueDelivery, answer: CallAnswer) -> timedelta:
    """Return after how long a failed delivery is tried again."""
    jitter = random.random() * RETRY_JITTER  # noqa: S311  # spreads calls, keeps no secret
    pause = RETRY_DELAYS[due.tries] * (1 + jitter)
    return max(pause, timedelta(seconds=answer.retry_after_seconds))


def _facts(due: DueDelivery) -> dict[str, str]:
    return {"webhook_id": str(due.webhook_id), "delivery_id": str(due.delivery_id)}
