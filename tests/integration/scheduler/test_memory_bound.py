"""The scheduler holds fewer instances than it has to advance."""

from flowyard.testing.graphs import chain
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.scene import Scene, answering, succeeded


async def test_a_batch_larger_than_the_memory_loses_no_event(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(2))
    created = [await scene.create(template) for _ in range(30)]

    async with SchedulerService(
        settings=settings.model_copy(update={"held_nodes": 8}), broker=scene.broker
    ) as scheduler:

        async def are_all_started() -> bool:
            rows = await scene.fetch("SELECT FROM instance WHERE status = 'running'")
            return len(rows) == len(created)

        await scene.until(are_all_started)
        text = scheduler.metrics.render().decode()

    assert "flowyard_scheduler_unknown_instances_total 0.0" in text or (
        "flowyard_scheduler_unknown_instances_total" not in text
    )


async def test_a_backlog_larger_than_the_memory_is_handed_out_in_turn(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    small = settings.model_copy(update={"held_nodes": 8, "window": 1})

    async with (
        SchedulerService(settings=small, broker=scene.broker),
        answering(scene, succeeded) as worker,
    ):
        created = [await scene.create(template) for _ in range(30)]
        for one in created:
            await scene.until_status(one, "succeeded")

    assert len(worker.seen) == len(created)
