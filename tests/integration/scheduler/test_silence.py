"""Rule 3: whatever waits has a reason and a time, and nothing stays silent unnoticed."""

from datetime import timedelta

import pytest

from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.engine import advance, attempts, entering
from flowyard.storage.advance_store import QUERIES
from flowyard.testing.graphs import chain, graph, subflow
from flowyard_scheduler import loop, main, repair
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Answer, Scene, answering, failed, succeeded, waiting

SOON = timedelta(seconds=0.3)
WITHOUT_REASON = """
    SELECT node_id FROM node
    WHERE status NOT IN ('succeeded', 'skipped', 'cancelled')
        AND (reason IS NULL OR check_at IS NULL OR check_at < now())
"""


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have repair look every tenth of a second instead of every 5 s."""
    for module in (loop, main):
        monkeypatch.setattr(module, "SCAN_SECONDS", 0.1)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a silent step be overdue soon instead of after 60 s or 90 s, the first time."""
    for module in (attempts, entering):
        monkeypatch.setattr(module, "QUEUED_CHECK", SOON)
    monkeypatch.setattr(advance, "RUNNING_CHECK", SOON)
    monkeypatch.setattr(repair, "SILENCE", SOON)


@pytest.fixture
def very_impatient(monkeypatch: pytest.MonkeyPatch, impatient: None) -> None:
    """Have it be overdue soon again."""
    del impatient
    monkeypatch.setattr(repair, "QUEUED_CHECK", SOON)


def stuck_count(service: SchedulerService) -> float:
    return sum(
        service.metrics.value("flowyard_scheduler_stuck_nodes_total", kind=kind)
        for kind in ("overdue", "reasonless")
    )


def overdue_count(service: SchedulerService, reason: str = "queued") -> float:
    return service.metrics.value("flowyard_scheduler_overdue_nodes_total", reason=reason)


def repair_count(service: SchedulerService, kind: str) -> float:
    return service.metrics.value("flowyard_scheduler_repairs_total", kind=kind)


def running(step: ReadyStep) -> StepResult:
    return StepResult(ref=step.ref, outcome="running")


ANSWERS: dict[str, Answer] = {
    "fails": failed,
    "naps": lambda step: waiting(step, "timer", 30),
    "calls": lambda step: waiting(step, "callback"),
    "asks": lambda step: waiting(step, "approval", 30),
    "runs": running,
    "child": lambda _: None,
}


def answer_by_node(step: ReadyStep) -> StepResult | None:
    """Let every node wait for something else; others succeed, after a timer of no length."""
    if step.ref.node_id in ANSWERS:
        return ANSWERS[step.ref.node_id](step)
    return waiting(step, "timer", 0.05) if step.ref.step == 0 else succeeded(step)


async def test_rule_3_whatever_waits_says_for_what_and_until_when_and_nothing_is_stuck(
    scene: Scene, settings: Settings
) -> None:
    await scene.publish_template(graph("start child end"), key="child")
    flows = [graph(f"start first {name} end") for name in ANSWERS]
    flows += [graph("start sub end", subflow("sub")), chain(1), chain(3)]
    templates = [
        await scene.publish_template(flow, key=f"flow-{number}")
        for number, flow in enumerate(flows)
    ]

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, answer_by_node),
    ):
        created = [await scene.create(template) for template in templates]
        for one in created[-2:]:
            await scene.until_status(one, "succeeded")
        await scene.until_status(created[0], "failed")
        await scene.command(created[1], "pause")
        await scene.until_status(created[1], "paused")

        async def has_settled() -> bool:
            rows = await scene.fetch("SELECT DISTINCT reason FROM node WHERE reason IS NOT NULL")
            return {str(row["reason"]) for row in rows} == {
                "incident", "timer", "callback", "approval", "running", "child", "queued",
            }  # fmt: skip

        await scene.until(has_settled)
        left = await scene.fetch(WITHOUT_REASON)
        await _next_scans(scene, service)

    assert left == []
    assert stuck_count(service) == 0


async def _next_scans(scene: Scene, service: SchedulerService) -> None:
    """Return when an open command that nobody rang about was found: by a scan, after 3 s."""
    template = await scene.publish_template(graph("start end"), key="unheard")
    created = await scene.create(template, start=False)
    await scene.command(created, "start", ring=False)
    await scene.execute("UPDATE command SET created_at = now() - interval '1 minute'")
    await scene.until_status(created, "succeeded")
    assert service.metrics.value("flowyard_scheduler_failed_batches_total") == 0


@pytest.mark.usefixtures("impatient")
async def test_rule_3_a_silent_step_is_published_again_and_once_is_not_stuck(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        await eventually(lambda: len(worker.seen) == 2)
        await _next_scans(scene, service)
        await worker.report([succeeded(worker.seen[1])])
        await scene.until_status(created, "succeeded")

    assert worker.seen[0].ref == worker.seen[1].ref
    assert overdue_count(service) == 1
    assert repair_count(service, "step") == 1
    assert repair_count(service, "command") + repair_count(service, "start") >= 1
    assert stuck_count(service) == 0


@pytest.mark.usefixtures("very_impatient")
async def test_rule_3_a_step_that_stays_silent_is_counted_as_stuck_and_others_go_on(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    other = await scene.publish_template(graph("start other end"), key="other")

    def answer(step: ReadyStep) -> StepResult | None:
        return succeeded(step) if step.ref.node_id == "other" else None

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, answer) as worker,
    ):
        silent = await scene.create(template)
        await eventually(lambda: bool(worker.seen))
        await eventually(lambda: stuck_count(service) > 0)
        going_on = await scene.create(other)
        await scene.until_status(going_on, "succeeded")
        await worker.report([succeeded(worker.seen[0])])
        await scene.until_status(silent, "succeeded")

    assert overdue_count(service) > stuck_count(service)


@pytest.mark.usefixtures("impatient")
async def test_rule_3_a_step_that_was_heard_of_in_between_is_not_stuck(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        created = await scene.create(template)
        await eventually(lambda: len(worker.seen) == 1)
        await eventually(lambda: len(worker.seen) == 2)
        await worker.report([running(worker.seen[1])])

        async def is_heard_of() -> bool:
            return (await scene.nodes(created))["a1"]["reason"] == "running"

        await scene.until(is_heard_of)
        await eventually(lambda: len(worker.seen) == 3)

    assert (overdue_count(service), overdue_count(service, "running")) == (1, 1)
    assert stuck_count(service) == 0


async def test_rule_3_a_node_without_a_reason_is_counted_as_stuck_and_others_go_on(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    for constraint in ("node_reason_check", "node_check_at_check"):
        await scene.execute(f"ALTER TABLE node DROP CONSTRAINT {constraint}")

    async with (
        SchedulerService(settings=settings, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        await scene.create(template)
        await eventually(lambda: bool(worker.seen))
        await scene.execute("UPDATE node SET reason = NULL, check_at = NULL WHERE node_id = 'a1'")
        await eventually(lambda: stuck_count(service) > 0)
        await eventually(
            lambda: service.metrics.value("flowyard_scheduler_nodes_without_reason") == 1
        )
        worker.answer = succeeded
        other = await scene.create(template)
        await scene.until_status(other, "succeeded")


async def test_rule_3_the_schema_refuses_a_node_without_a_reason(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    async with SchedulerService(settings=settings, broker=scene.broker):
        created = await scene.create(template)
        await scene.until_status(created, "running")

    with pytest.raises(Exception, match="node_reason_check"):
        await scene.execute("UPDATE node SET reason = NULL, check_at = NULL WHERE node_id = 'a1'")


async def test_rule_8_looking_for_nodes_without_a_reason_costs_an_empty_index(
    scene: Scene,
) -> None:
    statement = QUERIES["reasonless_nodes"]
    async with scene.database.hot() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        rows = await connection.fetch(f"EXPLAIN {statement}", [0, 1], 4, 10)

    assert "node_reasonless_idx" in "\n".join(row[0] for row in rows)


@pytest.mark.usefixtures("impatient")
async def test_rule_3_a_step_that_waits_for_its_turn_is_not_overdue(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    narrow = settings.model_copy(update={"window": 1})

    async with (
        SchedulerService(settings=narrow, broker=scene.broker) as service,
        answering(scene, lambda _: None) as worker,
    ):
        created = [await scene.create(template) for _ in range(3)]

        async def are_looked_at() -> bool:
            rows = await scene.fetch(
                "SELECT 1 FROM node WHERE reason = 'queued'"
                " AND check_at > now() + interval '30 seconds'"
            )
            return len(rows) == 3

        await scene.until(are_looked_at)
        await eventually(lambda: len(worker.seen) == 2)
        worker.answer = succeeded
        await worker.report([succeeded(step) for step in worker.seen])
        for one in created:
            await scene.until_status(one, "succeeded")

    assert overdue_count(service) == 1
