"""``wait_callback``: waits until an outside system calls back."""

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field, JsonValue
from typing_extensions import override

from flowyard.contracts.plugin import (
    Done,
    Failed,
    InstantPlugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
    Wait,
)


class WaitCallbackInputs(PluginInputs):
    """How long to wait at most."""

    timeout: float | None = Field(
        default=None,
        gt=0,
        description="Seconds after which the node fails with code `timeout`; left out, it waits"
        " for as long as it takes.",
        examples=[3600],
    )


class WaitCallbackOutputs(PluginOutputs):
    """What was called back."""

    data: JsonValue = Field(default=None, description="Body of the callback.")


class WaitCallback(InstantPlugin[WaitCallbackInputs, WaitCallbackOutputs]):
    """Waits until an outside system posts to the callback address of this attempt.

    To send the address to the outside system first, use `http_request` with
    `callback: true`, which does both.
    """

    name = "wait_callback"
    title = "Wait for a callback"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "always"
    inputs_model = WaitCallbackInputs
    outputs_model = WaitCallbackOutputs

    @override
    def answer(
        self, context: StepContext, inputs: WaitCallbackInputs
    ) -> Done[WaitCallbackOutputs] | Wait | Failed:
        """Wait at the first step; at the next, return what came or say that nothing did."""
        if context.resume is None:
            after = None if inputs.timeout is None else timedelta(seconds=inputs.timeout)
            return Wait(reason="callback", after=after)
        if context.resume.kind == "timer":
            return Failed(code="timeout", message="Nobody called back in time.")
        return Done(WaitCallbackOutputs(data=context.resume.data))
