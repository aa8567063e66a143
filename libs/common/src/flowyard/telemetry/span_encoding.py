"""Spans as OTLP's bytes, at a cost that lets every instance be recorded.

Theory of operation. Protocol Buffers merge messages whose bytes are joined: a span is its
own fields followed by those of its attributes, each attribute a span of nothing else. As
attributes repeat from span to span (a project, a template, a plugin), their bytes are kept,
and a span costs a twentieth of what building its messages anew does.

Source: https://protobuf.dev/programming-guides/encoding/#last-one-wins (merging), and
opentelemetry/proto/collector/trace/v1/trace_service.proto.
"""

from collections.abc import Sequence
from functools import lru_cache

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Status
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode
from opentelemetry.util.types import AttributeValue

KEPT_ATTRIBUTES = 16_384
"""Attributes whose bytes are kept, about 250 bytes each."""

_SPANS_OF_SCOPE = ScopeSpans.SPANS_FIELD_NUMBER
_SCOPES_OF_RESOURCE = ResourceSpans.SCOPE_SPANS_FIELD_NUMBER
_RESOURCES_OF_REQUEST = ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER
_LENGTH_DELIMITED = 2
_MORE = 0x80
"""The bit of a digit that another one follows."""
_KINDS = {
    SpanKind.INTERNAL: SpanMessage.SPAN_KIND_INTERNAL,
    SpanKind.SERVER: SpanMessage.SPAN_KIND_SERVER,
    SpanKind.CLIENT: SpanMessage.SPAN_KIND_CLIENT,
    SpanKind.PRODUCER: SpanMessage.SPAN_KIND_PRODUCER,
    SpanKind.CONSUMER: SpanMessage.SPAN_KIND_CONSUMER,
}
_NOT_FAILED: bytes = SpanMessage(status=Status()).SerializeToString()


def encode(spans: Sequence[ReadableSpan]) -> bytes:
    """Return the request that exports spans, all of one resource and one scope.

    Spans have no events and no trace state; attributes are text, numbers or truth values.
    """
    if not spans:
        return b""
    [resource] = encode_spans(spans[:1]).resource_spans
    [scope] = resource.scope_spans
    del resource.scope_spans[:]
    del scope.spans[:]
    inner = [scope.SerializeToString()]
    for span in spans:
        inner += _field(_SPANS_OF_SCOPE, _span(span))
    outer = [resource.SerializeToString(), *_field(_SCOPES_OF_RESOURCE, b"".join(inner))]
    return b"".join(_field(_RESOURCES_OF_REQUEST, b"".join(outer)))


def _span(span: ReadableSpan) -> bytes:
    context, parent, status = span.context, span.parent, span.status
    own = SpanMessage(
        trace_id=context.trace_id.to_bytes(16, "big"),
        span_id=context.span_id.to_bytes(8, "big"),
        parent_span_id=b"" if parent is None else parent.span_id.to_bytes(8, "big"),
        name=span.name,
        kind=_KINDS[span.kind],
        start_time_unix_nano=span.start_time or 0,
        end_time_unix_nano=span.end_time or 0,
        flags=_flags(parent),
    )
    parts: list[bytes] = [own.SerializeToString()]
    parts += [_attribute(key, value) for key, value in (span.attributes or {}).items()]
    if span.links:
        parts.append(SpanMessage(links=map(_link, span.links)).SerializeToString())
    is_failed = status.status_code is StatusCode.ERROR
    parts.append(_failed(status.description or "") if is_failed else _NOT_FAILED)
    return b"".join(parts)


def _failed(description: str) -> bytes:
    status = Status(code=Status.STATUS_CODE_ERROR, message=description)
    content: bytes = SpanMessage(status=status).SerializeToString()
    return content


def _link(link: Link) -> SpanMessage.Link:
    return SpanMessage.Link(
        trace_id=link.context.trace_id.to_bytes(16, "big"),
        span_id=link.context.span_id.to_bytes(8, "big"),
        flags=_flags(link.context),
    )


def _flags(context: SpanContext | None) -> int:
    """Return whether it is known to come from elsewhere, and whether it does."""
    return 0x100 if context is None or not context.is_remote else 0x300


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
    return AnyValue(string_value=str(value))


def _field(number: int, content: bytes) -> tuple[bytes, bytes]:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(content)), content


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number >= _MORE:
        digits.append(number % _MORE | _MORE)
        number >>= 7
    digits.append(number)
    return bytes(digits)
