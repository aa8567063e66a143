"""One step that this worker has taken, and where it stands."""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct, field

from flowyard.contracts.topics import OLDEST_RECORD_VERSION
from flowyard.telemetry.logs import TRACEPARENT
from flowyard.telemetry.spans import Span
from flowyard_worker.wire import Ready, StepKey


class TakenStep(Struct, eq=False, kw_only=True):
    """A step between its record and its report."""

    ready: Ready
    body: bytes
    """The step as JSON, as the plugin gateway will get it."""
    queue: str
    taken_at: float
    """Monotonic seconds."""
    deliveries: list[Callable[[], None]]
    """Mark the records that carried the step as done; several after a second delivery."""
    record_version: int = OLDEST_RECORD_VERSION
    """Version of the record that it came in: whoever reads its result knows that one, too."""
    holds_slot: bool = True
    posted_at: float | None = None
    """When the request that carries it now was sent, in monotonic seconds."""
    began_at: datetime | None = None
    """When it was first handed to a plugin gateway."""
    told_at: float | None = None
    """When it was last reported as running, in monotonic seconds."""
    strangers: set[str] = field(default_factory=set)
    """Addresses of gateways that do not know its plugin."""
    silences: int = 0
    """How often a gateway answered the request in full and left this step out."""
    span: Span | None = None
    """Open from the first request on; None for a trace that nobody records."""

    @property
    def key(self) -> StepKey:
        """What tells it from all other steps."""
        return self.ready.ref.key

    @property
    def log_facts(self) -> Mapping[str, object]:
        """What a log line names it by."""
        ref = self.ready.ref
        return {
            "instance_id": str(ref.instance_id),
            "node_id": ref.node_id,
            "attempt": ref.number,
            "step": ref.step,
            "plugin": f"{self.ready.plugin}@{self.ready.version}",
            TRACEPARENT: self.traceparent,
        }

    @property
    def traceparent(self) -> str | None:
        """The trace context to hand on with its result."""
        return self.ready.traceparent if self.span is None else self.span.traceparent

    def finish(self) -> None:
        """Let the offsets of all records that carried it move on."""
        for delivered in self.deliveries:
            delivered()
