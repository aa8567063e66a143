"""Spans as OTLP's bytes, at a cost that lets every instance be recorded.

Theory of operation. Protocol Buffers merge messages whose bytes are joined, in any order: a
span is its ids and times, whose widths are fixed, followed by its name, its attributes, its
links and its status, each a span of nothing else. As names and attributes repeat from span to
span (a project, a template, a plugin), their bytes are kept, and nothing is built anew but
what tells one span from the next.

Source: https://protobuf.dev/programming-guides/encoding/ ("Message Structure" for tags, "Last
One Wins" for merging), and opentelemetry/proto/collector/trace/v1/trace_service.proto.
"""

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Status
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import SpanKind

from flowyard.telemetry.propagation import TraceContext
from flowyard.telemetry.spans import AttributeValue, EndedSpan, as_sdk_span

KEPT_ATTRIBUTES = 16_384
"""Attributes whose bytes are kept, about 250 bytes each."""

_FIXED_64, _LENGTH_DELIMITED, _FIXED_32 = 1, 2, 5
"""How a field is written: the lower three bits of its tag."""
_MORE = 0x80
"""The bit of a digit that another one follows."""
_ROOT_FLAGS, _REMOTE_FLAGS = 0x100, 0x300
"""It is known whether a span's parent, or what a link names, comes from elsewhere; and it does."""
_KINDS = {
    SpanKind.INTERNAL: SpanMessage.SPAN_KIND_INTERNAL,
    SpanKind.SERVER: SpanMessage.SPAN_KIND_SERVER,
    SpanKind.CLIENT: SpanMessage.SPAN_KIND_CLIENT,
    SpanKind.PRODUCER: SpanMessage.SPAN_KIND_PRODUCER,
    SpanKind.CONSUMER: SpanMessage.SPAN_KIND_CONSUMER,
}


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number >= _MORE:
        digits.append(number % _MORE | _MORE)
        number >>= 7
    digits.append(number)
    return bytes(digits)


def _before(number: int, form: int, size: int | None = None) -> bytes:
    """Return what stands before a field's content: its tag, and its size where that may differ."""
    return _varint(number << 3 | form) + (b"" if size is None else _varint(size))


_Link = SpanMessage.Link
_TRACE_ID = _before(SpanMessage.TRACE_ID_FIELD_NUMBER, _LENGTH_DELIMITED, 16)
_SPAN_ID = _before(SpanMessage.SPAN_ID_FIELD_NUMBER, _LENGTH_DELIMITED, 8)
_PARENT_ID = _before(SpanMessage.PARENT_SPAN_ID_FIELD_NUMBER, _LENGTH_DELIMITED, 8)
_BEGIN = _before(SpanMessage.START_TIME_UNIX_NANO_FIELD_NUMBER, _FIXED_64)
_END = _before(SpanMessage.END_TIME_UNIX_NANO_FIELD_NUMBER, _FIXED_64)
_FLAGS = _before(SpanMessage.FLAGS_FIELD_NUMBER, _FIXED_32)
_LINKED_TRACE_ID = _before(_Link.TRACE_ID_FIELD_NUMBER, _LENGTH_DELIMITED, 16)
_LINKED_SPAN_ID = _before(_Link.SPAN_ID_FIELD_NUMBER, _LENGTH_DELIMITED, 8)
_LINKED_FLAGS = _before(_Link.FLAGS_FIELD_NUMBER, _FIXED_32)

_PLACE = Struct("<2s16s2s8scQcQ2sI")
"""Trace, span, begin, end and flags, each behind its tag."""
_LINKED_PLACE = Struct("<2s16s2s8scI")
"""Trace, span and flags, each behind its tag."""
_LINK = _before(SpanMessage.LINKS_FIELD_NUMBER, _LENGTH_DELIMITED, _LINKED_PLACE.size)
_SPANS_OF_SCOPE = _before(ScopeSpans.SPANS_FIELD_NUMBER, _LENGTH_DELIMITED)
_SCOPES_OF_RESOURCE = _before(ResourceSpans.SCOPE_SPANS_FIELD_NUMBER, _LENGTH_DELIMITED)
_RESOURCES_OF_REQUEST = _before(
    ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER, _LENGTH_DELIMITED
)
_NOT_FAILED: bytes = SpanMessage(status=Status()).SerializeToString()


class SpanEncoder:
    """Encodes the spans of one service.

    Parameters
    ----------
    resource
        Where they come from.
    """

    def __init__(self, resource: Resource) -> None:
        nothing = TraceContext(1, 1, is_sampled=True)
        span = EndedSpan(name="", context=nothing, started_at=0, ended_at=0)
        [head] = encode_spans([as_sdk_span(span, resource)]).resource_spans
        [scope] = head.scope_spans
        del head.scope_spans[:]
        del scope.spans[:]
        self._resource = head.SerializeToString()
        self._scope = scope.SerializeToString()

    def span(self, span: EndedSpan) -> bytes:
        """Return one span, as :meth:`request` takes it."""
        context, parent = span.context, span.parent
        parts = [
            _PLACE.pack(
                _TRACE_ID,
                context.trace_id.to_bytes(16, "big"),
                _SPAN_ID,
                context.span_id.to_bytes(8, "big"),
                _BEGIN,
                span.started_at,
                _END,
                span.ended_at,
                _FLAGS,
                _ROOT_FLAGS if parent is None else _REMOTE_FLAGS,
            ),
            _named(span.name, span.kind),
            *[_attribute(key, value) for key, value in span.attributes.items()],
            _NOT_FAILED if span.failure is None else _failed(span.failure),
        ]
        if parent is not None:
            parts += (_PARENT_ID, parent.span_id.to_bytes(8, "big"))
        if span.links:
            parts += [_linked(link) for link in span.links]
        return b"".join(parts)

    def request(self, spans: Sequence[bytes]) -> bytes:
        """Return what exports spans that are encoded."""
        inner = [self._scope]
        for span in spans:
            inner += (_SPANS_OF_SCOPE, _varint(len(span)), span)
        scope = b"".join(inner)
        content = b"".join((self._resource, _SCOPES_OF_RESOURCE, _varint(len(scope)), scope))
        return b"".join((_RESOURCES_OF_REQUEST, _varint(len(content)), content))


def _linked(context: TraceContext) -> bytes:
    return _LINK + _LINKED_PLACE.pack(
        _LINKED_TRACE_ID,
        context.trace_id.to_bytes(16, "big"),
        _LINKED_SPAN_ID,
        context.span_id.to_bytes(8, "big"),
        _LINKED_FLAGS,
        _REMOTE_FLAGS,
    )


@lru_cache
def _named(name: str, kind: SpanKind) -> bytes:
    content: bytes = SpanMessage(name=name, kind=_KINDS[kind]).SerializeToString()
    return content


def _failed(description: str) -> bytes:
    status = Status(code=Status.STATUS_CODE_ERROR, message=description)
    content: bytes = SpanMessage(status=status).SerializeToString()
    return content


@lru_cache(maxsize=KEPT_ATTRIBUTES, typed=True)
def _attribute(key: str, value: AttributeValue) -> bytes:
    alone = SpanMessage(attributes=[KeyValue(key=key, value=_value(value))])
    content: bytes = alone.SerializeToString()
    return content


def _value(value: AttributeValue) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    return AnyValue(string_value=value)
