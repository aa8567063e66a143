"""What a plugin is: a name, a version, two models and one coroutine.

A plugin is written as a class with typed inputs and outputs; forms, schemas and
docs come from the models. It runs one *step* at a time. A plugin that has to
wait returns :class:`Wait` and is called again, with what it kept in ``state``
and with what ended the wait in ``resume``.
"""

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from flowyard.contracts.records import ResumeData


class PluginInputs(BaseModel):
    """Base of every plugin's inputs: unknown fields are an author's mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PluginOutputs(BaseModel):
    """Base of every plugin's outputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


InputsT = TypeVar("InputsT", bound=PluginInputs)
OutputsT = TypeVar("OutputsT", bound=PluginOutputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """What a plugin knows about the step it runs."""

    instance_id: uuid.UUID
    node_id: str
    number: int
    """The attempt, counted from 1."""
    step: int
    """0 at first, one more after every wait."""
    attempt_id: uuid.UUID
    """The same for every delivery of this attempt; receivers may deduplicate on it."""
    project: str
    state: Any = None
    """What was returned with the last wait."""
    resume: ResumeData | None = None
    """What ended the last wait; None for the first step."""
    callback_url: str = ""
    """Where an outside system posts to resume the attempt; it needs no token of its own."""
    traceparent: str | None = None
    """Trace context to hand on to whatever the plugin calls."""


@dataclass(frozen=True, slots=True)
class Done(Generic[OutputsT]):
    """The plugin has finished."""

    outputs: OutputsT


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The plugin frees the worker and is called again later."""

    reason: Literal["timer", "callback", "approval"] = "timer"
    after: timedelta | None = None
    """When the next step is due at the latest; required for a timer."""
    state: Any = None
    """Kept until the next step, sealed; JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The plugin could not do it."""

    code: str
    """Stable name of the cause; retry policies list such codes."""
    message: str
    """One sentence without secrets."""
    outputs: dict[str, Any] = field(default_factory=dict)
    """What is known nevertheless."""


class Plugin(ABC, Generic[InputsT, OutputsT]):
    """One version of one plugin."""

    name: ClassVar[str]
    version: ClassVar[str] = "1.0"
    title: ClassVar[str]
    """What a person reads in the palette."""
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "never"
    """Whether repeating it at any later time is harmless; see :meth:`is_idempotent`."""
    inputs_model: type[InputsT]
    outputs_model: type[OutputsT]

    def is_idempotent(self, inputs: InputsT) -> bool:
        """Tell whether repeating the call with these inputs at any later time is harmless.

        Plugins with ``idempotency = "by_inputs"`` override it.
        """
        del inputs
        return self.idempotency == "always"

    @abstractmethod
    async def execute(
        self, context: StepContext, inputs: InputsT
    ) -> Done[OutputsT] | Wait | Failed:
        """Run one step.

        What it raises counts as a failure with code ``plugin_error``; what takes
        longer than the step's timeout is stopped with code ``timeout``.
        """
