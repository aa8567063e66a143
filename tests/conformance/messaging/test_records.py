"""Publishing and reading, over both brokers."""

import asyncio
from datetime import timedelta

import pytest

from flowyard.clock import SystemClock
from flowyard.messaging.ports import (
    Broker,
    BrokerUnavailableError,
    IncomingRecord,
    OutgoingRecord,
    RecordRefusedError,
    TopicPartition,
    TopicRefusedError,
)
from tests.conformance.messaging.cluster import Cluster
from tests.conformance.messaging.reading import (
    PATIENCE_SECONDS,
    STEP,
    poll_all,
    publish,
    read,
    records,
    values,
)


async def test_records_of_a_key_stay_in_order(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=4)
    keys = [b"a", b"b", b"c", b"d", b"e"]
    outgoing = [
        one for value in range(50) for key in keys for one in records(topic, [value], key=key)
    ]

    async with broker.producer() as producer, broker.consumer([topic], group="g") as consumer:
        for start in range(0, len(outgoing), 30):
            await producer.publish(outgoing[start : start + 30])
        found = await read(consumer, len(outgoing))

    for key in keys:
        mine = [record for record in found if record.key == key]
        assert values(mine) == list(range(50))
        assert len({record.partition for record in mine}) == 1


async def test_more_than_fits_into_one_batch_arrives_whole_and_in_order(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=2)
    large = [
        OutgoingRecord(topic=topic, value=b"%d " % number + bytes(90_000), partition=number % 2)
        for number in range(40)
    ]

    await publish(broker, large)
    async with broker.consumer([topic], group="g") as consumer:
        found = await read(consumer, 40)

    for partition in (0, 1):
        numbers = [int(one.value.split()[0]) for one in found if one.partition == partition]
        assert numbers == list(range(partition, 40, 2))


async def test_offsets_count_up_within_a_partition(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=1)

    await publish(broker, records(topic, range(20)))
    async with broker.consumer([topic], group="g") as consumer:
        found = await read(consumer, 20)

    assert [record.offset for record in found] == list(range(20))


async def test_a_record_arrives_as_it_was_sent(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=3)
    headers = (("schema", b"x/1"), ("traceparent", b"00-ab-cd-00"))

    await publish(
        broker,
        [OutgoingRecord(topic=topic, value=b"\x00v", key=b"k", partition=2, headers=headers)],
    )
    async with broker.consumer([topic], group="g") as consumer:
        (record,) = await read(consumer, 1)

    assert (record.value, record.key, record.headers) == (b"\x00v", b"k", headers)
    assert record.place == TopicPartition(topic, 2)


async def test_an_explicit_partition_beats_the_key(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=4)

    for partition in range(4):
        await publish(broker, records(topic, [partition], partition=partition, key=b"same"))
    async with broker.consumer([topic], group="g") as consumer:
        found = await read(consumer, 4)

    assert {record.partition: int(record.value) for record in found} == {0: 0, 1: 1, 2: 2, 3: 3}


async def test_a_partition_beyond_the_count_is_refused(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=2)

    with pytest.raises(RecordRefusedError) as caught:
        await publish(broker, records(topic, [1], partition=2))

    assert (caught.value.topic, caught.value.partition) == (topic, 2)


async def test_publishing_to_an_absent_topic_does_not_create_it(broker: Broker, topic: str) -> None:
    with pytest.raises(BrokerUnavailableError):
        await publish(broker, records(topic, [1]))
    with pytest.raises(BrokerUnavailableError):
        await broker.partition_count(topic)


async def test_a_consumer_of_an_absent_topic_is_refused(broker: Broker, topic: str) -> None:
    with pytest.raises(BrokerUnavailableError):
        async with broker.consumer([topic], group="g"):
            pass


async def test_a_topic_is_created_once_and_keeps_its_partitions(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=3)
    await broker.ensure_topic(topic, partitions=5)

    assert await broker.partition_count(topic) == 3


async def test_two_may_create_the_same_topic_at_once(broker: Broker, topic: str) -> None:
    await asyncio.gather(*(broker.ensure_topic(topic, partitions=2) for _ in range(4)))

    assert await broker.partition_count(topic) == 2


async def test_a_topic_without_partitions_is_refused(broker: Broker, topic: str) -> None:
    with pytest.raises(TopicRefusedError):
        await broker.ensure_topic(topic, partitions=0)


async def test_the_identity_stays_on_reconnect_and_differs_after_a_rebuild(
    cluster: Cluster, topic: str
) -> None:
    async with cluster.connect() as broker:
        await broker.ensure_topic(topic, partitions=1)
        first = await broker.identity(topic)
    async with cluster.connect() as broker:
        again = await broker.identity(topic)

    cluster.rebuild()
    async with cluster.connect() as broker:
        await broker.ensure_topic(topic, partitions=1)
        rebuilt = await broker.identity(topic)

    assert again == first
    assert rebuilt != first


async def test_what_was_published_is_read_after_everything_was_closed(
    cluster: Cluster, topic: str
) -> None:
    async with cluster.connect() as broker:
        await broker.ensure_topic(topic, partitions=2)
        await publish(broker, records(topic, range(500)))

    async with cluster.connect() as broker, broker.consumer([topic], group="g") as consumer:
        found = await read(consumer, 500)

    assert sorted(values(found)) == list(range(500))


async def test_a_poll_returns_at_most_so_many_records(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=2)
    await publish(broker, records(topic, range(50)))

    async with broker.consumer([topic], group="g") as consumer:
        sizes: list[int] = []
        while sum(sizes) < 50:
            sizes.append(len(await consumer.poll(max_records=7, wait=STEP)))

    assert max(sizes) <= 7


async def test_a_partition_with_much_to_read_holds_up_no_other(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=3)
    # A client reads a megabyte of a partition at once; there is much more in this one.
    much = [OutgoingRecord(topic=topic, value=bytes(500), partition=0) for _ in range(20_000)]
    await publish(broker, much)
    await publish(broker, [*records(topic, [1], partition=1), *records(topic, [2], partition=2)])

    async with broker.consumer([topic], group="g") as consumer:
        found = await read(consumer, 1)
        while {record.partition for record in found} != {0, 1, 2}:
            found += await consumer.poll(max_records=1000, wait=STEP)

    assert len(found) < 20_000


async def test_an_empty_poll_ends_after_its_wait(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=1)

    async with broker.consumer([topic], group="g") as consumer:
        await poll_all(consumer, times=2)
        async with asyncio.timeout(2):
            assert await consumer.poll(max_records=1, wait=timedelta(0)) == []
            assert await consumer.poll(max_records=1, wait=STEP) == []


async def test_a_reader_without_a_group_sees_new_records_of_all_partitions(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=3)
    await publish(broker, [one for part in range(3) for one in records(topic, [1], partition=part)])

    async with (
        broker.consumer([topic], group=None) as first,
        broker.consumer([topic], group=None) as second,
    ):
        new = [one for part in range(3) for one in records(topic, [2], partition=part)]
        await publish(broker, new)
        seen = [await read(consumer, 3) for consumer in (first, second)]
        await first.commit({TopicPartition(topic, 0): 1})
        more = await poll_all(first, second)

    for found in seen:
        assert values(found) == [2, 2, 2]
        assert {record.partition for record in found} == {0, 1, 2}
    assert more == []


async def test_a_broker_is_available_while_it_is_open(cluster: Cluster) -> None:
    async with cluster.connect() as broker:
        assert await broker.is_available()

    assert not await broker.is_available()


async def test_a_value_of_half_a_mebibyte_arrives(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=1)
    value = bytes(range(256)) * 2048

    await publish(broker, [OutgoingRecord(topic=topic, value=value)] * 3)
    async with broker.consumer([topic], group="g") as consumer:
        found = await read(consumer, 3)

    assert [record.value for record in found] == [value] * 3


async def test_a_record_is_dated_by_whoever_publishes_it_unless_it_says_when(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=1)
    began = SystemClock().now().timestamp()
    earlier = round(began, 3) - 60

    await publish(broker, records(topic, [1]))
    await publish(broker, [OutgoingRecord(topic=topic, value=b"2", at=earlier)])
    async with broker.consumer([topic], group="g") as consumer:
        first, second = await read(consumer, 2)

    # Kafka knows milliseconds.
    assert began - 0.001 <= first.at <= SystemClock().now().timestamp()
    assert abs(second.at - earlier) < 0.0011


async def test_a_consumer_knows_how_far_it_is_behind(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=2)
    place = TopicPartition(topic, 1)
    await publish(broker, records(topic, range(5), partition=1))

    async with broker.consumer([topic], group="g") as consumer:
        found: list[IncomingRecord] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found) < 2:
                found += await consumer.poll(max_records=1, wait=STEP)
        behind = consumer.lags()
        await read(consumer, 5, already=found)
        at_the_end = consumer.lags()

    assert behind[place] == 3
    assert at_the_end[place] == 0
    assert consumer.lags() == {}
