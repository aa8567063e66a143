from typing import get_args

import pytest

from flowyard.telemetry.metrics import METRICS, MetricName, Metrics
from flowyard.telemetry.metrics_page import metrics_page


def test_every_name_is_defined_once() -> None:
    assert sorted(get_args(MetricName)) == sorted(METRICS)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_names_say_room_and_unit(name: MetricName) -> None:
    assert name.startswith("flowyard_")
    assert (METRICS[name].kind == "counter") == name.endswith("_total")


def test_a_count_is_rendered_with_its_labels() -> None:
    metrics = Metrics("worker")

    metrics.count("flowyard_worker_steps_reported_total", 2, outcome="failed")
    metrics.count("flowyard_worker_steps_reported_total", outcome="failed")

    text = metrics.render().decode()
    assert 'flowyard_worker_steps_reported_total{outcome="failed"} 3.0' in text
    assert 'flowyard_service_info{service="worker"} 1.0' in text
    assert "_created" not in text


def test_a_services_counters_stand_at_zero_before_anything_is_counted() -> None:
    text = Metrics("plugin-gateway").render().decode()

    assert 'flowyard_plugin_gateway_outcomes_total{result="lost"} 0.0' in text
    assert "flowyard_plugin_gateway_step_seconds_count" not in text
    assert "flowyard_worker_running_reports_total" not in text


def test_a_counter_whose_label_is_open_begins_when_it_is_counted() -> None:
    text = Metrics("api").render().decode()

    assert "flowyard_api_changes_total 0.0" in text
    assert "flowyard_api_requests_total{" not in text


def test_two_services_of_one_process_count_apart() -> None:
    one, other = Metrics("worker"), Metrics("worker")

    one.set("flowyard_worker_steps_in_flight", 3)

    assert one.value("flowyard_worker_steps_in_flight") == 3
    assert other.value("flowyard_worker_steps_in_flight") == 0


def test_an_observation_lands_in_its_bucket() -> None:
    metrics = Metrics("worker")

    metrics.observe("flowyard_worker_batch_steps", 3)

    text = metrics.render().decode()
    assert 'flowyard_worker_batch_steps_bucket{le="2.0"} 0.0' in text
    assert 'flowyard_worker_batch_steps_bucket{le="4.0"} 1.0' in text
    assert metrics.value("flowyard_worker_batch_steps") == 1


def test_many_observations_at_once_are_what_they_are_one_by_one() -> None:
    one_by_one, at_once = Metrics("worker"), Metrics("worker")
    seconds = [0.0, 0.001, 0.0011, 0.03, 0.03, 60.0, 61.0]

    for value in seconds:
        one_by_one.observe("flowyard_worker_step_seconds", value, queue="default")
    at_once.observe_all("flowyard_worker_step_seconds", seconds, queue="default")

    assert _lines(at_once) == _lines(one_by_one)
    assert at_once.value("flowyard_worker_step_seconds", queue="default") == len(seconds)


def _lines(metrics: Metrics) -> list[str]:
    return [line for line in metrics.render().decode().splitlines() if "step_seconds" in line]


def test_a_wrong_label_or_kind_is_an_error() -> None:
    metrics = Metrics("worker")

    with pytest.raises(KeyError):
        metrics.count("flowyard_worker_steps_reported_total", result="failed")
    with pytest.raises(KeyError):
        metrics.count("flowyard_worker_steps_reported_total")
    with pytest.raises(KeyError):
        metrics.count("flowyard_worker_steps_in_flight")


def test_the_page_lists_every_metric() -> None:
    assert all(f"`{name}`" in metrics_page() for name in METRICS)
