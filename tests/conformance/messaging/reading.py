"""What most tests of the suite do."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta

from flowyard.messaging.ports import (
    Broker,
    Consumer,
    IncomingRecord,
    OutgoingRecord,
    TopicPartition,
)

PATIENCE_SECONDS = 15
STEP = timedelta(milliseconds=50)


class Listening:
    """Remembers what a consumer was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, frozenset[TopicPartition]]] = []
        self.held: set[TopicPartition] = set()

    async def on_revoked(self, partitions: frozenset[TopicPartition]) -> None:
        assert partitions <= self.held
        self.held -= partitions
        self.told.append(("revoked", partitions))

    async def on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        assert not partitions & self.held
        self.held |= partitions
        self.told.append(("assigned", partitions))


def records(
    topic: str, values: Iterable[int], *, partition: int | None = None, key: bytes | None = None
) -> list[OutgoingRecord]:
    return [
        OutgoingRecord(topic=topic, value=str(value).encode(), partition=partition, key=key)
        for value in values
    ]


async def publish(broker: Broker, outgoing: Sequence[OutgoingRecord]) -> None:
    async with broker.producer() as producer:
        await producer.publish(outgoing)


async def read(
    consumer: Consumer, count: int, *, already: Sequence[IncomingRecord] = ()
) -> list[IncomingRecord]:
    """Poll until so many records came."""
    found = list(already)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(found) < count:
            found += await consumer.poll(max_records=100, wait=STEP)
    return found


async def poll_all(*consumers: Consumer, times: int = 1) -> list[IncomingRecord]:
    found: list[IncomingRecord] = []
    for _ in range(times):
        for consumer in consumers:
            found += await consumer.poll(max_records=100, wait=STEP)
    return found


async def settle(
    *members: tuple[Consumer, Listening], sizes: Sequence[int]
) -> list[IncomingRecord]:
    """Poll until the members hold so many partitions each, and were told so."""
    found: list[IncomingRecord] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while [len(listening.held) for _, listening in members] != list(sizes):
            found += await poll_all(*(consumer for consumer, _ in members))
    for consumer, listening in members:
        assert consumer.assignment == listening.held
    return found


def values(found: Iterable[IncomingRecord]) -> list[int]:
    return [int(record.value) for record in found]
