"""How long work stands still when what runs it dies, comes or goes."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from flowyard.clock import SystemClock
from tests.cluster.load import (
    PACED_NODES,
    ends_of,
    have_all_gone_on,
    longest_gap,
    merged,
    paced,
    silence_after,
)
from tests.support.cluster import Cluster
from tests.support.processes import ServiceProcess
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(240)]

INSTANCES = 48
EFFECT_SECONDS = 0.4
LONG_NODES = 2 * PACED_NODES
"""So that the load lasts longer than a process takes to start beside it."""
DEFAULT_GROUP_SETTINGS = ("group.min.session.timeout.ms", "group.initial.rebalance.delay.ms")
CLOCK = SystemClock()


@pytest.fixture
def witness() -> Iterator[Witness]:
    """Start one that takes its time, so that few instances are a steady load."""
    with Witness(effect_seconds=EFFECT_SECONDS) as started:
        yield started


@pytest.fixture
def cluster_on_defaults(cluster: Cluster) -> Iterator[Cluster]:
    """Have Kafka allow no shorter sessions than it does by itself."""
    _restart_kafka(cluster, cluster.kafka.keep_only_defaults, "scheduler")
    yield cluster
    # Workers, too: they have found out that their sessions were refused.
    _restart_kafka(cluster, cluster.kafka.set_again, "scheduler", "worker")


def _restart_kafka(cluster: Cluster, change: Callable[..., None], *services: str) -> None:
    cluster.kafka.stop()
    change(*DEFAULT_GROUP_SETTINGS)
    cluster.kafka.start()
    for service in services:
        for process in cluster.of(service):
            process.restart()
    cluster.heal()


def _start(cluster: Cluster, witness: Witness, run: str, *, nodes: int = PACED_NODES) -> None:
    template = cluster.api.publish(paced(nodes))
    cluster.api.start_instances(INSTANCES, template, run=run, inputs={"witness": witness.url})
    witness.wait_for_effects(2 * INSTANCES)


def _assert_nothing_was_lost(
    cluster: Cluster, witness: Witness, run: str, *, nodes: int = PACED_NODES
) -> None:
    statuses = list(cluster.api.wait_all_final(run, seconds=120).values())

    assert statuses.count("succeeded") == INSTANCES, statuses
    assert witness.repeated() == {}
    assert len(witness.effects()) == INSTANCES * nodes


def _kill(process: ServiceProcess) -> datetime:
    process.kill()
    return CLOCK.now()


def _bound_told(process: ServiceProcess) -> float:
    told = httpx.get(f"{process.url}/readyz", timeout=5, trust_env=False).json()
    seconds: float = told["facts"]["takeover_seconds"]
    return seconds


def test_a_dead_schedulers_partitions_go_on_within_three_seconds_on_the_shipped_settings(
    cluster: Cluster, witness: Witness
) -> None:
    _start(cluster, witness, "takeover-shipped")

    killed_at = _kill(cluster.of("scheduler")[0])
    _assert_nothing_was_lost(cluster, witness, "takeover-shipped")

    assert silence_after(ends_of(cluster, "takeover-shipped"), killed_at) < timedelta(seconds=3)
    assert _bound_told(cluster.of("scheduler")[1]) == 3


def test_a_dead_schedulers_partitions_go_on_within_eight_seconds_on_a_brokers_defaults(
    cluster_on_defaults: Cluster, witness: Witness
) -> None:
    cluster = cluster_on_defaults
    _start(cluster, witness, "takeover-defaults")

    killed_at = _kill(cluster.of("scheduler")[0])
    _assert_nothing_was_lost(cluster, witness, "takeover-defaults")

    silence = silence_after(ends_of(cluster, "takeover-defaults"), killed_at)
    assert timedelta(seconds=4) < silence < timedelta(seconds=8)
    assert _bound_told(cluster.of("scheduler")[1]) == 8


def test_a_dead_workers_nodes_run_elsewhere_within_ten_seconds(
    cluster: Cluster, witness: Witness
) -> None:
    witness.hold()
    template = cluster.api.publish(paced())
    cluster.api.start_instances(INSTANCES, template, run="dead", inputs={"witness": witness.url})
    witness.wait_for_effects(INSTANCES)
    worker = max(
        cluster.of("worker"), key=lambda one: one.metric("flowyard_worker_steps_in_flight")
    )
    assert worker.metric("flowyard_worker_steps_in_flight") > 0

    killed_at = _kill(worker)
    witness.release()
    _assert_nothing_was_lost(cluster, witness, "dead")

    assert silence_after(ends_of(cluster, "dead"), killed_at) < timedelta(seconds=10)


@pytest.mark.parametrize("service", ["scheduler", "worker"])
def test_one_more_and_one_less_stops_the_flow_for_less_than_three_seconds(
    cluster: Cluster, witness: Witness, service: str
) -> None:
    run = f"rebalance-{service}"
    _start(cluster, witness, run, nodes=LONG_NODES)

    added = cluster.add(service)
    added.wait_ready()
    added_at = CLOCK.now()
    _wait_until(lambda: have_all_gone_on(ends_of(cluster, run), added_at))
    cluster.remove(added)
    _assert_nothing_was_lost(cluster, witness, run, nodes=LONG_NODES)

    ends = ends_of(cluster, run)
    assert longest_gap(merged(ends)).length < timedelta(seconds=3)
    # A partition has few instances here: that all of them wait is no rebalance yet.
    assert longest_gap(ends).length < timedelta(seconds=5), (longest_gap(ends), added_at)


def _wait_until(is_so: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)
