"""Asking a plugin to stop what it has begun elsewhere for an attempt that waited."""

import asyncio
import logging

from flowyard import ids
from flowyard.contracts.records import ReadyStep, StepRef
from flowyard.storage.cancellations import TakenCancellation
from flowyard.storage.claims import StepKey
from flowyard_plugin_gateway.execution import StepExecutor
from flowyard_plugin_gateway.held_step import HeldStep
from flowyard_plugin_gateway.kept_state import keeper
from flowyard_plugin_gateway.log_writer import LogWriter
from flowyard_plugin_gateway.plugin_fault import report_fault
from flowyard_plugin_gateway.preparation import Preparation
from flowyard_plugin_gateway.registry import PluginRegistry
from flowyard_plugin_gateway.stream import StepStream

logger = logging.getLogger("flowyard.plugin_gateway")

CALL_SECONDS = 10.0
"""Longest time that a plugin is given to stop what it has begun."""


class CancelCall:
    """Asks plugins to stop.

    Parameters
    ----------
    registry
        The plugins that can be asked.
    preparation
        Opens secrets, inputs and state, as for a step.
    executor
        Calls the plugin.
    logs
        Where its lines go.
    seconds
        Longest time that a plugin is given.
    """

    def __init__(
        self,
        *,
        registry: PluginRegistry,
        preparation: Preparation,
        executor: StepExecutor,
        logs: LogWriter,
        seconds: float = CALL_SECONDS,
    ) -> None:
        self._registry = registry
        self._preparation = preparation
        self._executor = executor
        self._logs = logs
        self._seconds = seconds

    async def ask(self, taken: TakenCancellation) -> bool:
        """Ask the plugin of an attempt to stop; False if it could not, which is logged.

        Raises
        ------
        DatabaseUnavailableError
            Raised if secrets cannot be read.
        """
        name, version = keeper(taken.state)
        plugin = self._registry.get(name, version)
        if plugin is None:
            return False
        step = _step(taken, name, version)
        held = HeldStep(StepKey(*taken.key, taken.step), step, plugin, StepStream(0))
        await self._preparation.prepare([held])
        if held.failure is not None:
            code, message = held.failure
            facts = {**held.log_facts, "code": code, "reason": message}
            logger.error("A plugin cannot be asked to stop", extra=facts)
            return False
        is_done = await self._call(held)
        stored = asyncio.Event()
        self._logs.when_stored(held.log, stored.set)
        await stored.wait()
        return is_done

    async def _call(self, held: HeldStep) -> bool:
        task = asyncio.create_task(self._executor.cancel(held))
        await asyncio.wait({task}, timeout=self._seconds)
        if not task.done():
            # Not awaited any more: a plugin may ignore it.
            task.cancel()
            logger.error("A plugin took too long to stop", extra=dict(held.log_facts))
            return False
        if task.cancelled():
            logger.error("A plugin cancelled itself", extra=dict(held.log_facts))
            return False
        error = task.result()
        if error is not None:
            report_fault(held, error)
        return error is None


def _step(taken: TakenCancellation, plugin: str, version: str) -> ReadyStep:
    key = taken.key
    return ReadyStep(
        ref=StepRef(
            instance_id=key.instance_id,
            partition=0,
            node_id=key.node_id,
            number=key.number,
            step=taken.step,
        ),
        attempt_id=ids.attempt_id(*key),
        project=taken.project,
        actor=taken.actor,
        plugin=plugin,
        version=version,
        inputs=taken.inputs,
        timeout_seconds=CALL_SECONDS,
        state=taken.state,
        callback_token=ids.callback_token(taken.callback_secret, *key),
        traceparent=taken.traceparent,
    )
