"""Where spans go: by OTLP to the collector that the environment names, or to a test.

``OTEL_EXPORTER_OTLP_ENDPOINT`` or ``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`` switches
the export on; all other ``OTEL_*`` variables are read by the SDK itself. Without
them no exporter is imported and no thread is started.
"""

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter

from flowyard.ids import new_id
from flowyard.settings import ServiceSettings

_PROCESS_ID = str(new_id())
"""Tells this process's telemetry from that of others of the same service."""


class OtlpSettings(ServiceSettings):
    """The standard variables that switch the export on."""

    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_traces_endpoint: str = ""
    otel_sdk_disabled: bool = False
    otel_bsp_max_queue_size: int = 16_384
    """Spans that may wait for the collector; later ones are dropped. About two seconds of a
    service that records everything it does."""

    @property
    def is_enabled(self) -> bool:
        """Tell whether somebody listens."""
        named = self.otel_exporter_otlp_endpoint or self.otel_exporter_otlp_traces_endpoint
        return bool(named) and not self.otel_sdk_disabled


def span_processor(exporter: SpanExporter | None) -> SpanProcessor | None:
    """Return what takes in ended spans: an exporter's, or as the environment says; else None."""
    if exporter is not None:
        return SimpleSpanProcessor(exporter, meter_provider=NoOpMeterProvider())
    settings = OtlpSettings()
    if not settings.is_enabled:
        return None
    # Imported late: it brings an HTTP client that most processes never need.
    from flowyard.telemetry.otlp import OtlpSpanExporter  # noqa: PLC0415

    return BatchSpanProcessor(
        OtlpSpanExporter(),
        max_queue_size=settings.otel_bsp_max_queue_size,
        meter_provider=NoOpMeterProvider(),
    )


def resource_of(service: str) -> Resource:
    """Return what a service's telemetry says of where it comes from.

    What the environment says of the process wins over an id that nobody knows.
    """
    own = Resource({"service.instance.id": _PROCESS_ID})
    return own.merge(Resource.create({"service.name": service, "service.namespace": "flowyard"}))
