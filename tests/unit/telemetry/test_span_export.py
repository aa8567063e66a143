"""How spans get to a collector, or do not."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from pydantic import ValidationError
from starlette.responses import Response

from flowyard.telemetry.exporting import OtlpSettings
from flowyard.telemetry.otlp import OtlpSpans
from flowyard.telemetry.propagation import new_context
from flowyard.telemetry.spans import EndedSpan
from tests.support.api import eventually
from tests.support.ports import free_port
from tests.support.receiver import Receiver, receiving

PATH = "/v1/traces"
ROOT = new_context(is_sampled=True)
NEVER = 600.0


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        yield receiver


def _spans(*, batch: int = 3, delay_seconds: float = NEVER, most: int = 100) -> OtlpSpans:
    resource = Resource({"service.name": "worker"})
    return OtlpSpans(resource, batch=batch, delay_seconds=delay_seconds, most=most)


def _end(spans: OtlpSpans, *names: str) -> None:
    for name in names:
        context = new_context(is_sampled=True)
        spans.take(EndedSpan(name=name, context=context, started_at=1, ended_at=2))


def _received(collector: Receiver) -> list[list[str]]:
    """Return the names of the spans of each request."""
    found = []
    for call in collector.at(PATH):
        request = ExportTraceServiceRequest()
        request.ParseFromString(call.body)
        [resource] = request.resource_spans
        [scope] = resource.scope_spans
        found.append([span.name for span in scope.spans])
    return found


async def test_full_batches_go_at_once_and_the_rest_at_the_end(collector: Receiver) -> None:
    spans = _spans()

    _end(spans, "a", "b", "c", "d")
    await eventually(lambda: collector.at(PATH))
    await asyncio.to_thread(spans.close)

    assert _received(collector) == [["a", "b", "c"], ["d"]]


async def test_a_few_wait_for_the_delay_alone(collector: Receiver) -> None:
    spans = _spans(delay_seconds=0.05)

    _end(spans, "a")
    await eventually(lambda: collector.at(PATH))
    await asyncio.to_thread(spans.close)

    assert _received(collector) == [["a"]]


async def test_what_comes_while_the_collector_is_slow_waits_or_is_dropped(
    collector: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    collector.held[PATH] = asyncio.Event()
    spans = _spans(batch=2, most=3)
    _end(spans, "a", "b")
    await eventually(lambda: collector.at(PATH))

    _end(spans, "c", "d", "e", "lost", "lost, too")
    collector.held[PATH].set()
    with caplog.at_level(logging.WARNING, "flowyard.telemetry"):
        await asyncio.to_thread(spans.close)

    assert _received(collector) == [["a", "b"], ["c", "d"], ["e"]]
    [told] = [one for one in caplog.records if "dropped" in one.message]
    assert vars(told)["count"] == 2


async def test_a_refused_request_is_lost_and_the_next_one_goes(collector: Receiver) -> None:
    collector.answers[PATH] = lambda: Response(status_code=400)
    spans = _spans(batch=1)
    _end(spans, "a")
    await eventually(lambda: collector.at(PATH))

    collector.answers.clear()
    _end(spans, "b")
    await asyncio.to_thread(spans.close)

    assert _received(collector) == [["a"], ["b"]]


async def test_without_a_collector_the_end_waits_for_one_request_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    spans = _spans(batch=1, most=100)
    began = time.monotonic()

    _end(spans, *"abcdefghij")
    await asyncio.to_thread(spans.close)

    assert time.monotonic() - began < 5


async def test_closed_twice_is_closed_once_and_takes_nothing_more(collector: Receiver) -> None:
    spans = _spans()
    await asyncio.to_thread(spans.close)
    await asyncio.to_thread(spans.close)

    _end(spans, "a", "b", "c")

    assert _received(collector) == []


@pytest.mark.parametrize(
    "span",
    [
        EndedSpan(name="x", context=ROOT, started_at=1, ended_at=2, failure="half \ud83d"),
        EndedSpan(name="x", context=ROOT, started_at=1, ended_at=2, attributes={"key": 2**64}),
    ],
)
async def test_a_span_that_cannot_be_encoded_is_left_out_and_nothing_is_raised(
    collector: Receiver, span: EndedSpan
) -> None:
    spans = _spans()

    spans.take(span)
    _end(spans, "a")
    await asyncio.to_thread(spans.close)

    assert _received(collector) == [["a"]]


@pytest.mark.parametrize(
    "variable",
    ["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_MAX_QUEUE_SIZE"],
)
def test_a_number_with_which_nothing_would_ever_be_sent_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "0")

    with pytest.raises(ValidationError):
        OtlpSettings()
