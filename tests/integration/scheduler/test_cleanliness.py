"""Rule 9: an instance that has ended leaves nothing behind, in rows or in its owner's memory."""

from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.testing.graphs import chain, graph, split_join, subflow
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Scene, answering, succeeded, waiting


def answer(step: ReadyStep) -> StepResult | None:
    match step.ref.node_id:
        case "naps" | "child":
            return waiting(step, "timer", 30)
        case "calls":
            return waiting(step, "callback", 30)
        case "silent":
            return None
        case _:
            return waiting(step, "timer", 0.02) if step.ref.step == 0 else succeeded(step)


FLOWS = {
    "chain": chain(2),
    "split": split_join(3),
    "timer": graph("start naps end"),
    "callback": graph("start calls end"),
    "handed out": graph("start silent end"),
    "child": graph("start sub end", subflow("sub")),
}
LEFT_IN_ROWS = """
    SELECT node_id FROM node WHERE reason IS NOT NULL OR check_at IS NOT NULL
    UNION ALL SELECT node_id FROM attempt WHERE closed_at IS NULL OR state IS NOT NULL
    UNION ALL SELECT kind FROM command WHERE outcome IS NULL
"""


def left_in_memory(service: SchedulerService) -> dict[str, int]:
    loop = service._loop
    assert loop is not None
    return {
        "instances": len(loop._holding),
        "timers": len(loop._timers),
        "handed out": loop._dispatcher.handed_out_count("default"),
        "queued": loop._dispatcher.waiting_count("default"),
        "known nodes": loop._dispatcher.node_count,
        "deferred": len(loop._outgoing.deferred),
        "stuck": len(loop._stuck),
    }


async def test_rule_9_instances_that_have_ended_leave_nothing_behind(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(graph("start child end"), key="child")
    templates = [await scene.publish_template(flow, key=f"a {key}") for key, flow in FLOWS.items()]

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, answer) as worker,
    ):
        created = [await scene.create(template) for template in templates]
        for one in created[:2]:
            await scene.until_status(one, "succeeded")
        await eventually(lambda: left_in_memory(service)["timers"] == 3)
        await eventually(lambda: any(one.ref.node_id == "silent" for one in worker.seen))
        for one in created[2:]:
            await scene.command(one, "cancel")

        async def have_ended() -> bool:
            rows = await scene.fetch("SELECT DISTINCT status FROM instance")
            return {row["status"] for row in rows} == {"succeeded", "cancelled"}

        await scene.until(have_ended)
        await eventually(lambda: left_in_memory(service)["instances"] == 0)
        left = left_in_memory(service)

    assert left == dict.fromkeys(left, 0)
    assert await scene.fetch(LEFT_IN_ROWS) == []
