"""Spans of one service, exported by OTLP when the environment names a collector.

Theory of operation. Sampling is decided once, at the root of a trace, and handed
on in the flags of ``traceparent``. Most work is not sampled, so that path creates
nothing at all: a child hands its parent's text on as it is. Where nothing is
exported, a sampled parent is handed on the same way, so that the services behind
still continue its trace.

A recorded span is made, and encoded, when it ends: the SDK's tracer would cost thirty
times as much a span, which an engine of thousands of nodes a second does not have.
Where spans go says :mod:`flowyard.telemetry.exporting`.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import Literal, Self

from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.trace import SpanKind

from flowyard.telemetry.exporting import span_sink
from flowyard.telemetry.propagation import new_context, parse
from flowyard.telemetry.spans import (
    AttributeValue,
    RecordedSpan,
    Span,
    SpanBlock,
    child_of,
)

SpanName = Literal[
    "api.request",
    "instance.start",
    "node.attempt",
    "step.dispatch",
    "step.execute",
    "plugin.execute",
    "plugin.cancel",
    "node.wait",
    "instance.end",
    "scheduler.batch",
    "worker.batch",
]
"""The closed list of spans, in the order in which an instance meets them."""

MAX_LINKS = 100
"""Traces that the span of one batch names."""

_KINDS: dict[str, SpanKind] = {
    "api.request": SpanKind.SERVER,
    "step.dispatch": SpanKind.PRODUCER,
    "step.execute": SpanKind.CONSUMER,
    "plugin.execute": SpanKind.SERVER,
}
"""Which side of a hop a span is; the others are within a service."""


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
        self._sink = span_sink(service, exporter)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            # It waits for the network, in a thread of its own.
            await asyncio.to_thread(sink.close)

    def span(
        self,
        name: SpanName,
        *,
        traceparent: str | None = None,
        is_sampled: bool | None = None,
        attributes: Mapping[str, AttributeValue] | None = None,
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
        is_sampled
            Whether it is recorded; None leaves that to the parent, or for a new trace to
            chance.
        attributes
            What is known at the beginning.
        links
            Other spans that led here, as ``traceparent``.
        """
        return SpanBlock(
            self.open_span(
                name,
                traceparent=traceparent,
                is_sampled=is_sampled,
                attributes=attributes,
                links=links,
            )
        )

    def open_span(
        self,
        name: SpanName,
        *,
        traceparent: str | None = None,
        is_sampled: bool | None = None,
        attributes: Mapping[str, AttributeValue] | None = None,
        links: Sequence[str] = (),
    ) -> Span:
        """Return a span that the caller ends, for work that is no block of code."""
        parent = parse(traceparent)
        if parent is None:
            if is_sampled is None:
                is_sampled = random.random() < self._sample_ratio  # noqa: S311  # sampling, not a secret
            context = new_context(is_sampled=is_sampled)
        else:
            if is_sampled is not None:
                parent = parent._replace(is_sampled=is_sampled)
            context = parent
        if self._sink is None or not context.is_sampled:
            return Span(context.traceparent)
        return RecordedSpan(
            self._sink,
            name,
            parent=parent,
            context=context if parent is None else child_of(parent),
            attributes=attributes,
            kind=_KINDS.get(name, SpanKind.INTERNAL),
            links=links,
        )

    def call_span(
        self, name: str, *, traceparent: str, attributes: Mapping[str, AttributeValue]
    ) -> AbstractContextManager[Span]:
        """Run a block that calls another system; a plugin names it."""
        parent = parse(traceparent)
        if self._sink is None or parent is None or not parent.is_sampled:
            return SpanBlock(Span(traceparent))
        return SpanBlock(
            RecordedSpan(
                self._sink,
                name,
                parent=parent,
                context=child_of(parent),
                attributes=attributes,
                kind=SpanKind.CLIENT,
            )
        )

    def event_span(
        self,
        name: SpanName,
        *,
        traceparent: str | None,
        started_at: datetime,
        ended_at: datetime,
        own: str | None = None,
        attributes: Mapping[str, AttributeValue] | None = None,
        failure: tuple[str, str] | None = None,
        links: Sequence[str] = (),
    ) -> str | None:
        """Record a span after the fact; nothing where the trace is not sampled.

        Parameters
        ----------
        traceparent
            The parent.
        own
            The context that others know it by already; None lets it have a new one.
        failure
            Its stable code and a sentence without secrets, where it has failed.

        Returns
        -------
        str or None
            Its own context, where it is recorded.
        """
        parent = parse(traceparent)
        if self._sink is None or parent is None or not parent.is_sampled:
            return None
        span = RecordedSpan(
            self._sink,
            name,
            parent=parent,
            context=parse(own) or child_of(parent),
            attributes=attributes,
            kind=_KINDS.get(name, SpanKind.INTERNAL),
            links=links,
            started_at=_nanoseconds(started_at),
        )
        if failure is not None:
            span.fail(*failure)
        span.end(_nanoseconds(ended_at))
        return span.traceparent

    def batch_span(
        self, name: SpanName, *, seconds: float, ended_at: datetime, links: Sequence[str]
    ) -> None:
        """Record what was done at once for several traces, in a trace of its own.

        Parameters
        ----------
        seconds
            How long it took.
        links
            The traces that it was done for, as ``traceparent``; more than
            :data:`MAX_LINKS` are told apart by their time alone, and without any nothing
            is recorded.
        """
        if self._sink is None or not links:
            return
        links = links[:MAX_LINKS]
        end = _nanoseconds(ended_at)
        span = RecordedSpan(
            self._sink,
            name,
            parent=None,
            context=new_context(is_sampled=True),
            attributes={"flowyard.traces": len(links)},
            links=links,
            started_at=end - int(seconds * 1e9),
        )
        span.end(end)


def _nanoseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1_000_000) * 1000
