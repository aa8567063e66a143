"""The plugin gateway as a service: started, ready, drained, gone."""

import asyncio
import logging
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import httpx
from opentelemetry.sdk.trace.export import SpanExporter

from flowyard.clock import Clock, SystemClock
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.migrate import check_schema, is_too_old_for
from flowyard.storage.plugins import PublishedPlugin, publish_catalog
from flowyard.storage.release import ReleaseWatch
from flowyard.storage.sealed_box import BoxOpener
from flowyard.storage.sealing import Sealer
from flowyard.storage.webhook_claims import announce_key
from flowyard.telemetry.logs import hidden_in_logs
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.metrics_exporting import MetricExport
from flowyard.telemetry.serving import AppServer
from flowyard.telemetry.tracing import Tracing
from flowyard_plugin_gateway.answers import AnswerGate
from flowyard_plugin_gateway.built_in import built_in_plugins
from flowyard_plugin_gateway.cancel_call import CancelCall
from flowyard_plugin_gateway.cancellation import CancellationWatch
from flowyard_plugin_gateway.execution import StepExecutor
from flowyard_plugin_gateway.handlers import create_app
from flowyard_plugin_gateway.http_client import new_client
from flowyard_plugin_gateway.intake import StepIntake
from flowyard_plugin_gateway.lease import RENEW_SECONDS, RunnerLease
from flowyard_plugin_gateway.log_writer import LogWriter
from flowyard_plugin_gateway.preparation import Preparation, SecretCache
from flowyard_plugin_gateway.references import KnownSecrets
from flowyard_plugin_gateway.registry import PluginRegistry
from flowyard_plugin_gateway.settings import Settings
from flowyard_plugin_gateway.webhook_call import WebhookCall
from flowyard_plugin_gateway.webhooks import WebhookDeliveries

logger = logging.getLogger("flowyard.plugin_gateway")

FIRST_RETRY_SECONDS = 1.0
"""First wait for an absent Postgres; each further one is twice as long."""

LAST_RETRY_SECONDS = 10.0
"""Longest wait for an absent Postgres."""


class PluginGatewayService:
    """One plugin gateway, an async context manager.

    Entering starts the HTTP interface, waits for Postgres, and takes the lease.
    Leaving takes nothing new, lets running steps end within the settings' bound,
    stores their outcomes, and gives the lease up.

    Parameters
    ----------
    settings
        Where it listens and what it talks to.
    registry
        The plugins; None takes the built-in ones and those that are installed.
    clock
        None takes the machine's.
    exporter
        Where spans go; None asks the environment.
    client, database, metrics
        For tests; None makes the gateway's own.

    Raises
    ------
    SchemaMismatchError
        Raised on entering if the database's schema is older than this release's.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        registry: PluginRegistry | None = None,
        clock: Clock | None = None,
        exporter: SpanExporter | None = None,
        client: httpx.AsyncClient | None = None,
        database: Database | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.metrics = metrics or Metrics("plugin-gateway")
        self._settings = settings
        self._client = client or new_client(proxy_url=settings.proxy_url)
        self._database = database or Database(
            settings.database_url, pool_size=settings.database_pool_size
        )
        self._database.measure(self.metrics)
        self._lease_database = database or Database(settings.database_url, pool_size=1)
        self._release = ReleaseWatch(self._database, is_too_old_for)
        self._tracing = Tracing(
            "plugin-gateway", sample_ratio=settings.trace_sample_ratio, exporter=exporter
        )
        self.lease = RunnerLease(self._lease_database, self.metrics, clock or SystemClock())
        """This process's claim to be alive."""
        chosen = self.lease.postgres_clock
        self.registry = registry or PluginRegistry.discover(built_in_plugins(self._client, chosen))
        """The plugins that can be run here."""
        self._known = KnownSecrets()
        self._logs = LogWriter(self._database, self.metrics, chosen)
        self._boxes = BoxOpener(settings.secret_key.get_secret_value())
        self._webhooks = WebhookDeliveries(
            database=self._database,
            metrics=self.metrics,
            call=WebhookCall(self._client, self._boxes, self._tracing, chosen),
            clock=chosen,
            places=settings.webhook_deliveries,
        )
        self.intake, self._cancellations = self._new_intake(chosen)
        """Where steps are taken in, and where they are cancelled."""
        app = create_app(
            intake=self.intake,
            registry=self.registry,
            metrics=self.metrics,
            readiness=self._readiness,
        )
        self._server = AppServer(app, settings.host, settings.port)
        self._stack: AsyncExitStack | None = None

    def _new_intake(self, clock: Clock) -> tuple[StepIntake, CancellationWatch]:
        sealer = Sealer(self._settings.secret_key.get_secret_value())
        gate = AnswerGate(sealer)
        preparation = Preparation(SecretCache(self._database, sealer, clock), sealer, self._known)
        executor = StepExecutor(
            lease=self.lease,
            gate=gate,
            tracing=self._tracing,
            metrics=self.metrics,
            clock=clock,
            logs=self._logs,
            callback_url=self._settings.callback_url,
        )
        intake = StepIntake(
            database=self._database,
            metrics=self.metrics,
            registry=self.registry,
            lease=self.lease,
            preparation=preparation,
            executor=executor,
            gate=gate,
            logs=self._logs,
            capacity=self._settings.capacity,
        )
        call = CancelCall(
            registry=self.registry, preparation=preparation, executor=executor, logs=self._logs
        )
        return intake, CancellationWatch(
            database=self._database,
            metrics=self.metrics,
            registry=self.registry,
            lease=self.lease,
            intake=intake,
            call=call,
        )

    @property
    def url(self) -> str:
        """Where a client on this machine reaches it."""
        return self._server.url

    async def __aenter__(self) -> Self:
        """Start, and return once steps can be taken."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._client.aclose)
            stack.enter_context(hidden_in_logs(self._known.mask))
            await stack.enter_async_context(self._tracing)
            await stack.enter_async_context(self._server)
            await stack.enter_async_context(MetricExport("plugin-gateway", self.metrics))
            await self._wait_for_postgres(stack)
            await stack.enter_async_context(self.lease)
            await stack.enter_async_context(self._logs)
            await stack.enter_async_context(self.intake)
            await stack.enter_async_context(self._cancellations)
            await stack.enter_async_context(self._webhooks)
            sampling = asyncio.create_task(self._sample(), name="sample")
            stack.callback(sampling.cancel)
            # Pushed last, so that it happens first, while answers can still be delivered.
            stack.push_async_callback(self.intake.drain, self._settings.drain_seconds)
            self._stack = stack.pop_all()
        logger.info(
            "The plugin gateway is ready",
            extra={"url": self.url, "boot_id": str(self.lease.boot_id)},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drain and stop; safe to call twice."""
        stack, self._stack = self._stack, None
        if stack is not None:
            await stack.aclose()

    async def _readiness(self) -> dict[str, bool]:
        return {
            "database": await self._database.is_available(),
            "lease": self.lease.is_held(),
            "accepting": self.intake.is_accepting,
            "release": self._release.is_current,
        }

    async def _wait_for_postgres(self, stack: AsyncExitStack) -> None:
        wait = FIRST_RETRY_SECONDS
        while True:
            async with AsyncExitStack() as attempt:
                try:
                    await attempt.enter_async_context(self._database)
                    await attempt.enter_async_context(self._lease_database)
                    await check_schema(self._database)
                    await attempt.enter_async_context(self._release)
                    await self.lease.renew()
                    await self._publish_catalog()
                except DatabaseUnavailableError as error:
                    logger.warning(
                        "Postgres does not answer; trying again",
                        extra={"reason": str(error), "retry_seconds": wait},
                    )
                else:
                    stack.push_async_exit(attempt.pop_all())
                    return
            await asyncio.sleep(wait)
            wait = min(2 * wait, LAST_RETRY_SECONDS)

    async def _publish_catalog(self) -> None:
        """Tell the API and designers what can be run here, and for whom to seal secrets."""
        told = [PublishedPlugin(**info.model_dump()) for info in self.registry.infos()]
        async with self._database.transaction() as connection:
            await publish_catalog(connection, told)
        async with self._database.hot() as driver:
            await announce_key(driver, self._boxes.public_key)

    async def _sample(self) -> None:
        while True:
            self.intake.sample()
            await asyncio.sleep(RENEW_SECONDS)
