"""Callbacks that come early, late, repeatedly, and one after the other to the same attempt."""

from functools import partial

from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.engine.graph import JsonValue
from flowyard.testing.graphs import chain
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import AnsweringWorker, Created, Scene, answering, succeeded, waiting

CALLS = 3


async def _call(scene: Scene, created: Created, number: int, data: int) -> int:
    payload: dict[str, JsonValue] = {"number": number, "data": {"call": data}}
    return await scene.command(created, "callback", node_id="a1", payload=payload)


async def _outcome(scene: Scene, command_id: int) -> tuple[object, object]:
    (row,) = await scene.fetch(
        "SELECT outcome, code FROM command WHERE command_id = $1", command_id
    )
    return row["outcome"], row["code"]


def _has_seen(worker: AnsweringWorker, count: int) -> bool:
    return len(worker.seen) == count


def _takes_three(step: ReadyStep) -> StepResult:
    return succeeded(step) if step.ref.step == CALLS else waiting(step, "callback")


async def test_a_plugin_takes_several_callbacks_one_after_the_other(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, _takes_three) as worker,
    ):
        created = await scene.create(template)
        for step in range(CALLS):
            await eventually(partial(_has_seen, worker, step + 1))
            await _call(scene, created, 1, step)
        await scene.until_status(created, "succeeded")

    told = [step.resume.data for step in worker.seen if step.resume is not None]
    assert told == [{"call": 0}, {"call": 1}, {"call": 2}]


async def test_callbacks_that_come_before_their_waits_are_kept_in_order(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    def silent(_: ReadyStep) -> StepResult | None:
        return None

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, silent) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        for data in range(CALLS):
            await _call(scene, created, 1, data)
        worker.answer = _takes_three
        await worker.report([waiting(worker.seen[0], "callback")])
        await scene.until_status(created, "succeeded")

    told = [step.resume.data for step in worker.seen if step.resume is not None]
    assert told == [{"call": 0}, {"call": 1}, {"call": 2}]


async def test_a_callback_for_a_closed_attempt_is_rejected_and_resumes_no_other(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, _takes_three) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        await scene.command(created, "force_fail", node_id="a1")
        await scene.until_status(created, "failed")
        await scene.command(created, "retry", node_id="a1")
        await eventually(lambda: len(worker.seen) == 2)
        late = await _call(scene, created, 1, 0)

        async def is_settled() -> bool:
            return (await _outcome(scene, late))[0] is not None

        await scene.until(is_settled)

    assert await _outcome(scene, late) == ("rejected", "attempt_closed")
    assert len(worker.seen) == 2
