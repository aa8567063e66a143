"""Has plugin gateways run the steps that this worker has taken.

Rules. A step is open from :meth:`Executor.start` until its result is reported or
it is dropped as stale; until then it is offered to one gateway at a time, again
and again, because claims make a second offer harmless. What arrives together
travels together; nothing waits for company. A step that already runs for an
earlier delivery frees its slot, but keeps its record's offset.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, assert_never

from flowyard.clock import Clock
from flowyard.contracts.topics import node_ready
from flowyard.telemetry.logs import about
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.propagation import is_sampled
from flowyard.telemetry.tracing import Tracing
from flowyard_worker.batching import BatchLimits, batches
from flowyard_worker.gateways import PluginGateways
from flowyard_worker.plugin_client import (
    BatchRefusedError,
    GatewayUnavailableError,
    PluginClient,
    UnreadableAnswerError,
)
from flowyard_worker.reporter import Report, Reporter, failed
from flowyard_worker.slots import Slots
from flowyard_worker.step import TakenStep
from flowyard_worker.telling import tell_ended, tell_handed_over
from flowyard_worker.wire import (
    Finished,
    Joined,
    Refused,
    StepAnswer,
    StepKey,
    with_traceparent,
)

SILENCE_LIMIT = 5
"""After so many complete answers that leave a step out, a person has to look at it.

A gateway that answers and says nothing about a step is broken in a way that another
offer will not mend; five offers with doubling rests span more than a rolling update's
switch from one process to the next.
"""

Ended = Literal["complete", "unavailable", "unreadable", "refused"]
"""How a request to a gateway ended."""

_log = logging.getLogger("flowyard.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorLimits:
    """The executor's numbers, from the settings."""

    batch: BatchLimits
    answer_margin_seconds: float
    """How much longer than its longest step a request may take."""


class Executor:
    """The steps that are open in this worker; an async context manager that cancels them on exit.

    Parameters
    ----------
    gateways
        Who runs steps.
    reporter
        Where results go.
    slots
        Already taken for every step that is started.
    tracing, metrics, clock
        For what it tells about itself.
    limits
        Its numbers.
    """

    def __init__(
        self,
        *,
        gateways: PluginGateways,
        reporter: Reporter,
        slots: Slots,
        tracing: Tracing,
        metrics: Metrics,
        clock: Clock,
        limits: ExecutorLimits,
    ) -> None:
        self._gateways = gateways
        self._reporter = reporter
        self._slots = slots
        self._tracing = tracing
        self._metrics = metrics
        self._clock = clock
        self._limits = limits
        self._open: dict[StepKey, TakenStep] = {}
        self._joined = 0
        self._requests: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        requests = list(self._requests)
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
        for step in self._open.values():
            if step.span is not None:
                step.span.fail("abandoned", "The worker stopped before the step had ended")
                step.span.end()
        self._open.clear()

    @property
    def broken(self) -> asyncio.Future[None]:
        """Fails with the first error that no request may raise; else never done."""
        return self._broken

    @property
    def open_steps(self) -> Iterable[TakenStep]:
        """The steps without a result."""
        return self._open.values()

    async def drained(self) -> None:
        """Return once no step is open."""
        await self._empty.wait()

    def start(self, steps: Sequence[TakenStep]) -> None:
        """Have steps run, each of which holds a slot; returns at once."""
        new: list[TakenStep] = []
        for step in steps:
            earlier = self._open.get(step.key)
            if earlier is None:
                self._open[step.key] = step
                new.append(step)
            else:
                earlier.deliveries.extend(step.deliveries)
                self._slots.release(1, step.queue)
        if new:
            self._empty.clear()
            self._offer(new)

    def _offer(self, steps: Sequence[TakenStep]) -> None:
        groups: dict[frozenset[str], list[TakenStep]] = {}
        for step in steps:
            step.posted_at = None
            strangers = frozenset(step.strangers)
            if self._gateways.are_all_but_absent_in(strangers):
                self._fail(step, "unknown_plugin", "No plugin gateway knows this plugin")
            elif step.silences >= SILENCE_LIMIT:
                self._fail(step, "outcome_unknown", "The plugin gateways answer without a result")
            else:
                groups.setdefault(strangers, []).append(step)
        for strangers, group in groups.items():
            for batch in batches(group, self._limits.batch):
                self._spawn(batch, strangers)

    def _spawn(self, batch: Sequence[TakenStep], strangers: frozenset[str]) -> None:
        request = asyncio.create_task(self._carry(batch, strangers))
        self._requests.add(request)
        request.add_done_callback(self._ended)

    def _ended(self, request: asyncio.Task[None]) -> None:
        self._requests.discard(request)
        error = None if request.cancelled() else request.exception()
        if error is not None and not self._broken.done():
            self._broken.set_exception(error)

    async def _carry(self, batch: Sequence[TakenStep], strangers: frozenset[str]) -> None:
        await self._take_slots([step for step in batch if not step.holds_slot])
        client = self._gateways.choose(besides=strangers)
        while client is None:
            await asyncio.sleep(self._gateways.rest_seconds(besides=strangers))
            client = self._gateways.choose(besides=strangers)
        began = self._clock.monotonic()
        ended, silent = await self._post(client, batch)
        seconds = self._clock.monotonic() - began
        self._metrics.observe("flowyard_worker_gateway_request_seconds", seconds, ended=ended)
        self._trace(batch, seconds)
        if ended == "refused":
            self._divide(silent, strangers)
        elif silent:
            self._gateways.failed(client.url)
            self._count_not_run(f"gateway_{ended}", len(silent))
            if ended != "unavailable":
                for step in silent:
                    step.silences += 1
            self._offer(silent)

    def _trace(self, batch: Sequence[TakenStep], seconds: float) -> None:
        """Record a request, linked to the steps in it whose traces are recorded."""
        links = [step.span.traceparent for step in batch if step.span is not None]
        self._tracing.batch_span(
            "worker.batch", seconds=seconds, ended_at=self._clock.now(), links=links
        )

    async def _take_slots(self, steps: Sequence[TakenStep]) -> None:
        for step in steps:
            await self._slots.take(1, step.queue)
            step.holds_slot = True
            self._joined -= 1

    async def _post(
        self, client: PluginClient, batch: Sequence[TakenStep]
    ) -> tuple[Ended, list[TakenStep]]:
        """Return how the request ended, and the steps that it left without an answer."""
        waiting = {step.key: step for step in batch}
        bodies = [self._begin(step) for step in batch]
        tell_handed_over(batch, client.url)
        self._metrics.observe("flowyard_worker_batch_steps", len(batch))
        longest = max(step.ready.timeout_seconds for step in batch)
        ended: Ended = "complete"
        try:
            async with (
                asyncio.timeout(longest + self._limits.answer_margin_seconds),
                aclosing(client.run(bodies)) as answer,
            ):
                async for messages in answer:
                    self._take_in(messages, waiting, client.url)
        except (GatewayUnavailableError, TimeoutError) as error:
            ended = "unavailable"
            self._warn("A plugin gateway stopped answering", client, error, waiting)
        except UnreadableAnswerError as error:
            ended = "unreadable"
            self._warn("A plugin gateway answered what is no message", client, error, waiting)
        except BatchRefusedError as error:
            ended = "refused"
            self._warn("A plugin gateway refused a batch", client, error, waiting)
        return ended, list(waiting.values())

    def _begin(self, step: TakenStep) -> bytes:
        """Note that a step is handed over now, and return it as JSON."""
        step.posted_at = self._clock.monotonic()
        if step.began_at is None:
            step.began_at = self._clock.now()
        if step.span is None and is_sampled(step.ready.traceparent):
            self._open_span(step)
        return step.body

    def _open_span(self, step: TakenStep) -> None:
        ref = step.ready.ref
        span = self._tracing.open_span(
            "step.execute",
            traceparent=step.ready.traceparent,
            attributes={
                "flowyard.instance": str(ref.instance_id),
                "flowyard.node": ref.node_id,
                "flowyard.attempt": ref.number,
                "flowyard.step": ref.step,
                "flowyard.plugin": f"{step.ready.plugin}@{step.ready.version}",
                "flowyard.queue": step.queue,
                "messaging.system": "kafka",
                "messaging.operation.type": "process",
                "messaging.destination.name": node_ready(step.queue),
            },
        )
        if span.is_recording:
            step.span = span
            step.body = with_traceparent(step.ready, span.traceparent)

    def _take_in(
        self, answers: Sequence[StepAnswer], waiting: dict[StepKey, TakenStep], url: str
    ) -> None:
        self._gateways.succeeded(url)
        again: list[TakenStep] = []
        ended: list[TakenStep] = []
        for answer in answers:
            match answer:
                case Finished(result=result) if result.outcome != "running":
                    finished = waiting.pop(result.ref.key, None)
                    if finished is not None:
                        ended.append(finished)
                        self._finish(finished, answer)
                case Joined(ref=ref):
                    joined = waiting.get(ref.key)
                    if joined is not None:
                        self._free_slot(joined)
                case Refused():
                    refused = waiting.pop(answer.ref.key, None)
                    if refused is not None:
                        self._refuse(refused, answer, url, again)
                case Finished():
                    # No end: the step counts as left out unless one follows.
                    continue
                case _:
                    assert_never(answer)
        self._observe(ended)
        if again:
            self._offer(again)

    def _refuse(self, step: TakenStep, answer: Refused, url: str, again: list[TakenStep]) -> None:
        self._count_not_run(answer.code, 1)
        match answer.code:
            case "stale":
                self._drop(step)
            case "unknown_plugin":
                step.strangers.add(url)
                again.append(step)
            case "draining":
                self._gateways.failed(url)
                again.append(step)
            case _:
                assert_never(answer.code)

    def _divide(self, steps: Sequence[TakenStep], strangers: frozenset[str]) -> None:
        if len(steps) == 1:
            self._fail(steps[0], "step_refused", "The plugin gateway cannot read this step")
            return
        middle = len(steps) // 2
        for half in (steps[:middle], steps[middle:]):
            if half:
                self._spawn(half, strangers)

    def _finish(self, step: TakenStep, answer: Finished) -> None:
        result = answer.result
        if step.span is not None and result.outcome == "failed":
            step.span.fail(result.code or "failed", result.message or "")
        self._settle(Report(step, result.outcome, answer.value))

    def _fail(self, step: TakenStep, code: str, message: str) -> None:
        if step.span is not None:
            step.span.fail(code, message)
        self._observe([step])
        self._settle(failed(step, code, message))

    def _settle(self, report: Report) -> None:
        step = report.step
        self._close(step)
        tell_ended(step, report.outcome)
        if step.span is not None:
            step.span.set("flowyard.outcome", report.outcome)
            step.span.end()
        self._reporter.report(report)

    def _observe(self, ended: Sequence[TakenStep]) -> None:
        now = self._clock.monotonic()
        seconds: dict[str, list[float]] = {}
        for step in ended:
            seconds.setdefault(step.queue, []).append(now - step.taken_at)
        for queue, values in seconds.items():
            self._metrics.observe_all("flowyard_worker_step_seconds", values, queue=queue)

    def _drop(self, step: TakenStep) -> None:
        self._close(step)
        if step.span is not None:
            step.span.set("flowyard.outcome", "stale")
            step.span.end()
        step.finish()
        if step.holds_slot:
            self._slots.release(1, step.queue)

    def _close(self, step: TakenStep) -> None:
        del self._open[step.key]
        if not step.holds_slot:
            self._joined -= 1
        if not self._open:
            self._empty.set()

    def _free_slot(self, step: TakenStep) -> None:
        # As many joined steps as slots and no more, or waiting for others' runs had no bound.
        if step.holds_slot and self._joined < self._slots.limit:
            step.holds_slot = False
            self._joined += 1
            self._slots.release(1, step.queue)

    def _count_not_run(self, code: str, count: int) -> None:
        self._metrics.count("flowyard_worker_steps_not_run_total", count, code=code)

    def _warn(
        self,
        text: str,
        client: PluginClient,
        error: Exception,
        waiting: dict[StepKey, TakenStep],
    ) -> None:
        _log.warning(
            text, extra={"gateway": client.url, "reason": str(error), **about(waiting.values())}
        )
