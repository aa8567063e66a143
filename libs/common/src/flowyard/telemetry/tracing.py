"""Spans of one service, exported by OTLP when the environment names a collector.

Theory of operation. Sampling is decided once, at the root of a trace, and handed
on in the flags of ``traceparent``. Most work is not sampled, so that path creates
no SDK object at all: a child hands its parent's text on as it is. Where nothing
is exported, a sampled parent is handed on the same way, so that the services
behind still continue its trace.

``OTEL_EXPORTER_OTLP_ENDPOINT`` or ``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`` switches
the export on; all other ``OTEL_*`` variables are read by the SDK itself. Without
them no exporter is imported and no thread is started.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind, Status, StatusCode
from typing_extensions import override

from flowyard.settings import ServiceSettings
from flowyard.telemetry.propagation import TraceContext, new_root, parse

SpanName = Literal[
    "api.request",
    "instance.start",
    "instance.advance",
    "instance.end",
    "step.dispatch",
    "step.execute",
    "plugin.execute",
    "plugin.cancel",
    "node.wait",
]
"""The closed list of spans, in the order in which a node meets them."""

AttributeValue = str | int | float | bool
"""What a span keeps under a key."""

current_traceparent: ContextVar[str | None] = ContextVar("current_traceparent", default=None)
"""The span that the running code is in, for log lines."""


class OtlpSettings(ServiceSettings):
    """The standard variables that switch the export on."""

    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_traces_endpoint: str = ""
    otel_sdk_disabled: bool = False

    @property
    def is_enabled(self) -> bool:
        """Tell whether somebody listens."""
        named = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint
        return bool(named) and not self.otel_sdk_disabled


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

    def end(self) -> None:
        """End it; once is enough, again is harmless."""


class RecordedSpan(Span):
    """A span that will be exported."""

    __slots__ = ("_span",)

    is_recording = True

    def __init__(self, span: trace.Span) -> None:
        context = span.get_span_context()
        super().__init__(
            TraceContext(context.trace_id, context.span_id, is_sampled=True).traceparent
        )
        self._span = span

    @override
    def set(self, key: str, value: AttributeValue) -> None:
        self._span.set_attribute(key, value)

    @override
    def fail(self, code: str, message: str) -> None:
        self._span.set_attribute("error.type", code)
        self._span.set_status(Status(StatusCode.ERROR, message))

    @override
    def end(self) -> None:
        if self._span.is_recording():
            self._span.end()


class _SpanBlock(AbstractContextManager[Span]):
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


class Tracing:
    """Where a service's spans come from; an async context manager that flushes on exit.

    Parameters
    ----------
    service
        The service's name in traces, as in ``worker``.
    sample_ratio
        Share of new traces that are recorded. A trace that comes from elsewhere
        keeps what its root decided.
    exporter
        Called synchronously as each span ends: for tests and for a console. None
        exports by OTLP in the background, if the environment says where.
    """

    def __init__(
        self, service: str, *, sample_ratio: float = 0.1, exporter: SpanExporter | None = None
    ) -> None:
        self._sample_ratio = sample_ratio
        self._provider: TracerProvider | None = None
        self._tracer: trace.Tracer | None = None
        processor = _processor(exporter)
        if processor is not None:
            self._provider = _provider(service, processor)
            self._tracer = self._provider.get_tracer("flowyard")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        provider, self._provider, self._tracer = self._provider, None, None
        if provider is not None:
            # Flushing waits for the network, in a thread of its own.
            await asyncio.to_thread(provider.shutdown)

    def span(
        self,
        name: SpanName,
        *,
        traceparent: str | None = None,
        attributes: Mapping[str, AttributeValue] | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        links: Sequence[str] = (),
    ) -> AbstractContextManager[Span]:
        """Run a block within a span; log lines from within carry its trace id.

        An exception that leaves the block fails the span with its class's name.

        Parameters
        ----------
        name
            One of the closed list.
        traceparent
            The parent; None begins a new trace.
        attributes
            What is known at the beginning.
        kind
            Which side of a hop it is.
        links
            Other spans that led here, as ``traceparent``.
        """
        return _SpanBlock(
            self.open_span(
                name, traceparent=traceparent, attributes=attributes, kind=kind, links=links
            )
        )

    def open_span(
        self,
        name: SpanName,
        *,
        traceparent: str | None = None,
        attributes: Mapping[str, AttributeValue] | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        links: Sequence[str] = (),
    ) -> Span:
        """Return a span that the caller ends, for work that is no block of code."""
        context = parse(traceparent)
        tracer = self._tracer
        if context is None:
            if random.random() >= self._sample_ratio:  # noqa: S311  # sampling, not a secret
                return Span(new_root(is_sampled=False))
            if tracer is None:
                return Span(new_root(is_sampled=True))
        elif tracer is None or not context.is_sampled:
            return Span(traceparent or "")
        return RecordedSpan(
            tracer.start_span(
                name,
                context=_parent(context),
                kind=kind,
                attributes=attributes,
                links=_links(links),
            )
        )

    def event_span(
        self,
        name: SpanName,
        *,
        traceparent: str | None,
        started_at: datetime,
        ended_at: datetime,
        attributes: Mapping[str, AttributeValue] | None = None,
        links: Sequence[str] = (),
    ) -> None:
        """Record a span after the fact; nothing where the trace is not sampled."""
        context = parse(traceparent)
        if self._tracer is None or context is None or not context.is_sampled:
            return
        span = self._tracer.start_span(
            name,
            context=_parent(context),
            attributes=attributes,
            links=_links(links),
            start_time=_nanoseconds(started_at),
        )
        span.end(end_time=_nanoseconds(ended_at))


def _processor(exporter: SpanExporter | None) -> SpanProcessor | None:
    if exporter is not None:
        return SimpleSpanProcessor(exporter, meter_provider=NoOpMeterProvider())
    if not OtlpSettings().is_enabled:
        return None
    # Imported late: it brings an HTTP client that most processes never need.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )

    return BatchSpanProcessor(OTLPSpanExporter(), meter_provider=NoOpMeterProvider())


def _provider(service: str, processor: SpanProcessor) -> TracerProvider:
    provider = TracerProvider(
        # The root has been sampled before the SDK is asked.
        sampler=ALWAYS_ON,
        resource=Resource.create({"service.name": service, "service.namespace": "flowyard"}),
        # Ended by the service's own context manager, before the loop closes.
        shutdown_on_exit=False,
        meter_provider=NoOpMeterProvider(),
    )
    provider.add_span_processor(processor)
    return provider


def _parent(context: TraceContext | None) -> Context:
    if context is None:
        return Context()
    span = trace.NonRecordingSpan(_span_context(context))
    return trace.set_span_in_context(span, Context())


def _span_context(context: TraceContext) -> trace.SpanContext:
    flags = trace.TraceFlags.SAMPLED if context.is_sampled else trace.TraceFlags.DEFAULT
    return trace.SpanContext(
        context.trace_id, context.span_id, is_remote=True, trace_flags=trace.TraceFlags(flags)
    )


def _links(traceparents: Sequence[str]) -> list[trace.Link]:
    return [
        trace.Link(_span_context(context))
        for context in map(parse, traceparents)
        if context is not None
    ]


def _nanoseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1_000_000) * 1000
