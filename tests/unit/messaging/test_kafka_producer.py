"""What becomes of a publication that Kafka takes only in part."""

import asyncio
import gc
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.errors import NotLeaderForPartitionError, UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder

from flowyard.messaging.kafka_producer import KafkaProducer
from flowyard.messaging.ports import BrokerUnavailableError, OutgoingRecord

TOPIC = "results"


class _HalfThere:
    """A client that takes the batch of the first partition and loses it, and takes no other."""

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1 << 20, compression_type=0, is_transactional=False)

    async def send_batch(
        self, _batch: BatchBuilder, _topic: str, *, partition: int
    ) -> "asyncio.Future[object]":
        if partition:
            raise UnknownTopicOrPartitionError
        lost: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        lost.set_exception(NotLeaderForPartitionError())
        return lost

    async def partitions_for(self, _: str) -> set[int]:
        return {0, 1}


async def _two(_: str) -> int:
    return 2


async def test_a_failed_publication_leaves_no_failure_that_nobody_sees() -> None:
    unseen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    producer = KafkaProducer(_HalfThere(), _two, timedelta(seconds=1))
    records = [
        OutgoingRecord(topic=TOPIC, key=None, value=b"{}", partition=partition)
        for partition in (0, 1)
    ]

    with pytest.raises(BrokerUnavailableError, match="UnknownTopicOrPartition"):
        await producer.publish(records)
    await asyncio.sleep(0)
    gc.collect()

    assert unseen == []
