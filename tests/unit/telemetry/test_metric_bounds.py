"""However much is counted under ever so many names, the numbers stay few."""

import math
from typing import get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.telemetry.metric_definition import OTHER
from flowyard.telemetry.metric_encoding import COUNTED, unit_of
from flowyard.telemetry.metric_labels import (
    END_STATUS,
    LIVE_STATUS,
    NOT_RUN,
    PLUGIN,
    QUEUE,
    STEP_RESULT,
    WAIT_REASON,
)
from flowyard.telemetry.metric_registry import MAX_SERIES, Key
from flowyard.telemetry.metrics import METRICS, MetricName, Metrics
from flowyard_plugin_gateway.stream import RefusalCode
from flowyard_worker.executor import Ended

FLOOD = 500
"""More than any label tells apart."""


def series_of(metrics: Metrics, name: MetricName) -> int:
    """Return how many series a metric has, as a scrape counts them."""
    families = text_string_to_metric_families(metrics.render().decode())
    base = name.removesuffix("_total")
    counted = {name, f"{base}_total", f"{name}_count"}
    return sum(
        sample.name in counted
        for family in families
        if family.name == base
        for sample in family.samples
    )


@pytest.mark.parametrize("name", sorted(name for name in METRICS if METRICS[name].bounds))
def test_a_flood_of_names_ends_in_one_series_of_others(name: MetricName) -> None:
    metrics = Metrics("worker")
    labels = METRICS[name].labels

    for number in range(FLOOD):
        values = {label: f"{label}-{number}" for label in labels}
        match METRICS[name].kind:
            case "counter":
                metrics.count(name, 1, **values)
            case "gauge":
                metrics.set(name, 1, **values)
            case "histogram":
                metrics.observe(name, 1, **values)

    most = max((bound.limit for bound in METRICS[name].bounds if not bound.values), default=0)
    # All labels of one flood move together; what stands there from the beginning stands beside.
    closed = math.prod(len(bound.values) or 1 for bound in METRICS[name].bounds)
    assert series_of(metrics, name) <= most + closed + 1
    assert metrics.value(name, **dict.fromkeys(labels, OTHER)) > 0


def test_no_combination_of_names_makes_more_series_than_one_metric_may_have() -> None:
    metrics = Metrics("api")

    for route in range(300):
        for status in range(200, 250):
            metrics.count(
                "flowyard_api_requests_total",
                method="GET",
                route=f"/route-{route}",
                status=str(status),
            )

    beyond = metrics.value("flowyard_api_requests_total", method=OTHER, route=OTHER, status=OTHER)
    assert series_of(metrics, "flowyard_api_requests_total") == MAX_SERIES + 1
    assert beyond == 300 * 50 - MAX_SERIES


def test_what_is_in_no_closed_set_counts_as_other() -> None:
    metrics = Metrics("api")

    for method in ("GET", "BREW", "PROPFIND"):
        metrics.count("flowyard_api_requests_total", method=method, route="/", status="200")

    assert metrics.value("flowyard_api_requests_total", method="GET", route="/", status="200") == 1
    assert metrics.value("flowyard_api_requests_total", method=OTHER, route="/", status="200") == 2


def test_names_beyond_the_bound_are_not_remembered() -> None:
    metrics = Metrics("worker")

    for number in range(FLOOD):
        metrics.observe("flowyard_worker_step_seconds", 1, queue=f"queue-{number}")

    assert len(metrics._histogram_children) == QUEUE.limit


def test_a_gauge_shows_exactly_what_it_is_given() -> None:
    metrics = Metrics("scheduler")

    metrics.show("flowyard_scheduler_queued_steps", {("a",): 1, ("b",): 2})
    metrics.show("flowyard_scheduler_queued_steps", {("b",): 3})

    assert metrics.value("flowyard_scheduler_queued_steps", queue="b") == 3
    assert 'flowyard_scheduler_queued_steps{queue="a"}' not in metrics.render().decode()


def test_a_gauge_shows_the_sum_of_all_others_and_of_ages_the_greatest() -> None:
    metrics = Metrics("scheduler")
    queues = [f"queue-{number:03}" for number in range(QUEUE.limit + 3)]

    metrics.show("flowyard_scheduler_queued_steps", {(queue,): 2.0 for queue in queues})
    ages: dict[Key, float] = {
        ("default", f"plugin-{number:03}"): float(number) for number in range(PLUGIN.limit + 3)
    }
    metrics.show("flowyard_scheduler_oldest_step_seconds", ages)

    assert metrics.value("flowyard_scheduler_queued_steps", queue=OTHER) == 6
    oldest = metrics.value("flowyard_scheduler_oldest_step_seconds", queue="default", plugin=OTHER)
    assert oldest == PLUGIN.limit + 2


def test_who_is_told_apart_stays_so_while_others_come_before_it() -> None:
    metrics = Metrics("scheduler")
    metrics.show("flowyard_scheduler_queued_steps", {("mine",): 7})

    flood: dict[Key, float] = {(f"a-{number}",): 1.0 for number in range(FLOOD)}
    metrics.show("flowyard_scheduler_queued_steps", {**flood, ("mine",): 8})

    assert metrics.value("flowyard_scheduler_queued_steps", queue="mine") == 8


def test_sources_are_asked_whenever_somebody_looks_and_add_up() -> None:
    metrics = Metrics("worker")
    behind: dict[Key, float] = {("flowyard.node-ready.v1.a", "0"): 5.0}

    beside: dict[Key, float] = {("flowyard.node-ready.v1.b", "0"): 1.0}
    with (
        metrics.showing("flowyard_kafka_lag_records", lambda: behind),
        metrics.showing("flowyard_kafka_lag_records", lambda: beside),
    ):
        first = metrics.render().decode()
        behind["flowyard.node-ready.v1.a", "0"] = 6.0
        second = metrics.render().decode()
    after = metrics.render().decode()

    place = 'flowyard_kafka_lag_records{partition="0",topic="flowyard.node-ready.v1.%s"}'
    assert f"{place % 'a'} 5.0" in first
    assert f"{place % 'a'} 6.0" in second
    assert f"{place % 'b'} 1.0" in second
    assert "flowyard_kafka_lag_records{" not in after


def test_who_notes_and_counts_later_is_told_before_anybody_looks() -> None:
    metrics = Metrics("worker")

    with metrics.before_looking(lambda: metrics.observe("flowyard_worker_batch_steps", 1)):
        assert metrics.value("flowyard_worker_batch_steps") == 1
        metrics.render()
    assert metrics.value("flowyard_worker_batch_steps") == 2


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_says_what_it_is_and_in_what_unit(name: MetricName) -> None:
    one = METRICS[name]
    unit = unit_of(name)

    assert one.help.endswith(".")
    assert len(one.help) > 12
    assert unit == "s" or unit.strip("{}") in COUNTED
    assert (unit == "s") == ("seconds" in name.split("_"))
    assert one.kind != "histogram" or list(one.buckets) == sorted(set(one.buckets))


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_label_is_bounded_and_says_what_it_may_read(name: MetricName) -> None:
    for bound in METRICS[name].bounds:
        assert OTHER not in bound.values
        assert bound.values or (bound.meaning and 0 < bound.limit <= MAX_SERIES)


def test_closed_sets_are_those_of_the_code() -> None:
    assert set(WAIT_REASON.values) == {reason.value for reason in WaitReason}
    assert set(LIVE_STATUS.values) == {
        status.value for status in InstanceStatus if status not in FINAL_INSTANCE_STATUSES
    }
    assert set(END_STATUS.values) == {
        *(status.value for status in FINAL_INSTANCE_STATUSES),
        InstanceStatus.FAILED.value,
    }
    assert set(get_args(RefusalCode)) <= {*STEP_RESULT.values} & {*NOT_RUN.values}
    requests = {f"gateway_{ended}" for ended in get_args(Ended) if ended != "refused"}
    assert set(NOT_RUN.values) == {*get_args(RefusalCode), *requests}
