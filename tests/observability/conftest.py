"""One cluster, watched by a real collector, a real Zipkin and a real Prometheus."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import Cluster
from tests.support.kafka import KafkaServer, kafka_jars
from tests.support.observability import Collector, Prometheus, Zipkin, require_tools
from tests.support.postgres15 import PostgresServer
from tests.support.wanted_programs import wanted_postgres
from tests.support.witness import Witness

__all__ = ["kafka_jars"]

PROCESSES = {"api": 1, "scheduler": 2, "worker": 1, "plugin-gateway": 1}
READY_SECONDS = 240
"""It is no test of how fast they start: all of them do so at once, beside three servers."""


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    require_tools()
    with tempfile.TemporaryDirectory(prefix="flowyard-observed-") as scratch:
        made = Path(scratch)
        # Postgres runs as another user, who has to come through.
        made.chmod(0o711)
        yield made


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    return wanted_postgres()


@pytest.fixture(scope="session")
def recorder() -> Iterator[Witness]:
    """Start what the collector exports to when deployed, by OTLP: it keeps what it gets."""
    with Witness() as started:
        yield started


@pytest.fixture(scope="session")
def witness() -> Iterator[Witness]:
    """Start what flows act on."""
    with Witness() as started:
        yield started


@pytest.fixture(scope="session")
def zipkin(folder: Path) -> Iterator[Zipkin]:
    with Zipkin(folder) as started:
        yield started


@pytest.fixture(scope="session")
def collector(folder: Path, zipkin: Zipkin, recorder: Witness) -> Iterator[Collector]:
    with Collector(folder, traces=recorder.url, zipkin=zipkin.url) as started:
        yield started


@pytest.fixture(scope="session")
def cluster(
    folder: Path, kafka_jars: Path, postgres_programs: Path, collector: Collector
) -> Iterator[Cluster]:
    started = Cluster(
        folder,
        postgres=PostgresServer(folder / "postgres", programs=postgres_programs),
        kafka=KafkaServer(kafka_jars, folder / "kafka"),
        variables={
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "OTEL_METRIC_EXPORT_INTERVAL": "1000",
        },
    )
    with started:
        for service, count in PROCESSES.items():
            for _ in range(count):
                started.add(service)
        for service in PROCESSES:
            for process in started.of(service):
                process.wait_ready(seconds=READY_SECONDS)
        yield started


@pytest.fixture(scope="session")
def prometheus(folder: Path, cluster: Cluster) -> Iterator[Prometheus]:
    targets = [
        f"127.0.0.1:{process.port}" for service in PROCESSES for process in cluster.of(service)
    ]
    with Prometheus(folder, targets) as started:
        yield started
