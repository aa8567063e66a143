"""Operations as command rows: what the owner of an instance makes of them."""

from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.engine.effects import DispatchStep
from flowyard.engine.events import StartInstance
from flowyard.engine.graph import Graph
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.ids import new_id
from flowyard.storage.advance_store import HeldInstance, StoredCommand
from flowyard.testing.driving import EPOCH, snapshot_of
from flowyard.testing.graphs import activity, chain, choice, graph, subflow
from flowyard_scheduler.decide import Item, decide
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from flowyard_scheduler.translate import event_of
from tests.support.api import eventually
from tests.support.scene import Created, Scene, answering, succeeded, waiting


async def _settled(scene: Scene, command_id: int) -> tuple[object, object]:
    """Wait for what has become of a command."""

    async def is_settled() -> bool:
        rows = await scene.fetch("SELECT outcome FROM command WHERE command_id = $1", command_id)
        return rows[0]["outcome"] is not None

    await scene.until(is_settled)
    (row,) = await scene.fetch(
        "SELECT outcome, code FROM command WHERE command_id = $1", command_id
    )
    return row["outcome"], row["code"]


async def _node(scene: Scene, created: Created, node_id: str) -> dict[str, object]:
    (row,) = await scene.fetch(
        "SELECT status, reason, mark, failure->>'code' AS code, outputs::text FROM node"
        " WHERE instance_id = $1 AND node_id = $2",
        created.instance_id,
        node_id,
    )
    return row


def _nothing(_: ReadyStep) -> StepResult | None:
    return None


async def test_a_forced_failure_asks_the_plugin_to_stop_and_a_forced_success_goes_on(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(2))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, _nothing) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        failed = await scene.command(
            created, "force_fail", node_id="a1", payload={"message": "Hangs"}
        )
        assert await _settled(scene, failed) == ("applied", None)
        stopped = await _node(scene, created, "a1")
        (attempt,) = await scene.fetch(
            "SELECT status, cancel_requested_at FROM attempt WHERE instance_id = $1",
            created.instance_id,
        )
        forced = await scene.command(
            created, "force_succeed", node_id="a1", payload={"outputs": {"x": 1}}
        )
        assert await _settled(scene, forced) == ("applied", None)
        await eventually(lambda: len(worker.seen) == 2)

    done = await _node(scene, created, "a1")
    assert (stopped["status"], stopped["code"]) == ("failed", "forced_failure")
    assert attempt["status"] == "failed"
    assert attempt["cancel_requested_at"] is not None
    assert (done["status"], done["mark"], done["outputs"]) == ("succeeded", "forced", '{"x": 1}')
    assert worker.seen[1].ref.node_id == "a2"


async def test_a_breakpoint_outlives_its_owner(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(chain(2))
    created = await scene.create(template, start=False)

    async with SchedulerService(settings=settings, broker=scene.broker):
        paused = await scene.command(created, "pause_node", node_id="a2")
        assert await _settled(scene, paused) == ("applied", None)
    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded) as worker,
    ):
        await scene.command(created, "start")

        async def is_stopped() -> bool:
            rows = await scene.fetch(
                "SELECT 1 FROM node WHERE instance_id = $1 AND reason = 'breakpoint'",
                created.instance_id,
            )
            return len(rows) == 1

        await scene.until(is_stopped)
        assert len(worker.seen) == 1
        resumed = await scene.command(created, "resume_node", node_id="a2")
        assert await _settled(scene, resumed) == ("applied", None)
        await scene.until_status(created, "succeeded")

    (row,) = await scene.fetch(
        "SELECT breakpoints::text FROM instance WHERE instance_id = $1", created.instance_id
    )
    assert row["breakpoints"] == "[]"


async def test_a_chosen_branch_is_run(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(choice(("False", "False"), default=False))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded) as worker,
    ):
        created = await scene.create(template)
        await scene.until_status(created, "failed")
        chosen = await scene.command(
            created, "choose", node_id="choose", payload={"targets": ["b2"]}
        )
        assert await _settled(scene, chosen) == ("applied", None)
        await scene.until_status(created, "succeeded")

    assert [step.ref.node_id for step in worker.seen] == ["b2"]


async def test_a_timer_that_is_reset_fires_at_its_new_time(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    def waits_long(step: ReadyStep) -> StepResult:
        return succeeded(step) if step.ref.step else waiting(step, "timer", 3600.0)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, waits_long),
    ):
        created = await scene.create(template)

        async def is_waiting() -> bool:
            rows = await scene.fetch(
                "SELECT 1 FROM node WHERE instance_id = $1 AND reason = 'timer'",
                created.instance_id,
            )
            return len(rows) == 1

        await scene.until(is_waiting)
        reset = await scene.command(
            created, "reset_timer", node_id="a1", payload={"after_seconds": 0.05}
        )
        assert await _settled(scene, reset) == ("applied", None)
        await scene.until_status(created, "succeeded")


async def test_variables_and_priority_are_stored(scene: Scene, settings: Settings) -> None:
    flow = graph("start a1 a2 end", activity("a2", {"x": "${x}"}), constants={"x": 1})
    template = await scene.publish_template(flow)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, _nothing) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        changed = await scene.command(created, "set_variables", payload={"values": {"x": 2}})
        unknown = await scene.command(created, "set_variables", payload={"values": {"y": 2}})
        priority = await scene.command(created, "set_priority", payload={"priority": 9})
        assert await _settled(scene, changed) == ("applied", None)
        assert await _settled(scene, unknown) == ("rejected", "unknown_variable")
        assert await _settled(scene, priority) == ("applied", None)
        await worker.report([succeeded(worker.seen[0])])
        await eventually(lambda: len(worker.seen) == 2)

    (row,) = await scene.fetch(
        "SELECT priority FROM instance WHERE instance_id = $1", created.instance_id
    )
    assert worker.seen[1].inputs == {"x": 2}
    assert row["priority"] == 9


async def test_a_restarted_subflow_has_a_second_child_and_the_first_is_cancelled(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(chain(1), key="child")
    template = await scene.publish_template(graph("start sub end", subflow("sub")))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, _nothing) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        restarted = await scene.command(created, "restart", node_id="sub")
        assert await _settled(scene, restarted) == ("applied", None)
        await eventually(lambda: len(worker.seen) == 2)
        await worker.report([succeeded(worker.seen[1])])
        await scene.until_status(created, "succeeded")

    children = await scene.fetch(
        "SELECT parent_number, status FROM instance WHERE parent_instance_id = $1"
        " ORDER BY parent_number",
        created.instance_id,
    )
    assert [(row["parent_number"], row["status"]) for row in children] == [
        (1, "cancelled"),
        (2, "succeeded"),
    ]


async def test_a_command_that_lacks_what_it_needs_is_rejected_and_holds_nothing_up(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, _nothing) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        broken = await scene.command(created, "choose", node_id="a1")
        unknown = await scene.command(created, "explode", node_id="a1")
        assert await _settled(scene, broken) == ("rejected", "malformed_command")
        assert await _settled(scene, unknown) == ("rejected", "unknown_command")
        await worker.report([succeeded(worker.seen[0])])
        await scene.until_status(created, "succeeded")


def _held(flow: Graph) -> HeldInstance:
    return HeldInstance(
        snapshot=snapshot_of(flow),
        project_id=new_id(),
        partition=0,
        traceparent=None,
        is_readable=True,
    )


def _command(held: HeldInstance, kind: str) -> Item:
    command = StoredCommand(
        command_id=1,
        instance_id=held.snapshot.facts.instance_id,
        kind=kind,
        node_id=None,
        payload={},
        actor="ann",
    )
    return Item(lambda at: event_of(command, at, frozenset), command)


def test_a_step_that_becomes_ready_in_the_batch_of_a_pause_is_not_dispatched() -> None:
    held = _held(chain(1))
    start = Item(lambda at: StartInstance(at=at))

    outcome = decide(held, [start, _command(held, "pause")], EPOCH, is_fresh=True)

    assert held.snapshot.status is InstanceStatus.PAUSED
    assert held.snapshot.nodes["a1"].reason is WaitReason.PAUSED
    assert not [one for one in outcome.effects if isinstance(one, DispatchStep)]


def test_a_pause_and_a_resume_in_one_batch_dispatch_the_step_once() -> None:
    held = _held(chain(1))
    items = [
        Item(lambda at: StartInstance(at=at)),
        _command(held, "pause"),
        _command(held, "resume"),
    ]

    outcome = decide(held, items, EPOCH, is_fresh=True)

    assert held.snapshot.nodes["a1"].reason is WaitReason.QUEUED
    steps = [one for one in outcome.effects if isinstance(one, DispatchStep)]
    assert steps == [DispatchStep(node_id="a1", number=1, step=0)]


def test_a_rejected_pause_takes_no_step_of_its_batch_back() -> None:
    held = _held(chain(2))
    items = [
        _command(held, "pause"),
        Item(lambda at: StartInstance(at=at)),
    ]

    outcome = decide(held, items, EPOCH, is_fresh=True)

    assert outcome.rejected_count == 1
    assert [one for one in outcome.effects if isinstance(one, DispatchStep)]
