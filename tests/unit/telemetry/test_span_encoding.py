"""What is encoded here is what OpenTelemetry's own encoder makes of the same spans."""

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from flowyard.telemetry.span_encoding import encode

RESOURCE = Resource({"service.name": "scheduler", "process.pid": 7})
SCOPE = InstrumentationScope("flowyard", "1.0")

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
_ids = st.integers(1, 2**64 - 1)
_contexts = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    _ids,
    st.booleans(),
    st.just(TraceFlags(TraceFlags.SAMPLED)),
)
_instants = st.integers(0, 2**63 - 1)
_values = st.one_of(
    _text, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)
)
_spans = st.builds(
    ReadableSpan,
    _text,
    context=_contexts,
    parent=st.none() | _contexts,
    resource=st.just(RESOURCE),
    attributes=st.dictionaries(_text.filter(bool), _values, max_size=8),
    links=st.lists(st.builds(Link, _contexts), max_size=3),
    kind=st.sampled_from(SpanKind),
    status=st.just(Status(StatusCode.UNSET)) | st.builds(Status, st.just(StatusCode.ERROR), _text),
    start_time=_instants,
    end_time=_instants,
    instrumentation_scope=st.just(SCOPE),
)


@given(st.lists(_spans, min_size=1, max_size=5))
def test_our_bytes_read_as_the_library_encodes(spans: list[ReadableSpan]) -> None:
    assert ExportTraceServiceRequest.FromString(encode(spans)) == encode_spans(spans)


def test_values_that_only_look_alike_stay_apart() -> None:
    context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    alike = [
        ReadableSpan("x", context=context, resource=RESOURCE, attributes={"key": value})
        for value in (1, True, 1.0, "1")
    ]

    assert ExportTraceServiceRequest.FromString(encode(alike)) == encode_spans(alike)


def test_no_spans_are_no_bytes() -> None:
    assert encode([]) == b""
