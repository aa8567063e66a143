"""Rule 12: one bad record, or one row that cannot be stored, stops none of the others."""

from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import orjson
import pytest

from flowyard.clock import SystemClock
from flowyard.contracts.records import DeadLetter, ReadyStep, StepResult
from flowyard.contracts.topics import (
    DEAD_LETTER_SUFFIX,
    INSTANCE_EVENT,
    SCHEMA_HEADER,
    partition_of,
)
from flowyard.ids import new_id
from flowyard.messaging.ports import OutgoingRecord, TopicPartition
from flowyard.storage.advance_store import StepKey
from flowyard.storage.postgres_clock import PostgresClock
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.tracing import Tracing
from flowyard.testing.graphs import chain
from flowyard_scheduler.batch import BatchRunner
from flowyard_scheduler.decide import Item
from flowyard_scheduler.dispatch import Dispatcher
from flowyard_scheduler.holding import Holding
from flowyard_scheduler.intake import Intake
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.settings import Settings
from flowyard_scheduler.spans import Spans
from flowyard_scheduler.stuck import StuckNodes
from flowyard_scheduler.timers import Timers
from flowyard_scheduler.translate import fact_of
from tests.support.api import eventually, read_until
from tests.support.scene import PARTITIONS, Created, Scene, answering, succeeded

NEWER = ((SCHEMA_HEADER, b"instance-event/2"),)


async def readiness(service: SchedulerService) -> tuple[int, dict[str, bool]]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{service.url}/readyz")
    return answer.status_code, answer.json()["checks"]


async def test_rule_12_a_record_that_does_not_decode_is_put_aside_with_its_place(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await scene.create(template, start=False)
        await scene.send(created, b"\xff not json")
        await scene.send(created, b'{"type": "doorbell"}')
        await scene.command(created, "start")
        await scene.until_status(created, "succeeded")
        values = await read_until(scene.broker, INSTANCE_EVENT + DEAD_LETTER_SUFFIX, 2)  # type: ignore[arg-type]  # the fixture's is a local one

    letters = [DeadLetter.model_validate_json(value) for value in values]
    assert [(one.code, one.topic, one.partition, one.offset) for one in letters] == [
        ("undecodable", INSTANCE_EVENT, created.partition, 0),
        ("undecodable", INSTANCE_EVENT, created.partition, 1),
    ]


async def create_in(scene: Scene, template: Any, *, partition: int | None, besides: int) -> Created:
    """Create an instance in a partition, or in any other than one."""
    while True:
        created = await scene.create(template, start=False)
        if created.partition == partition or (partition is None and created.partition != besides):
            return created


async def test_rule_12_a_record_of_a_newer_release_pauses_its_partition_and_no_other(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    place = TopicPartition(INSTANCE_EVENT, partition_of(new_id(), PARTITIONS))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, succeeded),
    ):
        held_back = await create_in(scene, template, partition=place.partition, besides=-1)
        other = await create_in(scene, template, partition=None, besides=place.partition)
        await _publish_newer(scene, place)
        assert service._loop is not None
        await eventually(lambda: not service._loop.understands_all)  # type: ignore[union-attr]
        await scene.command(held_back, "start")
        await scene.command(other, "start")
        await scene.until_status(other, "succeeded")
        unready = await readiness(service)
        committed = _committed(scene, place)
        status = await scene.status(held_back)
        await service._loop._ownership.on_revoked(frozenset({place}))
        without_it = await readiness(service)

    assert (unready[0], unready[1]["record_version"]) == (503, False)
    assert committed == 0
    assert status == "created"
    assert (without_it[0], without_it[1]["record_version"]) == (200, True)


async def _publish_newer(scene: Scene, place: TopicPartition) -> None:
    await scene.producer.publish(
        [OutgoingRecord(topic=place.topic, partition=place.partition, value=b"\x00", headers=NEWER)]
    )


def _committed(scene: Scene, place: TopicPartition) -> int:
    log = scene.broker.logs(place.topic)[place.partition]  # type: ignore[attr-defined]  # the fixture's is a local one
    return sum(log.committed.values())


UNSTORABLE: dict[str, dict[str, Any]] = {
    "a NUL character": {"outputs": {"text": "a\x00b"}},
    "a number that JSON text does not hold": {"outputs": {"count": 2**70}},
}


@pytest.mark.parametrize("name", UNSTORABLE)
async def test_rule_12_what_cannot_be_stored_is_an_incident_of_its_own_instance_alone(
    scene: Scene, settings: Settings, name: str
) -> None:
    template = await scene.publish_template(chain(2))
    async with SchedulerService(settings=settings, broker=scene.broker) as service:
        async with answering(scene, lambda _: None) as worker:
            created = [await scene.create(template) for _ in range(4)]
            await eventually(lambda: len(worker.seen) == 4)
        bad = next(step for step in worker.seen if step.ref.instance_id == created[1].instance_id)
        async with answering(scene, succeeded):
            # All at once, so that they come in one batch.
            for step in worker.seen:
                await scene.send(
                    Created(step.ref.instance_id, step.ref.partition), _result(step, bad, name)
                )
            for one in (created[0], *created[2:]):
                await scene.until_status(one, "succeeded")
            await scene.until_status(created[1], "failed")
            after = await scene.create(template)
            await scene.until_status(after, "succeeded")

    rows = await scene.fetch(
        "SELECT failure->>'code' AS code, failure->>'message' AS message FROM instance"
        " WHERE instance_id = $1",
        created[1].instance_id,
    )
    assert rows[0]["code"] == "not_storable"
    assert "a\x00b" not in str(rows[0]["message"])
    assert service.metrics.value("flowyard_scheduler_broken_instances_total") == 1


def _result(step: ReadyStep, bad: ReadyStep, name: str) -> bytes:
    value = StepResult(ref=step.ref, outcome="succeeded", outputs={}).model_dump(mode="json")
    if step is not bad:
        return orjson.dumps(value)
    # orjson refuses what one of the cases needs.
    text = orjson.dumps({**value, **UNSTORABLE[name], "outputs": {}}).decode()
    outputs = UNSTORABLE[name]["outputs"]
    if "count" in outputs:
        return text.replace('"outputs":{}', f'"outputs":{{"count":{outputs["count"]}}}').encode()
    return orjson.dumps({**orjson.loads(text), "outputs": outputs})


async def test_rule_12_a_row_that_makes_no_sense_is_refused_and_stops_nobody(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        created = [await scene.create(template) for _ in range(3)]
        await eventually(lambda: len(worker.seen) == 3)
        worker.answer = succeeded
        # A callback says which attempt it is for; this one does not.
        command_id = await scene.command(created[0], "callback", node_id="a1", payload={})
        await worker.report([succeeded(step) for step in worker.seen])
        for one in created:
            await scene.until_status(one, "succeeded")

    rows = await scene.fetch("SELECT outcome, code FROM command WHERE command_id = $1", command_id)
    assert rows == [{"outcome": "rejected", "code": "malformed_command"}]
    assert service.metrics.value("flowyard_scheduler_broken_instances_total") == 0


def _is_of(step: ReadyStep, created: list[Created]) -> bool:
    return step.ref.instance_id == created[0].instance_id


async def test_rule_12_a_batch_that_is_split_still_notes_what_was_published(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        for _ in range(3):
            await scene.create(template)
        await eventually(lambda: len(worker.seen) == 3)
    await scene.execute("UPDATE attempt SET dispatched_step = NULL")
    bad, good, silent = (step.ref for step in worker.seen)
    intake = Intake()
    for ref, text in ((bad, "\x00"), (good, "fine")):
        result = StepResult(ref=ref, outcome="succeeded", outputs={"text": text})
        intake.add(ref.instance_id, Item(partial(fact_of, result)))
    key = StepKey(
        instance_id=silent.instance_id, node_id="a1", number=silent.number, step=silent.step
    )

    await _runner(scene).run(intake, [key])

    rows = await scene.fetch("SELECT instance_id, status FROM instance")
    noted = await scene.fetch("SELECT instance_id FROM attempt WHERE dispatched_step = 0")
    assert {row["instance_id"]: row["status"] for row in rows} == {
        bad.instance_id: "failed",
        good.instance_id: "succeeded",
        silent.instance_id: "running",
    }
    assert noted == [{"instance_id": silent.instance_id}]


def _runner(scene: Scene) -> BatchRunner:
    clock = PostgresClock(SystemClock())
    return BatchRunner(
        database=scene.database,
        memory=Memory(
            holding=Holding(1000),
            dispatcher=Dispatcher(1000),
            timers=Timers(),
            stuck=StuckNodes(timedelta(seconds=1)),
            clock=clock,
        ),
        metrics=Metrics("scheduler"),
        partitions=PARTITIONS,
        spans=Spans(Tracing("scheduler"), clock),
    )
