"""One cluster for all tests in this folder; each finds it whole, whatever the one before did."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import Cluster
from tests.support.kafka import KafkaServer
from tests.support.postgres15 import PostgresServer
from tests.support.wanted_programs import wanted_postgres
from tests.support.witness import Witness

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
"""How often Postgres broke off a statement because two waited for each other: each time costs its
server's ``deadlock_timeout``, for all who wait behind them."""

PROCESSES = {"api": 1, "scheduler": 2, "worker": 3, "plugin-gateway": 2}


@pytest.fixture(scope="session")
def postgres15_programs() -> Path:
    return wanted_postgres()


@pytest.fixture(scope="session")
def collector() -> Iterator[Witness]:
    """Start what the services send their spans to."""
    with Witness() as started:
        yield started


@pytest.fixture(scope="session")
def started_cluster(
    kafka_jars: Path, postgres15_programs: Path, collector: Witness
) -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="flowyard-cluster-") as scratch:
        folder = Path(scratch)
        # Postgres runs as another user, who has to come through.
        folder.chmod(0o711)
        cluster = Cluster(
            folder,
            postgres=PostgresServer(folder / "postgres", programs=postgres15_programs),
            kafka=KafkaServer(kafka_jars, folder / "kafka"),
            variables={
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                "OTEL_BSP_SCHEDULE_DELAY": "200",
            },
        )
        with cluster:
            for service, count in PROCESSES.items():
                for _ in range(count):
                    cluster.add(service)
            yield cluster
            cluster.heal()
            assert cluster.rows(DEADLOCKS)[0]["deadlocks"] == 0


@pytest.fixture
def cluster(started_cluster: Cluster) -> Cluster:
    started_cluster.heal()
    return started_cluster


@pytest.fixture
def witness() -> Iterator[Witness]:
    """Start what the flows of one test act on."""
    with Witness() as started:
        yield started
