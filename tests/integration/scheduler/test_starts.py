"""New instances begin as there is room; what runs, and other projects, do not wait for them."""

import uuid
from collections import Counter
from functools import partial

import pytest

from flowyard.contracts.records import ReadyStep
from flowyard.engine.graph import Graph
from flowyard.storage.loads import read_load
from flowyard.testing.graphs import activity, chain, graph
from flowyard_scheduler import load_reports
from flowyard_scheduler.dispatch import MAX_CROWD
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.scene import AnsweringWorker, Created, Scene, answering, succeeded

WINDOW = 4
FLOOD = 60


@pytest.fixture
def narrow(settings: Settings) -> Settings:
    return settings.model_copy(update={"window": WINDOW})


async def another_project(scene: Scene, name: str) -> uuid.UUID:
    project_id = uuid.uuid5(uuid.NAMESPACE_DNS, name)
    await scene.execute("INSERT INTO project (project_id, name) VALUES ($1, $2)", project_id, name)
    return project_id


async def create_in(scene: Scene, template: uuid.UUID, project_id: uuid.UUID) -> Created:
    created = await scene.create(template, start=False)
    await scene.execute(
        "UPDATE instance SET project_id = $2 WHERE instance_id = $1",
        created.instance_id,
        project_id,
    )
    await scene.command(created, "start")
    return created


async def statuses(scene: Scene) -> Counter[str]:
    rows = await scene.fetch("SELECT status, count(*) AS number FROM instance GROUP BY status")
    return Counter({str(row["status"]): int(str(row["number"])) for row in rows})


async def flooded(scene: Scene, worker: AnsweringWorker, graph: Graph) -> list[Created]:
    """Create many instances while nothing ends, and wait until all that may begin have begun."""
    template = await scene.publish_template(graph)
    flood = [await scene.create(template) for _ in range(FLOOD)]

    async def has_begun() -> bool:
        counts = await statuses(scene)
        return len(worker.seen) == WINDOW and counts["running"] == WINDOW + MAX_CROWD

    await scene.until(has_begun)
    return flood


async def end(worker: AnsweringWorker, *steps: ReadyStep) -> None:
    await worker.report([succeeded(step) for step in steps])


async def test_what_has_no_room_stands_in_line_until_it_has(scene: Scene, narrow: Settings) -> None:
    async with (
        SchedulerService(settings=narrow, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        flood = await flooded(scene, worker, chain(2))
        worker.answer = succeeded
        await end(worker, *worker.seen)

        for one in flood:
            await scene.until_status(one, "succeeded")


async def test_rule_10_a_flood_of_starts_does_not_hold_up_another_project(
    scene: Scene, narrow: Settings
) -> None:
    async with (
        SchedulerService(settings=narrow, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        await flooded(scene, worker, chain(2))
        little = await another_project(scene, "little")
        rows = await scene.fetch("SELECT template_id FROM template")
        mine = await create_in(scene, uuid.UUID(str(rows[0]["template_id"])), little)
        await scene.until_status(mine, "running")

        await end(worker, worker.seen[0])
        for count in (WINDOW + 1, WINDOW + 2):
            await scene.until(partial(has_seen, worker, count))
            assert worker.seen[-1].ref.instance_id == mine.instance_id
            await end(worker, worker.seen[-1])

        await scene.until_status(mine, "succeeded")
        counts = await statuses(scene)
        assert counts["created"] > FLOOD / 2


async def has_seen(worker: AnsweringWorker, count: int) -> bool:
    return len(worker.seen) >= count


async def test_what_stands_in_line_can_be_cancelled_at_once(scene: Scene, narrow: Settings) -> None:
    async with (
        SchedulerService(settings=narrow, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        flood = await flooded(scene, worker, chain(1))
        rows = await scene.fetch("SELECT instance_id FROM instance WHERE status = 'created'")
        waiting = {str(row["instance_id"]) for row in rows}
        one = next(one for one in flood if str(one.instance_id) in waiting)

        await scene.command(one, "cancel")

        await scene.until_status(one, "cancelled")
        assert len(worker.seen) == WINDOW


async def test_a_queue_that_nobody_works_on_holds_up_no_other(
    scene: Scene, narrow: Settings
) -> None:
    async with (
        SchedulerService(settings=narrow, broker=scene.broker),
        answering(scene, succeeded),
    ):
        deserted = await scene.publish_template(
            graph("start a end", activity("a", queue="deserted")), "deserted"
        )
        for _ in range(FLOOD):
            await scene.create(deserted)
        template = await scene.publish_template(chain(3))

        for _ in range(5):
            await scene.until_status(await scene.create(template), "succeeded")

        counts = await statuses(scene)
        assert counts == {
            "succeeded": 5,
            "running": WINDOW + MAX_CROWD,
            "created": FLOOD - WINDOW - MAX_CROWD,
        }


async def test_starts_that_another_scheduler_had_in_line_begin_with_the_next(
    scene: Scene, narrow: Settings
) -> None:
    async with answering(scene, lambda _: None) as worker:
        async with SchedulerService(settings=narrow, broker=scene.broker):
            flood = await flooded(scene, worker, chain(1))
        worker.answer = succeeded
        await end(worker, *worker.seen)
        async with SchedulerService(settings=narrow, broker=scene.broker):
            for one in flood:
                await scene.until_status(one, "succeeded")


async def test_a_scheduler_tells_what_waits_and_takes_it_back(
    scene: Scene, narrow: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_reports, "REPORT_SECONDS", 0.05)
    async with (
        SchedulerService(settings=narrow, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        await flooded(scene, worker, chain(1))

        async def is_told() -> bool:
            async with scene.database.hot() as connection:
                load = (await read_load(connection)).load
            if not load.queues or not load.starts:
                return False
            (queue,), (starts,) = load.queues, load.starts
            return (queue.waiting, queue.handed_out, starts.waiting, starts.queues) == (
                MAX_CROWD,
                WINDOW,
                FLOOD - WINDOW - MAX_CROWD,
                ["default"],
            )

        await scene.until(is_told)

    assert await scene.fetch("SELECT FROM scheduler_load") == []
