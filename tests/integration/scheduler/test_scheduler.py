"""The scheduler alone: a real Postgres, the in-process broker, and a worker that answers."""

import orjson
import pytest

from flowyard.contracts.records import ReadyStep, StepRef, StepResult
from flowyard.contracts.topics import INSTANCE_EVENT
from flowyard.messaging.local import LocalBroker
from flowyard.testing.graphs import activity, chain, graph, split_join, subflow
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.scene import Scene, answering, failed, succeeded, waiting


async def test_an_instance_runs_to_its_end(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(split_join(3))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await scene.create(template)
        await scene.until_status(created, "succeeded")

    nodes = await scene.nodes(created)
    assert {row["status"] for row in nodes.values()} == {"succeeded"}
    assert len(nodes) == 7


async def test_many_instances_advance_in_batches(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(chain(5))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded) as worker,
    ):
        created = [await scene.create(template) for _ in range(50)]
        for one in created:
            await scene.until_status(one, "succeeded")

    assert len(worker.seen) == 250
    assert len({step.attempt_id for step in worker.seen}) == 250


async def test_a_failed_node_is_retried_and_finished(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(chain(2))

    def first_fails(step: ReadyStep) -> StepResult:
        return failed(step) if step.ref.number == 1 else succeeded(step)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, first_fails),
    ):
        created = await scene.create(template)
        for node_id in ("a1", "a2"):
            await scene.until_status(created, "failed")
            await scene.command(created, "retry", node_id=node_id, payload={"inputs": None})
            await scene.until_status(created, "running", "succeeded", "failed")
            await _until_succeeded(scene, created, node_id)
        await scene.until_status(created, "succeeded")


async def _until_succeeded(scene: Scene, created: object, node_id: str) -> None:
    async def is_done() -> bool:
        nodes = await scene.nodes(created)  # type: ignore[arg-type]  # a Created
        return node_id in nodes and nodes[node_id]["status"] == "succeeded"

    await scene.until(is_done)


async def test_a_timer_dispatches_the_next_step_when_it_is_due(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    def waits_once(step: ReadyStep) -> StepResult:
        return waiting(step, "timer", 0.3) if step.ref.step == 0 else succeeded(step)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, waits_once) as worker,
    ):
        created = await scene.create(template)
        await scene.until_status(created, "succeeded")

    assert [(step.ref.step, step.is_repeatable) for step in worker.seen] == [(0, False), (1, True)]


async def test_an_early_callback_is_applied_once_its_wait_arrives(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(template)
        await scene.until_status(created, "running")

        async def has_step() -> bool:
            return bool(worker.seen)

        await scene.until(has_step)
        command_id = await scene.command(
            created, "callback", node_id="a1", payload={"number": 1, "data": {"ok": 1}}
        )
        await worker.report([waiting(worker.seen[0], "callback")])

        async def is_applied() -> bool:
            rows = await scene.fetch(
                "SELECT outcome FROM command WHERE command_id = $1", command_id
            )
            return rows[0]["outcome"] == "applied" and len(worker.seen) == 2

        await scene.until(is_applied)

    assert worker.seen[1].resume is not None
    assert worker.seen[1].resume.data == {"ok": 1}


async def test_a_command_that_is_not_allowed_is_rejected_with_a_code(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await scene.create(template)
        await scene.until_status(created, "succeeded")
        command_id = await scene.command(created, "pause")

        async def is_settled() -> bool:
            rows = await scene.fetch(
                "SELECT outcome, code FROM command WHERE command_id = $1", command_id
            )
            return (rows[0]["outcome"], rows[0]["code"]) == ("rejected", "forbidden_operation")

        await scene.until(is_settled)


async def test_a_lost_doorbell_is_found_by_repair(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await scene.create(template, start=False)
        await scene.command(created, "start", ring=False)
        await scene.until_status(created, "succeeded")


async def test_rule_2_a_new_owner_dispatches_what_was_ready_and_not_published(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(2))
    async with SchedulerService(settings=settings, broker=scene.broker):
        created = await scene.create(template)

        async def is_ready() -> bool:
            return "a1" in await scene.nodes(created)

        await scene.until(is_ready)
    await scene.execute("UPDATE attempt SET dispatched_step = NULL, dispatched_at = NULL")

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        await scene.until_status(created, "succeeded")


async def test_rule_2_another_broker_means_that_everything_open_is_published_again(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(2))
    async with SchedulerService(settings=settings, broker=scene.broker):
        created = await scene.create(template)

        async def is_published() -> bool:
            rows = await scene.fetch("SELECT dispatched_step FROM attempt")
            return bool(rows) and rows[0]["dispatched_step"] == 0

        await scene.until(is_published)

    async with LocalBroker() as rebuilt, rebuilt.producer() as producer:
        other = Scene(scene.database, rebuilt, producer)
        other.project_id = scene.project_id
        await rebuilt.ensure_topic(INSTANCE_EVENT, partitions=4)
        await rebuilt.ensure_topic("flowyard.node-ready.v1.default", partitions=4)
        async with (
            SchedulerService(settings=settings, broker=rebuilt),
            answering(other, succeeded),
        ):
            await other.until_status(created, "succeeded")


async def test_rule_12_a_record_that_does_not_decode_stops_nobody(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await scene.create(template, start=False)
        await scene.send(created, b"\xff not json")
        await scene.command(created, "start")
        await scene.until_status(created, "succeeded")


async def test_rule_4_a_repeated_result_is_counted_and_changes_nothing(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(2))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(template)

        async def has_step() -> bool:
            return bool(worker.seen)

        await scene.until(has_step)
        await worker.report([succeeded(worker.seen[0]), succeeded(worker.seen[0])])

        async def is_counted() -> bool:
            return service.metrics.value("flowyard_scheduler_stale_facts_total") == 1

        await scene.until(is_counted)
        worker.answer = succeeded
        nodes = await scene.nodes(created)
        repeated = service.metrics.value("flowyard_scheduler_duplicate_facts_total")

    assert nodes["a1"]["status"] == "succeeded"
    assert nodes["a1"]["visits"] == 1
    assert repeated == 1


async def test_rule_7_a_child_is_started_once_and_its_end_reaches_the_parent(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(chain(1, outputs={"image": "app"}), key="child")
    flow = graph("start sub after end", subflow("sub"), activity("after"))
    parent = await scene.publish_template(flow, key="parent")

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await scene.create(parent)
        await scene.until_status(created, "succeeded")

    rows = await scene.fetch("SELECT name, status, parent_node_id FROM instance ORDER BY name")
    assert [(row["status"], row["parent_node_id"]) for row in rows] == [
        ("succeeded", None),
        ("succeeded", "sub"),
    ]
    nodes = await scene.nodes(created)
    assert orjson.loads(str(nodes["sub"]["outputs"])) == {"image": "app"}


async def test_cancelling_a_parent_cancels_its_child(scene: Scene, settings: Settings) -> None:
    await scene.publish_template(chain(1), key="child")
    parent = await scene.publish_template(graph("start sub end", subflow("sub")), key="parent")

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(parent)

        async def has_child_step() -> bool:
            return bool(worker.seen)

        await scene.until(has_child_step)
        await scene.command(created, "cancel")
        await scene.until_status(created, "cancelled")

        async def is_child_cancelled() -> bool:
            rows = await scene.fetch(
                "SELECT status FROM instance WHERE parent_instance_id IS NOT NULL"
            )
            return rows[0]["status"] == "cancelled"

        await scene.until(is_child_cancelled)


async def test_rule_1_a_zombie_scheduler_changes_nothing(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(template)

        async def has_step() -> bool:
            return bool(worker.seen)

        await scene.until(has_step)
        await scene.execute("UPDATE instance SET revision = revision + 1")
        await worker.report([succeeded(worker.seen[0])])
        await scene.until_status(created, "succeeded")

    assert service.metrics.value("flowyard_scheduler_revision_conflicts_total") == 1


@pytest.mark.parametrize("number", [2, 7])
async def test_a_result_of_an_attempt_that_never_was_is_stale(
    scene: Scene, settings: Settings, number: int
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(template)

        async def has_step() -> bool:
            return bool(worker.seen)

        await scene.until(has_step)
        ref = StepRef.model_validate({**worker.seen[0].ref.model_dump(), "number": number})
        await worker.report([StepResult(ref=ref, outcome="succeeded", outputs={})])

        async def is_counted() -> bool:
            return service.metrics.value("flowyard_scheduler_stale_facts_total") == 1

        await scene.until(is_counted)

    assert (await scene.nodes(created))["a1"]["status"] == "ready"
    assert service.metrics.value("flowyard_scheduler_duplicate_facts_total") == 0
