"""What a collector is sent of metrics, point by point."""

from collections.abc import Sequence
from dataclasses import dataclass

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPoint:
    service: str
    process: str
    """``service.instance.id``."""
    name: str
    kind: str
    """``sum``, ``gauge`` or ``histogram``."""
    unit: str
    labels: dict[str, str]
    value: float
    """Of a histogram, how many observations."""
    total: float = 0.0
    """Of a histogram, their sum."""
    bounds: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    is_cumulative: bool = True
    started_at: int = 0
    """In nanoseconds; 0 for gauges."""
    at: int = 0


def points_of(body: bytes) -> list[SeenPoint]:
    """Return the points of one OTLP request."""
    found: list[SeenPoint] = []
    for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
        names = _texts(resource.resource.attributes)
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                found += _points(metric, names["service.name"], names["service.instance.id"])
    return found


def _points(metric: Metric, service: str, process: str) -> list[SeenPoint]:
    kind = metric.WhichOneof("data") or ""
    data = getattr(metric, kind)
    cumulative = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    return [
        SeenPoint(
            service=service,
            process=process,
            name=metric.name,
            kind=kind,
            unit=metric.unit,
            labels=_texts(point.attributes),
            value=_value(point),
            total=point.sum if kind == "histogram" else 0.0,
            bounds=tuple(point.explicit_bounds) if kind == "histogram" else (),
            counts=tuple(point.bucket_counts) if kind == "histogram" else (),
            is_cumulative=kind == "gauge" or data.aggregation_temporality == cumulative,
            started_at=point.start_time_unix_nano,
            at=point.time_unix_nano,
        )
        for point in data.data_points
    ]


def _value(point: NumberDataPoint | HistogramDataPoint) -> float:
    if isinstance(point, HistogramDataPoint):
        return float(point.count)
    return point.as_double if point.HasField("as_double") else float(point.as_int)


def _texts(pairs: Sequence[KeyValue]) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in pairs}
