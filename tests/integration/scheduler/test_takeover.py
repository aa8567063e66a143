"""Rules 8 and 10: what a new owner publishes, and how much may be handed out at once."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import UUID

from flowyard.contracts.records import ReadyStep
from flowyard.contracts.topics import INSTANCE_EVENT, node_ready
from flowyard.engine.graph import DEFAULT_QUEUE
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import Broker
from flowyard.testing.graphs import chain, graph
from flowyard_scheduler.dispatch import MAX_CROWD
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import PARTITIONS, Created, Scene, answering, succeeded

COUNT = 12
READY = node_ready(DEFAULT_QUEUE)


async def published(broker: Broker) -> Counter[UUID]:
    """Return how often each attempt was handed out through a broker."""
    async with broker.consumer([READY], group="counting") as consumer:
        records = await consumer.poll(max_records=10_000, wait=timedelta(0))
    return Counter(ReadyStep.model_validate_json(one.value).attempt_id for one in records)


async def until_marked(scene: Scene, count: int) -> None:
    """Return when so many steps are noted as published."""

    async def are_marked() -> bool:
        rows = await scene.fetch("SELECT 1 FROM attempt WHERE dispatched_step IS NOT NULL")
        return len(rows) == count

    await scene.until(are_marked)


async def until_open(scene: Scene, count: int) -> None:
    async def are_open() -> bool:
        return len(await scene.fetch("SELECT 1 FROM attempt WHERE closed_at IS NULL")) == count

    await scene.until(are_open)


async def until_taken_over(scene: Scene) -> None:
    """Return when every partition's owner has handled something that came after its takeover."""
    template = await scene.publish_template(graph("start end"), key="empty")
    seen: set[int] = set()
    while len(seen) < PARTITIONS:
        created = await scene.create(template)
        seen.add(created.partition)
        await scene.until_status(created, "succeeded")


async def create_open(scene: Scene, count: int = COUNT) -> list[Created]:
    template = await scene.publish_template(chain(1))
    return [await scene.create(template) for _ in range(count)]


async def test_rule_8_a_takeover_publishes_what_was_not_and_nothing_twice(
    scene: Scene, settings: Settings
) -> None:
    narrow = settings.model_copy(update={"window": COUNT - MAX_CROWD})
    async with SchedulerService(settings=narrow, broker=scene.broker):
        await create_open(scene)
        await until_open(scene, COUNT)
        await until_marked(scene, COUNT - MAX_CROWD)

    async with SchedulerService(settings=settings, broker=scene.broker):
        await until_marked(scene, COUNT)
        await until_taken_over(scene)

    found = await published(scene.broker)
    assert (len(found), set(found.values())) == (COUNT, {1})


async def test_rule_8_a_crash_before_the_note_costs_each_attempt_one_publication_more(
    scene: Scene, settings: Settings
) -> None:
    async with SchedulerService(settings=settings, broker=scene.broker):
        await create_open(scene)
        await until_marked(scene, COUNT)
    await scene.execute("UPDATE attempt SET dispatched_step = NULL, dispatched_at = NULL")

    async with SchedulerService(settings=settings, broker=scene.broker):
        await until_marked(scene, COUNT)
        await until_taken_over(scene)

    found = await published(scene.broker)
    assert (len(found), set(found.values())) == (COUNT, {2})


async def test_rule_8_through_another_broker_each_open_attempt_is_published_once(
    scene: Scene, settings: Settings
) -> None:
    async with SchedulerService(settings=settings, broker=scene.broker):
        await create_open(scene)
        await until_marked(scene, COUNT)

    async with LocalBroker() as rebuilt, rebuilt.producer() as producer:
        for topic in (INSTANCE_EVENT, READY):
            await rebuilt.ensure_topic(topic, partitions=PARTITIONS)
        other = Scene(scene.database, rebuilt, producer)
        other.project_id = scene.project_id
        async with SchedulerService(settings=settings, broker=rebuilt):
            await until_taken_over(other)
        again = await published(rebuilt)

    assert (len(again), set(again.values())) == (COUNT, {1})


def owned(service: SchedulerService) -> tuple[int, ...]:
    assert service._loop is not None
    return service._loop._ownership.share.owned


async def test_rule_8_partitions_that_move_back_and_forth_publish_nothing_again(
    scene: Scene, settings: Settings
) -> None:
    async with SchedulerService(settings=settings, broker=scene.broker):
        created = await create_open(scene)
        await until_marked(scene, COUNT)
        for _ in range(2):
            async with SchedulerService(settings=settings, broker=scene.broker) as second:
                await eventually(partial(owned, second))
                for one in created:
                    await scene.ring(one)
        before = await published(scene.broker)
        async with answering(scene, succeeded):
            for one in created:
                await scene.until_status(one, "succeeded")

    assert (len(before), set(before.values())) == (COUNT, {1})


async def test_rule_10_no_more_is_handed_out_than_the_window_admits_and_all_of_it_ends(
    scene: Scene, settings: Settings
) -> None:
    narrow = settings.model_copy(update={"window": 2})
    async with SchedulerService(settings=narrow, broker=scene.broker) as first:
        created = await create_open(scene, 6)
        await until_open(scene, 6)
        await until_marked(scene, 2)
        waiting = first.metrics.value("flowyard_scheduler_queued_steps", queue=DEFAULT_QUEUE)

    async with SchedulerService(settings=narrow, broker=scene.broker) as second:
        await until_taken_over(scene)
        handed_out = second.metrics.value(
            "flowyard_scheduler_handed_out_steps", queue=DEFAULT_QUEUE
        )
        after_the_crash = await published(scene.broker)
        async with answering(scene, succeeded):
            for one in created:
                await scene.until_status(one, "succeeded")

    assert (waiting, handed_out) == (4, 2)
    assert after_the_crash.total() == 2
