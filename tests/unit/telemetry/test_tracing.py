import threading
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from flowyard.telemetry.propagation import is_sampled, new_root, parse
from flowyard.telemetry.spans import current_traceparent
from flowyard.telemetry.tracing import Tracing

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


@pytest.mark.parametrize(
    "text",
    [None, "", "garbage", "00-0-0-01", SAMPLED.replace("00-", "ff-", 1), SAMPLED.replace("a", "G")],
)
def test_what_is_no_trace_context_names_none(text: str | None) -> None:
    assert parse(text) is None


def test_a_trace_context_survives_the_way_out_and_in() -> None:
    context = parse(SAMPLED)

    assert context is not None
    assert context.traceparent == SAMPLED


@pytest.mark.parametrize(
    ("text", "expected"), [(SAMPLED, True), (UNSAMPLED, False), ("", False), (None, False)]
)
def test_the_flags_alone_tell_what_is_sampled(text: str | None, *, expected: bool) -> None:
    assert is_sampled(text) is expected


def test_a_new_root_is_a_trace_of_its_own() -> None:
    first, second = new_root(is_sampled=True), new_root(is_sampled=True)

    assert parse(first) is not None
    assert first != second


async def test_an_unsampled_parent_is_handed_on_as_it_is() -> None:
    exporter = InMemorySpanExporter()
    async with Tracing("worker", sample_ratio=1.0, exporter=exporter) as tracing:
        with tracing.span("step.execute", traceparent=UNSAMPLED) as span:
            span.set("key", "value")
            span.fail("code", "message")

        assert span.traceparent == UNSAMPLED
        assert not span.is_recording
        assert exporter.get_finished_spans() == ()


async def test_a_sampled_parent_gets_a_child() -> None:
    exporter = InMemorySpanExporter()
    async with Tracing("worker", sample_ratio=0.0, exporter=exporter) as tracing:
        with tracing.span(
            "step.execute", traceparent=SAMPLED, attributes={"n": 1}, links=[UNSAMPLED, "garbage"]
        ) as span:
            span.fail("boom", "It broke")

        [finished] = exporter.get_finished_spans()
    assert finished.parent is not None
    assert f"{finished.parent.span_id:016x}" == "b7ad6b7169203331"
    assert (
        span.traceparent
        == f"00-{finished.context.trace_id:032x}-{finished.context.span_id:016x}-01"
    )
    assert finished.attributes == {"n": 1, "error.type": "boom"}
    assert finished.status.status_code is StatusCode.ERROR
    assert len(finished.links) == 1
    assert finished.resource.attributes["service.name"] == "worker"


async def test_a_new_trace_is_recorded_by_the_ratio() -> None:
    exporter = InMemorySpanExporter()
    async with (
        Tracing("api", sample_ratio=1.0, exporter=exporter) as all_of_them,
        Tracing("api", sample_ratio=0.0, exporter=exporter) as none_of_them,
    ):
        with all_of_them.span("api.request") as recorded:
            pass
        with none_of_them.span("api.request") as unrecorded:
            pass

        assert is_sampled(recorded.traceparent)
        assert not is_sampled(unrecorded.traceparent)
        assert len(exporter.get_finished_spans()) == 1


async def test_without_a_collector_a_sampled_trace_goes_on_and_no_thread_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", raising=False)
    threads = threading.active_count()

    async with Tracing("worker", sample_ratio=1.0) as tracing:
        with tracing.span("step.execute", traceparent=SAMPLED) as child:
            pass
        with tracing.span("api.request") as root:
            pass

        assert child.traceparent == SAMPLED
        assert is_sampled(root.traceparent)
        assert threading.active_count() == threads


async def test_a_collector_named_by_the_environment_is_exported_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")

    async with Tracing("worker") as tracing:
        with tracing.span("step.execute", traceparent=UNSAMPLED):
            pass

        assert any(thread.name == "export-spans" for thread in threading.enumerate())


async def test_a_block_knows_the_span_that_it_is_in() -> None:
    async with Tracing("worker", sample_ratio=0.0) as tracing:
        with tracing.span("step.execute", traceparent=UNSAMPLED):
            assert current_traceparent.get() == UNSAMPLED

    assert current_traceparent.get() is None


async def test_an_error_fails_the_span_and_leaves_the_context() -> None:
    exporter = InMemorySpanExporter()
    async with Tracing("worker", exporter=exporter) as tracing:
        with (
            pytest.raises(ValueError, match="invalid literal"),
            tracing.span("step.execute", traceparent=SAMPLED),
        ):
            int("broken")

        [finished] = exporter.get_finished_spans()
    assert finished.attributes == {"error.type": "ValueError"}
    assert current_traceparent.get() is None


async def test_a_span_after_the_fact_has_the_times_of_the_fact() -> None:
    exporter = InMemorySpanExporter()
    started_at = datetime(2025, 1, 1, tzinfo=UTC)
    async with Tracing("scheduler", exporter=exporter) as tracing:
        for traceparent in (SAMPLED, UNSAMPLED, None):
            tracing.event_span(
                "node.wait",
                traceparent=traceparent,
                started_at=started_at,
                ended_at=started_at + timedelta(hours=1),
                attributes={"reason": "timer"},
            )

        [finished] = exporter.get_finished_spans()
    assert finished.start_time is not None
    assert finished.end_time is not None
    assert finished.end_time - finished.start_time == 3600 * 10**9
    assert finished.start_time == int(started_at.timestamp()) * 10**9


async def test_leaving_twice_is_harmless() -> None:
    tracing = Tracing("worker", exporter=InMemorySpanExporter())

    async with tracing:
        pass
    await tracing.__aexit__(None, None, None)

    with tracing.span("step.execute", traceparent=SAMPLED) as span:
        assert span.traceparent == SAMPLED
