"""Where spans go: by OTLP to the collector that the environment names, or to a test.

``OTEL_EXPORTER_OTLP_ENDPOINT`` or ``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`` switches
the export on; all other ``OTEL_*`` variables are read by the SDK itself. Without
them no exporter is imported and no thread is started.
"""

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import SpanExporter
from pydantic import Field
from typing_extensions import override

from flowyard.ids import new_id
from flowyard.settings import ServiceSettings
from flowyard.telemetry.spans import EndedSpan, SpanSink, as_sdk_span

_PROCESS_ID = str(new_id())
"""Tells this process's telemetry from that of others of the same service."""


class OtlpSettings(ServiceSettings):
    """The standard variables that switch the export on."""

    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_traces_endpoint: str = ""
    otel_sdk_disabled: bool = False
    otel_bsp_max_queue_size: int = Field(16_384, gt=0)
    """Spans that may wait for the collector; later ones are dropped. About two seconds of a
    service that records everything it does."""
    otel_bsp_max_export_batch_size: int = Field(2048, gt=0)
    """Spans of one request, about 900 KB."""
    otel_bsp_schedule_delay: int = Field(5000, gt=0)
    """How long a span waits for others, in milliseconds."""

    @property
    def is_enabled(self) -> bool:
        """Tell whether somebody listens."""
        named = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint
        return bool(named) and not self.otel_sdk_disabled


class ExporterSpans(SpanSink):
    """Gives spans to an exporter of OpenTelemetry's, one by one, as they end.

    Parameters
    ----------
    resource
        Where they come from.
    exporter
        Gets them.
    """

    def __init__(self, resource: Resource, exporter: SpanExporter) -> None:
        self._resource = resource
        self._exporter = exporter

    @override
    def take(self, span: EndedSpan) -> None:
        self._exporter.export([as_sdk_span(span, self._resource)])

    @override
    def close(self) -> None:
        self._exporter.shutdown()


def span_sink(service: str, exporter: SpanExporter | None) -> SpanSink | None:
    """Return where a service's spans go: to an exporter, or as the environment says; else None."""
    if exporter is not None:
        return ExporterSpans(resource_of(service), exporter)
    settings = OtlpSettings()
    if not settings.is_enabled:
        return None
    # Imported late: it brings an HTTP client that most processes never need.
    from flowyard.telemetry.otlp import OtlpSpans  # noqa: PLC0415

    return OtlpSpans(
        resource_of(service),
        batch=settings.otel_bsp_max_export_batch_size,
        delay_seconds=settings.otel_bsp_schedule_delay / 1000,
        most=settings.otel_bsp_max_queue_size,
    )


def resource_of(service: str) -> Resource:
    """Return what a service's telemetry says of where it comes from.

    What the environment says of the process wins over an id that nobody knows.
    """
    own = Resource({"service.instance.id": _PROCESS_ID})
    return own.merge(Resource.create({"service.name": service, "service.namespace": "flowyard"}))
