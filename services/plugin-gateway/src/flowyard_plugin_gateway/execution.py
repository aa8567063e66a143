"""Calling plugins: bounded in time, none able to stop the others.

A step has a task and a timer of its own, but for those of plugins that answer at once: these are
called where they are begun.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote

from flowyard.clock import Clock
from flowyard.contracts.plugin import Failed, InstantPlugin, StepContext
from flowyard.contracts.records import ReadyStep
from flowyard.storage.cancellations import AttemptKey
from flowyard.telemetry.logs import current_work
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.spans import Span
from flowyard.telemetry.tracing import Tracing
from flowyard_plugin_gateway.answers import AnswerGate
from flowyard_plugin_gateway.calls import Calls
from flowyard_plugin_gateway.held_step import HeldStep
from flowyard_plugin_gateway.lease import RunnerLease
from flowyard_plugin_gateway.log_writer import LogWriter
from flowyard_plugin_gateway.plugin_fault import PLUGIN_ERROR, report_fault
from flowyard_plugin_gateway.registry import AnyPlugin

logger = logging.getLogger("flowyard.plugin_gateway")

LONGEST_SECONDS = 24 * 3600.0
"""Longest time that a step is given, whatever its record says: timers have a range."""

STOP_SECONDS = 5.0
"""How long a plugin may clean up once its attempt is cancelled."""

CANCELLED = "cancelled"
"""Failure code of a step that was stopped because its attempt is cancelled."""

CANCELLED_ITSELF = "The plugin cancelled itself."
"""What a person reads about a step whose plugin did so."""

HUNG_SECONDS = 5.0
"""How long after its cancellation a plugin counts as hung, which is logged once."""


def allowed_seconds(step: ReadyStep) -> float:
    """Return how long a step may run, whatever its record says."""
    return min(step.timeout_seconds, LONGEST_SECONDS)


OnEnd = Callable[[HeldStep, bytes | None], None]
"""Is called once per step with its result; None for one that was never begun: no lease."""


class StepExecutor:
    """Runs prepared steps that are this process's to run.

    Parameters
    ----------
    lease
        Is asked right before each call.
    gate
        Turns answers into results.
    tracing, metrics, clock
        As everywhere.
    logs
        Where the lines of plugins go.
    callback_url
        Public address of the API.
    """

    def __init__(
        self,
        *,
        lease: RunnerLease,
        gate: AnswerGate,
        tracing: Tracing,
        metrics: Metrics,
        clock: Clock,
        logs: LogWriter,
        callback_url: str,
    ) -> None:
        self._lease = lease
        self._logs = logs
        self._gate = gate
        self._tracing = tracing
        self._metrics = metrics
        self._clock = clock
        self._instants: dict[str, list[float]] = {}
        """Durations in seconds, by plugin, that are not observed yet."""
        self._callback_prefix = f"{callback_url.rstrip('/')}/api/v1/callbacks/"

    def start(self, held: HeldStep, on_end: OnEnd) -> None:
        """Begin a step; ``on_end`` is called at once, or later from the loop."""
        plugin = held.plugin
        if _is_instant(plugin):
            on_end(held, self._run_at_once(held))
            return
        loop = asyncio.get_running_loop()
        held.task = task = loop.create_task(self._run(held))
        held.timer = loop.call_later(allowed_seconds(held.step), self._expire, held, on_end)
        task.add_done_callback(lambda done: self._ended(held, done, on_end))

    def observe(self) -> None:
        """Show how long the calls took that were begun and ended at once."""
        for plugin, seconds in self._instants.items():
            self._metrics.observe_all(
                "flowyard_plugin_gateway_step_seconds", seconds, plugin=plugin
            )
        self._instants.clear()

    def stop(self, held: HeldStep, on_end: OnEnd) -> None:
        """Stop a step whose attempt is cancelled; its plugin has a moment to clean up.

        What the plugin returns nevertheless is its result. ``on_end`` is the one that
        the step was begun with.
        """
        held.is_stopping = True
        if held.task is not None and not held.task.done():
            held.task.cancel()
            asyncio.get_running_loop().call_later(
                STOP_SECONDS, self._give_up, held, held.task, on_end
            )

    def stopped(self, held: HeldStep) -> bytes:
        """Return the result of a step that was stopped because its attempt is cancelled."""
        return self._gate.failure(
            held, CANCELLED, "The step was stopped: its attempt is cancelled."
        )

    async def cancel(self, held: HeldStep) -> BaseException | None:
        """Have a plugin stop what goes on elsewhere, and return what it raised."""
        with self._tracing.span("plugin.cancel", traceparent=held.step.traceparent) as span:
            if span.is_recording:
                _describe(span, held)
            current_work.set(held)
            try:
                await held.plugin.cancel(self._context(held, span), held.inputs)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything, and must not stop the others
                span.fail(PLUGIN_ERROR, "")
                return error
        return None

    async def _run(self, held: HeldStep) -> bytes | None:
        # Nothing may be awaited between this question and the call of the plugin.
        if not self._lease.is_held_since(held.asked_at):
            return None
        began = self._begin(held)
        # The task's own context: whatever is logged in it names the step.
        current_work.set(held)
        with self._span(held) as span:
            if span.is_recording:
                _describe(span, held)
            logger.debug("A plugin is called")
            try:
                answer = await held.plugin.execute(self._context(held, span), held.inputs)
                result = self._result(held, answer, span)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything, and must not stop the others
                result = self._broken(held, error)
                span.fail(PLUGIN_ERROR, "")
            logger.debug("A plugin has answered")
        self._metrics.observe(
            "flowyard_plugin_gateway_step_seconds",
            self._clock.monotonic() - began,
            plugin=held.plugin.name,
        )
        return result

    def _run_at_once(self, held: HeldStep) -> bytes | None:
        if not self._lease.is_held_since(held.asked_at):
            return None
        began = self._begin(held)
        plugin = cast("InstantPlugin[Any, Any]", held.plugin)
        named = current_work.set(held)
        with self._span(held) as span:
            if span.is_recording:
                _describe(span, held)
            try:
                answer = plugin.answer(self._context(held, span), held.inputs)
                result = self._result(held, answer, span)
            except asyncio.CancelledError:
                result = self._gate.failure(held, PLUGIN_ERROR, CANCELLED_ITSELF)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
                result = self._broken(held, error)
                span.fail(PLUGIN_ERROR, "")
            logger.debug("A plugin has answered")
        current_work.reset(named)
        self._instants.setdefault(plugin.name, []).append(self._clock.monotonic() - began)
        return result

    def _begin(self, held: HeldStep) -> float:
        held.started_at = self._clock.now()
        return self._clock.monotonic()

    def _span(self, held: HeldStep) -> AbstractContextManager[Span]:
        return self._tracing.span("plugin.execute", traceparent=held.step.traceparent)

    def _result(self, held: HeldStep, answer: object, span: Span) -> bytes:
        result = self._gate.result(held, answer)
        if isinstance(answer, Failed):
            span.fail(held.disclosed.mask(answer.code), held.disclosed.mask(answer.message))
        return result

    def _context(self, held: HeldStep, span: Span) -> StepContext:
        step, key = held.step, held.key
        path = f"{key.instance_id}/{_quoted(key.node_id)}/{key.number}"
        attempt = AttemptKey(key.instance_id, key.node_id, key.number)
        held.log = self._logs.open(attempt, key.step, held.disclosed.masker)
        return StepContext(
            instance_id=key.instance_id,
            node_id=key.node_id,
            number=key.number,
            step=key.step,
            attempt_id=step.attempt_id,
            project=step.project,
            actor=step.actor,
            state=held.state,
            resume=step.resume,
            callback_url=f"{self._callback_prefix}{path}/{step.callback_token}",
            traceparent=span.traceparent,
            logger=held.log,
            tracer=Calls(self._tracing, span.traceparent, held.disclosed)
            if span.is_recording
            else None,
        )

    def _broken(self, held: HeldStep, error: BaseException) -> bytes:
        return self._gate.failure(held, PLUGIN_ERROR, report_fault(held, error))

    def _ended(self, held: HeldStep, task: asyncio.Task[bytes | None], on_end: OnEnd) -> None:
        if held.timer is not None:
            held.timer.cancel()
        held.task = held.timer = None
        if held.has_ended or held.answer is not None:
            if not task.cancelled() and task.exception() is None:
                logger.warning("A step ended after it was given up", extra=dict(held.log_facts))
            return
        if task.cancelled() and held.is_stopping:
            on_end(held, self.stopped(held))
        elif task.cancelled():
            on_end(held, self._gate.failure(held, PLUGIN_ERROR, CANCELLED_ITSELF))
        elif (error := task.exception()) is not None:
            on_end(held, self._broken(held, error))
        else:
            on_end(held, task.result())

    def _expire(self, held: HeldStep, on_end: OnEnd) -> None:
        task = held.task
        if task is None or task.done() or held.has_ended:
            return
        message = f"The step took longer than {held.step.timeout_seconds:g} s and was stopped."
        on_end(held, self._gate.failure(held, "timeout", message))
        task.cancel()
        asyncio.get_running_loop().call_later(HUNG_SECONDS, _report_hung, held, task)

    def _give_up(self, held: HeldStep, task: asyncio.Task[bytes | None], on_end: OnEnd) -> None:
        if not task.done() and not held.has_ended and held.answer is None:
            _report_hung(held, task)
            on_end(held, self.stopped(held))


def _is_instant(plugin: AnyPlugin) -> bool:
    # Not by the class alone: who overrides execute nevertheless may await in it.
    return type(plugin).execute is InstantPlugin.execute


@lru_cache(maxsize=1024)
def _quoted(node_id: str) -> str:
    return quote(node_id, safe="")


def _report_hung(held: HeldStep, task: asyncio.Task[bytes | None]) -> None:
    if not task.done():
        logger.error("A plugin hangs and ignores its cancellation", extra=dict(held.log_facts))


def _describe(span: Span, held: HeldStep) -> None:
    span.set("flowyard.plugin", f"{held.plugin.name}@{held.plugin.version}")
    span.set("flowyard.instance", str(held.key.instance_id))
    span.set("flowyard.node", held.key.node_id)
    span.set("flowyard.attempt", held.key.number)
    span.set("flowyard.step", held.key.step)
