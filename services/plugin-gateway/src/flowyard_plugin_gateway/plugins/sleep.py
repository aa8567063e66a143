"""``sleep``: waits for a time without holding anything."""

from datetime import timedelta
from typing import ClassVar, Literal, Self

from pydantic import AwareDatetime, Field, model_validator
from typing_extensions import override

from flowyard.clock import Clock, SystemClock
from flowyard.contracts.plugin import (
    Done,
    InstantPlugin,
    PluginInputs,
    PluginOutputs,
    StepContext,
    Wait,
)

MAX_SECONDS = 366 * 24 * 3600
"""Longest sleep by duration: a year; beyond that, say when."""


class SleepInputs(PluginInputs):
    """How long, or until when."""

    seconds: float | None = Field(
        default=None,
        ge=0,
        le=MAX_SECONDS,
        description="How long to wait.",
        examples=[30],
    )
    until: AwareDatetime | None = Field(
        default=None,
        description="When to go on, with its offset from UTC; a time that has passed waits for"
        " nothing.",
        examples=["2031-05-01T08:00:00+02:00"],
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.seconds is None) == (self.until is None):
            raise ValueError("give either seconds or until")
        return self


class SleepOutputs(PluginOutputs):
    """Nothing."""


class Sleep(InstantPlugin[SleepInputs, SleepOutputs]):
    """Waits for some seconds, or until a time; it holds no worker while it waits."""

    name = "sleep"
    title = "Wait for a time"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "always"
    inputs_model = SleepInputs
    outputs_model = SleepOutputs

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    @override
    def answer(self, context: StepContext, inputs: SleepInputs) -> Done[SleepOutputs] | Wait:
        """Wait at the first step, and be done at the next."""
        if context.resume is not None:
            return Done(SleepOutputs())
        after = self._remaining(inputs)
        return Wait(after=after) if after > timedelta(0) else Done(SleepOutputs())

    def _remaining(self, inputs: SleepInputs) -> timedelta:
        if inputs.until is not None:
            return inputs.until - self._clock.now()
        return timedelta(seconds=inputs.seconds or 0)
