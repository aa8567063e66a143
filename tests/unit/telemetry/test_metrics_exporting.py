"""What goes out by OTLP is what a scrape would have found."""

import asyncio
import uuid
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    Sum,
)
from typing_extensions import override

from flowyard.telemetry.metric_definition import BATCH_SIZES
from flowyard.telemetry.metrics import METRICS, MetricName, Metrics
from flowyard.telemetry.metrics_exporting import MetricExport, MetricExportSettings

DELTA = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"


class Kept(MetricExporter):
    """Keeps what it is given, and takes it or not."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[MetricsData] = []
        self.refuses = False
        self.is_shut = False
        self.came = asyncio.Event()
        self.loop = asyncio.get_running_loop()

    @override
    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        self.taken.append(metrics_data)
        self.loop.call_soon_threadsafe(self.came.set)
        return MetricExportResult.FAILURE if self.refuses else MetricExportResult.SUCCESS

    @override
    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    @override
    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        self.is_shut = True

    def metrics(self) -> dict[str, Any]:
        """Return the data of what came last, by name."""
        (resource,) = self.taken[-1].resource_metrics
        (scope,) = resource.scope_metrics
        return {metric.name: metric for metric in scope.metrics}


def one_of(metric: Any, **labels: str) -> Any:
    """Return the point of a metric that has exactly these labels."""
    (found,) = [point for point in metric.data.data_points if point.attributes == labels]
    return found


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MetricExportSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


async def test_each_kind_goes_out_with_its_labels_and_unit() -> None:
    metrics, kept = Metrics("worker"), Kept()
    metrics.count("flowyard_worker_steps_reported_total", 3, outcome="failed")
    metrics.set("flowyard_worker_steps_in_flight", 7)

    await MetricExport("worker", metrics, exporter=kept).export()

    found = kept.metrics()
    counted, shown = (
        found["flowyard_worker_steps_reported_total"],
        found["flowyard_worker_steps_in_flight"],
    )
    assert isinstance(counted.data, Sum)
    assert counted.data.is_monotonic
    assert counted.data.aggregation_temporality is AggregationTemporality.CUMULATIVE
    assert counted.unit == "{steps}"
    point = one_of(counted, outcome="failed")
    assert point.value == 3
    assert point.start_time_unix_nano < point.time_unix_nano
    assert isinstance(shown.data, Gauge)
    assert shown.data.data_points[0].value == 7
    assert found.keys() <= METRICS.keys()
    assert counted.description == METRICS["flowyard_worker_steps_reported_total"].help


async def test_a_histogram_goes_out_with_the_same_buckets() -> None:
    metrics, kept = Metrics("worker"), Kept()
    for size in (1, 2, 3, 4, 5000):
        metrics.observe("flowyard_worker_batch_steps", size)

    await MetricExport("worker", metrics, exporter=kept).export()

    data = kept.metrics()["flowyard_worker_batch_steps"].data
    assert isinstance(data, Histogram)
    (point,) = data.data_points
    assert tuple(point.explicit_bounds) == BATCH_SIZES
    assert list(point.bucket_counts) == [1, 1, 2, *[0] * 9, 1]
    assert (point.count, point.sum) == (5, 5010)


async def test_sources_are_asked_before_numbers_go_out() -> None:
    metrics, kept = Metrics("worker"), Kept()

    with metrics.showing("flowyard_kafka_lag_records", lambda: {("t", "0"): 4.0}):
        await MetricExport("worker", metrics, exporter=kept).export()

    (point,) = kept.metrics()["flowyard_kafka_lag_records"].data.data_points
    assert (point.attributes, point.value) == ({"topic": "t", "partition": "0"}, 4)


async def test_differences_go_out_where_they_are_wanted_and_none_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(DELTA, "delta")
    metrics, kept = Metrics("worker"), Kept()
    export = MetricExport("worker", metrics, exporter=kept)
    name: MetricName = "flowyard_worker_steps_reported_total"

    metrics.count(name, 3, outcome="failed")
    metrics.observe("flowyard_worker_batch_steps", 2)
    await export.export()
    first_end = one_of(kept.metrics()[name], outcome="failed").time_unix_nano
    metrics.count(name, 4, outcome="failed")
    kept.refuses = True
    await export.export()
    kept.refuses = False
    metrics.observe("flowyard_worker_batch_steps", 1)
    await export.export()

    data = kept.metrics()[name].data
    assert data.aggregation_temporality is AggregationTemporality.DELTA
    # What was refused comes again with what has come since.
    point = one_of(kept.metrics()[name], outcome="failed")
    assert point.value == 4
    assert point.start_time_unix_nano == first_end
    (batch,) = kept.metrics()["flowyard_worker_batch_steps"].data.data_points
    assert (batch.count, batch.sum, list(batch.bucket_counts)[:2]) == (1, 1, [1, 0])


async def test_numbers_go_out_by_themselves_and_once_more_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "5")
    metrics, kept = Metrics("worker"), Kept()

    async with MetricExport("worker", metrics, exporter=kept):
        async with asyncio.timeout(10):
            await kept.came.wait()
        metrics.set("flowyard_worker_steps_in_flight", 9)

    assert kept.metrics()["flowyard_worker_steps_in_flight"].data.data_points[0].value == 9
    assert kept.is_shut


async def test_numbers_say_which_process_of_which_service_they_are_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = Kept()
    await MetricExport("worker", Metrics("worker"), exporter=kept).export()
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=pod-7")
    await MetricExport("worker", Metrics("worker"), exporter=kept).export()

    resources = [data.resource_metrics[0].resource.attributes for data in kept.taken]
    assert {one["service.name"] for one in resources} == {"worker"}
    assert {one["service.namespace"] for one in resources} == {"flowyard"}
    assert uuid.UUID(str(resources[0]["service.instance.id"]))
    assert resources[1]["service.instance.id"] == "pod-7"


@pytest.mark.parametrize(
    ("variables", "is_on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://c:4318/v1/metrics"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_METRICS_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_the_environment_says_whether_numbers_go_out(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, is_on: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert MetricExportSettings().is_enabled is is_on
