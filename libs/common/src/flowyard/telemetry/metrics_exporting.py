"""Where metrics go besides Prometheus: by OTLP to the collector that the environment names.

Theory of operation. There is one bookkeeping, :class:`flowyard.telemetry.metrics.Metrics`.
What its series stand at is turned into OTLP's form now and then, and sent from a thread of
its own; counting knows nothing of it. Numbers are cumulative since the process's start, or
the difference to what was last taken, as OpenTelemetry's standard variable wants it.

``OTEL_EXPORTER_OTLP_ENDPOINT`` or ``OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`` switches the export
on, ``OTEL_METRICS_EXPORTER=none`` off. Without them no exporter is imported.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import pairwise
from types import TracebackType
from typing import Self

from msgspec import Struct
from opentelemetry.metrics import NoOpMeterProvider
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
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client.metrics_core import Metric as Family
from pydantic import Field

from flowyard.clock import Clock, SystemClock
from flowyard.settings import ServiceSettings
from flowyard.tasks import stop
from flowyard.telemetry.exporting import resource_of
from flowyard.telemetry.metrics import METRICS, MetricName, Metrics

LAST_SECONDS = 2.0
"""How long the last numbers may take at the end of a process."""

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
_log = logging.getLogger("flowyard.telemetry")

Labels = tuple[tuple[str, str], ...]
"""Names and values."""


class MetricExportSettings(ServiceSettings):
    """The standard variables that switch the export on and say how it goes."""

    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_metrics_endpoint: str = ""
    otel_metrics_exporter: str = "otlp"
    otel_sdk_disabled: bool = False
    otel_metric_export_interval: float = Field(60_000, gt=0)
    """In milliseconds."""
    otel_exporter_otlp_metrics_temporality_preference: str = "cumulative"

    @property
    def is_enabled(self) -> bool:
        """Tell whether somebody listens."""
        named = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_metrics_endpoint
        wanted = self.otel_metrics_exporter.strip().lower() != "none"
        return bool(named) and wanted and not self.otel_sdk_disabled

    @property
    def is_delta(self) -> bool:
        """Tell whether differences are wanted rather than totals."""
        preference = self.otel_exporter_otlp_metrics_temporality_preference.strip().lower()
        return preference in ("delta", "lowmemory")


class Point(Struct, frozen=True):
    """What one series stands at."""

    value: float
    """Of a counter or gauge; of a histogram, the sum of all observations."""
    counts: tuple[int, ...] = ()
    """For a histogram: observations by bucket, the last one without an upper bound."""

    def since(self, earlier: "Point") -> "Point":
        """Return what has come since an earlier point of the same series."""
        counts = zip(self.counts, earlier.counts, strict=False)
        return Point(
            self.value - earlier.value,
            tuple(now - before for now, before in counts) if earlier.counts else self.counts,
        )


State = dict[tuple[MetricName, Labels], Point]
"""What all series stand at, by their metric's name and their labels."""


def state_of(families: Iterable[tuple[MetricName, Family]]) -> State:
    """Return what metrics stand at."""
    found: State = {}
    for name, family in families:
        if METRICS[name].kind == "histogram":
            found.update(_histogram_points(name, family))
            continue
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                found[name, tuple(sample.labels.items())] = Point(sample.value)
    return found


def _histogram_points(name: MetricName, family: Family) -> State:
    below: dict[Labels, list[int]] = {}
    sums: dict[Labels, float] = {}
    for sample in family.samples:
        labels = tuple(pair for pair in sample.labels.items() if pair[0] != "le")
        if sample.name.endswith("_bucket"):
            below.setdefault(labels, [0]).append(int(sample.value))
        elif sample.name.endswith("_sum"):
            sums[labels] = sample.value
    return {
        (name, labels): Point(
            sums[labels], tuple(upper - lower for lower, upper in pairwise(counts))
        )
        for labels, counts in below.items()
    }


class MetricExport:
    """Sends a service's metrics in the background; an async context manager.

    Nothing happens unless the environment names a collector, or an exporter is given.

    Parameters
    ----------
    service
        The service's name, as in traces.
    metrics
        What is sent; looked at in the loop that this was entered in.
    exporter
        For tests.
    clock
        The machine's, unless a test brings its own.
    """

    def __init__(
        self,
        service: str,
        metrics: Metrics,
        *,
        exporter: MetricExporter | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = MetricExportSettings()
        self._resource = resource_of(service)
        self._metrics = metrics
        self._clock = clock or SystemClock()
        self._exporter = exporter
        self._sent: State = {}
        self._since = self._now()
        self._stopping = asyncio.Event()
        self._exporting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to send."""
        if self._exporter is None and self._settings.is_enabled:
            self._exporter = _otlp_exporter()
        if self._exporter is not None:
            self._exporting = asyncio.create_task(self._export_forever(), name="export-metrics")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send the last numbers, if somebody takes them soon; safe to call twice."""
        exporting, self._exporting = self._exporting, None
        if exporting is None or self._exporter is None:
            return
        self._stopping.set()
        await asyncio.wait({exporting}, timeout=LAST_SECONDS)
        # Lets go of whoever waits to try again.
        self._exporter.shutdown()
        await stop(exporting)

    async def export(self) -> bool:
        """Send what the metrics stand at now; tell whether it was taken."""
        exporter = self._exporter
        if exporter is None:
            return False
        state, at = state_of(self._metrics.families()), self._now()
        data = self._data(state, at)
        result = await asyncio.to_thread(exporter.export, data)
        if result is not MetricExportResult.SUCCESS:
            return False
        if self._settings.is_delta:
            self._sent, self._since = state, at
        return True

    async def _export_forever(self) -> None:
        seconds = self._settings.otel_metric_export_interval / 1000
        is_last = False
        while not is_last:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)
            is_last = self._stopping.is_set()
            try:
                await self.export()
            except Exception:  # noqa: BLE001  # outermost loop: a service works on unseen
                _log.exception("Metrics could not be sent")

    def _data(self, state: Mapping[tuple[MetricName, Labels], Point], at: int) -> MetricsData:
        points: dict[MetricName, list[tuple[Labels, Point]]] = {}
        for (name, labels), point in state.items():
            earlier = None if METRICS[name].kind == "gauge" else self._sent.get((name, labels))
            shown = point if earlier is None else point.since(earlier)
            points.setdefault(name, []).append((labels, shown))
        scope = ScopeMetrics(
            scope=_SCOPE,
            metrics=[self._metric(name, found, at) for name, found in points.items()],
            schema_url="",
        )
        resource = ResourceMetrics(resource=self._resource, scope_metrics=[scope], schema_url="")
        return MetricsData(resource_metrics=[resource])

    def _metric(self, name: MetricName, points: list[tuple[Labels, Point]], at: int) -> Metric:
        definition = METRICS[name]
        temporality = (
            AggregationTemporality.DELTA
            if self._settings.is_delta
            else AggregationTemporality.CUMULATIVE
        )
        data: Sum | Gauge | Histogram
        if definition.kind == "histogram":
            bounds = definition.buckets
            data = Histogram([self._distribution(*one, bounds, at) for one in points], temporality)
        elif definition.kind == "counter":
            numbers = [self._number(*one, self._since, at) for one in points]
            data = Sum(numbers, temporality, is_monotonic=True)
        else:
            data = Gauge([self._number(*one, 0, at) for one in points])
        return Metric(name=name, description=definition.help, unit=unit_of(name), data=data)

    def _number(self, labels: Labels, point: Point, since: int, at: int) -> NumberDataPoint:
        return NumberDataPoint(
            attributes=dict(labels),
            start_time_unix_nano=since,
            time_unix_nano=at,
            value=point.value,
        )

    def _distribution(
        self, labels: Labels, point: Point, bounds: tuple[float, ...], at: int
    ) -> HistogramDataPoint:
        return HistogramDataPoint(
            attributes=dict(labels),
            start_time_unix_nano=self._since,
            time_unix_nano=at,
            count=sum(point.counts),
            sum=point.value,
            bucket_counts=point.counts,
            explicit_bounds=bounds,
            # Not known; the protocol may go without them.
            min=None,  # type: ignore[arg-type]
            max=None,  # type: ignore[arg-type]
        )

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1_000_000) * 1000


def unit_of(name: str) -> str:
    """Return a metric's unit as OTLP names it: seconds, or in braces what is counted."""
    words = name.split("_")
    if "seconds" in words:
        return "s"
    found = next((word for word in words if word in COUNTED), words[-1])
    return f"{{{found}}}"


def _otlp_exporter() -> MetricExporter:
    # Imported late: it brings an HTTP client that most processes never need.
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415
        OTLPMetricExporter,
    )

    return OTLPMetricExporter(meter_provider=NoOpMeterProvider())
