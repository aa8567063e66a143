"""Rollback by the scheduler: what it knows of it lies in rows alone."""

import uuid

from flowyard.testing.graphs import graph, subflow
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import AnsweringWorker, Created, Scene, answering, succeeded
from tests.support.undoing import rolled_back, row, undone


async def _seen(worker: AnsweringWorker, *node_ids: str) -> None:
    await eventually(lambda: [step.ref.node_id for step in worker.seen] == list(node_ids))


async def _leftovers(scene: Scene) -> list[dict[str, object]]:
    return await scene.fetch(
        "SELECT node_id FROM node WHERE reason IS NOT NULL OR check_at IS NOT NULL"
        " UNION ALL SELECT node_id FROM attempt WHERE closed_at IS NULL"
    )


async def _child_of(scene: Scene, parent: Created) -> Created:
    rows = await scene.fetch(
        "SELECT instance_id, partition FROM instance WHERE parent_instance_id = $1",
        parent.instance_id,
    )
    instance_id, partition = rows[0]["instance_id"], rows[0]["partition"]
    assert isinstance(instance_id, uuid.UUID)
    assert isinstance(partition, int)
    return Created(instance_id, partition)


async def test_another_scheduler_goes_on_in_the_middle_of_a_rollback(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(row())

    async with answering(scene, lambda _: None) as worker:
        async with SchedulerService(settings=settings, broker=scene.broker):
            created = await scene.create(template)
            await _seen(worker, "a")
            await worker.report([succeeded(worker.seen[0])])
            await _seen(worker, "a", "b")
            await worker.report([succeeded(worker.seen[1])])
            await _seen(worker, "a", "b", "c")
            await scene.command(created, "cancel", payload={"rollback": True})
            await _seen(worker, "a", "b", "c", "b:rollback")
        async with SchedulerService(settings=settings, broker=scene.broker):
            await worker.report([succeeded(worker.seen[2]), succeeded(worker.seen[3])])
            await eventually(lambda: worker.seen[-1].ref.node_id == "a:rollback")
            await worker.report([succeeded(worker.seen[-1])])
            await scene.until_status(created, "cancelled")

    nodes = await scene.nodes(created)
    instances = await scene.fetch("SELECT phase, ended_at FROM instance")
    assert {node_id: node["status"] for node_id, node in nodes.items()} == {
        "start": "succeeded",
        "a": "succeeded",
        "a:rollback": "succeeded",
        "b": "succeeded",
        "b:rollback": "succeeded",
        "c": "cancelled",
    }
    assert instances[0]["phase"] == "rollback"
    assert instances[0]["ended_at"] is not None
    assert await _leftovers(scene) == []


async def test_a_child_that_rolls_back_tells_its_parent_which_rolls_back_too(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(rolled_back(graph("start x y end", undone("x"))), key="child")
    parent = await scene.publish_template(
        rolled_back(graph("start a sub end", undone("a"), subflow("sub")))
    )

    async with (
        answering(
            scene, lambda step: None if step.ref.node_id == "y" else succeeded(step)
        ) as worker,
        SchedulerService(settings=settings, broker=scene.broker),
    ):
        created = await scene.create(parent)
        await eventually(lambda: [step.ref.node_id for step in worker.seen][-1:] == ["y"])
        await scene.command(await _child_of(scene, created), "cancel", payload={"rollback": True})
        await scene.until_status(created, "cancelled")

    assert [step.ref.node_id for step in worker.seen] == ["a", "x", "y", "x:rollback", "a:rollback"]
    assert await _leftovers(scene) == []
