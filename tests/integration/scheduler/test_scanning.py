"""Repair looks at a bounded number of rows at once, and still at all of them."""

import asyncio
from datetime import timedelta

import pytest

from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.engine import attempts, entering
from flowyard.testing.graphs import chain
from flowyard_scheduler import loop, repair
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Scene, answering, succeeded, waiting

SILENT = 20
"""Many times what is looked at together here, and fewer than a queue's first window."""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "MAX_FOUND", 5)


async def test_a_timer_behind_many_overdue_nodes_fires(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(chain(1))

    def answer(step: ReadyStep) -> StepResult | None:
        if step.ref.instance_id != napping.instance_id:
            return None
        return succeeded(step) if step.ref.step else waiting(step, "timer", 3600)

    napping = await scene.create(template, start=False)
    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, answer) as worker,
    ):
        for _ in range(SILENT):
            await scene.create(template)
        await scene.command(napping, "start")
        await eventually(lambda: len(worker.seen) == SILENT + 1)

        async def naps() -> bool:
            rows = await scene.fetch("SELECT FROM node WHERE reason = 'timer'")
            return len(rows) == 1

        await scene.until(naps)
    await scene.execute("UPDATE node SET check_at = now() - interval '1 hour' WHERE number = 1")
    await scene.execute("UPDATE attempt SET wait_until = now() WHERE wait_until IS NOT NULL")
    await scene.execute("UPDATE node SET check_at = now() WHERE reason = 'timer'")

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, answer),
    ):
        await scene.until_status(napping, "succeeded")


async def test_a_step_that_has_just_had_its_turn_is_not_published_again(
    scene: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (attempts, entering):
        monkeypatch.setattr(module, "QUEUED_CHECK", timedelta(seconds=2))
    monkeypatch.setattr(loop, "SCAN_SECONDS", 0.1)
    template = await scene.publish_template(chain(1))
    narrow = settings.model_copy(update={"window": 1})

    async with (
        SchedulerService(settings=narrow, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        first = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        second = await scene.create(template)
        await scene.until_status(second, "running")
        await asyncio.sleep(1)
        await worker.report([succeeded(worker.seen[0])])
        await eventually(lambda: len(worker.seen) == 2)

        async def was_looked_at() -> bool:
            rows = await scene.fetch(
                "SELECT FROM node WHERE instance_id = $1 AND reason = 'queued'"
                " AND check_at > now() + interval '30 s'",
                second.instance_id,
            )
            return len(rows) == 1

        await scene.until_status(first, "succeeded")
        await scene.until(was_looked_at)

    assert len(worker.seen) == 2
