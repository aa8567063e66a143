"""The closed list of metrics, and one registry per service.

A metric that is not in :data:`METRICS` does not exist: a name is added here, to
:data:`MetricName` and to the table, before anything can count under it. Names
read ``flowyard_<room>_<what>_<unit>``; ``docs/metrics.md`` is made from the table.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from typing_extensions import override

MetricName = Literal[
    "flowyard_api_changes_total",
    "flowyard_api_commands_total",
    "flowyard_api_doorbells_total",
    "flowyard_api_refused_starts_total",
    "flowyard_api_request_seconds",
    "flowyard_api_requests_total",
    "flowyard_api_streams",
    "flowyard_plugin_gateway_cancellations_total",
    "flowyard_plugin_gateway_held_steps",
    "flowyard_plugin_gateway_lease_age_seconds",
    "flowyard_plugin_gateway_log_lines_total",
    "flowyard_plugin_gateway_outcomes_total",
    "flowyard_plugin_gateway_step_seconds",
    "flowyard_plugin_gateway_steps_total",
    "flowyard_scheduler_batch_events",
    "flowyard_scheduler_batch_seconds",
    "flowyard_scheduler_broken_instances_total",
    "flowyard_scheduler_failed_batches_total",
    "flowyard_scheduler_handed_out_steps",
    "flowyard_scheduler_held_instances",
    "flowyard_scheduler_oldest_step_seconds",
    "flowyard_scheduler_overdue_nodes_total",
    "flowyard_scheduler_queue_window",
    "flowyard_scheduler_queued_steps",
    "flowyard_scheduler_rejected_commands_total",
    "flowyard_scheduler_revision_conflicts_total",
    "flowyard_scheduler_stale_facts_total",
    "flowyard_scheduler_stuck_nodes_total",
    "flowyard_scheduler_unknown_instances_total",
    "flowyard_scheduler_waiting_starts",
    "flowyard_service_info",
    "flowyard_worker_batch_steps",
    "flowyard_worker_dead_letters_total",
    "flowyard_worker_gateway_request_seconds",
    "flowyard_worker_running_reports_total",
    "flowyard_worker_step_seconds",
    "flowyard_worker_steps_in_flight",
    "flowyard_worker_steps_not_run_total",
    "flowyard_worker_steps_reported_total",
]
"""Every name that can be counted under, in alphabetical order."""

FAST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Bucket bounds from one hop inside the cluster to the longest step (60 s)."""

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
"""Bucket bounds for how many things were handled together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """What one metric is."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    """One sentence for the person who reads a dashboard."""
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = FAST_SECONDS
    """Upper bounds; for histograms only."""


def counter(text: str, *labels: str) -> MetricDefinition:
    """Define a number that only grows."""
    return MetricDefinition(kind="counter", help=text, labels=labels)


def gauge(text: str, *labels: str) -> MetricDefinition:
    """Define a number that comes and goes."""
    return MetricDefinition(kind="gauge", help=text, labels=labels)


def histogram(
    text: str, *labels: str, buckets: tuple[float, ...] = FAST_SECONDS
) -> MetricDefinition:
    """Define a distribution."""
    return MetricDefinition(kind="histogram", help=text, labels=labels, buckets=buckets)


METRICS: Mapping[MetricName, MetricDefinition] = {
    "flowyard_api_changes_total": counter("Changes of instances that were read for live views."),
    "flowyard_api_commands_total": counter("Commands that were stored.", "kind"),
    "flowyard_api_doorbells_total": counter(
        "Doorbells and news of drafts, by whether they were told; repair finds the others.",
        "outcome",
    ),
    "flowyard_api_refused_starts_total": counter(
        "New instances that were refused as too many, by what is too long: line (of starts), or"
        " queue.",
        "reason",
    ),
    "flowyard_api_request_seconds": histogram(
        "Duration of a request, live views and held answers apart.", "route"
    ),
    "flowyard_api_requests_total": counter("Requests.", "method", "route", "status"),
    "flowyard_api_streams": gauge("Live views and held answers that are open now."),
    "flowyard_scheduler_batch_events": histogram("Facts in one batch.", buckets=BATCH_SIZES),
    "flowyard_scheduler_batch_seconds": histogram("Time from having a batch to having it stored."),
    "flowyard_scheduler_broken_instances_total": counter(
        "Instances that the engine failed on; each is an incident for a person."
    ),
    "flowyard_scheduler_failed_batches_total": counter(
        "Batches that failed for a reason nobody has thought of; they are tried again."
    ),
    "flowyard_scheduler_handed_out_steps": gauge(
        "Steps that are handed out and not finished.", "queue"
    ),
    "flowyard_scheduler_held_instances": gauge("Instances in the owner's memory."),
    "flowyard_scheduler_oldest_step_seconds": gauge(
        "Age of the oldest step that is not known to run.", "queue"
    ),
    "flowyard_scheduler_overdue_nodes_total": counter(
        "Nodes that had to be looked at again because nothing was heard of them.", "reason"
    ),
    "flowyard_scheduler_queue_window": gauge(
        "Most steps that are handed out now; as many as begin soon.", "queue"
    ),
    "flowyard_scheduler_queued_steps": gauge(
        "Steps that wait for room in their queue's window.", "queue"
    ),
    "flowyard_scheduler_rejected_commands_total": counter(
        "Commands that were not allowed when they were read."
    ),
    "flowyard_scheduler_revision_conflicts_total": counter(
        "Instances that were decided again because another scheduler had changed them."
    ),
    "flowyard_scheduler_stale_facts_total": counter(
        "Facts about closed attempts or older steps; they changed nothing."
    ),
    "flowyard_scheduler_stuck_nodes_total": counter(
        "Looks at nodes that nothing brings on: overdue again without a word since, or without a"
        " reason to wait. More than 0 is a fault, or nobody takes a queue's steps.",
        "kind",
    ),
    "flowyard_scheduler_unknown_instances_total": counter(
        "Facts and doorbells about instances that do not exist."
    ),
    "flowyard_scheduler_waiting_starts": gauge(
        "New instances that wait for room before they begin."
    ),
    "flowyard_plugin_gateway_cancellations_total": counter(
        "Cancellations by how far they came: stopped (a run here was told to stop), asked (a plugin"
        " stopped what it had begun elsewhere), failed (it could not, for this time), given_up or"
        " confirmed.",
        "result",
    ),
    "flowyard_plugin_gateway_log_lines_total": counter(
        "Log lines of plugins by what became of them: stored, cut (the attempt's log is full) or"
        " lost.",
        "result",
    ),
    "flowyard_plugin_gateway_held_steps": gauge(
        "Steps in memory: running, waiting for another process, or not stored yet."
    ),
    "flowyard_plugin_gateway_lease_age_seconds": gauge(
        "Time since the process's lease was renewed; from 4.5 s on it begins nothing."
    ),
    "flowyard_plugin_gateway_outcomes_total": counter(
        "Outcomes by what became of them: stored, late, superseded or lost.", "result"
    ),
    "flowyard_plugin_gateway_step_seconds": histogram("Duration of plugin calls.", "plugin"),
    "flowyard_plugin_gateway_steps_total": counter(
        "Delivered steps by how they were taken: claimed, unclaimed, joined, barred (the attempt"
        " before still ends), stored, unknown, stale, draining or unknown_plugin.",
        "result",
    ),
    "flowyard_service_info": gauge("1 for the service that answers.", "service"),
    "flowyard_worker_batch_steps": histogram(
        "Steps in one request to a plugin gateway.", buckets=BATCH_SIZES
    ),
    "flowyard_worker_dead_letters_total": counter("Records that could not be decoded.", "code"),
    "flowyard_worker_gateway_request_seconds": histogram(
        "Duration of a request to a plugin gateway, from the first byte out to the last byte in.",
        "ended",
    ),
    "flowyard_worker_running_reports_total": counter("Reports that a step is still running."),
    "flowyard_worker_step_seconds": histogram(
        "Time from taking a step to knowing its result.", "queue"
    ),
    "flowyard_worker_steps_in_flight": gauge("Steps that hold a slot now."),
    "flowyard_worker_steps_not_run_total": counter(
        "Steps that a plugin gateway gave back: stale ones, and ones to be offered again.", "code"
    ),
    "flowyard_worker_steps_reported_total": counter(
        "Results that were published to the owners of their instances.", "outcome"
    ),
}
"""What each metric is, keyed by its name."""

_Key = tuple[str, ...]


class _Histogram(Histogram):
    """A histogram that takes many observations at once."""

    def observe_all(self, values: Sequence[float]) -> None:
        self._sum.inc(sum(values))
        for place, times in Tally(bisect_left(self._upper_bounds, one) for one in values).items():
            self._buckets[place].inc(times)


class Metrics:
    """The metrics of one service.

    Safe to call from any thread. A label that a definition does not name, or a
    missing one, is a programming error and raises ``KeyError``.

    Parameters
    ----------
    service
        The service's name, as in ``worker``.
    """

    def __init__(self, service: str) -> None:
        self._registry = _QuietRegistry(auto_describe=True)
        ProcessCollector(registry=self._registry)
        self._counters: dict[MetricName, Counter] = {}
        self._gauges: dict[MetricName, Gauge] = {}
        self._histograms: dict[MetricName, _Histogram] = {}
        self._counter_children: dict[tuple[MetricName, _Key], Counter] = {}
        self._gauge_children: dict[tuple[MetricName, _Key], Gauge] = {}
        self._histogram_children: dict[tuple[MetricName, _Key], _Histogram] = {}
        self.set("flowyard_service_info", 1, service=service)

    def count(self, name: MetricName, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter."""
        key = (name, _values(name, labels))
        child = self._counter_children.get(key)
        if child is None:
            child = self._counter_children[key] = self._new_counter(name, key[1])
        child.inc(amount)

    def observe(self, name: MetricName, value: float, **labels: str) -> None:
        """Add one observation to a histogram; durations in seconds."""
        self._histogram(name, labels).observe(value)

    def observe_all(self, name: MetricName, values: Sequence[float], **labels: str) -> None:
        """Add many observations to a histogram, for hardly more than the price of one."""
        self._histogram(name, labels).observe_all(values)

    def set(self, name: MetricName, value: float, **labels: str) -> None:
        """Set a gauge."""
        key = (name, _values(name, labels))
        child = self._gauge_children.get(key)
        if child is None:
            child = self._gauge_children[key] = self._new_gauge(name, key[1])
        child.set(value)

    def value(self, name: MetricName, **labels: str) -> float:
        """Return what a counter or gauge stands at, or how often a histogram was observed."""
        definition = METRICS[name]
        suffix = "_count" if definition.kind == "histogram" else ""
        return self._registry.get_sample_value(f"{name}{suffix}", labels) or 0.0

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def _histogram(self, name: MetricName, labels: Mapping[str, str]) -> _Histogram:
        key = (name, _values(name, labels))
        child = self._histogram_children.get(key)
        if child is None:
            child = self._histogram_children[key] = self._new_histogram(name, key[1])
        return child

    def _new_counter(self, name: MetricName, values: _Key) -> Counter:
        definition = _expect(name, "counter")
        parent = self._counters.get(name)
        if parent is None:
            parent = self._counters[name] = Counter(
                name, definition.help, definition.labels, registry=self._registry
            )
        return parent.labels(*values) if values else parent

    def _new_gauge(self, name: MetricName, values: _Key) -> Gauge:
        definition = _expect(name, "gauge")
        parent = self._gauges.get(name)
        if parent is None:
            parent = self._gauges[name] = Gauge(
                name, definition.help, definition.labels, registry=self._registry
            )
        return parent.labels(*values) if values else parent

    def _new_histogram(self, name: MetricName, values: _Key) -> _Histogram:
        definition = _expect(name, "histogram")
        parent = self._histograms.get(name)
        if parent is None:
            parent = self._histograms[name] = _Histogram(
                name,
                definition.help,
                definition.labels,
                registry=self._registry,
                buckets=definition.buckets,
            )
        return parent.labels(*values) if values else parent


class _QuietRegistry(CollectorRegistry):
    """A registry without the ``_created`` series, which double the text and serve nobody here."""

    @override
    def collect(self) -> Iterator[Metric]:
        for metric in super().collect():
            metric.samples = [
                sample for sample in metric.samples if not sample.name.endswith("_created")
            ]
            yield metric


def _values(name: MetricName, labels: Mapping[str, str]) -> _Key:
    expected = METRICS[name].labels
    if len(labels) != len(expected):
        raise KeyError(f"{name} expects the labels {expected}, but got {tuple(labels)}")
    return tuple([labels[label] for label in expected])


def _expect(name: MetricName, kind: str) -> MetricDefinition:
    definition = METRICS[name]
    if definition.kind != kind:
        raise KeyError(f"{name} is a {definition.kind}, not a {kind}")
    return definition


def metrics_page() -> str:
    """Return ``docs/metrics.md`` as the table says it must read."""
    rows = [
        f"| `{name}` | {METRICS[name].kind} | {', '.join(METRICS[name].labels) or '-'} "
        f"| {METRICS[name].help} |"
        for name in sorted(METRICS)
    ]
    head = [
        "# Metrics",
        "",
        "Every service answers `GET /metrics` in Prometheus' text format. This page is made from",
        "`flowyard.telemetry.metrics.METRICS`, by",
        "`python -m flowyard.telemetry.metrics > docs/metrics.md`.",
        "",
        "| name | kind | labels | meaning |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows, ""])


if __name__ == "__main__":
    print(metrics_page(), end="")  # noqa: T201  # the page goes to standard output
