"""Plugins that do what the components of the recorded flows do, and the table that names them."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import ConfigDict, Field
from typing_extensions import override

from flowyard.contracts.plugin import (
    Done,
    Failed,
    Plugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
    Wait,
)

SCHEDULE_POLLS = 5
"""How often ``schedule_node`` and ``multi_callback_node`` are taken up again."""

CallbackUrls = dict[tuple[str, str], str]
"""Where to call back, by instance and node."""


class _Values(PluginInputs):
    values: dict[str, Any] = Field(default_factory=dict)
    loop: int = 0


class _AnyOutputs(PluginOutputs):
    model_config = ConfigDict(extra="allow", frozen=True)


class _Component(Plugin[_Values, _AnyOutputs]):
    """One component; what is common to all of them."""

    version = "1.0"
    inputs_model = _Values
    outputs_model = _AnyOutputs
    inner_code = ""

    def __init__(self, *, speed: float, callback_urls: CallbackUrls) -> None:
        self.speed = speed
        self.callback_urls = callback_urls

    def done(self, values: Mapping[str, Any]) -> Done[_AnyOutputs]:
        return Done(_AnyOutputs.model_validate(dict(values)))

    def await_callback(self, context: StepContext) -> Wait:
        key = (str(context.instance_id), context.node_id)
        self.callback_urls[key] = context.callback_url
        return Wait(reason="callback", state={})


class DebugNode(_Component):
    """Gives its inputs back at the first poll."""

    name = "bamboo_debug_node"
    title = "debug_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        if context.resume is None:
            return Wait(after=timedelta(0), state={})
        return self.done(inputs.values)


class EchoNode(_Component):
    """Gives its inputs back at once, and says that it ran once."""

    name = "bamboo_echo"
    title = "interrupt_test"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        return self.done({**inputs.values, "execute_count": 1})


class PolledEchoNode(_Component):
    """Gives its inputs back at the first poll, and says how often it was run and polled."""

    name = "bamboo_polled_echo"
    title = "interrupt_schedule_test"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        if context.resume is None:
            return Wait(after=timedelta(0), state={})
        return self.done({**inputs.values, "execute_count": 1, "schedule_count": 1})


class SlowNode(_Component):
    """Works for as long as it is told, without a wait."""

    name = "bamboo_slow"
    title = "interrupt_dummy_exec_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        await asyncio.sleep(float(inputs.values.get("time", 1)) * self.speed)
        return self.done({"execute_count": 1})


class RaisingNode(_Component):
    """Breaks where it is told to: when it runs, or when it is polled."""

    name = "bamboo_raising"
    title = "interrupt_raise_test"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        if context.resume is None:
            if inputs.values.get("execute_raise"):
                raise RuntimeError("It was told to break")
            return Wait(after=timedelta(0), state={})
        if inputs.values.get("schedule_raise"):
            raise RuntimeError("It was told to break")
        return self.done({})


class LoopCountNode(_Component):
    """Gives back which round it is in."""

    name = "bamboo_loop_count"
    title = "loop_count_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        return self.done({**inputs.values, "loop": inputs.loop})


class PolledLoopCountNode(_Component):
    """Gives back which round it is in, at the second poll."""

    name = "bamboo_polled_loop_count"
    title = "loop_count_s_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        polls = context.step
        if polls < 2:
            return Wait(after=timedelta(0), state={})
        return self.done({**inputs.values, "loop": inputs.loop, "count": polls})


class FailAtSecondNode(_Component):
    """Fails in its first round unless it is told that it can go."""

    name = "bamboo_fail_at_second"
    title = "fail_at_second_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        if inputs.loop == 1 and not inputs.values.get("can_go"):
            return Failed(code="not_allowed", message="Expected can_go in the first round")
        return self.done({**inputs.values, "loop": inputs.loop})


class FailCtrlNode(_Component):
    """Fails unless its bit is set."""

    name = "bamboo_fail_ctrl"
    title = "fail_ctrl_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        if not inputs.values.get("bit"):
            return Failed(code="bit_not_set", message="Expected a bit that is set, but it is not")
        return self.done({})


class SleepTimerNode(_Component):
    """Waits for a number of seconds."""

    name = "bamboo_sleep_timer"
    title = "sleep_timer"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        seconds = inputs.values.get("bk_timing", 0)
        told = {"type": "countdown", "eta": str(seconds), "timing_time": str(seconds)}
        if context.resume is None:
            pause = timedelta(seconds=float(seconds) * self.speed)
            return Wait(after=pause, state={}, outputs=told)
        return self.done(told)


class ScheduleNode(_Component):
    """Is polled five times, two seconds apart."""

    name = "bamboo_schedule"
    title = "schedule_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        if context.step < SCHEDULE_POLLS:
            return Wait(after=timedelta(seconds=2 * self.speed), state={})
        return self.done({**inputs.values, "count": context.step})


class CallbackNode(_Component):
    """Waits for one callback; one whose bit is 0 fails it."""

    name = "bamboo_callback"
    title = "callback_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        if context.resume is None:
            return self.await_callback(context)
        data = context.resume.data
        if isinstance(data, dict) and data.get("bit") == 0:
            return Failed(code="bit_not_set", message="Expected a bit that is set, but it is not")
        return self.done({})


class MultiCallbackNode(_Component):
    """Waits for five callbacks."""

    name = "bamboo_multi_callback"
    title = "multi_callback_node"

    @override
    async def execute(self, context: StepContext, inputs: _Values) -> Any:
        if context.step < SCHEDULE_POLLS:
            return self.await_callback(context)
        return self.done({})


PLUGINS_OF: Mapping[str, type[_Component]] = {
    "debug_node": DebugNode,
    "debug_no_schedule_node": EchoNode,
    "empty_node": EchoNode,
    "interrupt_test": EchoNode,
    "interrupt_schedule_test": PolledEchoNode,
    "interrupt_dummy_exec_node": SlowNode,
    "dummy_exec_node": SlowNode,
    "interrupt_raise_test": RaisingNode,
    "hook_interrupt_raise_test": RaisingNode,
    "loop_count_node": LoopCountNode,
    "loop_count_s_node": PolledLoopCountNode,
    "fail_at_second_node": FailAtSecondNode,
    "fail_ctrl_node": FailCtrlNode,
    "sleep_timer": SleepTimerNode,
    "schedule_node": ScheduleNode,
    "callback_node": CallbackNode,
    "hook_callback_node": CallbackNode,
    "debug_callback_node": CallbackNode,
    "multi_callback_node": MultiCallbackNode,
}
"""Which plugin plays a component of the recorded flows."""

END_EVENTS: Mapping[str, Any] = {
    "MyTestEndEvent": {"plugin": "bamboo_echo@1.0"},
    "MyRaiseEndEvent": {
        "plugin": "bamboo_raising@1.0",
        "fixed": {"values": {"execute_raise": True}},
    },
}
"""Rules for end events of the recorded flows that run something."""

COUNTING = frozenset({"loop_count_node", "loop_count_s_node", "fail_at_second_node"})
"""Components that look at the round they are in, which bamboo puts among all inputs."""


def component_table() -> dict[str, Any]:
    """Return the table that an import takes: every field goes to the input ``values``."""
    table: dict[str, Any] = {
        code: {
            "plugin": f"{plugin.name}@{plugin.version}",
            "inputs": {"values": "*"},
            **({"fixed": {"loop": "${loop}"}} if code in COUNTING else {}),
        }
        for code, plugin in PLUGINS_OF.items()
    }
    return {**table, **END_EVENTS}


def recorded_plugins(*, speed: float, callback_urls: CallbackUrls) -> list[_Component]:
    """Return one of each plugin.

    Parameters
    ----------
    speed
        By what all times are multiplied.
    callback_urls
        Filled with where waiting nodes are called back.
    """
    kinds = dict.fromkeys(PLUGINS_OF.values())
    return [kind(speed=speed, callback_urls=callback_urls) for kind in kinds]
