"""Scheduler, worker and plugin gateway as the product puts them together, without their servers.

Each is one run of one process: it is started once, and what it was is gone when it has crashed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from flowyard.clock import Clock
from flowyard.contracts.topics import INSTANCE_EVENT
from flowyard.messaging.ports import Broker
from flowyard.settings import SecretStr
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.telemetry.tracing import Tracing
from flowyard_plugin_gateway.intake import StepIntake
from flowyard_plugin_gateway.main import PluginGatewayService
from flowyard_plugin_gateway.registry import PluginRegistry
from flowyard_plugin_gateway.settings import Settings as GatewaySettings
from flowyard_scheduler.loop import Loop
from flowyard_scheduler.main import SchedulerService, _eventually, _running
from flowyard_scheduler.settings import Settings as SchedulerSettings
from flowyard_worker.main import WorkerService
from flowyard_worker.plugin_client import PluginClient
from flowyard_worker.settings import Settings as WorkerSettings
from tests.support.simulation.counting import CountedMetrics
from tests.support.simulation.postgres.database import MemoryDatabase

PARTITIONS = 4
"""Few, so that instances share them, and more than there are schedulers."""

_KEY = "x" * 43 + "="

SCHEDULER = SchedulerSettings(
    database_url="postgresql://memory",
    partitions=PARTITIONS,
    window=16,
    trace_sample_ratio=0.0,
)
WORKER = WorkerSettings(
    partitions=PARTITIONS, slots=8, commit_seconds=0.5, running_check_seconds=0.5
)
GATEWAY = GatewaySettings(
    database_url="postgresql://memory",
    secret_key=SecretStr(_KEY),
    trace_sample_ratio=0.0,
    drain_seconds=5.0,
)

TRACING = Tracing("simulation", sample_ratio=0.0)
"""Records nothing, and holds nothing: all services may share it."""


_CLIENT = httpx.AsyncClient(verify=False)  # noqa: S501 - nothing is ever asked of it
"""For plugins that are not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a process finds when it starts."""

    database: MemoryDatabase
    broker: Broker
    clock: Clock
    metrics: CountedMetrics
    stopping: asyncio.Event
    """Set by a SIGTERM."""


class SimulatedScheduler(SchedulerService):
    """A scheduler; its loop is put together by the product."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__(
            SCHEDULER,
            broker=around.broker,
            clock=around.clock,
            database=around.database,
            metrics=around.metrics,
        )
        self.loop: Loop | None = None
        self._around = around

    async def live(self) -> None:
        broker = self._around.broker
        async with AsyncExitStack() as stack:
            count = await _eventually("Kafka", lambda: self._open_topics(broker))
            self.loop = await _eventually("Kafka", lambda: self._assemble(stack, broker, count))
            await stack.enter_async_context(_running(self.loop))
            await self._around.stopping.wait()


class SimulatedWorker(WorkerService):
    """A worker; its sessions are begun by the product."""

    def __init__(self, around: Surroundings, clients: Sequence[PluginClient]) -> None:
        super().__init__(
            WORKER,
            broker=around.broker,
            clock=around.clock,
            tracing=TRACING,
            metrics=around.metrics,
        )
        self._stopping = around.stopping
        self._clients = list(clients)  # type: ignore[arg-type]  # they are ready when they answer

    async def live(self) -> None:
        # Its topics are there before it: in the product it waits for them.
        await _eventually("Kafka", self._open_topics)
        await self._work_forever()

    async def _open_topics(self) -> None:
        if self._given_broker is not None:
            await self._given_broker.ensure_topic(INSTANCE_EVENT, partitions=PARTITIONS)


class SimulatedGateway(PluginGatewayService):
    """A plugin gateway; its parts are put together by the product."""

    def __init__(
        self,
        around: Surroundings,
        registry: PluginRegistry,
        open_door: Callable[[StepIntake], None],
    ) -> None:
        super().__init__(
            GATEWAY,
            registry=registry,
            clock=around.clock,
            client=_CLIENT,
            database=around.database,
            metrics=around.metrics,
        )
        self._stopping = around.stopping
        self._open_door = open_door

    async def live(self) -> None:
        async with AsyncExitStack() as stack:
            await _take_lease(self.lease.renew)
            await stack.enter_async_context(self.lease)
            await stack.enter_async_context(self._logs)
            await stack.enter_async_context(self.intake)
            await stack.enter_async_context(self._cancellations)
            stack.push_async_callback(self.intake.drain, self._settings.drain_seconds)
            self._open_door(self.intake)
            await self._stopping.wait()


async def _take_lease(renew: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await renew()
        except DatabaseUnavailableError:
            await asyncio.sleep(1.0)
        else:
            return
