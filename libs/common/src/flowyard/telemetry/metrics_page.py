"""Makes ``docs/metrics.md`` from the closed list of metrics."""

from collections.abc import Mapping

from flowyard.telemetry.metric_definition import (
    BATCH_SIZES,
    FAST_SECONDS,
    HOP_SECONDS,
    OTHER,
    Label,
    MetricDefinition,
)
from flowyard.telemetry.metric_registry import MAX_SERIES
from flowyard.telemetry.metrics import METRICS, MetricName

_BUCKETS: Mapping[tuple[float, ...], str] = {
    BATCH_SIZES: "sizes",
    FAST_SECONDS: "seconds",
    HOP_SECONDS: "hops",
}
"""What the page calls each set of bucket bounds."""

_HEAD = """\
# Metrics

Every service answers `GET /metrics` in Prometheus' text format, and sends the same numbers by
OTLP where the environment names a collector. This page is made from
`flowyard.telemetry.metrics.METRICS`, by `python -m flowyard.telemetry.metrics_page >
docs/metrics.md`.

## How to read them

- **The three hops.** A node's time outside of its plugin is three waits, each a histogram.
  `flowyard_scheduler_ready_to_dispatched_seconds`: the step is stored as ready, and waits for
  room in its queue's window; long means that more is ready than workers take up.
  `flowyard_scheduler_dispatched_to_started_seconds`: its record is with the broker until a plugin
  begins; long means that workers or plugin gateways are too few or too slow. Only an attempt's
  first step is measured, and the clocks of Postgres and of the plugin gateway's machine both have
  a part in it. `flowyard_scheduler_finished_to_ready_seconds`: the result lies with the broker,
  is decided, and stored; long means that schedulers or Postgres are slow.
- **What must be 0.** `flowyard_scheduler_nodes_without_reason`, and the growth of
  `flowyard_scheduler_stuck_nodes_total`, `flowyard_scheduler_broken_instances_total`,
  `flowyard_scheduler_failed_batches_total`, `flowyard_scheduler_dead_letters_total` and
  `flowyard_worker_dead_letters_total`. What a busy or restarted cluster counts, rightly, is
  `flowyard_scheduler_revision_conflicts_total`, `flowyard_scheduler_stale_facts_total`,
  `flowyard_scheduler_duplicate_facts_total`, `flowyard_scheduler_repairs_total` and `joined` or
  `stored` steps of the plugin gateways: repetitions that changed nothing.
- **Who owns what.** `sum(flowyard_scheduler_partition_owned)` over all schedulers is the number
  of partitions; each is owned once, apart from seconds of a takeover.
- **Sums over processes.** Each scheduler tells of its own partitions: add
  `flowyard_scheduler_waiting_nodes`, `flowyard_scheduler_instances`,
  `flowyard_scheduler_queued_steps` and `flowyard_scheduler_handed_out_steps` up over all of them;
  of `flowyard_scheduler_oldest_step_seconds` take the maximum. A scheduler that has just taken
  over shows what waits and lives with its next count, usually within 15 s.
- **Kafka's lag is no backlog.** It is what a consumer has not read, by what its last fetch told,
  and nobody is asked for it. Steps beyond their queue's window are not in Kafka at all: scale
  workers by `flowyard_scheduler_queued_steps` and `flowyard_scheduler_oldest_step_seconds`.
- **Connections.** `hot` ones carry the statements on the path of every node, `plain` ones all
  others. A pool without `idle` and `free` ones lets its users wait:
  `flowyard_postgres_wait_seconds`.

## Bounds

A label reads one of a closed set, or names that configuration and flows give. Whatever is beyond
its bound reads `{other}`: names after the first so many, and what is not in the set. No metric
has more than {most} series. Where a gauge shows several things as `{other}`, it shows their sum,
and of ages the greatest.

| buckets | upper bounds |
| --- | --- |
{buckets}

## OTLP

`OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` switches the export on,
over HTTP; `OTEL_METRICS_EXPORTER=none` leaves it off for a collector that takes traces alone.
Names, labels and buckets are those of this page. Numbers are sent every
`OTEL_METRIC_EXPORT_INTERVAL` milliseconds (60000) and at the end, cumulative since the process's
start unless `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` says `delta` or `lowmemory`. Each
process has a `service.instance.id` of its own, unless `OTEL_RESOURCE_ATTRIBUTES` gives one.

## All of them

| name | kind | labels | buckets | meaning |
| --- | --- | --- | --- | --- |
"""


def metrics_page() -> str:
    """Return ``docs/metrics.md`` as the table says it must read."""
    bounds = "\n".join(
        f"| {name} | {', '.join(f'{one:g}' for one in buckets)} |"
        for buckets, name in _BUCKETS.items()
    )
    rows = [_row(name, METRICS[name]) for name in sorted(METRICS)]
    return _HEAD.format(other=OTHER, most=MAX_SERIES, buckets=bounds) + "\n".join([*rows, ""])


def _row(name: MetricName, one: MetricDefinition) -> str:
    labels = "; ".join(map(_label, one.bounds)) or "-"
    buckets = _BUCKETS[one.buckets] if one.kind == "histogram" else "-"
    return f"| `{name}` | {one.kind} | {labels} | {buckets} | {one.help} |"


def _label(label: Label) -> str:
    if label.values:
        return f"`{label.name}`: {', '.join(label.values)}"
    meaning = f"{label.meaning}, " if label.meaning else ""
    return f"`{label.name}`: {meaning}at most {label.limit}"


if __name__ == "__main__":
    print(metrics_page(), end="")  # noqa: T201  # the page goes to standard output
