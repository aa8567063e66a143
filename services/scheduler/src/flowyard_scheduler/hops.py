"""How long nodes wait between their plugins: what was measured since the last look.

Noted on the path of every node, so noting is an append; the histograms are filled once
a batch.
"""

from flowyard.telemetry.metrics import MetricName, Metrics


class Hops:
    """The waits of the engine's three hops, in seconds."""

    __slots__ = ("_dispatched", "_readied", "_started")

    def __init__(self) -> None:
        self._dispatched: dict[str, list[float]] = {}
        self._started: dict[str, list[float]] = {}
        self._readied: list[float] = []

    def dispatched(self, queue: str, seconds: float) -> None:
        """Note a step that was handed to the broker, and since when it was ready."""
        found = self._dispatched.get(queue)
        if found is None:
            found = self._dispatched[queue] = []
        found.append(seconds)

    def started(self, queue: str, seconds: float) -> None:
        """Note a step that has begun, and since when the broker had it."""
        found = self._started.get(queue)
        if found is None:
            found = self._started[queue] = []
        found.append(seconds)

    def readied(self, seconds: float) -> None:
        """Note that a result has made further steps ready, and since when it was reported."""
        self._readied.append(seconds)

    def observe(self, metrics: Metrics) -> None:
        """Tell what was noted, and forget it."""
        _observe(metrics, "flowyard_scheduler_ready_to_dispatched_seconds", self._dispatched)
        _observe(metrics, "flowyard_scheduler_dispatched_to_started_seconds", self._started)
        if self._readied:
            name: MetricName = "flowyard_scheduler_finished_to_ready_seconds"
            metrics.observe_all(name, _after_zero(self._readied))
            self._readied = []


def _observe(metrics: Metrics, name: MetricName, by_queue: dict[str, list[float]]) -> None:
    for queue, seconds in by_queue.items():
        metrics.observe_all(name, _after_zero(seconds), queue=queue)
    by_queue.clear()


def _after_zero(seconds: list[float]) -> list[float]:
    """Return waits as they can have been: clocks differ by more than a hop takes."""
    return seconds if min(seconds) >= 0 else [max(0.0, one) for one in seconds]
