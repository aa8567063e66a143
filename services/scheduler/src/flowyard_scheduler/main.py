"""The scheduler's process: what it is made of, and how it starts and stops."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

from flowyard.clock import Clock, SystemClock
from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT, SCHEDULER_GROUP
from flowyard.errors import RetryableError
from flowyard.messaging.consume import DeadLetters
from flowyard.messaging.kafka import KafkaBroker
from flowyard.messaging.ports import Broker
from flowyard.storage.database import Database
from flowyard.storage.migrate import check_schema, is_too_old_for
from flowyard.storage.postgres_clock import PostgresClock
from flowyard.storage.release import ReleaseWatch
from flowyard.telemetry.health import HealthServer
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.metrics_exporting import MetricExport
from flowyard.telemetry.tracing import Tracing
from flowyard_scheduler.batch import BatchRunner
from flowyard_scheduler.census import Census
from flowyard_scheduler.dispatch import Dispatcher
from flowyard_scheduler.holding import Holding
from flowyard_scheduler.load_reports import LoadReports
from flowyard_scheduler.loop import Loop
from flowyard_scheduler.measures import Measures, shown
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.outgoing import Outgoing
from flowyard_scheduler.ownership import Ownership
from flowyard_scheduler.publishing import Publisher
from flowyard_scheduler.repair import SCAN_SECONDS, Repair
from flowyard_scheduler.settings import Settings
from flowyard_scheduler.spans import Spans
from flowyard_scheduler.starts import Starts
from flowyard_scheduler.stuck import StuckNodes
from flowyard_scheduler.timers import Timers

LOGGER = logging.getLogger("flowyard.scheduler")

FIRST_PAUSE_SECONDS = 1.0
"""Pause before the second attempt to reach what a start needs; doubled up to the longest."""

LONGEST_PAUSE_SECONDS = 10.0
"""Longest pause between two attempts."""

DRAIN_SECONDS = 10.0
"""How long the present batch may take at the end."""

Result = TypeVar("Result")


class SchedulerService:
    """One scheduler; any number of them share the partitions.

    Parameters
    ----------
    settings
        What its environment says.
    broker
        None connects to the Kafka of the settings.
    clock
        The machine's clock, unless a test brings its own.
    database, metrics
        None makes the scheduler's own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        broker: Broker | None = None,
        clock: Clock | None = None,
        database: Database | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._settings = settings
        self._given_broker = broker
        self._clock = clock or SystemClock()
        self.metrics = metrics or Metrics("scheduler")
        """What this service counts."""
        self._database = database or Database(settings.database_url, pool_size=4)
        self._database.measure(self.metrics)
        self._broker: Broker | None = broker
        self._release = ReleaseWatch(self._database, is_too_old_for)
        self._loop: Loop | None = None
        self._stack = AsyncExitStack()
        self._health = HealthServer(
            settings.host, settings.port, self.metrics, self._readiness, self._facts
        )

    @property
    def url(self) -> str:
        """Where health and metrics are served."""
        return self._health.url

    async def __aenter__(self) -> Self:
        """Serve health at once; return when Postgres and Kafka answer and the loop runs.

        Raises
        ------
        SchemaMismatchError
            Raised if the database's schema is older than this release's.
        """
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._health)
            await stack.enter_async_context(MetricExport("scheduler", self.metrics))
            await _eventually("Postgres", lambda: stack.enter_async_context(self._database))
            await _eventually("Postgres", lambda: check_schema(self._database))
            await _eventually("Postgres", lambda: stack.enter_async_context(self._release))
            broker = self._given_broker
            if broker is None:
                kafka = KafkaBroker(
                    servers=self._settings.kafka_servers,
                    client_id="flowyard-scheduler",
                    session_timeout=timedelta(seconds=self._settings.session_seconds),
                    security=self._settings.kafka_security,
                )
                broker = await _eventually("Kafka", lambda: stack.enter_async_context(kafka))
            self._broker = broker
            count = await _eventually("Kafka", lambda: self._open_topics(broker))
            self._loop = await self._assemble(stack, broker, count)
            await stack.enter_async_context(_running(self._loop))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the present batch and leave the group; safe to call twice."""
        await self._stack.aclose()

    async def _readiness(self) -> dict[str, bool]:
        loop, broker = self._loop, self._broker
        return {
            "started": loop is not None and loop.is_well,
            "database": await self._database.is_available(),
            "broker": broker is not None and await broker.is_available(),
            "record_version": loop is None or loop.understands_all,
            "release": self._release.is_current,
        }

    def _facts(self) -> dict[str, float]:
        """Tell within what time another scheduler goes on when this one dies."""
        broker = self._broker
        if self._loop is None or not isinstance(broker, KafkaBroker):
            return {}
        return {"takeover_seconds": broker.takeover_bound.total_seconds()}

    async def _open_topics(self, broker: Broker) -> int:
        for topic in (INSTANCE_EVENT, INSTANCE_CHANGE):
            await broker.ensure_topic(topic, partitions=self._settings.partitions)
        return await broker.partition_count(INSTANCE_EVENT)

    async def _assemble(self, stack: AsyncExitStack, broker: Broker, count: int) -> Loop:
        """Put the loop together; what it is made of is closed with the stack."""
        settings = self._settings
        tracing = await stack.enter_async_context(
            Tracing("scheduler", sample_ratio=settings.trace_sample_ratio)
        )
        producer = await stack.enter_async_context(broker.producer())
        memory = self._memory()
        spans = Spans(tracing, memory.clock)
        ownership = Ownership(count=count, window=settings.window, memory=memory)
        consumer = await stack.enter_async_context(
            broker.consumer([INSTANCE_EVENT], group=SCHEDULER_GROUP, listener=ownership)
        )
        runner = self._runner(memory, spans, count)
        stack.enter_context(shown(self.metrics, memory, ownership, consumer))
        await stack.enter_async_context(
            LoadReports(database=self._database, memory=memory, clock=self._clock)
        )
        await stack.enter_async_context(self._census(ownership))
        return Loop(
            broker=broker,
            consumer=consumer,
            database=self._database,
            publisher=await stack.enter_async_context(Publisher(producer)),
            dead_letters=DeadLetters(producer, broker),
            ownership=ownership,
            runner=runner,
            repair=Repair(
                database=self._database, runner=runner, memory=memory, metrics=self.metrics
            ),
            outgoing=Outgoing(memory=memory, spans=spans, level=self._release.level),
            starts=Starts(database=self._database, memory=memory),
            spans=spans,
            memory=memory,
            clock=self._clock,
            measures=Measures(self.metrics, memory, self._clock),
            batch_size=settings.batch_size,
            partitions=count,
        )

    def _runner(self, memory: Memory, spans: Spans, partitions: int) -> BatchRunner:
        return BatchRunner(
            database=self._database,
            memory=memory,
            metrics=self.metrics,
            partitions=partitions,
            spans=spans,
            public_url=self._settings.public_url,
        )

    def _census(self, ownership: Ownership) -> Census:
        return Census(
            database=self._database,
            share=lambda: ownership.share,
            clock=self._clock,
            metrics=self.metrics,
        )

    def _memory(self) -> Memory:
        return Memory(
            holding=Holding(self._settings.held_nodes),
            dispatcher=Dispatcher(self._settings.window, self._settings.window_seconds),
            timers=Timers(),
            stuck=StuckNodes(timedelta(seconds=SCAN_SECONDS)),
            clock=PostgresClock(self._clock),
        )


@asynccontextmanager
async def _running(loop: Loop) -> AsyncIterator[None]:
    """Run a loop, and at the end let it finish its batch and commit."""
    advancing = asyncio.create_task(loop.run(), name="advance")
    committing = asyncio.create_task(loop.commit_offsets(), name="commit-offsets")
    try:
        yield
    finally:
        loop.stop()
        _, late = await asyncio.wait({advancing}, timeout=DRAIN_SECONDS)
        for one in (*late, committing):
            one.cancel()
        await asyncio.gather(advancing, committing, return_exceptions=True)
        with suppress(RetryableError):
            await loop.commit_now()


async def _eventually(what: str, attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Repeat what a start needs until it succeeds, with growing pauses."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return await attempt()
        except RetryableError as error:
            LOGGER.warning(
                "Not reachable yet; trying again",
                extra={"needed": what, "retry_seconds": pause, "reason": str(error)},
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
