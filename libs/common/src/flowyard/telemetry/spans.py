"""One span: what a service tells of one piece of its work."""

import random
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from types import TracebackType
from typing import Protocol

from msgspec import Struct, field
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from typing_extensions import override

from flowyard.telemetry.propagation import TraceContext, parse

AttributeValue = str | int | float | bool
"""What a span keeps under a key."""

current_traceparent: ContextVar[str | None] = ContextVar("current_traceparent", default=None)
"""The span that the running code is in, for log lines."""

_SCOPE = InstrumentationScope("flowyard")


class EndedSpan(Struct, frozen=True, kw_only=True):
    """A span that is over, as it is exported."""

    name: str
    context: TraceContext
    """Its own place in the trace."""
    started_at: int
    ended_at: int
    """In nanoseconds."""
    parent: TraceContext | None = None
    """The span that it is part of; None for a new trace."""
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    kind: SpanKind = SpanKind.INTERNAL
    links: Sequence[TraceContext] = ()
    """Other spans that led here."""
    failure: str | None = None
    """A sentence without secrets, or an empty one, where it has failed."""


class SpanSink(Protocol):
    """Where the spans of one service go."""

    def take(self, span: EndedSpan) -> None:
        """Take a span in; returns at once."""

    def close(self) -> None:
        """Send what was taken in, and nothing more; may wait for the network."""


class Span:
    """One span: this form, for what is not sampled, only hands its context on."""

    __slots__ = ("traceparent",)

    is_recording = False
    """Whether what is set here goes anywhere."""

    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent
        """W3C trace context to hand on, sampled or not."""

    def set(self, key: str, value: AttributeValue) -> None:
        """Keep a value under a key."""

    def fail(self, code: str, message: str) -> None:
        """Mark the span as failed, with a stable code and a sentence without secrets."""

    def end(self, at: int | None = None) -> None:
        """End it, now or at an instant in nanoseconds; once is enough, again is harmless."""


class RecordedSpan(Span):
    """A span that will be exported.

    Parameters
    ----------
    sink
        Where it goes.
    name
        What it is called.
    parent
        The span that it is part of; None for a new trace.
    context
        Its own place in the trace.
    attributes
        What is known at the beginning.
    kind
        Which side of a hop it is.
    links
        Other spans that led here, as ``traceparent``.
    started_at
        When it began, in nanoseconds; None means now.
    """

    __slots__ = (
        "_attributes",
        "_context",
        "_failure",
        "_is_ended",
        "_kind",
        "_links",
        "_name",
        "_parent",
        "_sink",
        "_started_at",
    )

    is_recording = True

    def __init__(
        self,
        sink: SpanSink,
        name: str,
        *,
        parent: TraceContext | None,
        context: TraceContext,
        attributes: Mapping[str, AttributeValue] | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        links: Sequence[str] = (),
        started_at: int | None = None,
    ) -> None:
        super().__init__(context.traceparent)
        self._sink = sink
        self._name = name
        self._parent = parent
        self._context = context
        self._attributes = dict(attributes or ())
        self._kind = kind
        self._links = links
        self._started_at = time.time_ns() if started_at is None else started_at
        self._failure: str | None = None
        self._is_ended = False

    @override
    def set(self, key: str, value: AttributeValue) -> None:
        self._attributes[key] = value

    @override
    def fail(self, code: str, message: str) -> None:
        self._attributes["error.type"] = code
        self._failure = message

    @override
    def end(self, at: int | None = None) -> None:
        if self._is_ended:
            return
        self._is_ended = True
        self._sink.take(
            EndedSpan(
                name=self._name,
                context=self._context,
                parent=self._parent,
                attributes=self._attributes,
                kind=self._kind,
                links=_contexts(self._links) if self._links else (),
                failure=self._failure,
                started_at=self._started_at,
                ended_at=time.time_ns() if at is None else at,
            )
        )


class SpanBlock(AbstractContextManager[Span]):
    """A block within a span; a class, as a generator would cost more than most spans."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span

    @override
    def __enter__(self) -> Span:
        self._token = current_traceparent.set(self._span.traceparent)
        return self._span

    @override
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is not None:
            self._span.fail(exc_type.__name__, "")
        current_traceparent.reset(self._token)
        self._span.end()


def child_of(parent: TraceContext) -> TraceContext:
    """Return the place of a new span below another one."""
    # Not a secret: it only has to differ from other spans'.
    return parent._replace(span_id=random.getrandbits(64) or 1)


def as_sdk_span(span: EndedSpan, resource: Resource) -> ReadableSpan:
    """Return a span as OpenTelemetry's SDK has it, for its exporters."""
    status = Status() if span.failure is None else Status(StatusCode.ERROR, span.failure)
    return ReadableSpan(
        span.name,
        context=_sdk_context(span.context, is_remote=False),
        parent=None if span.parent is None else _sdk_context(span.parent),
        resource=resource,
        attributes=span.attributes,
        links=[Link(_sdk_context(context)) for context in span.links],
        kind=span.kind,
        status=status,
        start_time=span.started_at,
        end_time=span.ended_at,
        instrumentation_scope=_SCOPE,
    )


def _sdk_context(context: TraceContext, *, is_remote: bool = True) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if context.is_sampled else TraceFlags.DEFAULT)
    return SpanContext(context.trace_id, context.span_id, is_remote, flags)


def _contexts(traceparents: Sequence[str]) -> list[TraceContext]:
    return [context for context in map(parse, traceparents) if context is not None]
