"""Everything that a worker does while its broker is there.

What depends on the broker lives and dies together: an unexpected error in one
part ends the session, and the service begins a new one. Kafka then delivers
again what was not committed.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Literal, Self

from flowyard.clock import Clock
from flowyard.contracts.topics import node_ready
from flowyard.messaging.consume import DeadLetters
from flowyard.messaging.ports import Broker
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.tracing import Tracing
from flowyard_worker.batching import BatchLimits
from flowyard_worker.executor import Executor, ExecutorLimits
from flowyard_worker.gateways import PluginGateways
from flowyard_worker.intake import Intake, IntakePace
from flowyard_worker.reporter import Reporter
from flowyard_worker.running import RunningReports
from flowyard_worker.settings import Settings
from flowyard_worker.slots import Slots

FLUSH_SECONDS = 2.0
"""How long the last results may take to be acknowledged once the steps have ended."""

_Ending = asyncio.Future[None] | asyncio.Future[Literal[True]]
_log = logging.getLogger("flowyard.worker")


class Session:
    """Queues, executor and reporter on one broker; an async context manager.

    Parameters
    ----------
    settings
        The worker's.
    broker
        Open already.
    gateways
        Who runs steps.
    tracing, metrics, clock
        For what it tells about itself.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        broker: Broker,
        gateways: PluginGateways,
        tracing: Tracing,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._broker = broker
        self._gateways = gateways
        self._tracing = tracing
        self._metrics = metrics
        self._clock = clock
        self._slots = Slots(settings.slots, metrics, queues=len(settings.queues))
        self._intakes: Sequence[Intake] = ()
        self._stack = AsyncExitStack()

    @property
    def understands_all(self) -> bool:
        """Tell whether no partition waits for a newer release of this worker."""
        return all(intake.understands_all for intake in self._intakes)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(exc_type, exc, traceback)

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until told to stop, then let open steps end.

        Raises
        ------
        BrokerUnavailableError
            Raised if the broker is lost for what cannot wait for it.
        """
        taking = [
            asyncio.create_task(intake.take_forever(self._executor.start))
            for intake in self._intakes
        ]
        beside: list[asyncio.Future[None]] = [self._executor.broken]
        beside += [asyncio.create_task(intake.commit_forever()) for intake in self._intakes]
        beside.append(
            asyncio.create_task(self._running.report_forever(self._settings.running_check_seconds))
        )
        if self._reporter.publishing is not None:
            beside.append(self._reporter.publishing)
        told = asyncio.create_task(stopping.wait())
        try:
            await _first([told, *taking, *beside])
            await _cancel(taking)
            await self._drain(beside)
        finally:
            await _cancel([told, *taking, *beside])

    async def _open(self, stack: AsyncExitStack) -> None:
        settings, slots, metrics = self._settings, self._slots, self._metrics
        for queue in settings.queues:
            await self._broker.ensure_topic(node_ready(queue), partitions=settings.partitions)
        producer = await stack.enter_async_context(self._broker.producer())
        dead_letters = DeadLetters(producer, self._broker)
        pace = IntakePace(
            poll=timedelta(seconds=settings.poll_seconds), commit_seconds=settings.commit_seconds
        )
        # Left after the executor and the reporter: the last offsets are committed then.
        self._intakes = [
            await stack.enter_async_context(
                Intake(
                    queue,
                    broker=self._broker,
                    dead_letters=dead_letters,
                    slots=slots,
                    metrics=metrics,
                    clock=self._clock,
                    pace=pace,
                )
            )
            for queue in settings.queues
        ]
        self._reporter = await stack.enter_async_context(
            Reporter(
                producer,
                topics=self._broker,
                slots=slots,
                metrics=metrics,
                retry_seconds=settings.backoff_seconds,
            )
        )
        self._executor = await stack.enter_async_context(self._new_executor())
        self._running = RunningReports(
            lambda: self._executor.open_steps,
            reporter=self._reporter,
            clock=self._clock,
            after_seconds=settings.running_after_seconds,
            every_seconds=settings.running_every_seconds,
        )

    def _new_executor(self) -> Executor:
        settings = self._settings
        return Executor(
            gateways=self._gateways,
            reporter=self._reporter,
            slots=self._slots,
            tracing=self._tracing,
            metrics=self._metrics,
            clock=self._clock,
            limits=ExecutorLimits(
                batch=BatchLimits(steps=settings.batch_steps, size_bytes=settings.batch_bytes),
                answer_margin_seconds=settings.answer_margin_seconds,
            ),
        )

    async def _drain(self, beside: Sequence[asyncio.Future[None]]) -> None:
        drained = asyncio.create_task(self._executor.drained())
        try:
            async with asyncio.timeout(self._settings.drain_seconds):
                await asyncio.wait(
                    {drained, *beside},
                    timeout=self._settings.leave_seconds,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not drained.done():
                    # A long step must not keep what stands behind it from other workers.
                    for intake in self._intakes:
                        await intake.leave()
                await _first([drained, *beside])
        except TimeoutError:
            _log.warning("Steps did not end in time and are delivered to another worker")
        finally:
            await _cancel([drained])
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._reporter.flushed()
        except TimeoutError:
            _log.warning("Results could not be published in time; their steps are delivered again")


async def _first(tasks: Sequence[_Ending]) -> None:
    """Wait for the first task to end, and raise what it ended with."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if task.cancelled():
            # A client let a cancellation of its own out: nobody has asked this session to end.
            raise RuntimeError("Expected a part of the session to work on, but it was cancelled")
        task.result()


async def _cancel(tasks: Sequence[_Ending]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
