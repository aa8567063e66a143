"""Publishes results to the owners of their instances, all that are ready in one call.

Rules. One publish is open at a time, so that the records of an instance keep
their order and whatever becomes ready meanwhile travels together in the next
one. A record's offset may move on only when the broker has acknowledged the
result of its step. The step's slot is free before that, for the way to the broker
is no work; but as soon as as many results wait as there are slots, the steps behind
them keep theirs: while the broker is away the worker fills up and takes nothing more.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from msgspec import Struct

from flowyard.contracts.topics import (
    INSTANCE_EVENT,
    INSTANCE_EVENT_SCHEMA,
    TRACEPARENT_HEADER,
    schema_header,
)
from flowyard.messaging.ports import (
    BrokerUnavailableError,
    OutgoingRecord,
    Producer,
    RecordRefusedError,
)
from flowyard.tasks import stop
from flowyard.telemetry.logs import about
from flowyard.telemetry.metrics import Metrics
from flowyard_worker.slots import Slots
from flowyard_worker.step import TakenStep
from flowyard_worker.wire import StepKey, write_result

_log = logging.getLogger("flowyard.worker")


class Report(Struct, frozen=True):
    """What is to be told about a step."""

    step: TakenStep
    outcome: str
    value: bytes
    """A :class:`flowyard.contracts.records.StepResult` as JSON."""


class Topics(Protocol):
    """What the reporter asks a broker."""

    async def partition_count(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        ...


class Reporter:
    """Where results go; an async context manager.

    Parameters
    ----------
    producer
        Publishes them.
    topics
        Asked for the number of partitions.
    slots
        Given back as results come in; once as many wait as there are slots, as they
        are acknowledged.
    metrics
        Counts them.
    retry_seconds
        Pause before a publish that failed is tried again.
    """

    def __init__(
        self,
        producer: Producer,
        *,
        topics: Topics,
        slots: Slots,
        metrics: Metrics,
        retry_seconds: float,
    ) -> None:
        self._producer = producer
        self._topics = topics
        self._slots = slots
        self._metrics = metrics
        self._retry_seconds = retry_seconds
        self._partitions = 0
        self._results: list[Report] = []
        self._running: dict[StepKey, Report] = {}
        self._waiting = 0
        """Results that the broker has not acknowledged."""
        self._wake = asyncio.Event()
        self._flushed = asyncio.Event()
        self._flushed.set()
        self._publishing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._partitions = await self._topics.partition_count(INSTANCE_EVENT)
        self._publishing = asyncio.create_task(self.publish_forever(), name="reporter")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        publishing, self._publishing = self._publishing, None
        if publishing is not None:
            await stop(publishing)

    @property
    def publishing(self) -> asyncio.Task[None] | None:
        """The task that publishes; it ends only by an error or on exit."""
        return self._publishing

    def report(self, report: Report) -> None:
        """Publish how a step ended with the next publish.

        Another step may have its slot meanwhile, unless the broker is so far behind that what
        waits for it would have no bound.
        """
        if self._running:
            self._running.pop(report.step.key, None)
        self._results.append(report)
        self._waiting += 1
        step = report.step
        if step.holds_slot and self._waiting <= self._slots.limit:
            step.holds_slot = False
            self._slots.release(1, step.queue)
        self._rouse()

    def report_running(self, reports: Sequence[Report]) -> None:
        """Publish that steps still run; an older such report that still waits is replaced."""
        if reports:
            self._running.update((report.step.key, report) for report in reports)
            self._rouse()

    async def flushed(self) -> None:
        """Return once everything is published that was reported."""
        await self._flushed.wait()

    async def publish_forever(self) -> None:
        """Publish whatever is ready, as soon as it is."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            results, self._results = self._results, []
            running, self._running = self._running, {}
            await self._publish([*running.values(), *results])
            self._settle(results, len(running))
            if not self._wake.is_set():
                self._flushed.set()

    def _rouse(self) -> None:
        self._flushed.clear()
        self._wake.set()

    async def _publish(self, reports: Sequence[Report]) -> None:
        while True:
            try:
                await self._learn_partitions(reports)
                await self._publish_together(reports)
            except BrokerUnavailableError:
                _log.warning(
                    "Results could not be published and are tried again",
                    extra=about([report.step for report in reports]),
                )
                await asyncio.sleep(self._retry_seconds)
            else:
                return

    async def _publish_together(self, reports: Sequence[Report]) -> None:
        try:
            await self._producer.publish([self._record(report) for report in reports])
        except RecordRefusedError:
            # Which one it is, only publishing each alone can tell; the others may go out twice.
            for report in reports:
                await self._publish_alone(report)

    async def _publish_alone(self, report: Report) -> None:
        try:
            await self._producer.publish([self._record(report)])
        except RecordRefusedError as error:
            _log.error(  # the broker's answer says it all
                "A result is refused by the broker and reported as a failure",
                extra={**report.step.log_facts, "reason": str(error)},
            )
            await self._producer.publish([self._record(_refused(report.step))])

    async def _learn_partitions(self, reports: Sequence[Report]) -> None:
        # Only a partition beyond the count we know can mean that the topic has grown.
        if max(report.step.ready.ref.partition for report in reports) >= self._partitions:
            self._partitions = await self._topics.partition_count(INSTANCE_EVENT)

    def _record(self, report: Report) -> OutgoingRecord:
        step = report.step
        ref = step.ready.ref
        traceparent = step.traceparent
        schema = schema_header(INSTANCE_EVENT_SCHEMA, step.record_version)
        return OutgoingRecord(
            topic=INSTANCE_EVENT,
            partition=ref.partition % self._partitions,
            key=ref.instance_id.bytes,
            value=report.value,
            headers=(
                (schema,)
                if traceparent is None
                else (schema, (TRACEPARENT_HEADER, traceparent.encode()))
            ),
        )

    def _settle(self, results: Sequence[Report], running: int) -> None:
        self._waiting -= len(results)
        for report in results:
            report.step.finish()
        held = Counter(report.step.queue for report in results if report.step.holds_slot)
        for queue, count in held.items():
            self._slots.release(count, queue)
        for outcome, count in Counter(report.outcome for report in results).items():
            self._metrics.count("flowyard_worker_steps_reported_total", count, outcome=outcome)
        if running:
            self._metrics.count("flowyard_worker_running_reports_total", running)


def failed(step: TakenStep, code: str, message: str) -> Report:
    """Return the report of a step that no gateway has ended."""
    value = write_result(step.ready.ref, "failed", step.began_at, code=code, message=message)
    return Report(step, "failed", value)


def _refused(step: TakenStep) -> Report:
    return failed(step, "result_refused", "The broker does not take the result of this step")
