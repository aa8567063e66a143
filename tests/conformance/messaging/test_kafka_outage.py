"""What only Kafka can do: restart, die, and outlive its clients."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flowyard.messaging.kafka import KafkaBroker
from flowyard.messaging.kafka_consumer import SESSION_TIMEOUT, KafkaConsumer
from flowyard.messaging.ports import (
    BrokerUnavailableError,
    OutgoingRecord,
    RecordRefusedError,
)
from tests.conformance.messaging.reading import Listening, publish, read, records, settle, values
from tests.support.kafka import KafkaServer

pytestmark = [pytest.mark.kafka, pytest.mark.service]

MEMBER = """
import asyncio, sys
from datetime import timedelta
from flowyard.messaging.kafka import KafkaBroker

async def main():
    servers, topic, seconds = sys.argv[1:]
    broker = KafkaBroker(servers=servers, session_timeout=timedelta(seconds=float(seconds)))
    async with broker, broker.consumer([topic], group="g") as consumer:
        while True:
            await consumer.poll(max_records=1, wait=timedelta(seconds=0.05))
            print(len(consumer.assignment), flush=True)

asyncio.run(main())
"""


@pytest.fixture
def server(kafka: KafkaServer) -> Iterator[KafkaServer]:
    """Yield the session's Kafka and leave it running."""
    yield kafka
    if kafka.pid is None:
        kafka.start()


async def test_a_consumer_whose_connection_broke_in_mid_write_is_replaced(
    server: KafkaServer, topic: str
) -> None:
    async with KafkaBroker(servers=server.servers) as broker:
        await broker.ensure_topic(topic, partitions=1)
        async with broker.consumer([topic], group="g") as consumer:
            await publish(broker, records(topic, range(5)))
            before = await read(consumer, 5)
            assert isinstance(consumer, KafkaConsumer)
            assert consumer._inner is not None
            # What uvloop raises for it, as aiokafka's coordinator hands it on.
            consumer._inner._coordinator._pending_exception = RuntimeError("the handler is closed")

            with pytest.raises(BrokerUnavailableError, match="handler is closed"):
                await read(consumer, 1)
            await publish(broker, records(topic, range(5, 10)))
            after = await read(consumer, 10)

    assert sorted(values(before)) == [0, 1, 2, 3, 4]
    assert set(values(after)) == set(range(10))


@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_a_restart_of_the_broker_loses_nothing(
    server: KafkaServer, topic: str, ending: str
) -> None:
    listening = Listening()
    async with (
        KafkaBroker(servers=server.servers) as broker,
        broker.producer() as producer,
    ):
        await broker.ensure_topic(topic, partitions=4)
        identity = await broker.identity(topic)
        async with broker.consumer([topic], group="g", listener=listening) as consumer:
            await producer.publish(records(topic, range(10)))
            before = await read(consumer, 10)
            await consumer.commit({record.place: record.offset + 1 for record in before})

            await asyncio.to_thread(server.stop if ending == "stop" else server.kill)
            assert not await broker.is_available()
            outage = asyncio.create_task(producer.publish(records(topic, range(10, 20))))
            await asyncio.to_thread(server.start)
            await outage
            await producer.publish(records(topic, range(20, 30)))
            after = await read(consumer, 20)
            await consumer.commit({record.place: record.offset + 1 for record in after})

            assert {int(record.value) for record in before + after} == set(range(30))
            assert await broker.identity(topic) == identity
            assert await broker.is_available()
            assert len(listening.held) == 4


async def test_publishing_to_a_dead_broker_raises_after_its_bound(
    server: KafkaServer, topic: str
) -> None:
    broker = KafkaBroker(servers=server.servers, publish_timeout=timedelta(seconds=1))
    async with broker, broker.producer() as producer:
        await broker.ensure_topic(topic, partitions=1)
        await producer.publish(records(topic, [1]))
        await asyncio.to_thread(server.kill)

        async with asyncio.timeout(3):
            with pytest.raises(BrokerUnavailableError):
                await producer.publish(records(topic, [2]))

        await asyncio.to_thread(server.start)
        await producer.publish(records(topic, [3]))
        async with broker.consumer([topic], group="g") as consumer:
            found = await read(consumer, 2)

    assert {1, 3} <= set(values(found)) <= {1, 2, 3}


async def test_entering_without_a_broker_raises_and_may_be_tried_again(
    server: KafkaServer, topic: str
) -> None:
    await asyncio.to_thread(server.kill)
    broker = KafkaBroker(servers=server.servers)

    with pytest.raises(BrokerUnavailableError):
        await broker.__aenter__()
    assert not await broker.is_available()
    await asyncio.to_thread(server.start)

    async with broker:
        await broker.ensure_topic(topic, partitions=1)
        assert await broker.is_available()


async def test_the_partitions_of_a_killed_member_are_taken_over_within_three_seconds(
    server: KafkaServer, topic: str
) -> None:
    loop = asyncio.get_running_loop()
    listening = Listening()
    broker = KafkaBroker(servers=server.servers, session_timeout=timedelta(seconds=2))
    async with broker:
        await broker.ensure_topic(topic, partitions=4)
        async with broker.consumer([topic], group="g", listener=listening) as consumer:
            member = await asyncio.create_subprocess_exec(
                sys.executable, "-c", MEMBER, server.servers, topic, "2",
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            await settle((consumer, listening), sizes=[2])
            assert member.stdout is not None
            while await member.stdout.readline() != b"2\n":
                pass

            member.kill()
            await member.wait()
            killed_at = loop.time()
            await settle((consumer, listening), sizes=[4])

    assert loop.time() - killed_at < 3


async def test_a_session_that_the_cluster_refuses_falls_back_to_its_default(
    server: KafkaServer, topic: str
) -> None:
    broker = KafkaBroker(servers=server.servers, session_timeout=timedelta(milliseconds=500))
    async with broker:
        await broker.ensure_topic(topic, partitions=1)
        await publish(broker, records(topic, [1]))
        async with broker.consumer([topic], group="g") as consumer:
            found = await read(consumer, 1)

    assert values(found) == [1]
    assert broker.session_timeout == SESSION_TIMEOUT


async def test_a_reader_without_a_group_outlives_a_restart(server: KafkaServer, topic: str) -> None:
    async with KafkaBroker(servers=server.servers) as broker, broker.producer() as producer:
        await broker.ensure_topic(topic, partitions=2)
        async with broker.consumer([topic], group=None) as consumer:
            await producer.publish(records(topic, [1]))
            before = await read(consumer, 1)
            await asyncio.to_thread(server.restart)
            await producer.publish(records(topic, [2]))
            after = await read(consumer, 1)

    assert (values(before), values(after)) == ([1], [2])


async def test_a_record_larger_than_kafka_takes_is_refused(server: KafkaServer, topic: str) -> None:
    async with KafkaBroker(servers=server.servers) as broker:
        await broker.ensure_topic(topic, partitions=1)
        too_large = OutgoingRecord(topic=topic, value=bytes(1_100_000), partition=0)

        with pytest.raises(RecordRefusedError) as caught:
            await publish(broker, [*records(topic, [1]), too_large])

    assert (caught.value.topic, caught.value.partition) == (topic, 0)


async def test_a_record_that_the_cluster_finds_too_large_is_refused(
    server: KafkaServer, topic: str
) -> None:
    async with KafkaBroker(servers=server.servers) as broker:
        await broker.ensure_topic(topic, partitions=1)
        too_large = OutgoingRecord(topic=topic, value=bytes(1_048_500))

        with pytest.raises(RecordRefusedError):
            await publish(broker, [too_large])


async def test_everything_can_be_closed_while_the_broker_is_down(
    server: KafkaServer, topic: str
) -> None:
    broker = KafkaBroker(servers=server.servers, publish_timeout=timedelta(seconds=1))
    async with broker:
        await broker.ensure_topic(topic, partitions=2)
        async with (
            broker.producer() as producer,
            broker.consumer([topic], group="g") as consumer,
            broker.consumer([topic], group=None),
        ):
            await producer.publish(records(topic, [1]))
            await read(consumer, 1)
            await asyncio.to_thread(server.kill)
            with pytest.raises(BrokerUnavailableError):
                await producer.publish(records(topic, [2]))


async def test_clients_go_on_with_a_rebuilt_cluster_at_the_same_address(
    kafka_jars: Path, tmp_path: Path, topic: str
) -> None:
    server = KafkaServer(kafka_jars, tmp_path)
    await asyncio.to_thread(server.start)
    listening = Listening()
    broker = KafkaBroker(servers=server.servers, publish_timeout=timedelta(seconds=1))
    try:
        async with (
            broker,
            broker.producer() as producer,
        ):
            await broker.ensure_topic(topic, partitions=2)
            identity = await broker.identity(topic)
            async with broker.consumer([topic], group="g", listener=listening) as consumer:
                await producer.publish(records(topic, range(10)))
                for record in await read(consumer, 10):
                    await consumer.commit({record.place: record.offset + 1})

                await asyncio.to_thread(server.kill)
                server.wipe()
                await asyncio.to_thread(server.start)
                with pytest.raises(BrokerUnavailableError):
                    await producer.publish(records(topic, [10]))
                # Nobody makes the topic again but who asks for it.
                assert await broker.partition_count(topic) == 2
                await producer.publish(records(topic, range(11, 20)))
                found = await read(consumer, 9)

                assert set(range(11, 20)) <= set(values(found))
                assert await broker.identity(topic) != identity
                assert [kind for kind, _ in listening.told] == ["assigned", "revoked", "assigned"]
    finally:
        await asyncio.to_thread(server.stop)
