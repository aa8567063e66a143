"""What options of nodes need of the scheduler: times, concurrency keys, priorities."""

import asyncio
from collections import Counter
from datetime import timedelta

from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.contracts.topics import node_ready
from flowyard.engine.graph import (
    ConcurrencyKey,
    Deadline,
    DeadlineAction,
    Graph,
    RetryPolicy,
)
from flowyard.testing.graphs import activity, chain, graph, optioned
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.scene import PARTITIONS, Created, Scene, answering, failed, succeeded, waiting

_POLL = timedelta(seconds=0.1)


def _one(**options: object) -> Graph:
    return graph("start a end", optioned(activity("a"), **options))


def _fails_first(step: ReadyStep) -> StepResult:
    return failed(step) if step.ref.number == 1 else succeeded(step)


def _silent(step: ReadyStep) -> None:
    """Stay silent."""


async def test_an_automatic_retry_comes_at_its_time(scene: Scene, settings: Settings) -> None:
    retry = RetryPolicy(times=1, interval_seconds=0.2)
    template = await scene.publish_template(_one(retry=retry))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, _fails_first) as worker,
    ):
        created = await scene.create(template)
        await scene.until_status(created, "succeeded")

    assert [step.ref.number for step in worker.seen] == [1, 2]
    rows = await scene.fetch(
        "SELECT extract(epoch FROM (SELECT opened_at FROM attempt WHERE number = 2)"
        " - (SELECT closed_at FROM attempt WHERE number = 1))::float AS pause"
    )
    assert 0.2 <= float(str(rows[0]["pause"])) < 2


async def test_an_automatic_retry_survives_its_scheduler(scene: Scene, settings: Settings) -> None:
    retry = RetryPolicy(times=1, interval_seconds=0.5)
    template = await scene.publish_template(_one(retry=retry))

    async with answering(scene, _fails_first):
        async with SchedulerService(settings=settings, broker=scene.broker):
            created = await scene.create(template)

            async def is_retrying() -> bool:
                nodes = await scene.nodes(created)
                return "a" in nodes and nodes["a"]["reason"] == "retry"

            await scene.until(is_retrying)
        async with SchedulerService(settings=settings, broker=scene.broker):
            await scene.until_status(created, "succeeded")

    nodes = await scene.nodes(created)
    assert nodes["a"]["resume_at"] is None


async def test_a_silent_plugin_is_stopped_by_its_deadline(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(_one(deadline=Deadline(seconds=0.3)))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, _silent),
    ):
        created = await scene.create(template)
        await scene.until_status(created, "failed")

    rows = await scene.fetch("SELECT failure, cancel_requested_at FROM attempt")
    assert "deadline" in str(rows[0]["failure"])
    assert rows[0]["cancel_requested_at"] is not None


async def test_a_wait_without_end_is_passed_over_by_its_deadline(
    scene: Scene, settings: Settings
) -> None:
    deadline = Deadline(seconds=0.3, action=DeadlineAction.SKIP)
    template = await scene.publish_template(_one(deadline=deadline))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, lambda step: waiting(step, "callback")),
    ):
        created = await scene.create(template)
        await scene.until_status(created, "succeeded")

    nodes = await scene.nodes(created)
    assert (nodes["a"]["status"], nodes["a"]["mark"]) == ("skipped", "deadline")


async def test_a_deadline_survives_its_scheduler(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(_one(deadline=Deadline(seconds=0.6)))

    async with answering(scene, lambda step: waiting(step, "callback")):
        async with SchedulerService(settings=settings, broker=scene.broker):
            created = await scene.create(template)

            async def is_waiting() -> bool:
                nodes = await scene.nodes(created)
                return "a" in nodes and nodes["a"]["status"] == "waiting"

            await scene.until(is_waiting)
        async with SchedulerService(settings=settings, broker=scene.broker):
            await scene.until_status(created, "failed")

    nodes = await scene.nodes(created)
    assert "deadline" in str(nodes["a"]["failure"])


async def test_a_concurrency_key_bounds_what_works_at_once(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(_one(concurrency=ConcurrencyKey(limit=2, key="db")))
    at_work: Counter[str] = Counter()
    most = 0

    def work(step: ReadyStep) -> StepResult:
        nonlocal most
        if step.ref.step == 0:
            at_work["now"] += 1
            most = max(most, at_work["now"])
            return waiting(step, "timer", 0.05)
        at_work["now"] -= 1
        return succeeded(step)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, work),
    ):
        created = [await scene.create(template) for _ in range(12)]
        for one in created:
            await scene.until_status(one, "succeeded")

    assert most == 2
    assert await scene.fetch("SELECT * FROM concurrency_slot") == []
    commands = await scene.fetch("SELECT outcome FROM command WHERE kind = 'slot_granted'")
    assert [row["outcome"] for row in commands] == ["applied"] * 12


async def test_a_cancelled_instance_gives_its_slot_back_once_its_plugin_has_stopped(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(_one(concurrency=ConcurrencyKey(limit=1, key="db")))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, lambda step: waiting(step, "callback")),
    ):
        first, second, third = [await scene.create(template) for _ in range(3)]
        await scene.until(lambda: _waits_for(scene, first, "callback"))
        await scene.command(second, "cancel")
        await scene.until_status(second, "cancelled")
        await scene.command(first, "cancel")
        await scene.until_status(first, "cancelled")
        still_held = await scene.fetch(
            "SELECT instance_id FROM concurrency_slot WHERE granted_at IS NOT NULL"
        )
        waits = (await scene.nodes(third))["a"]["reason"]
        # What a plugin gateway writes when nothing of the attempt goes on any more.
        await scene.execute(
            "UPDATE attempt SET cancel_confirmed_at = now() WHERE closed_at IS NOT NULL"
        )
        await scene.until(lambda: _waits_for(scene, third, "callback"))

    assert [str(row["instance_id"]) for row in still_held] == [str(first.instance_id)]
    assert waits == "concurrency_key"
    rows = await scene.fetch("SELECT instance_id FROM concurrency_slot")
    assert [str(row["instance_id"]) for row in rows] == [str(third.instance_id)]


async def _waits_for(scene: Scene, created: Created, reason: str) -> bool:
    nodes = await scene.nodes(created)
    return "a" in nodes and nodes["a"]["reason"] == reason


async def test_a_line_that_stands_still_goes_on(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(_one(concurrency=ConcurrencyKey(limit=1, key="db")))
    await scene.execute(
        "INSERT INTO concurrency_slot"
        ' (instance_id, node_id, number, project_id, key, "limit", granted_at)'
        " VALUES (gen_random_uuid(), 'gone', 1, $1, 'db', 1, now())",
        scene.project_id,
    )

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await scene.create(template)

        async def is_in_line() -> bool:
            nodes = await scene.nodes(created)
            return "a" in nodes and nodes["a"]["reason"] == "concurrency_key"

        await scene.until(is_in_line)
    await scene.execute("UPDATE node SET check_at = now() WHERE node_id = 'a'")
    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        await scene.until_status(created, "succeeded")


async def test_a_higher_priority_is_handed_out_first(scene: Scene, settings: Settings) -> None:
    narrow = settings.model_copy(update={"window": 1})
    template = await scene.publish_template(chain(1))
    hold: list[ReadyStep] = []

    def holds_first(step: ReadyStep) -> StepResult | None:
        hold.append(step)
        return None if len(hold) == 1 else succeeded(step)

    async with (
        SchedulerService(settings=narrow, broker=scene.broker),
        answering(scene, holds_first) as worker,
    ):
        blocker = await scene.create(template)

        async def is_held() -> bool:
            return bool(hold)

        await scene.until(is_held)
        plain = [await scene.create(template) for _ in range(3)]
        urgent = await scene.create(template, start=False)
        await scene.execute(
            "UPDATE instance SET priority = 9 WHERE instance_id = $1", urgent.instance_id
        )
        await scene.command(urgent, "start")
        for one in (*plain, urgent):
            await scene.until_status(one, "running")
        await worker.report([succeeded(hold[0])])
        for one in (blocker, *plain, urgent):
            await scene.until_status(one, "succeeded")

    order = [step.ref.instance_id for step in worker.seen]
    assert order[:2] == [blocker.instance_id, urgent.instance_id]


async def test_steps_of_a_queue_go_to_its_own_topic(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(graph("start a end", activity("a", queue="slow")))
    await scene.broker.ensure_topic(node_ready("slow"), partitions=PARTITIONS)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        scene.broker.consumer([node_ready("slow")], group="slow") as slow,
        answering(scene, succeeded) as worker,
    ):
        created = await scene.create(template)
        async with asyncio.timeout(20):
            while not (records := await slow.poll(max_records=1, wait=_POLL)):
                pass
        step = ReadyStep.model_validate_json(records[0].value)
        await worker.report([succeeded(step)])
        await scene.until_status(created, "succeeded")

    assert worker.seen == []
