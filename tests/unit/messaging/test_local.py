"""What the conformance suite does not ask: bounds, and that a poll lets others run."""

import asyncio
from datetime import timedelta

import pytest

from flowyard.messaging.local import LocalBroker
from flowyard.messaging.partition_log import MAX_TAIL, MAX_UNCOMMITTED, MAX_UNREAD
from flowyard.messaging.ports import (
    BrokerUnavailableError,
    Consumer,
    IncomingRecord,
    OutgoingRecord,
    TopicPartition,
)

NO_WAIT = timedelta(0)
TOPIC = "t"
PLACE = TopicPartition(TOPIC, 0)


async def publish(broker: LocalBroker, count: int) -> None:
    async with broker.producer() as producer:
        await producer.publish([OutgoingRecord(topic=TOPIC, value=b"", partition=0)] * count)


async def drain(consumer: Consumer) -> list[IncomingRecord]:
    found: list[IncomingRecord] = []
    while records := await consumer.poll(max_records=1_000_000, wait=NO_WAIT):
        found += records
    return found


def kept(broker: LocalBroker) -> int:
    (log,) = broker.logs(TOPIC)
    return log.end - log.first


async def test_records_that_all_groups_committed_are_dropped() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=1)
        async with (
            broker.consumer([TOPIC], group="a") as first,
            broker.consumer([TOPIC], group="b") as second,
        ):
            await publish(broker, 5_000)
            await first.commit({PLACE: 5_000})
            assert kept(broker) == 5_000
            await second.commit({PLACE: 4_000})
            assert kept(broker) == 1_000


async def test_a_group_that_does_not_commit_keeps_a_bounded_number() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=1)
        async with broker.consumer([TOPIC], group="a") as consumer:
            await publish(broker, MAX_UNCOMMITTED + 10_000)
            found = await drain(consumer)

    assert MAX_UNCOMMITTED <= len(found) < MAX_UNCOMMITTED + 1_000
    assert found[-1].offset == MAX_UNCOMMITTED + 9_999


async def test_a_topic_that_nobody_reads_keeps_a_bounded_number_for_a_later_group() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=1)
        await publish(broker, MAX_UNREAD * 2)
        async with broker.consumer([TOPIC], group="a") as consumer:
            found = await drain(consumer)

    assert MAX_UNREAD <= len(found) < MAX_UNREAD + 1_000


async def test_a_topic_of_readers_without_a_group_keeps_a_tail() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=1)
        async with broker.consumer([TOPIC], group=None) as consumer:
            await publish(broker, MAX_TAIL * 5)
            found = await drain(consumer)

    assert MAX_TAIL <= len(found) < MAX_TAIL + 500
    assert found[-1].offset == MAX_TAIL * 5 - 1


async def test_partitions_are_read_in_turn() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=3)
        async with broker.producer() as producer, broker.consumer([TOPIC], group="a") as consumer:
            for partition in range(3):
                record = OutgoingRecord(topic=TOPIC, value=b"", partition=partition)
                await producer.publish([record] * 4)
            polls = [await consumer.poll(max_records=2, wait=NO_WAIT) for _ in range(6)]

    assert [records[0].partition for records in polls] == [0, 1, 2, 0, 1, 2]


async def test_a_waiting_poll_returns_with_the_first_record() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=1)
        async with broker.consumer([TOPIC], group="a") as consumer:
            waiting = asyncio.create_task(consumer.poll(max_records=10, wait=timedelta(seconds=60)))
            while not waiting.done():
                await asyncio.sleep(0)
                await publish(broker, 1)

    assert len(waiting.result()) >= 1


async def test_polls_that_always_find_records_let_others_run() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=1)
        task = asyncio.create_task(other())
        async with broker.consumer([TOPIC], group="a") as consumer:
            await publish(broker, 50)
            for _ in range(50):
                await consumer.poll(max_records=1, wait=timedelta(seconds=1))
        task.cancel()

    assert turns >= 40


async def test_closing_the_broker_ends_a_waiting_poll() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=1)
        async with broker.consumer([TOPIC], group="a") as consumer:
            await asyncio.sleep(0)
            waiting = asyncio.create_task(consumer.poll(max_records=1, wait=timedelta(seconds=60)))
            for _ in range(5):
                await asyncio.sleep(0)
            await broker.__aexit__(None, None, None)

            with pytest.raises(BrokerUnavailableError):
                await waiting


async def test_records_without_a_key_are_spread_over_the_partitions() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(TOPIC, partitions=4)
        async with broker.producer() as producer, broker.consumer([TOPIC], group="a") as consumer:
            await producer.publish([OutgoingRecord(topic=TOPIC, value=b"")] * 8)
            found = await drain(consumer)

    assert sorted(record.partition for record in found) == [0, 0, 1, 1, 2, 2, 3, 3]
