"""Consumer groups, over both brokers."""

import asyncio

from flowyard.contracts.records import DeadLetter
from flowyard.messaging.consume import Backpressure, DeadLetters, OffsetTracker, commit_finished
from flowyard.messaging.ports import Broker, TopicPartition
from tests.conformance.messaging.reading import (
    PATIENCE_SECONDS,
    Listening,
    poll_all,
    publish,
    read,
    records,
    settle,
    values,
)


async def test_what_was_not_committed_is_read_again(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=1)
    await publish(broker, records(topic, range(10)))

    async with broker.consumer([topic], group="g") as consumer:
        await read(consumer, 10)
        await consumer.commit({TopicPartition(topic, 0): 4})
    async with broker.consumer([topic], group="g") as consumer:
        found = await read(consumer, 6)
        more = await poll_all(consumer, times=2)

    assert values(found) == [4, 5, 6, 7, 8, 9]
    assert more == []


async def test_groups_read_independently_and_from_the_earliest_record(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=1)
    await publish(broker, records(topic, range(5)))

    async with broker.consumer([topic], group="one") as consumer:
        await read(consumer, 5)
        await consumer.commit({TopicPartition(topic, 0): 5})
    async with broker.consumer([topic], group="two") as consumer:
        found = await read(consumer, 5)

    assert values(found) == [0, 1, 2, 3, 4]


async def test_the_listener_is_told_from_within_poll_only(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=4)
    listening = Listening()

    async with broker.consumer([topic], group="g", listener=listening) as first:
        assert listening.told == []
        await settle((first, listening), sizes=[4])
        told = list(listening.told)

        async with broker.consumer([topic], group="g") as second:
            await asyncio.sleep(0)
            assert listening.told == told
            other = Listening()
            other.held = set(second.assignment)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(listening.held) != 2:
                    await poll_all(first)

    assert told == [("assigned", frozenset(TopicPartition(topic, part) for part in range(4)))]


async def test_two_members_share_and_one_takes_over_when_the_other_leaves(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=4)
    one, two = Listening(), Listening()

    async with broker.consumer([topic], group="g", listener=one) as first:
        await settle((first, one), sizes=[4])
        async with broker.consumer([topic], group="g", listener=two) as second:
            await settle((first, one), (second, two), sizes=[2, 2])
            assert not one.held & two.held
            new = [one for part in range(4) for one in records(topic, [part], partition=part)]
            await publish(broker, new)
            mine, theirs = await read(first, 2), await read(second, 2)
            assert {record.place for record in mine} == one.held
            assert {record.place for record in theirs} == two.held
            await first.commit({record.place: record.offset + 1 for record in mine})
            await second.commit({theirs[0].place: theirs[0].offset + 1})
        taken_over = await settle((first, one), sizes=[4])
        again = await read(first, 1, already=taken_over)
        more = await poll_all(first, times=2)

    assert again == [theirs[1]]
    assert more == []


async def test_what_stays_with_a_member_is_neither_told_nor_read_again(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=4)
    new = [one for part in range(4) for one in records(topic, [part], partition=part)]
    await publish(broker, new)
    one, two = Listening(), Listening()

    async with broker.consumer([topic], group="g", listener=one) as first:
        await read(first, 4)
        async with broker.consumer([topic], group="g", listener=two) as second:
            moving = await settle((first, one), (second, two), sizes=[2, 2])
            moved = set(two.held)
            again = await read(second, 2, already=moving)
            again += await poll_all(first, second, times=3)

    assert {record.place for record in again} == moved
    assert len(again) == 2
    assert [(kind, len(places)) for kind, places in one.told] == [("assigned", 4), ("revoked", 2)]


async def test_a_commit_for_a_lost_partition_is_passed_over(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=2)
    new = [one for part in range(2) for one in records(topic, [part], partition=part)]
    await publish(broker, new)
    one, two = Listening(), Listening()

    async with broker.consumer([topic], group="g", listener=one) as first:
        found = await read(first, 2)
        async with broker.consumer([topic], group="g", listener=two) as second:
            moving = await settle((first, one), (second, two), sizes=[1, 1])
            await first.commit({record.place: record.offset + 1 for record in found})
            again = await read(second, 1, already=moving)

    assert {record.place for record in again} == two.held


async def test_offsets_are_committed_up_to_the_oldest_unfinished_record(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=1)
    await publish(broker, records(topic, range(10)))
    place = TopicPartition(topic, 0)
    tracker = OffsetTracker()

    async with broker.consumer([topic], group="g") as consumer:
        for record in await read(consumer, 10):
            assert tracker.started(record)
        for offset in (0, 1, 2, 4, 5, 9):
            tracker.finished(place, offset)
        committed = await commit_finished(consumer, tracker)
    async with broker.consumer([topic], group="g") as consumer:
        found = await read(consumer, 7)

    assert committed == {place: 3}
    assert values(found) == [3, 4, 5, 6, 7, 8, 9]


async def test_a_paused_partition_is_not_read_until_it_is_resumed(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=2)
    paused = frozenset({TopicPartition(topic, 0)})

    async with broker.consumer([topic], group="g") as consumer:
        await poll_all(consumer, times=2)
        consumer.pause(paused)
        new = [one for part in range(2) for one in records(topic, [1, 2], partition=part)]
        await publish(broker, new)
        others = await read(consumer, 2) + await poll_all(consumer, times=3)
        consumer.resume(paused)
        found = await read(consumer, 2)

    assert {record.partition for record in others} == {1}
    assert [(record.partition, int(record.value)) for record in found] == [(0, 1), (0, 2)]


async def test_a_partition_that_is_not_held_may_be_paused(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=1)
    other = frozenset({TopicPartition("other", 7)})

    async with broker.consumer([topic], group="g") as consumer:
        consumer.pause(other)
        consumer.resume(other)
        await publish(broker, records(topic, [1]))
        assert len(await read(consumer, 1)) == 1


async def test_a_full_partition_is_held_back_while_others_go_on(broker: Broker, topic: str) -> None:
    await broker.ensure_topic(topic, partitions=2)
    slow, fast = TopicPartition(topic, 0), TopicPartition(topic, 1)
    tracker = OffsetTracker()

    async with broker.consumer([topic], group="g") as consumer:
        pressure = Backpressure(consumer, tracker, pause_above=4)
        await publish(broker, records(topic, range(5), partition=0))
        for record in await read(consumer, 5):
            tracker.started(record)
        pressure.adjust()
        assert pressure.paused == {slow}
        await publish(
            broker, records(topic, range(5, 8), partition=0) + records(topic, [9], partition=1)
        )
        found = await read(consumer, 1) + await poll_all(consumer, times=3)
        assert [record.place for record in found] == [fast]
        for offset in range(4):
            tracker.finished(slow, offset)
        pressure.adjust()
        found = await read(consumer, 3)

    assert values(found) == [5, 6, 7]


async def test_a_poison_record_goes_to_the_dead_letter_topic_with_its_place(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=3)
    await publish(broker, records(topic, [41, 42], partition=2, key=b"an-instance"))

    async with broker.producer() as producer, broker.consumer([topic], group="g") as consumer:
        dead = DeadLetters(producer, broker)
        poison = (await read(consumer, 2))[1]
        await dead.publish(poison, "undecodable", "Expected JSON, but it is none")
    async with broker.consumer([f"{topic}.dlq"], group="g") as consumer:
        (record,) = await read(consumer, 1)

    assert DeadLetter.model_validate_json(record.value) == DeadLetter(
        topic=topic,
        partition=2,
        offset=1,
        code="undecodable",
        message="Expected JSON, but it is none",
        key="an-instance",
        value_base64="NDI=",
    )
    assert dict(record.headers) == {"schema": b"dead-letter/1"}


async def test_a_third_member_of_two_partitions_waits_for_its_turn(
    broker: Broker, topic: str
) -> None:
    await broker.ensure_topic(topic, partitions=2)
    one, two, three = Listening(), Listening(), Listening()

    async with broker.consumer([topic], group="g", listener=three) as third:
        async with (
            broker.consumer([topic], group="g", listener=one) as first,
            broker.consumer([topic], group="g", listener=two) as second,
        ):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while sorted(len(x.held) for x in (one, two, three)) != [0, 1, 1]:
                    await poll_all(first, second, third)
        await settle((third, three), sizes=[2])


async def test_a_group_reads_several_topics(broker: Broker, topic: str) -> None:
    other = f"{topic}.other"
    await broker.ensure_topic(topic, partitions=2)
    await broker.ensure_topic(other, partitions=2)
    await publish(broker, records(topic, [1, 2]) + records(other, [3, 4]))

    async with broker.consumer([topic, other], group="g") as consumer:
        found = await read(consumer, 4)

    assert sorted(values(found)) == [1, 2, 3, 4]
