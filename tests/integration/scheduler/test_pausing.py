from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.testing.graphs import chain
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Scene, answering, succeeded, waiting


async def test_a_pause_that_is_rejected_takes_no_queued_step_back(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    narrow = settings.model_copy(update={"window": 1})

    def second_steps_end(step: ReadyStep) -> StepResult | None:
        return succeeded(step) if step.ref.step else None

    async with (
        SchedulerService(settings=narrow, broker=scene.broker),
        answering(scene, second_steps_end) as worker,
    ):
        paused = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        await scene.command(paused, "pause")
        await scene.until_status(paused, "paused")
        other = await scene.create(template)
        await scene.until_status(other, "running")
        await worker.report([waiting(worker.seen[0], "timer", 0.01)])
        await eventually(lambda: len(worker.seen) == 2)

        async def is_queued_again() -> bool:
            rows = await scene.fetch(
                "SELECT step FROM attempt WHERE instance_id = $1", paused.instance_id
            )
            return rows[0]["step"] == 1

        await scene.until(is_queued_again)
        command_id = await scene.command(paused, "pause")

        async def is_rejected() -> bool:
            rows = await scene.fetch(
                "SELECT outcome FROM command WHERE command_id = $1", command_id
            )
            return rows[0]["outcome"] == "rejected"

        await scene.until(is_rejected)
        await worker.report([succeeded(worker.seen[1])])
        await scene.until_status(other, "succeeded")
        await eventually(lambda: len(worker.seen) == 3)

    assert worker.seen[2].ref.instance_id == paused.instance_id
