"""The scheduler's process: what it is made of, and how it starts and stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self, TypeVar

from flowyard.clock import Clock, SystemClock
from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT, SCHEDULER_GROUP
from flowyard.errors import RetryableError
from flowyard.messaging.consume import DeadLetters
from flowyard.messaging.kafka import KafkaBroker
from flowyard.messaging.ports import Broker
from flowyard.storage.database import Database
from flowyard.storage.migrate import check_schema
from flowyard.telemetry.health import HealthServer
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.tracing import Tracing
from flowyard_scheduler.batch import BatchRunner
from flowyard_scheduler.dispatch import Dispatcher
from flowyard_scheduler.holding import Holding
from flowyard_scheduler.loop import Loop
from flowyard_scheduler.outgoing import Outgoing
from flowyard_scheduler.ownership import Ownership
from flowyard_scheduler.postgres_clock import PostgresClock
from flowyard_scheduler.publishing import Publisher
from flowyard_scheduler.repair import Repair
from flowyard_scheduler.settings import Settings
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
    """

    def __init__(
        self, *, settings: Settings, broker: Broker | None = None, clock: Clock | None = None
    ) -> None:
        self._settings = settings
        self._given_broker = broker
        self._clock = clock or SystemClock()
        self.metrics = Metrics("scheduler")
        """What this service counts."""
        self._database = Database(settings.database_url, pool_size=4)
        self._broker: Broker | None = broker
        self._loop: Loop | None = None
        self._stack = AsyncExitStack()
        self._health = HealthServer(settings.host, settings.port, self.metrics, self._readiness)
        self._starting: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where health and metrics are served."""
        return self._health.url

    async def __aenter__(self) -> Self:
        """Serve health at once, and begin to advance as soon as Postgres and Kafka answer."""
        await self._stack.enter_async_context(self._health)
        self._starting = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the present batch and leave the group; safe to call twice."""
        running, self._starting = self._starting, None
        if running is not None:
            if self._loop is None:
                running.cancel()
            else:
                self._loop.stop()
            _, late = await asyncio.wait({running}, timeout=DRAIN_SECONDS)
            for one in late:
                one.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await self._stack.aclose()

    async def wait_failed(self) -> None:
        """Return or raise when the service has come to an end by itself."""
        if self._starting is not None:
            await asyncio.shield(self._starting)

    async def _readiness(self) -> dict[str, bool]:
        if self._loop is None or self._broker is None:
            return {"started": False}
        return {
            "started": True,
            "database": await self._database.is_available(),
            "broker": await self._broker.is_available(),
            "records_understood": not self._loop.too_new,
        }

    async def _supervise(self) -> None:
        try:
            await self._run()
        except Exception:
            LOGGER.exception("The scheduler has come to an end by a fault")
            raise

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            await _eventually("Postgres", lambda: stack.enter_async_context(self._database))
            await _eventually("Postgres", lambda: check_schema(self._database))
            broker = self._given_broker
            if broker is None:
                kafka = KafkaBroker(servers=self._settings.kafka_servers)
                broker = await _eventually("Kafka", lambda: stack.enter_async_context(kafka))
            self._broker = broker
            count = await _eventually("Kafka", lambda: self._open_topics(broker))
            await self._advance(stack, broker, count)

    async def _open_topics(self, broker: Broker) -> int:
        for topic in (INSTANCE_EVENT, INSTANCE_CHANGE):
            await broker.ensure_topic(topic, partitions=self._settings.partitions)
        return await broker.partition_count(INSTANCE_EVENT)

    async def _advance(self, stack: AsyncExitStack, broker: Broker, count: int) -> None:
        """Put the loop together and run it to its end."""
        tracing = await stack.enter_async_context(
            Tracing("scheduler", sample_ratio=self._settings.trace_sample_ratio)
        )
        producer = await stack.enter_async_context(broker.producer())
        publisher = await stack.enter_async_context(Publisher(producer))
        holding = Holding(self._settings.held_nodes)
        dispatcher = Dispatcher(self._settings.window)
        timers = Timers()
        postgres_clock = PostgresClock(self._clock)
        ownership = Ownership(
            count=count,
            window=self._settings.window,
            holding=holding,
            dispatcher=dispatcher,
            timers=timers,
        )
        consumer = await stack.enter_async_context(
            broker.consumer([INSTANCE_EVENT], group=SCHEDULER_GROUP, listener=ownership)
        )
        runner = BatchRunner(
            database=self._database,
            holding=holding,
            dispatcher=dispatcher,
            clock=postgres_clock,
            metrics=self.metrics,
            partitions=count,
        )
        self._loop = Loop(
            broker=broker,
            consumer=consumer,
            database=self._database,
            publisher=publisher,
            dead_letters=DeadLetters(producer, broker),
            ownership=ownership,
            runner=runner,
            repair=Repair(
                database=self._database,
                runner=runner,
                holding=holding,
                dispatcher=dispatcher,
                timers=timers,
                clock=postgres_clock,
                metrics=self.metrics,
            ),
            outgoing=Outgoing(
                holding=holding,
                dispatcher=dispatcher,
                timers=timers,
                clock=postgres_clock,
                tracing=tracing,
            ),
            holding=holding,
            dispatcher=dispatcher,
            timers=timers,
            postgres_clock=postgres_clock,
            clock=self._clock,
            metrics=self.metrics,
            batch_size=self._settings.batch_size,
            partitions=count,
        )
        committing = asyncio.create_task(self._loop.commit_offsets())
        try:
            await self._loop.run()
        finally:
            committing.cancel()
            await asyncio.gather(committing, return_exceptions=True)
            await self._loop.commit_now()


async def _eventually(what: str, attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Repeat what a start needs until it succeeds, with growing pauses."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return await attempt()
        except RetryableError as error:
            LOGGER.warning(
                "Not reachable yet; trying again",
                extra={"what": what, "pause_seconds": pause, "reason": str(error)},
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
