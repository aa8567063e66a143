"""The brokers that the suite runs over."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from flowyard.ids import new_id
from flowyard.messaging.ports import Broker
from tests.conformance.messaging.cluster import Cluster, KafkaCluster, LocalCluster, StormyCluster
from tests.support.kafka import KafkaServer


@pytest.fixture(
    params=[
        "local",
        "stormy",
        pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.service]),
    ]
)
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    """Yield something to connect to, once per adapter."""
    if request.param == "local":
        yield LocalCluster()
        return
    if request.param == "stormy":
        yield StormyCluster()
        return
    server: KafkaServer = request.getfixturevalue("kafka")
    kafka_cluster = KafkaCluster(server, request.getfixturevalue("kafka_jars"), tmp_path)
    try:
        yield kafka_cluster
    finally:
        kafka_cluster.close()


@pytest.fixture
async def broker(cluster: Cluster) -> AsyncIterator[Broker]:
    """Yield a connected broker."""
    async with cluster.connect() as connected:
        yield connected


@pytest.fixture
def topic() -> str:
    """Return the name of a topic that does not exist yet."""
    return f"test.{new_id()}"
