"""One span: what a service tells of one piece of its work."""

import random
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from types import TracebackType
from typing import NamedTuple

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from typing_extensions import override

from flowyard.telemetry.propagation import TraceContext, parse

AttributeValue = str | int | float | bool
"""What a span keeps under a key."""

current_traceparent: ContextVar[str | None] = ContextVar("current_traceparent", default=None)
"""The span that the running code is in, for log lines."""

_SCOPE = InstrumentationScope("flowyard")
_UNSET = Status(StatusCode.UNSET)
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_UNSAMPLED = TraceFlags(TraceFlags.DEFAULT)


class Recorder(NamedTuple):
    """Where the recorded spans of one service go."""

    resource: Resource
    processor: SpanProcessor


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
    recorder
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
        "_is_ended",
        "_kind",
        "_links",
        "_name",
        "_parent",
        "_recorder",
        "_started_at",
        "_status",
    )

    is_recording = True

    def __init__(
        self,
        recorder: Recorder,
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
        self._recorder = recorder
        self._name = name
        self._parent = parent
        self._context = context
        self._attributes = dict(attributes or ())
        self._kind = kind
        self._links = links
        self._started_at = time.time_ns() if started_at is None else started_at
        self._status = _UNSET
        self._is_ended = False

    @override
    def set(self, key: str, value: AttributeValue) -> None:
        self._attributes[key] = value

    @override
    def fail(self, code: str, message: str) -> None:
        self._attributes["error.type"] = code
        self._status = Status(StatusCode.ERROR, message)

    @override
    def end(self, at: int | None = None) -> None:
        if self._is_ended:
            return
        self._is_ended = True
        self._recorder.processor.on_end(
            ReadableSpan(
                self._name,
                context=_sdk_context(self._context, is_remote=False),
                parent=None if self._parent is None else _sdk_context(self._parent),
                resource=self._recorder.resource,
                attributes=self._attributes,
                links=_links(self._links),
                kind=self._kind,
                status=self._status,
                start_time=self._started_at,
                end_time=time.time_ns() if at is None else at,
                instrumentation_scope=_SCOPE,
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


def _sdk_context(context: TraceContext, *, is_remote: bool = True) -> SpanContext:
    flags = _SAMPLED if context.is_sampled else _UNSAMPLED
    return SpanContext(context.trace_id, context.span_id, is_remote, flags)


def _links(traceparents: Sequence[str]) -> list[Link]:
    return [
        Link(_sdk_context(context)) for context in map(parse, traceparents) if context is not None
    ]
