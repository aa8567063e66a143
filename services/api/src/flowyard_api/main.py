"""The API as a service."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

from flowyard.clock import Clock, SystemClock
from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT
from flowyard.errors import RetryableError
from flowyard.messaging.kafka import KafkaBroker
from flowyard.messaging.ports import Broker
from flowyard.storage.database import Database
from flowyard.storage.migrate import check_schema, is_too_old_for
from flowyard.storage.release import ReleaseWatch
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.metrics_exporting import MetricExport
from flowyard.telemetry.serving import AppServer
from flowyard.telemetry.tracing import Tracing
from flowyard_api.actors import Actors
from flowyard_api.admission import Admission, AdmissionLimits
from flowyard_api.app import create_app
from flowyard_api.catalog import PluginCatalog
from flowyard_api.changes import ChangeFeed
from flowyard_api.cleaning import clean
from flowyard_api.context import ApiContext
from flowyard_api.doorbells import Doorbells
from flowyard_api.log_feeds import LogFeeds
from flowyard_api.retirement import keep_retiring, place_of, retirement_of
from flowyard_api.settings import Settings
from flowyard_api.usecases.archived_rows import ArchiveReader

FIRST_PAUSE = timedelta(seconds=1)
"""Pause before the second attempt to reach what a start needs; doubled each time."""

LONGEST_PAUSE = timedelta(seconds=10)
"""Longest pause between two attempts."""

_log = logging.getLogger("flowyard.api")


class ApiService:
    """One API process: started on enter, drained on exit; an async context manager.

    Entering returns once it listens and has tried to reach what it needs. While
    Postgres or Kafka are absent it keeps trying; health answers from then on,
    other requests get 503, and readiness tells when it works.

    Parameters
    ----------
    settings
        What it is told.
    broker
        An open broker that outlives it; None connects to Kafka.
    clock
        For tests.
    tracing
        For tests; None makes the API's own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        broker: Broker | None = None,
        clock: Clock | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._own_broker: KafkaBroker | None = None
        if broker is None:
            broker = self._own_broker = KafkaBroker(
                servers=settings.kafka_servers,
                client_id="flowyard-api",
                security=settings.kafka_security,
            )
        self._broker: Broker = broker
        self._settings = settings
        clock = clock or SystemClock()
        metrics = Metrics("api")
        database = Database(settings.database_url, pool_size=settings.database_pool_size)
        database.measure(metrics)
        self._release = ReleaseWatch(database, is_too_old_for)
        place = place_of(settings)
        self.context = ApiContext(
            settings=settings,
            clock=clock,
            database=database,
            doorbells=Doorbells(self._broker, metrics, self._release.level),
            changes=ChangeFeed(self._broker, metrics),
            actors=Actors(database, clock),
            admission=Admission(database, clock, metrics, _limits(settings)),
            plugins=PluginCatalog(clock),
            metrics=metrics,
            logs=LogFeeds(database, clock, metrics),
            tracing=tracing or Tracing("api", sample_ratio=settings.trace_sample_ratio),
            archive=ArchiveReader(place),
        )
        """What its requests use."""
        self._retirement = retirement_of(settings, database, place, metrics=metrics, clock=clock)
        self.app = create_app(self.context, self.readiness)
        """What it serves."""
        self._server = AppServer(self.app, settings.host, settings.port)
        self._stack = AsyncExitStack()
        self._running: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._stopping = asyncio.Event()

    @property
    def url(self) -> str:
        """Where a client on this machine reaches it."""
        return self._server.url

    async def __aenter__(self) -> Self:
        """Listen, and reach for what it needs.

        Raises
        ------
        SchemaMismatchError
            Raised if the database answers and its schema is older than the code's.
        """
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.context.tracing)
            await stack.enter_async_context(self._server)
            await stack.enter_async_context(MetricExport("api", self.context.metrics))
            self._running = asyncio.create_task(self._run(), name="api")
            stack.push_async_callback(self._stop)
            tried = asyncio.create_task(self._tried.wait())
            await asyncio.wait({self._running, tried}, return_when=asyncio.FIRST_COMPLETED)
            tried.cancel()
            if self._running.done():
                await self._running
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End live views, let requests end, ring the last doorbells; safe to call twice."""
        await self._stack.aclose()

    async def wait_failed(self) -> None:
        """Return or raise when the service has come to an end by itself."""
        if self._running is not None:
            await asyncio.shield(self._running)

    async def readiness(self) -> dict[str, bool]:
        """Return what the service needs and whether it has it now."""
        return {
            "started": self.context.is_started,
            "database": await self.context.database.is_available(),
            "broker": await self._broker.is_available(),
            "live_views": self.context.changes.is_connected,
            "release": self._release.is_current,
        }

    async def _stop(self) -> None:
        running, self._running = self._running, None
        self._stopping.set()
        if running is None:
            return
        if not self.context.is_started:
            running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    async def _run(self) -> None:
        context = self.context
        async with AsyncExitStack() as stack:
            await self._eventually("Postgres", lambda: stack.enter_async_context(context.database))
            await self._eventually("Postgres", lambda: check_schema(context.database))
            await self._eventually("Postgres", lambda: stack.enter_async_context(self._release))
            kafka = self._own_broker
            if kafka is not None:
                await self._eventually("Kafka", lambda: stack.enter_async_context(kafka))
            await self._eventually("Kafka", self._open_topics)
            await self._eventually("Kafka", lambda: stack.enter_async_context(context.doorbells))
            await stack.enter_async_context(context.changes)
            await stack.enter_async_context(context.logs)
            context.is_started = True
            self._tried.set()
            _log.info("Started", extra={"url": self.url})
            async with asyncio.TaskGroup() as beside:
                history = timedelta(days=self._settings.webhook_history_days)
                beside.create_task(clean(context.database, self._stopping, webhook_history=history))
                beside.create_task(context.admission.keep_informed(self._stopping))
                beside.create_task(
                    keep_retiring(
                        self._retirement, self._stopping, self._settings.retention_period_seconds
                    )
                )
            # Streams have to end before the server can: whoever looks on is let go first.
            await context.changes.__aexit__(None, None, None)
            await context.logs.__aexit__(None, None, None)
            await self._server.aclose()
            context.is_started = False

    async def _open_topics(self) -> None:
        for topic in (INSTANCE_EVENT, INSTANCE_CHANGE):
            await self._broker.ensure_topic(topic, partitions=self._settings.partitions)

    async def _eventually(self, what: str, attempt: Callable[[], Awaitable[object]]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await attempt()
            except RetryableError as error:
                _log.warning(
                    "Waiting for what the start needs",
                    extra={
                        "needed": what,
                        "reason": str(error),
                        "retry_seconds": pause.total_seconds(),
                    },
                )
            else:
                return
            self._tried.set()
            await asyncio.sleep(pause.total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)


def _limits(settings: Settings) -> AdmissionLimits:
    return AdmissionLimits(
        start_wait_seconds=settings.start_wait_seconds,
        start_backlog=settings.start_backlog,
        queue_backlog=settings.queue_backlog,
    )
