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
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import Field

from flowyard.clock import Clock, SystemClock
from flowyard.settings import ServiceSettings
from flowyard.tasks import stop
from flowyard.telemetry.exporting import resource_of
from flowyard.telemetry.metric_state import State, state_of
from flowyard.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter

    from flowyard.telemetry.metric_encoding import MetricSender

LAST_SECONDS = 2.0
"""How long the last numbers may take at the end of a process."""

_log = logging.getLogger("flowyard.telemetry")


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
        exporter: "MetricExporter | None" = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = MetricExportSettings()
        self._metrics = metrics
        self._clock = clock or SystemClock()
        self._sender: MetricSender | None = None
        if exporter is not None or self._settings.is_enabled:
            self._sender = _sender(exporter, service, is_delta=self._settings.is_delta)
        self._sent: State = {}
        self._since = self._now()
        self._stopping = asyncio.Event()
        self._exporting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to send."""
        if self._sender is not None:
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
        if exporting is None or self._sender is None:
            return
        self._stopping.set()
        await asyncio.wait({exporting}, timeout=LAST_SECONDS)
        self._sender.close()
        await stop(exporting)

    async def export(self) -> bool:
        """Send what the metrics stand at now; tell whether it was taken."""
        sender = self._sender
        if sender is None:
            return False
        state, at = state_of(self._metrics.families()), self._now()
        if not await sender.send(state, self._sent, since=self._since, at=at):
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

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1_000_000) * 1000


def _sender(exporter: "MetricExporter | None", service: str, *, is_delta: bool) -> "MetricSender":
    # Imported late, like the HTTP client of the exporter: most processes need neither.
    from flowyard.telemetry.metric_encoding import MetricSender  # noqa: PLC0415

    return MetricSender(exporter or _otlp_exporter(), resource_of(service), is_delta=is_delta)


def _otlp_exporter() -> "MetricExporter":
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415
        OTLPMetricExporter,
    )
    from opentelemetry.metrics import NoOpMeterProvider  # noqa: PLC0415

    return OTLPMetricExporter(meter_provider=NoOpMeterProvider())
