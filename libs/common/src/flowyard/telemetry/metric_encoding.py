"""Metrics as OpenTelemetry's exporters take them.

Apart from the export itself: the SDK's types take a tenth of a second to load, which a process
that exports nothing need not have.
"""

import asyncio

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from flowyard.telemetry.metric_state import Labels, Point, State
from flowyard.telemetry.metrics import METRICS, MetricName

COUNTED = (
    "batches",
    "cancellations",
    "changes",
    "commands",
    "connections",
    "deliveries",
    "doorbells",
    "events",
    "facts",
    "failures",
    "instances",
    "letters",
    "lines",
    "nodes",
    "pending",
    "reads",
    "outcomes",
    "partition",
    "records",
    "repairs",
    "reports",
    "requests",
    "revision",
    "service",
    "starts",
    "steps",
    "streams",
    "window",
)
"""What metrics count, as words of their names."""

_SCOPE = InstrumentationScope("flowyard")


class MetricSender:
    """Gives what metrics stand at to an exporter.

    Parameters
    ----------
    exporter
        Sends it.
    resource
        Where it comes from.
    is_delta
        Whether differences are wanted rather than totals.
    """

    def __init__(self, exporter: MetricExporter, resource: Resource, *, is_delta: bool) -> None:
        self._exporter = exporter
        self._resource = resource
        self._is_delta = is_delta

    async def send(self, state: State, sent: State, *, since: int, at: int) -> bool:
        """Send a state, and tell whether it was taken.

        Parameters
        ----------
        sent
            What the numbers are told from, if differences are wanted.
        since, at
            The time that they are about, in nanoseconds.
        """
        data = self._data(state, sent, since, at)
        result = await asyncio.to_thread(self._exporter.export, data)
        return result is MetricExportResult.SUCCESS

    def close(self) -> None:
        """Let go of whoever waits to try again."""
        self._exporter.shutdown()

    def _data(self, state: State, sent: State, since: int, at: int) -> MetricsData:
        points: dict[MetricName, list[tuple[Labels, Point]]] = {}
        for (name, labels), point in state.items():
            earlier = None if METRICS[name].kind == "gauge" else sent.get((name, labels))
            shown = point if earlier is None else point.since(earlier)
            points.setdefault(name, []).append((labels, shown))
        scope = ScopeMetrics(
            scope=_SCOPE,
            metrics=[self._metric(name, found, since, at) for name, found in points.items()],
            schema_url="",
        )
        resource = ResourceMetrics(resource=self._resource, scope_metrics=[scope], schema_url="")
        return MetricsData(resource_metrics=[resource])

    def _metric(
        self, name: MetricName, points: list[tuple[Labels, Point]], since: int, at: int
    ) -> Metric:
        definition = METRICS[name]
        temporality = (
            AggregationTemporality.DELTA if self._is_delta else AggregationTemporality.CUMULATIVE
        )
        data: Sum | Gauge | Histogram
        if definition.kind == "histogram":
            bounds = definition.buckets
            data = Histogram(
                [_distribution(*one, bounds, since, at) for one in points], temporality
            )
        elif definition.kind == "counter":
            numbers = [_number(*one, since, at) for one in points]
            data = Sum(numbers, temporality, is_monotonic=True)
        else:
            data = Gauge([_number(*one, 0, at) for one in points])
        return Metric(name=name, description=definition.help, unit=unit_of(name), data=data)


def _number(labels: Labels, point: Point, since: int, at: int) -> NumberDataPoint:
    return NumberDataPoint(
        attributes=dict(labels),
        start_time_unix_nano=since,
        time_unix_nano=at,
        value=point.value,
    )


def _distribution(
    labels: Labels, point: Point, bounds: tuple[float, ...], since: int, at: int
) -> HistogramDataPoint:
    return HistogramDataPoint(
        attributes=dict(labels),
        start_time_unix_nano=since,
        time_unix_nano=at,
        count=sum(point.counts),
        sum=point.value,
        bucket_counts=point.counts,
        explicit_bounds=bounds,
        # Not known; the protocol may go without them.
        min=None,  # type: ignore[arg-type]
        max=None,  # type: ignore[arg-type]
    )


def unit_of(name: str) -> str:
    """Return a metric's unit as OTLP names it: seconds, or in braces what is counted."""
    words = name.split("_")
    if "seconds" in words:
        return "s"
    found = next((word for word in words if word in COUNTED), words[-1])
    return f"{{{found}}}"
