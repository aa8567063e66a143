"""Rings at the owners of instances whose commands wait, and at those who edit a template.

A doorbell saves waiting and nothing else: the command row is stored already,
and the owner's repair finds it. So ringing happens behind the answer, many at a
time, and one that cannot be rung is counted and forgotten. The same holds for news
of drafts, which editors ask for now and then, too.
"""

import asyncio
import logging
import uuid
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from flowyard.contracts.level import RecordLevel
from flowyard.contracts.records import Doorbell, TemplateChange
from flowyard.contracts.topics import (
    INSTANCE_CHANGE,
    INSTANCE_EVENT,
    INSTANCE_EVENT_SCHEMA,
    TEMPLATE_CHANGE_SCHEMA,
    TRACEPARENT_HEADER,
    schema_header,
)
from flowyard.messaging.ports import (
    Broker,
    BrokerUnavailableError,
    OutgoingRecord,
    Producer,
    RecordRefusedError,
)
from flowyard.telemetry.metrics import Metrics

_log = logging.getLogger("flowyard.api")

QUEUE_SIZE = 10_000
"""Doorbells that may wait for the broker; at 200 bytes each that is 2 MB."""

BATCH_SIZE = 500
"""Most doorbells in one publication."""

DRAIN_SECONDS = 3.0
"""How long the last doorbells may take at the end; repair finds what is left."""


@dataclass(frozen=True, slots=True)
class Bell:
    """Whose commands wait."""

    instance_id: uuid.UUID
    partition: int
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class DraftNews:
    """Whose drafts or editors have changed."""

    template_id: uuid.UUID
    project_id: uuid.UUID


class Doorbells:
    """Publishes doorbells in the background; an async context manager.

    Parameters
    ----------
    broker
        Where to publish; it is asked for its number of partitions on enter.
    metrics
        Counts what became of them.
    level
        Which version of the record is written; None writes the oldest.
    """

    def __init__(self, broker: Broker, metrics: Metrics, level: RecordLevel | None = None) -> None:
        self._broker = broker
        self._level = level or RecordLevel()
        self._metrics = metrics
        self._queue: asyncio.Queue[Bell | DraftNews | None] = asyncio.Queue(QUEUE_SIZE)
        """None comes last, at the end."""
        self._stack = AsyncExitStack()
        self._ringing: asyncio.Task[None] | None = None
        self._partition_count = 0

    @property
    def partition_count(self) -> int:
        """How many partitions instances are spread over.

        Raises
        ------
        BrokerUnavailableError
            Raised before the broker has told.
        """
        if not self._partition_count:
            raise BrokerUnavailableError("Expected the broker to be known, but it is not yet")
        return self._partition_count

    async def __aenter__(self) -> Self:
        """Ask the broker for its partitions and start ringing."""
        self._partition_count = await self._broker.partition_count(INSTANCE_EVENT)
        producer = await self._stack.enter_async_context(self._broker.producer())
        self._ringing = asyncio.create_task(self._ring_on(producer), name="ring-doorbells")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ring what is left, then stop; safe to call twice."""
        ringing, self._ringing = self._ringing, None
        if ringing is None:
            return
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._queue.put(None)
                await ringing
        except TimeoutError:
            ringing.cancel()
            _log.warning("Doorbells left to repair", extra={"count": self._queue.qsize()})
        await self._stack.aclose()

    def ring(self, bells: Iterable[Bell | DraftNews]) -> None:
        """Have the owners told; returns at once, and never fails."""
        for bell in bells:
            try:
                self._queue.put_nowait(bell)
            except asyncio.QueueFull:
                self._metrics.count("flowyard_api_doorbells_total", outcome="dropped")

    async def _ring_on(self, producer: Producer) -> None:
        is_last = False
        while not is_last:
            waiting = [await self._queue.get()]
            while len(waiting) < BATCH_SIZE and not self._queue.empty():
                waiting.append(self._queue.get_nowait())
            is_last = waiting[-1] is None
            await self._publish(producer, [bell for bell in waiting if bell is not None])

    async def _publish(self, producer: Producer, bells: list[Bell | DraftNews]) -> None:
        if not bells:
            return
        try:
            await producer.publish([self._record(bell) for bell in bells])
        except (BrokerUnavailableError, RecordRefusedError) as error:
            self._metrics.count("flowyard_api_doorbells_total", len(bells), outcome="failed")
            _log.warning(
                "Doorbells could not be rung", extra={"count": len(bells), "code": error.code}
            )
        else:
            self._metrics.count("flowyard_api_doorbells_total", len(bells), outcome="rung")

    def _record(self, bell: Bell | DraftNews) -> OutgoingRecord:
        if isinstance(bell, DraftNews):
            return self._news(bell)
        headers = [schema_header(INSTANCE_EVENT_SCHEMA, self._level.version)]
        if bell.traceparent is not None:
            headers.append((TRACEPARENT_HEADER, bell.traceparent.encode()))
        value = Doorbell(instance_id=bell.instance_id, partition=bell.partition)
        return OutgoingRecord(
            topic=INSTANCE_EVENT,
            value=value.model_dump_json().encode(),
            key=bell.instance_id.bytes,
            partition=bell.partition,
            headers=tuple(headers),
        )

    def _news(self, news: DraftNews) -> OutgoingRecord:
        value = TemplateChange(template_id=news.template_id, project_id=news.project_id)
        return OutgoingRecord(
            topic=INSTANCE_CHANGE,
            value=value.model_dump_json().encode(),
            key=news.template_id.bytes,
            headers=(schema_header(TEMPLATE_CHANGE_SCHEMA, self._level.version),),
        )
