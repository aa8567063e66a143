"""One bad row or record never stops the others (design, rule 12)."""

from collections.abc import Sequence

import pytest

from flowyard.messaging.local import LocalProducer
from flowyard.messaging.ports import OutgoingRecord, RecordRefusedError
from flowyard.testing.graphs import activity, chain, graph, subflow
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


async def test_rule_12_an_instance_whose_plan_cannot_be_read_becomes_an_incident_and_stops_nobody(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    stopped = await scene.create(template, start=False)
    await scene.execute(
        "UPDATE instance SET plan = $2::jsonb WHERE instance_id = $1",
        stopped.instance_id,
        '{"seed": {"a_later_release_knows": "what"}}',
    )

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        await scene.command(stopped, "start")
        going_on = await scene.create(template)
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


async def test_rule_12_a_step_that_the_broker_refuses_fails_its_node_and_stops_nobody(
    scene: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = LocalProducer.publish

    async def refuse_large(self: LocalProducer, records: Sequence[OutgoingRecord]) -> None:
        for record in records:
            if len(record.value) > 10_000:
                raise RecordRefusedError(
                    "Too large", topic=record.topic, partition=record.partition
                )
        await publish(self, records)

    monkeypatch.setattr(LocalProducer, "publish", refuse_large)
    large = graph("start a1 end", activity("a1", {"text": "x" * 20_000}))
    templates = [
        await scene.publish_template(flow, key=key) for key, flow in (("l", large), ("s", chain(1)))
    ]

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        stopped, going_on = [await scene.create(template) for template in templates]
        await scene.until_status(going_on, "succeeded")
        await scene.until_status(stopped, "failed")

    assert '"step_refused"' in str((await scene.nodes(stopped))["a1"]["failure"])
