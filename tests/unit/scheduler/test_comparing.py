"""What another owner has done meanwhile does not stay in this one's memory."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from flowyard.engine.events import AttemptKey as EventKey
from flowyard.engine.events import StepStarted
from flowyard.ids import new_id
from flowyard.storage.advance_store import StepKey
from flowyard.storage.database import dump_json
from flowyard.storage.graph_codec import encode_graph
from flowyard.telemetry.tracing import Tracing
from flowyard.testing.graphs import chain
from flowyard_scheduler.batch import BatchRunner
from flowyard_scheduler.comparing import SILENCE, compare_silent
from flowyard_scheduler.decide import Item
from flowyard_scheduler.intake import Intake
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.ownership import Share
from flowyard_scheduler.repair import Repair
from flowyard_scheduler.spans import Spans
from tests.support.simulation.counting import CountedMetrics
from tests.support.simulation.postgres.database import Link, MemoryDatabase, insert, update
from tests.support.simulation.postgres.server import Server
from tests.support.simulation.postgres.statements import known_statements
from tests.support.simulation.seeding import seeded
from tests.support.simulation.services import SCHEDULER

NOW = datetime(2031, 5, 1, 8, 0, tzinfo=UTC)


class Owner:
    """A scheduler's memory and its Postgres, with one instance whose first step is handed out."""

    def __init__(self) -> None:
        self.now = NOW
        self.server = Server(lambda: self.now, known_statements())
        schedule = asyncio.get_running_loop().call_later
        link = Link(schedule=schedule, random=seeded("link"))
        self.database = MemoryDatabase(self.server, link)
        metrics = CountedMetrics()
        service = SchedulerService(SCHEDULER, database=self.database, metrics=metrics)
        self.memory: Memory = service._memory()
        self.runner = BatchRunner(
            database=self.database,
            memory=self.memory,
            metrics=metrics,
            partitions=1,
            spans=Spans(Tracing("scheduler"), self.memory.clock),
        )
        self.instance_id = new_id()
        self.key = StepKey(instance_id=self.instance_id, node_id="a1", number=1, step=0)

    def lay_down(self) -> None:
        project, template = new_id(), new_id()
        insert(self.server, "project", project_id=project, name="p")
        insert(
            self.server,
            "template",
            template_id=template,
            project_id=project,
            key="t",
            latest_version=1,
        )
        insert(
            self.server,
            "template_version",
            template_id=template,
            number=1,
            source="",
            document="{}",
            graph=dump_json(encode_graph(chain(1))),
            content_hash="",
            actor="ann",
        )
        insert(
            self.server,
            "instance",
            instance_id=self.instance_id,
            project_id=project,
            template_id=template,
            version=1,
            name="run",
            partition=0,
            given="{}",
            actor="ann",
            callback_secret="s",  # noqa: S106 - a test's
        )
        command = {"instance_id": self.instance_id, "partition": 0}
        insert(self.server, "command", **command, kind="start", actor="ann")

    async def begin(self) -> None:
        """Start the instance, and hand its first step out."""
        self.lay_down()
        await self.runner.run(Intake(doorbells={self.instance_id}), ())
        dispatcher = self.memory.dispatcher
        held = self.memory.holding.get(self.instance_id)
        assert held is not None
        dispatcher.enqueue(held, self.key, self.now)
        dispatcher.set_partitions("default", 1)
        assert [one.key for one in dispatcher.take(self.now)] == [self.key]

    def end_elsewhere(self) -> None:
        """Have another owner cancel the instance, as far as rows tell."""
        update(
            self.server,
            "instance",
            (self.instance_id,),
            status="cancelled",
            ended_at=self.now,
            revision=2,
        )
        node = (self.instance_id, "a1")
        update(self.server, "node", node, status="cancelled", reason=None, check_at=None)
        attempt = (*node, 1)
        update(self.server, "attempt", attempt, status="cancelled", closed_at=self.now)

    def tell_time(self) -> None:
        clock = self.memory.clock
        clock.set(self.now, asked_at=clock.monotonic())

    async def compare(self, after: timedelta) -> None:
        self.now = NOW + after
        self.tell_time()
        async with self.database.hot() as connection:
            await compare_silent(connection, self.runner, self.memory)


@pytest.fixture
async def owner() -> Owner:
    found = Owner()
    found.tell_time()
    await found.begin()
    return found


async def test_a_step_of_an_instance_that_another_owner_has_ended_takes_no_room_for_ever(
    owner: Owner,
) -> None:
    owner.end_elsewhere()

    await owner.compare(SILENCE - timedelta(seconds=1))
    before = owner.memory.dispatcher.handed_out_count("default")
    await owner.compare(SILENCE + timedelta(seconds=1))

    assert (before, owner.memory.dispatcher.handed_out_count("default")) == (1, 0)
    assert owner.memory.holding.get(owner.instance_id) is None


async def test_a_step_that_is_only_slow_stays_handed_out_and_is_compared_now_and_then(
    owner: Owner,
) -> None:
    await owner.compare(SILENCE + timedelta(seconds=1))

    dispatcher = owner.memory.dispatcher
    assert dispatcher.has_handed_out(owner.key)
    assert dispatcher.take_silent(owner.now - SILENCE, owner.now) == []
    later = owner.now + SILENCE + timedelta(seconds=1)
    assert dispatcher.take_silent(later - SILENCE, later) == [owner.key]


async def test_rule_1_what_is_overdue_and_not_known_is_loaded_again_and_handed_out(
    owner: Owner,
) -> None:
    held = owner.memory.holding.get(owner.instance_id)
    assert held is not None
    held.snapshot.nodes.clear()
    held.snapshot.revision = 0
    owner.memory.dispatcher.forget(owner.instance_id)
    owner.now = NOW + timedelta(minutes=3)
    repair = Repair(
        database=owner.database, runner=owner.runner, memory=owner.memory, metrics=CountedMetrics()
    )
    intake = Intake()

    await repair.scan(Share((0,), 1), intake, is_takeover=False)
    await owner.runner.run(intake, ())

    loaded = owner.memory.holding.get(owner.instance_id)
    assert owner.memory.dispatcher.is_waiting(owner.key)
    assert loaded is not None
    assert loaded.snapshot.revision == 2


async def test_rule_9_a_late_report_about_an_instance_that_has_ended_leaves_nothing_in_memory(
    owner: Owner,
) -> None:
    owner.end_elsewhere()
    owner.memory.holding.drop((owner.instance_id,))
    intake = Intake()
    key = EventKey(node_id="a1", number=1, step=0)
    intake.add(owner.instance_id, Item(lambda at: StepStarted(key=key, at=at)))

    result = await owner.runner.run(intake, ())

    assert result.ended == [owner.instance_id]
    assert owner.memory.holding.get(owner.instance_id) is None
