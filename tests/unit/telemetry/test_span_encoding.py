"""What is encoded here is what OpenTelemetry's own encoder makes of the same spans."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import SpanKind

from flowyard.telemetry.propagation import TraceContext
from flowyard.telemetry.span_encoding import SpanEncoder
from flowyard.telemetry.spans import EndedSpan, as_sdk_span

RESOURCE = Resource({"service.name": "scheduler", "process.pid": 7})

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
_contexts = st.builds(
    TraceContext, st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans()
)
_instants = st.integers(0, 2**63 - 1)
_values = st.one_of(
    _text, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)
)
_spans = st.builds(
    EndedSpan,
    name=_text,
    context=_contexts,
    parent=st.none() | _contexts,
    attributes=st.dictionaries(_text.filter(bool), _values, max_size=8),
    links=st.lists(_contexts, max_size=3),
    kind=st.sampled_from(SpanKind),
    failure=st.none() | _text,
    started_at=_instants,
    ended_at=_instants,
)


def _ours(spans: Sequence[EndedSpan]) -> ExportTraceServiceRequest:
    encoder = SpanEncoder(RESOURCE)
    request = ExportTraceServiceRequest()
    request.ParseFromString(encoder.request([encoder.span(one) for one in spans]))
    return request


def _theirs(spans: Sequence[EndedSpan]) -> ExportTraceServiceRequest:
    return encode_spans([as_sdk_span(one, RESOURCE) for one in spans])


@given(st.lists(_spans, min_size=1, max_size=5))
def test_our_bytes_read_as_the_library_encodes(spans: list[EndedSpan]) -> None:
    assert _ours(spans) == _theirs(spans)


def test_values_that_only_look_alike_stay_apart() -> None:
    alike = [
        EndedSpan(
            name="x",
            context=TraceContext(1, 2, is_sampled=True),
            attributes={"key": value},
            started_at=0,
            ended_at=0,
        )
        for value in (1, True, 1.0, "1")
    ]

    assert _ours(alike) == _theirs(alike)
