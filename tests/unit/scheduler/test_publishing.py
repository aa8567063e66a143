from collections.abc import Sequence

from flowyard.ids import new_id
from flowyard.messaging.ports import OutgoingRecord, RecordRefusedError
from flowyard.storage.advance_store import StepKey
from flowyard_scheduler.publishing import Publisher
from tests.support.api import eventually


class NarrowProducer:
    """Takes records like Kafka does: up to a size, into partitions that exist."""

    def __init__(self) -> None:
        self.taken: list[OutgoingRecord] = []

    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        for record in records:
            if len(record.value) > 10 or (record.partition or 0) >= 4:
                raise RecordRefusedError("Too much", topic=record.topic, partition=record.partition)
            self.taken.append(record)


def record(value: bytes, partition: int = 0) -> OutgoingRecord:
    return OutgoingRecord(topic="steps", key=b"k", value=value, partition=partition)


def step(node_id: str) -> StepKey:
    return StepKey(instance_id=new_id(), node_id=node_id, number=1, step=0)


async def test_rule_12_a_step_that_the_broker_refuses_stops_no_other() -> None:
    producer = NarrowProducer()
    steps = [step("a"), step("large"), step("b")]
    records = [record(b"a"), record(b"x" * 11), record(b"b")]

    async with Publisher(producer) as publisher:
        await publisher.publish(records, steps)
        await eventually(lambda: len(publisher.take_refused()) == 1)

        assert publisher.take_published() == [steps[0], steps[2]]
    assert {one.value for one in producer.taken} == {b"a", b"b"}


async def test_a_step_for_a_partition_that_is_gone_goes_to_another() -> None:
    producer = NarrowProducer()
    lost = step("a")

    async with Publisher(producer) as publisher:
        await publisher.publish([record(b"a", partition=7)], [lost])
        await eventually(lambda: publisher.has_news)

        assert publisher.take_published() == [lost]
    assert [one.partition for one in producer.taken] == [None]
