"""The export of spans by OTLP over HTTP: OpenTelemetry's exporter, with our own encoding.

Rules
-----
1. A span is encoded where it ends, so that what waits for the collector is bytes, and the thread
   that sends them does little else: Python code in it would stop the loop for as long.
2. The collector may be slow or away: so many spans wait, and those that come then are dropped.
   Nothing else suffers.
"""

import logging
from threading import Event, Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from typing_extensions import override

from flowyard.telemetry.span_encoding import SpanEncoder
from flowyard.telemetry.spans import EndedSpan, SpanSink

_log = logging.getLogger("flowyard.telemetry")


class OtlpRequests(OTLPSpanExporter):
    """Sends requests to the collector that the environment names.

    Address, headers, certificates, compression, timeouts and repeats are its base's.
    """

    def send(self, request: bytes) -> bool:
        """Send a request, and tell whether it has arrived; if not, that is logged."""
        # The base takes no bytes but through this, its own sender.
        return self._client.export(request).success

    def close(self) -> None:
        """Close its connections."""
        self._client.shutdown()


class OtlpSpans(SpanSink):
    """Sends spans in a thread of its own.

    Parameters
    ----------
    resource
        Where they come from.
    batch
        Spans of one request, unless fewer come in the delay.
    delay_seconds
        How long a span waits for others.
    most
        Spans that wait for the collector.
    """

    def __init__(self, resource: Resource, *, batch: int, delay_seconds: float, most: int) -> None:
        self._encoder = SpanEncoder(resource)
        self._requests = OtlpRequests()
        self._batch = min(batch, most)
        self._delay = delay_seconds
        self._most = most
        self._waiting: list[bytes] = []
        self._dropped = 0
        self._is_closed = False
        self._has_work = Event()
        self._thread = Thread(target=self._run, name="export-spans", daemon=True)
        self._thread.start()

    @override
    def take(self, span: EndedSpan) -> None:
        if self._is_closed or len(self._waiting) >= self._most:
            self._dropped += 1
            return
        try:
            encoded = self._encoder.span(span)
        except Exception:  # noqa: BLE001  # a plugin may have set anything, and its work goes on
            _log.warning("A span cannot be encoded, and is left out", exc_info=True)
            return
        self._waiting.append(encoded)
        if len(self._waiting) == self._batch:
            self._has_work.set()

    @override
    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._has_work.set()
        # One request may be on its way, and the first one that fails then is the last.
        self._thread.join()
        self._requests.close()

    def _run(self) -> None:
        while not self._is_closed:
            is_full = self._has_work.wait(self._delay)
            self._has_work.clear()
            self._send(least=self._batch if is_full else 1)
        self._send(least=1)

    def _send(self, *, least: int) -> None:
        """Send what waits, batch by batch, while there is enough of it."""
        while len(self._waiting) >= least:
            spans = self._waiting[: self._batch]
            del self._waiting[: self._batch]
            has_arrived = self._requests.send(self._encoder.request(spans))
            if not has_arrived and self._is_closed:
                return
        dropped, self._dropped = self._dropped, 0
        if dropped:
            _log.warning("Spans are dropped: the collector is too slow", extra={"count": dropped})
