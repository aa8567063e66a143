"""What a plugin is: a name, a version, two models and one coroutine.

A plugin is written as a class with typed inputs and outputs; forms, schemas and
docs come from the models. It runs one *step* at a time. A plugin that has to
wait returns :class:`Wait` and is called again, with what it kept in ``state``
and with what ended the wait in ``resume``.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import override

from flowyard.contracts.records import ResumeData

Idempotency = Literal["always", "never", "by_inputs"]
"""Whether a plugin may be repeated at any later time; see :meth:`Plugin.is_idempotent`."""

VERBATIM_KEY = "x-flowyard-verbatim"
"""Stands as true in the schema of an input field in which nothing is replaced."""


class PluginInputs(BaseModel):
    """Base of every plugin's inputs: unknown fields are an author's mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PluginOutputs(BaseModel):
    """Base of every plugin's outputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


InputsT = TypeVar("InputsT", bound=PluginInputs)
OutputsT = TypeVar("OutputsT", bound=PluginOutputs)
ValueT = TypeVar("ValueT")


class _VerbatimMark:
    """Adds :data:`VERBATIM_KEY` to the schema of what it annotates."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(core_schema), VERBATIM_KEY: True}


Verbatim = Annotated[ValueT, _VerbatimMark()]
"""The type of an input field in which ``${...}`` is not replaced, as in ``script: Verbatim[str]``.

For text in a language that has its own ``${...}``: the plugin gets it letter for
letter. It has to be the outermost part of the annotation: ``Verbatim[str | None]``.
"""

LogLevel = Literal["debug", "info", "warning", "error"]
"""How much a log line matters."""


class StepLog(Protocol):
    """Where the log lines of one step go."""

    def write(self, level: LogLevel, text: str) -> None:
        """Keep a line; it neither blocks nor raises, and what is too much is counted."""
        ...


class SilentLog:
    """A log that keeps nothing."""

    def write(self, level: LogLevel, text: str) -> None:
        """Keep nothing."""


SILENT_LOG: StepLog = SilentLog()
"""What a step logs to when nobody keeps its lines."""


class StepSpan(Protocol):
    """A part of a step's work, as its trace shows it."""

    traceparent: str
    """Trace context to hand on to whatever is called within it."""

    def set(self, key: str, value: str | float) -> None:
        """Keep a value under a key."""
        ...

    def fail(self, code: str, message: str) -> None:
        """Mark it as failed, with a stable code and a sentence without secrets."""
        ...


class StepTracer(Protocol):
    """Where the spans of one step go."""

    def span(
        self, name: str, attributes: Mapping[str, str | int]
    ) -> AbstractContextManager[StepSpan]:
        """Return the block of a call to another system."""
        ...


@dataclass(slots=True)
class UnrecordedSpan:
    """A span that only hands its context on."""

    traceparent: str

    def set(self, key: str, value: str | float) -> None:
        """Keep nothing."""

    def fail(self, code: str, message: str) -> None:
        """Mark nothing."""


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
    actor: str = ""
    """Who the step runs as; empty where nobody was named."""
    logger: StepLog = SILENT_LOG
    """Where :meth:`log` writes to."""
    tracer: StepTracer | None = None
    """Where :meth:`calling` records; None where the trace is not recorded."""

    def calling(
        self, name: str, attributes: Mapping[str, str | int] = MappingProxyType({})
    ) -> AbstractContextManager[StepSpan]:
        """Return a block that stands in the step's trace as a call to another system.

        Hand the ``traceparent`` of the span that it yields on to that system. An
        exception that leaves the block fails the span.

        Parameters
        ----------
        name
            What is done, without what differs from call to call: ``POST``, ``publish``.
        attributes
            What is known at the beginning, by OpenTelemetry's names. No secrets, and
            nothing that may hold some, as paths and queries do.
        """
        if self.tracer is None:
            return nullcontext(UnrecordedSpan(self.traceparent or ""))
        return self.tracer.span(name, attributes)

    def log(self, text: str, *, level: LogLevel = "info", **fields: object) -> None:
        """Add a line to what people see of this step while it runs, and afterwards.

        Parameters
        ----------
        text
            What happened. Secrets that the step was given are masked; what is beyond
            the bounds of a log is not kept, and the log says so.
        level
            How much it matters.
        fields
            Facts, written behind the text as ``name=value``.
        """
        facts = "".join(f" {name}={value}" for name, value in fields.items())
        self.logger.write(level, text + facts)


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
    outputs: dict[str, Any] = field(default_factory=dict)
    """What is known already, such as the address of a remote job; shown while it waits."""


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
    idempotency: ClassVar[Idempotency] = "never"
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

    async def cancel(self, context: StepContext, inputs: InputsT) -> None:
        """Stop what goes on elsewhere for an attempt that is cancelled while it waits.

        Plugins that start work which outlives a step override it. ``context.state``
        is what was kept with the wait. It has to be harmless when repeated, and when
        the work has ended already. What it raises is logged, and changes nothing.
        """


class InstantPlugin(Plugin[InputsT, OutputsT]):
    """A plugin that answers at once, out of what it is given: it awaits nothing.

    It overrides :meth:`answer` in place of :meth:`execute`. The plugin gateway then runs
    its steps without a task and a timer for each, at a fraction of the price; nothing
    else runs there meanwhile, so it must not compute for more than a millisecond or two.
    """

    @abstractmethod
    def answer(self, context: StepContext, inputs: InputsT) -> Done[OutputsT] | Wait | Failed:
        """Run one step. What it raises counts as a failure with code ``plugin_error``."""

    @override
    async def execute(
        self, context: StepContext, inputs: InputsT
    ) -> Done[OutputsT] | Wait | Failed:
        """Answer at once."""
        return self.answer(context, inputs)
