"""One bad row or record never stops the others (design, rule 12)."""

from flowyard.testing.graphs import chain, graph, subflow
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.scene import Scene, answering, succeeded

SPOIL = "UPDATE template_version SET graph = '{}' WHERE template_id = $1"


async def test_rule_12_an_instance_whose_graph_cannot_be_read_becomes_an_incident_and_stops_nobody(
    scene: Scene, settings: Settings
) -> None:
    bad = await scene.publish_template(chain(1), key="bad")
    good = await scene.publish_template(chain(1), key="good")
    await scene.execute(SPOIL, bad)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        stopped = await scene.create(bad)
        going_on = await scene.create(good)
        await scene.until_status(going_on, "succeeded")
        await scene.until_status(stopped, "failed")

    rows = await scene.fetch(
        "SELECT failure->>'code' AS code FROM instance WHERE instance_id = $1", stopped.instance_id
    )
    assert rows[0]["code"] == "unreadable"


async def test_rule_12_a_takeover_passes_over_steps_of_an_instance_that_cannot_be_read(
    scene: Scene, settings: Settings
) -> None:
    bad = await scene.publish_template(chain(1), key="bad")
    good = await scene.publish_template(chain(1), key="good")
    async with SchedulerService(settings=settings, broker=scene.broker):
        created = [await scene.create(template) for template in (bad, good)]
        for one in created:
            await scene.until_status(one, "running")
    await scene.execute("UPDATE attempt SET dispatched_step = NULL, dispatched_at = NULL")
    await scene.execute(SPOIL, bad)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        await scene.until_status(created[1], "succeeded")


async def test_a_subflow_whose_template_is_gone_fails_its_node(
    scene: Scene, settings: Settings
) -> None:
    parent = await scene.publish_template(
        graph("start sub end", subflow("sub", "gone")), key="parent"
    )

    async with SchedulerService(settings=settings, broker=scene.broker):
        created = await scene.create(parent)
        await scene.until_status(created, "failed")

    nodes = await scene.nodes(created)
    assert nodes["sub"]["status"] == "failed"
    assert '"unknown_template"' in str(nodes["sub"]["failure"])
