"""What a real Prometheus finds of a scraped cluster: for every panel, and for every alert."""

import math
import threading
from typing import Any

import httpx
import pytest

from flowyard.telemetry.metrics import METRICS
from tests.cluster.flows import CHAIN, EFFECTS, EFFECTS_PER_INSTANCE, HANGING_ALONE
from tests.observability.flows import ASKING, FAILING
from tests.support.api_driver import ApiDriver
from tests.support.cluster import Cluster
from tests.support.dashboards import Asked, alerts, expressions, metrics_in
from tests.support.observability import Collector, Prometheus
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(900)]

ROUNDS = 3
WHAT_ALARMS = "What alarms"
"""The panel that is empty while all is well; the last test here looks at it."""


def _has(node_id: str, status: str) -> Any:
    return lambda shown: any(
        node["node_id"] == node_id and node["status"] == status for node in shown["nodes"]
    )


def _play(api: ApiDriver, witness: Witness, run: str) -> None:
    """Have everything happen once that panels show: work, waits, failures, a cancellation."""
    inputs = {"witness": witness.url}
    api.start_instances(5, "chain", run=run)
    api.start_instances(5, "effects", run=run, inputs=inputs)
    (failing,) = api.start_instances(1, "failing", run=f"{run}-failing")
    (asking,) = api.start_instances(1, "asking", run=run)
    (hanging,) = api.start_instances(1, "hanging", run=run, inputs=inputs)
    api.until(asking, _has("ask", "waiting"))
    api.operate(asking, "approve", node_id="ask")
    api.until(hanging, _has("hang", "running"))
    api.operate(hanging, "cancel")
    api.until(failing, _has("broken", "failed"))
    api.wait_all_final(run)


def _look_on(url: str, token: str, instance_id: str, is_seen: threading.Event) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{url}/api/v1/instances/{instance_id}/events"
    with httpx.stream("GET", address, headers=headers, timeout=120) as answer:
        for line in answer.iter_lines():
            is_seen.set()
            if line == "event: end":
                return


@pytest.fixture(scope="module")
def scraped(cluster: Cluster, prometheus: Prometheus, witness: Witness) -> Prometheus:
    """Have a cluster work while it is scraped; one live view stays open."""
    api = cluster.api
    for source in (CHAIN, EFFECTS, HANGING_ALONE, FAILING, ASKING):
        api.publish(source)
    (watched,) = api.start_instances(1, "asking", run="watched")
    is_seen = threading.Event()
    looking = threading.Thread(
        target=_look_on, args=(cluster.of("api")[0].url, api.token, watched, is_seen)
    )
    looking.start()
    assert is_seen.wait(60)
    for number in range(ROUNDS):
        for change in ("pause", "resume"):
            api.operate(watched, change)
        _play(api, witness, f"round-{number}")
        # What one round has counted is scraped before the next one: growth is seen.
        ended = 'sum(flowyard_scheduler_instances_ended_total{status="failed"})'
        prometheus.wait_for(f"{ended} == {number + 1}")
    api.operate(watched, "approve", node_id="ask")
    looking.join(60)
    prometheus.wait_for('flowyard_scheduler_waiting_nodes{reason="incident"} > 0')
    return prometheus


def _ids(asked: Asked) -> str:
    return f"{asked.dashboard}-{asked.panel}"


@pytest.mark.parametrize(
    "asked", [one for one in expressions() if one.panel != WHAT_ALARMS], ids=_ids
)
def test_every_panel_finds_series_of_a_cluster_that_works(
    scraped: Prometheus, asked: Asked
) -> None:
    found = scraped.query(asked.expression)

    values = [float(series["value"][1]) for series in found]
    assert values, asked.expression
    assert not all(math.isnan(value) for value in values), asked.expression


def test_what_panels_say_of_the_work_is_what_was_done(scraped: Prometheus) -> None:
    ended = "sum by (status) (flowyard_scheduler_instances_ended_total)"

    found = {one["metric"]["status"]: float(one["value"][1]) for one in scraped.query(ended)}

    assert found["failed"] == ROUNDS
    assert found["cancelled"] == ROUNDS
    (calls,) = scraped.query(
        'sum(flowyard_plugin_gateway_step_seconds_count{plugin="http_request"})'
    )
    assert float(calls["value"][1]) >= ROUNDS * 5 * EFFECTS_PER_INSTANCE


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_every_metric_of_an_alert_is_there_to_be_looked_at(
    scraped: Prometheus, rule: dict[str, Any]
) -> None:
    missing = [
        name
        for name in metrics_in(rule["expr"])
        if not scraped.query(
            f"count({name}{'_bucket' if METRICS[name].kind == 'histogram' else ''})"  # type: ignore[index]
        )
    ]

    assert missing == []


def test_prometheus_takes_every_alert_and_none_fires_while_all_is_well(
    scraped: Prometheus,
) -> None:
    rules = scraped.rules()

    assert {rule["name"] for rule in rules} == {rule["alert"] for rule in alerts()}
    assert {rule["health"] for rule in rules} == {"ok"}
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []


def test_what_is_sent_by_otlp_is_what_is_scraped(scraped: Prometheus, collector: Collector) -> None:
    names = metrics_in(" ".join(one["metric"]["__name__"] for one in scraped.query(EVERYTHING)))

    sent = metrics_in(collector.metrics())

    assert names
    assert names <= sent


EVERYTHING = '{__name__=~"flowyard_.+"}'


def test_a_process_that_goes_is_on_the_overview_until_it_is_back(
    scraped: Prometheus, cluster: Cluster
) -> None:
    (worker,) = cluster.of("worker")
    (panel,) = [one for one in expressions() if one.panel == WHAT_ALARMS]
    of_worker = f'{{alertname="FlowyardProcessDown", instance="127.0.0.1:{worker.port}"}}'

    worker.kill()
    try:
        scraped.wait_for(f"ALERTS{of_worker}")
        shown = {one["metric"]["alertname"] for one in scraped.query(panel.expression)}
    finally:
        worker.start()
    worker.wait_ready(seconds=240)

    assert "FlowyardProcessDown" in shown
    scraped.wait_for(f"absent(ALERTS{of_worker})")
