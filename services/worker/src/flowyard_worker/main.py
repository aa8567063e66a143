"""The worker as a service."""

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from flowyard.clock import Clock, SystemClock
from flowyard.messaging.kafka import KafkaBroker
from flowyard.messaging.ports import Broker, BrokerUnavailableError
from flowyard.telemetry.health import HealthServer
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.metrics_exporting import MetricExport
from flowyard.telemetry.tracing import Tracing
from flowyard_worker.gateways import PluginGateways
from flowyard_worker.plugin_client import HttpPluginClient
from flowyard_worker.session import Session
from flowyard_worker.settings import Settings

FIRST_PAUSE_SECONDS = 1.0
"""How long the worker waits after it did not find its broker; doubles each time."""

LONGEST_PAUSE_SECONDS = 10.0
"""How long at most."""

_log = logging.getLogger("flowyard.worker")


class WorkerService:
    """One worker: started on enter, drained on exit; an async context manager.

    Entering returns before the broker is there: health answers from then on, and
    readiness tells when the worker takes steps.

    Parameters
    ----------
    settings
        What it is told.
    broker
        An open broker that outlives it; None connects to Kafka.
    clock
        For tests.
    tracing, metrics
        For tests; None makes the worker's own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        broker: Broker | None = None,
        clock: Clock | None = None,
        tracing: Tracing | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._settings = settings
        self._given_broker = broker
        self._broker = broker
        self._clock = clock or SystemClock()
        self._metrics = metrics or Metrics("worker")
        self._tracing = tracing or Tracing("worker", sample_ratio=settings.trace_sample_ratio)
        self._health = HealthServer(
            settings.host, settings.port, self._metrics, self.readiness, self._facts
        )
        self._session: Session | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._stopping = asyncio.Event()
        self._working: asyncio.Task[None] | None = None
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """Where health and metrics are served."""
        return self._health.url

    @property
    def metrics(self) -> Metrics:
        """What the worker counts."""
        return self._metrics

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._tracing)
            await stack.enter_async_context(self._health)
            await stack.enter_async_context(MetricExport("worker", self._metrics))
            self._clients = [
                await stack.enter_async_context(HttpPluginClient(url))
                for url in self._settings.plugin_gateway_urls
            ]
            self._working = asyncio.create_task(self._work_forever(), name="worker")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        working, self._working = self._working, None
        try:
            if working is not None:
                await working
        finally:
            await self._stack.aclose()

    async def readiness(self) -> dict[str, bool]:
        """Return what the worker needs and whether it has it now."""
        session, broker = self._session, self._broker
        has_broker = session is not None and broker is not None and await broker.is_available()
        gateways = await asyncio.gather(*(client.is_ready() for client in self._clients))
        return {
            "broker": has_broker,
            "plugin_gateway": any(gateways),
            "record_version": session is None or session.understands_all,
        }

    def _facts(self) -> dict[str, float]:
        """Tell within what time another worker is given the steps of this one when it dies."""
        if self._session is None or not isinstance(self._broker, KafkaBroker):
            return {}
        return {"takeover_seconds": self._broker.takeover_bound.total_seconds()}

    async def _work_forever(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._work()
            except BrokerUnavailableError as error:
                _log.warning(
                    "The broker is not there yet",
                    extra={"reason": str(error), "retry_seconds": self._pause},
                )
            except Exception:  # noqa: BLE001  # outermost loop: whatever it was, it begins again
                _log.exception("The worker's session ended by an error and begins again")
            else:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._pause)
            self._pause = min(LONGEST_PAUSE_SECONDS, self._pause * 2)

    async def _work(self) -> None:
        gateways = PluginGateways(
            self._clients,
            clock=self._clock,
            first_rest_seconds=self._settings.backoff_seconds,
            longest_rest_seconds=self._settings.backoff_limit_seconds,
            absent_seconds=self._settings.absent_seconds,
        )
        async with AsyncExitStack() as stack:
            if self._given_broker is None:
                self._broker = await stack.enter_async_context(
                    KafkaBroker(
                        servers=self._settings.kafka_servers,
                        client_id="flowyard-worker",
                        session_timeout=timedelta(seconds=self._settings.session_seconds),
                        security=self._settings.kafka_security,
                    )
                )
            broker = self._broker
            if broker is None:
                raise BrokerUnavailableError("Expected a broker, but there is none")
            session = await stack.enter_async_context(
                Session(
                    self._settings,
                    broker=broker,
                    gateways=gateways,
                    tracing=self._tracing,
                    metrics=self._metrics,
                    clock=self._clock,
                )
            )
            self._session = session
            self._pause = FIRST_PAUSE_SECONDS
            try:
                _log.info("The worker takes steps", extra={"queues": list(self._settings.queues)})
                await session.run(self._stopping)
            finally:
                self._session = None
