"""Takes ready steps off one queue, and commits offsets behind the work."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Self

from typing_extensions import override

from flowyard.clock import Clock
from flowyard.contracts.topics import (
    NODE_READY_SCHEMA,
    OLDEST_RECORD_VERSION,
    RECORD_VERSION,
    SCHEMA_HEADER,
    is_newer,
    node_ready,
    version_of,
    worker_group,
)
from flowyard.messaging.consume import DeadLetters, OffsetTracker, commit_finished, lag_of
from flowyard.messaging.ports import (
    Broker,
    BrokerUnavailableError,
    Consumer,
    IncomingRecord,
    RebalanceListener,
    RecordRefusedError,
    TopicPartition,
)
from flowyard.telemetry.metrics import Metrics
from flowyard_worker.slots import Slots
from flowyard_worker.step import TakenStep
from flowyard_worker.wire import UnreadableError, read_step

RETRY_SECONDS = 1.0
"""Pause after the broker did not answer a poll or did not take a dead letter."""

_KNOWN_SCHEMA = NODE_READY_SCHEMA.encode()
_log = logging.getLogger("flowyard.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePace:
    """An intake's numbers, from the settings."""

    poll: timedelta
    """How long one poll waits for a first record."""
    commit_seconds: float
    """How often offsets are committed."""


class Intake(RebalanceListener):
    """One queue's consumer; an async context manager that commits and leaves on exit.

    Parameters
    ----------
    queue
        Whose steps are taken.
    broker
        Where they stand; the queue's topic must exist.
    dead_letters
        Where records go that do not decode.
    slots
        How much may be taken; shared with the other queues.
    metrics, clock
        For what it tells about itself.
    pace
        Its numbers.
    """

    def __init__(
        self,
        queue: str,
        *,
        broker: Broker,
        dead_letters: DeadLetters,
        slots: Slots,
        metrics: Metrics,
        clock: Clock,
        pace: IntakePace,
    ) -> None:
        self._queue = queue
        self._broker = broker
        self._dead_letters = dead_letters
        self._slots = slots
        self._metrics = metrics
        self._clock = clock
        self._pace = pace
        self._tracker = OffsetTracker()
        self._too_new: set[TopicPartition] = set()
        self._consumer: Consumer | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        consumer = self._consumer = await self._stack.enter_async_context(
            self._broker.consumer(
                [node_ready(self._queue)], group=worker_group(self._queue), listener=self
            )
        )
        self._stack.enter_context(
            self._metrics.showing("flowyard_kafka_lag_records", lambda: lag_of(consumer))
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Commit what is reported and give the queue's partitions away; safe to call twice.

        What is still open is delivered to another worker, which joins its run.
        """
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await self._commit(consumer)
        await self._stack.aclose()

    @property
    def understands_all(self) -> bool:
        """Tell whether no partition waits for a newer release of this worker."""
        return not self._too_new

    @override
    async def on_revoked(self, partitions: frozenset[TopicPartition]) -> None:
        """Forget offsets that another member owns; what runs is still reported."""
        self._tracker.forget(partitions)
        self._too_new -= partitions

    @override
    async def on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        """Begin anew: what was read of these partitions before is read again."""
        self._tracker.forget(partitions)
        self._too_new -= partitions

    async def take_forever(self, start: Callable[[Sequence[TakenStep]], None]) -> None:
        """Take steps as long as there is room, and hand on what came with one poll together.

        Parameters
        ----------
        start
            Called with steps that hold a slot each; must return at once.
        """
        consumer = self._opened()
        while True:
            await self._slots.wait_free(self._queue)
            try:
                records = await consumer.poll(
                    max_records=self._slots.free(self._queue), wait=self._pace.poll
                )
                steps = await self._take_in(consumer, records)
            except BrokerUnavailableError:
                _log.warning("The broker does not answer", extra={"queue": self._queue})
                await asyncio.sleep(RETRY_SECONDS)
                continue
            while steps:
                # Another queue may have been faster; what is left begins as room comes.
                count = await self._slots.take(len(steps), self._queue)
                start(steps[:count])
                steps = steps[count:]

    async def commit_forever(self) -> None:
        """Commit what is reported, now and then, and never in the work's way."""
        consumer = self._opened()
        while True:
            await asyncio.sleep(self._pace.commit_seconds)
            if self._consumer is None:
                continue
            await self._commit(consumer)

    async def _commit(self, consumer: Consumer) -> None:
        # What could not be committed stays noted and goes with the next commit.
        with suppress(BrokerUnavailableError):
            await commit_finished(consumer, self._tracker)

    def _opened(self) -> Consumer:
        if self._consumer is None:
            raise RuntimeError("Expected an intake that was entered, but it was not")
        return self._consumer

    async def _take_in(
        self, consumer: Consumer, records: Sequence[IncomingRecord]
    ) -> list[TakenStep]:
        steps: list[TakenStep] = []
        now = self._clock.monotonic()
        for record in records:
            place = record.place
            if place in self._too_new:
                continue
            if _is_newer(record):
                self._wait_for_upgrade(consumer, place, record.offset)
                continue
            if not self._tracker.started(record):
                continue
            finish = partial(self._tracker.finished, place, record.offset)
            try:
                ready = read_step(record.value)
            except UnreadableError as error:
                await self._put_aside(record, str(error))
                finish()
            else:
                steps.append(
                    TakenStep(
                        ready=ready,
                        body=record.value,
                        queue=self._queue,
                        taken_at=now,
                        deliveries=[finish],
                        record_version=_version(record),
                    )
                )
        return steps

    def _wait_for_upgrade(self, consumer: Consumer, place: TopicPartition, offset: int) -> None:
        self._too_new.add(place)
        consumer.pause(frozenset({place}))
        _log.error(
            "A record is of a newer release; its partition waits for an upgrade",
            extra={"topic": place.topic, "partition": place.partition, "offset": offset},
        )

    async def _put_aside(self, record: IncomingRecord, message: str) -> None:
        code = "undecodable"
        while True:
            try:
                await self._dead_letters.publish(record, code, message)
            except BrokerUnavailableError:
                await asyncio.sleep(RETRY_SECONDS)
            except RecordRefusedError as refusal:
                _log.error(  # the broker's answer says it all
                    "A dead letter is refused by the broker", extra={"reason": str(refusal)}
                )
                break
            else:
                break
        self._metrics.count("flowyard_worker_dead_letters_total", code=code)
        _log.error(
            "A record does not decode and was put aside",
            extra={"topic": record.topic, "partition": record.partition, "offset": record.offset},
        )


def _version(record: IncomingRecord) -> int:
    for name, value in record.headers:
        if name == SCHEMA_HEADER:
            is_newest = value == _KNOWN_SCHEMA
            return RECORD_VERSION if is_newest else version_of(value.decode(errors="replace"))
    return OLDEST_RECORD_VERSION


def _is_newer(record: IncomingRecord) -> bool:
    for name, value in record.headers:
        if name == SCHEMA_HEADER and value != _KNOWN_SCHEMA:
            return is_newer(value.decode(errors="replace"), NODE_READY_SCHEMA)
    return False
