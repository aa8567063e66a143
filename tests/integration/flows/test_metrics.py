"""What a whole Flowyard tells of itself in numbers, to Prometheus and by OTLP."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flowyard.contracts.records import Doorbell
from flowyard.contracts.topics import INSTANCE_EVENT, node_ready
from flowyard.engine.graph import DEFAULT_QUEUE
from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.telemetry.metric_definition import OTHER
from flowyard.telemetry.metrics import METRICS, MetricName
from flowyard_scheduler import census
from tests.integration.plugin_gateway.support import Prompt, plain_client
from tests.support.flowyard import (
    LOOK_SECONDS,
    PARTITIONS,
    PATIENCE_SECONDS,
    Flowyard,
    running_flowyard,
)
from tests.support.witness import Witness
from tests.support.witness_metrics import SeenPoint

COUNTED = """
flowyard: 1
key: counted
nodes:
  - {id: first, plugin: prompt@1.0, inputs: {text: one}}
  - id: ask
    plugin: approval@1.0
    inputs: {message: "Go on?"}
  - {id: last, plugin: probe@1.0, inputs: {text: two}}
"""

ELSEWHERE: frozenset[MetricName] = frozenset(
    {
        "flowyard_api_log_reads_total",
        "flowyard_api_refused_starts_total",
        "flowyard_api_retire_batch_seconds",
        "flowyard_api_retire_failures_total",
        "flowyard_api_retired_instances_total",
        "flowyard_plugin_gateway_cancellations_total",
        "flowyard_plugin_gateway_webhook_deliveries_total",
        "flowyard_plugin_gateway_webhook_delivery_seconds",
        "flowyard_scheduler_broken_instances_total",
        "flowyard_scheduler_duplicate_facts_total",
        "flowyard_scheduler_failed_batches_total",
        "flowyard_scheduler_overdue_nodes_total",
        "flowyard_scheduler_repairs_total",
        "flowyard_scheduler_revision_conflicts_total",
        "flowyard_scheduler_stale_facts_total",
        "flowyard_scheduler_stuck_nodes_total",
        "flowyard_worker_running_reports_total",
        "flowyard_worker_steps_not_run_total",
    }
)
"""What no run in good order counts; ``tests/architecture`` finds the test of each."""


@dataclass
class Scraped:
    """The samples of all four services, by name."""

    samples: dict[str, list[tuple[dict[str, str], float]]] = field(default_factory=dict)

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's series that have these labels; of observations, how many."""
        count = f"{name}_count" if METRICS[name].kind == "histogram" else name  # type: ignore[index]  # any name of the list
        return sum(
            value for found, value in self.samples.get(count, ()) if labels.items() <= found.items()
        )

    def has(self, name: str) -> bool:
        return name in self.samples or f"{name}_count" in self.samples


async def scrape(flowyard: Flowyard) -> Scraped:
    """Ask every service for its numbers, as Prometheus does."""
    found = Scraped()
    services = (flowyard.api, flowyard.scheduler, flowyard.worker, flowyard.gateway)
    async with plain_client() as client:
        for service in services:
            text = (await client.get(f"{service.url}/metrics")).text
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    found.samples.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


@pytest.fixture(scope="module")
def collector() -> Iterator[Witness]:
    with Witness() as started:
        yield started


@pytest.fixture
async def flowyard(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Flowyard]:
    monkeypatch.setattr(census, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(census, "COUNT_SECONDS", 0.1)
    async with running_flowyard(database, [Prompt()]) as started:
        yield started


async def until(flowyard: Flowyard, name: str, least: float, **labels: str) -> Scraped:
    """Return a scrape in which a metric stands at this or more."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = await scrape(flowyard)
            if found.total(name, **labels) >= least:
                return found
            await asyncio.sleep(LOOK_SECONDS)


async def until_asked(flowyard: Flowyard) -> str:
    """Start an instance, and return its id once it waits for a person."""
    await flowyard.publish(COUNTED)
    instance_id = await flowyard.start("counted")
    await until(flowyard, "flowyard_scheduler_waiting_nodes", 1, reason="approval")
    return instance_id


async def approve(flowyard: Flowyard, instance_id: str) -> None:
    path = f"/instances/{instance_id}/nodes/ask/actions/approve"
    (await flowyard.client.post(path, json={})).raise_for_status()


async def follow(flowyard: Flowyard, instance_id: str, opened: asyncio.Event) -> int:
    """Look at an instance until its end, and return how many changes were told."""
    told = 0
    async with flowyard.client.stream("GET", f"/instances/{instance_id}/events") as stream:
        async for line in stream.aiter_lines():
            opened.set()
            told += line == "event: change"
    return told


async def play(flowyard: Flowyard) -> tuple[str, int]:
    """Run an instance under somebody's eyes, with a stranger's records beside it."""
    instance_id = await until_asked(flowyard)
    opened = asyncio.Event()
    looking = asyncio.create_task(follow(flowyard, instance_id, opened))
    await opened.wait()
    for topic in (INSTANCE_EVENT, node_ready(DEFAULT_QUEUE)):
        await flowyard.send(topic, b"not a record")
    stranger = Doorbell(instance_id=new_id(), partition=0)
    await flowyard.send(INSTANCE_EVENT, stranger.model_dump_json().encode())
    await approve(flowyard, instance_id)
    await flowyard.until_status(instance_id, "succeeded")
    return instance_id, await looking


async def reject_a_command(flowyard: Flowyard, instance_id: str, database: Database) -> None:
    """Store a command that was allowed when it was checked, and is not when it is read."""
    async with database.hot() as connection:
        await connection.execute(
            "INSERT INTO command (instance_id, partition, kind, actor)"
            " SELECT instance_id, partition, 'resume', 'ann' FROM instance"
            " WHERE instance_id = $1",
            instance_id,
        )
        partition = await connection.fetchval(
            "SELECT partition FROM instance WHERE instance_id = $1", instance_id
        )
    bell = Doorbell.model_validate({"instance_id": instance_id, "partition": partition})
    await flowyard.send(INSTANCE_EVENT, bell.model_dump_json().encode(), partition=partition)
    await until(flowyard, "flowyard_scheduler_rejected_commands_total", 1)


async def test_one_run_moves_every_number_that_a_run_in_good_order_has(
    flowyard: Flowyard, database: Database
) -> None:
    instance_id = await until_asked(flowyard)
    await reject_a_command(flowyard, instance_id, database)
    await play(flowyard)

    found = await until(flowyard, "flowyard_scheduler_unknown_instances_total", 1)

    still = {
        name
        for name, one in METRICS.items()
        if not (found.has(name) if one.kind == "gauge" else found.total(name))
    }
    assert still == ELSEWHERE


async def test_each_hop_of_each_step_is_measured_once(flowyard: Flowyard) -> None:
    await play(flowyard)
    found = await scrape(flowyard)

    def hop(name: str) -> float:
        return found.total(f"flowyard_scheduler_{name}_seconds")

    # first, ask, ask once more with the answer, last.
    assert hop("ready_to_dispatched") == 4
    # Those of the attempts' first steps alone.
    assert hop("dispatched_to_started") == 3
    # Of first and of ask's second step; the person's word was no result.
    assert hop("finished_to_ready") == 2


async def test_what_waits_and_lives_is_shown_by_reason_and_status(flowyard: Flowyard) -> None:
    instance_id = await until_asked(flowyard)
    during = await scrape(flowyard)
    await approve(flowyard, instance_id)
    await flowyard.until_status(instance_id, "succeeded")
    after = await until(flowyard, "flowyard_scheduler_instances_ended_total", 1)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while after.total("flowyard_scheduler_instances"):
            after = await scrape(flowyard)

    assert during.total("flowyard_scheduler_waiting_nodes") == 1
    assert during.total("flowyard_scheduler_instances", status="running") == 1
    assert during.total("flowyard_scheduler_instances") == 1
    assert after.total("flowyard_scheduler_waiting_nodes") == 0
    assert after.has("flowyard_scheduler_waiting_nodes")
    assert after.total("flowyard_scheduler_instances_ended_total", status="succeeded") == 1
    assert after.total("flowyard_scheduler_nodes_without_reason") == 0


async def test_partitions_and_lags_are_those_of_the_consumers(flowyard: Flowyard) -> None:
    await play(flowyard)
    found = await scrape(flowyard)

    owned = found.samples["flowyard_scheduler_partition_owned"]
    assert [labels["partition"] for labels, _ in owned] == [str(one) for one in range(PARTITIONS)]
    lags = found.samples["flowyard_kafka_lag_records"]
    read = Counter(labels["topic"] for labels, _ in lags)
    assert set(read.values()) == {PARTITIONS}
    assert read.keys() >= {INSTANCE_EVENT, node_ready(DEFAULT_QUEUE)}


async def test_no_number_of_a_run_is_beyond_its_bounds(flowyard: Flowyard) -> None:
    await play(flowyard)
    found = await scrape(flowyard)

    others = [
        (name, labels)
        for name, samples in found.samples.items()
        for labels, _ in samples
        if OTHER in labels.values()
    ]
    assert others == []


async def test_a_live_view_is_sent_what_changes_soon(flowyard: Flowyard) -> None:
    _, told = await play(flowyard)
    found = await scrape(flowyard)

    measured = found.total("flowyard_api_live_view_lag_seconds")
    assert 1 <= measured <= told
    (_, seconds) = found.samples["flowyard_api_live_view_lag_seconds_sum"][0]
    assert 0 < seconds / measured < PATIENCE_SECONDS


async def test_a_collector_is_sent_what_a_scrape_finds(
    database: Database, collector: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "100")
    monkeypatch.setattr(census, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(census, "COUNT_SECONDS", 0.1)

    async with running_flowyard(database, [Prompt()]) as flowyard:
        await play(flowyard)
        found = await scrape(flowyard)

    # Each service sends once more at its end.
    latest: dict[tuple[str, str, tuple[tuple[str, str], ...]], SeenPoint] = {}
    for point in collector.points():
        latest[point.service, point.name, tuple(sorted(point.labels.items()))] = point
    sent = {name for _, name, _ in latest}
    assert {name for name in METRICS if found.has(name)} <= sent
    assert {service for service, _, _ in latest} == {"api", "scheduler", "worker", "plugin-gateway"}
    for point in latest.values():
        definition = METRICS[point.name]  # type: ignore[index]  # looked at above
        assert point.is_cumulative
        assert set(point.labels) == set(definition.labels)
        assert (point.started_at == 0) == (definition.kind == "gauge")
        if definition.kind == "histogram":
            assert point.bounds == definition.buckets
            assert sum(point.counts) == point.value
    ended = latest[
        "scheduler", "flowyard_scheduler_instances_ended_total", (("status", "succeeded"),)
    ]
    assert ended.value == 1
