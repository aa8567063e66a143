"""What goes out after a batch is stored: steps, doorbells and news of changes.

Publishing never holds up the next batch: it runs beside it, retried until the
broker takes it. What is lost with the process is found again by the next owner,
because a step is noted as published only after the broker has acknowledged it.
A step that the broker refuses for good is told to the loop, which fails it.
"""

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from flowyard.messaging.ports import (
    BrokerUnavailableError,
    OutgoingRecord,
    Producer,
    RecordRefusedError,
)
from flowyard.storage.advance_store import StepKey

LOGGER = logging.getLogger("flowyard.scheduler")

MAX_OPEN_PUBLICATIONS = 8
"""Publications under way at once, before the next batch has to wait for one."""

RETRY_SECONDS = 0.5
"""Pause after a broker has not taken records."""


class Publisher:
    """Publishes beside the loop and remembers which steps the broker has taken.

    Parameters
    ----------
    producer
        Where records go.
    """

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._open: set[asyncio.Task[None]] = set()
        self._published: list[StepKey] = []
        self._refused: list[tuple[StepKey, str]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give what is under way a moment, then let it go: the next owner repeats it."""
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=RETRY_SECONDS * 2)
            for one in late:
                one.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def publish(
        self, records: Sequence[OutgoingRecord], steps: Sequence[StepKey] = ()
    ) -> None:
        """Have records published; waits only while too many publications are under way."""
        if not records:
            return
        while len(self._open) >= MAX_OPEN_PUBLICATIONS:
            await asyncio.wait(self._open, return_when=asyncio.FIRST_COMPLETED)
        one = asyncio.create_task(self._publish(records, steps))
        self._open.add(one)
        one.add_done_callback(self._open.discard)

    def take_published(self) -> list[StepKey]:
        """Return the steps that were published since the last call."""
        published, self._published = self._published, []
        return published

    def give_back(self, published: Sequence[StepKey]) -> None:
        """Take back steps that could not be noted yet."""
        self._published[:0] = published

    def take_refused(self) -> list[tuple[StepKey, str]]:
        """Return the steps that the broker has refused since the last call, and why."""
        refused, self._refused = self._refused, []
        return refused

    @property
    def has_news(self) -> bool:
        """Tell whether there are published or refused steps to be noted."""
        return bool(self._published or self._refused)

    async def _publish(self, records: Sequence[OutgoingRecord], steps: Sequence[StepKey]) -> None:
        try:
            await self._persist(records)
        except RecordRefusedError:
            # Which one it is, only publishing each alone can tell; the others may go out twice.
            for index, record in enumerate(records):
                await self._publish_alone(record, steps[index : index + 1])
        else:
            self._published.extend(steps)

    async def _publish_alone(self, record: OutgoingRecord, steps: Sequence[StepKey]) -> None:
        try:
            try:
                await self._persist([record])
            except RecordRefusedError:
                # A topic that was made anew may have fewer partitions than it had.
                await self._persist([replace(record, partition=None)])
        except RecordRefusedError as refusal:
            LOGGER.error(  # noqa: TRY400 - the broker's answer says it all
                "A record is refused by the broker",
                extra={"topic": record.topic, "reason": str(refusal)},
            )
            self._refused.extend((step, str(refusal)) for step in steps)
        else:
            self._published.extend(steps)

    async def _persist(self, records: Sequence[OutgoingRecord]) -> None:
        while True:
            try:
                await self._producer.publish(records)
            except BrokerUnavailableError:
                LOGGER.warning("The broker takes no records", extra={"count": len(records)})
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
