"""The export of spans by OTLP over HTTP: OpenTelemetry's exporter, with our own encoding."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from typing_extensions import override

from flowyard.telemetry.span_encoding import encode


class OtlpSpanExporter(OTLPSpanExporter):
    """Sends spans to the collector that the environment names.

    Address, headers, certificates, compression, timeouts and repeats are its base's.
    """

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans, all of one service; failures are logged, and the spans are lost."""
        # The base takes no bytes but through this, its own sender.
        sent = self._client.export(encode(spans))
        return SpanExportResult.SUCCESS if sent.success else SpanExportResult.FAILURE
