"""What the suite needs to know about a cluster besides the port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from flowyard.messaging.kafka import KafkaBroker
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import Broker
from tests.support.kafka import KafkaServer
from tests.support.simulation.kafka import Network, StormyBroker
from tests.support.simulation.seeding import seeded


class Cluster(Protocol):
    """Where brokers connect to."""

    def connect(self) -> AbstractAsyncContextManager[Broker]:
        """Return a new connection to the same records."""
        ...

    def rebuild(self) -> None:
        """Replace the cluster by an empty one."""
        ...


class LocalCluster:
    def __init__(self) -> None:
        self._broker = LocalBroker()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Broker]:
        async with self._broker as broker:
            yield broker

    def rebuild(self) -> None:
        self._broker = LocalBroker()


class StormyCluster:
    """What simulations run on, in weather in which all takes a moment and nothing is lost."""

    def __init__(self) -> None:
        self._broker = LocalBroker()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Broker]:
        network = Network(random=seeded("network"), longest_seconds=0.004)
        async with self._broker as broker:
            yield StormyBroker(broker, network, asyncio.get_running_loop().call_later)

    def rebuild(self) -> None:
        self._broker = LocalBroker()


class KafkaCluster:
    def __init__(self, server: KafkaServer, jars: Path, folder: Path) -> None:
        self._server = server
        self._jars = jars
        self._folder = folder
        self._rebuilt: KafkaServer | None = None

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Broker]:
        async with KafkaBroker(servers=(self._rebuilt or self._server).servers) as broker:
            yield broker

    def rebuild(self) -> None:
        self._rebuilt = KafkaServer(self._jars, self._folder)
        self._rebuilt.start()

    def close(self) -> None:
        if self._rebuilt is not None:
            self._rebuilt.stop()
