"""Looking at what is overdue: lost doorbells, lost records, waits beyond the horizon.

Repair costs what is overdue, not what exists. On the hot path nothing depends on it.
"""

import logging
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

import asyncpg

from flowyard.engine.attempts import QUEUED_CHECK
from flowyard.engine.ending import REVIEW_CHECK
from flowyard.engine.events import CheckPostponed, ChildEnded
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.storage import advance_store
from flowyard.storage.advance_store import DueNode, HeldInstance, StepKey
from flowyard.storage.advance_write import AttemptRef
from flowyard.storage.database import Database
from flowyard.storage.slots import finish_releases, look_at_slots
from flowyard.storage.starts import open_starts
from flowyard.telemetry.metrics import Metrics
from flowyard_scheduler.batch import BatchRunner
from flowyard_scheduler.comparing import compare_silent, hold_as_stored
from flowyard_scheduler.decide import Item
from flowyard_scheduler.intake import Intake
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.ownership import Share, chunks
from flowyard_scheduler.timers import HORIZON, TimerKind

LOGGER = logging.getLogger("flowyard.scheduler")

SCAN_SECONDS = 5.0
"""Pause between two scans; a wait beyond the horizon is found well before it ends."""

DOORBELL_GRACE = timedelta(seconds=3)
"""How old an open command is before its doorbell counts as lost."""

RELEASE_SECONDS = 1.0
"""Pause while cancelled attempts hold slots; plugin gateways look at those as often."""

MAX_FOUND = 5000
"""Most rows of one scan; the rest is found by the next one, which then follows soon."""

LEAST_SCAN_SECONDS = 0.2
"""Pause after a scan that has not found all that is overdue; the work goes on in between."""

SILENCE = QUEUED_CHECK
"""How long nothing may be heard of a step since it was handed out, after a wait for its turn."""

TURN_CHECK = timedelta(minutes=10)
"""When a step that waits for its turn is looked at again: its owner has it in memory, or it
stands in the line of its concurrency key."""

MAX_LINES = 500
"""Most lines of concurrency keys that are looked at in one transaction; each takes a lock."""

_HANDED_OUT = frozenset({WaitReason.QUEUED, WaitReason.RUNNING})
_BOUNDED = frozenset({WaitReason.TIMER, WaitReason.CALLBACK, WaitReason.APPROVAL})


class Repair:
    """Finds what is overdue in the owned partitions, and catches up on new ones."""

    def __init__(
        self,
        *,
        database: Database,
        runner: BatchRunner,
        memory: Memory,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._runner = runner
        self._memory = memory
        self._holding = memory.holding
        self._dispatcher = memory.dispatcher
        self._timers = memory.timers
        self._stuck = memory.stuck
        self._starts = memory.starts
        self._clock = memory.clock
        self._metrics = metrics

    async def scan(self, share: Share, intake: Intake, *, is_takeover: bool) -> float:
        """Add what is overdue to an intake, and waits that end soon to the timers.

        Parameters
        ----------
        is_takeover
            Whether open commands count at once, however young: their doorbells
            may have gone to the owner before.

        Returns
        -------
        float
            After how many seconds the next scan is due at the latest.
        """
        if not share.owned:
            self._metrics.set("flowyard_scheduler_nodes_without_reason", 0)
            return SCAN_SECONDS
        async with self._database.hot() as connection:
            await self._read_clock(connection)
            due = await advance_store.due_nodes(
                connection,
                owned=share.owned,
                count=share.count,
                horizon=HORIZON,
                limit=MAX_FOUND,
            )
            await self._look_at(connection, due, intake)
            await compare_silent(connection, self._runner, self._memory)
            await self._count_reasonless(connection, share)
            is_releasing = await self._finish_releases(connection, share, intake)
            await self._find_commands(connection, share, intake, is_takeover=is_takeover)
        if len(due) < MAX_FOUND:
            return RELEASE_SECONDS if is_releasing else SCAN_SECONDS
        until_last = due[-1].check_at - self._clock.now()
        return max(LEAST_SCAN_SECONDS, min(SCAN_SECONDS, until_last.total_seconds()))

    async def _find_commands(
        self, connection: asyncpg.Connection, share: Share, intake: Intake, *, is_takeover: bool
    ) -> None:
        older_than = timedelta(0) if is_takeover else DOORBELL_GRACE
        found = await advance_store.instances_with_commands(
            connection,
            owned=share.owned,
            count=share.count,
            older_than=older_than,
            limit=MAX_FOUND,
        )
        intake.doorbells.update(found)
        # Apart from the others: ever so many of them may wait, rightly.
        unstarted = await open_starts(
            connection,
            owned=share.owned,
            count=share.count,
            older_than=older_than,
            limit=MAX_FOUND,
        )
        unknown = [one for one in unstarted if one not in self._starts]
        intake.doorbells.update(unknown)
        if is_takeover:
            return
        # Callbacks that came before their waits are kept, rightly; so are starts beyond the line.
        self._count_repairs("command", sum(one not in self._memory.deferred for one in found))
        if self._starts.has_room:
            self._count_repairs("start", len(unknown))

    async def _look_at(
        self, connection: asyncpg.Connection, due: Sequence[DueNode], intake: Intake
    ) -> None:
        now = self._clock.now()
        self._stuck.forget_heard(now)
        overdue = [one for one in due if one.check_at <= now]
        found = await hold_as_stored(connection, self._runner, self._memory, overdue)
        for one in due:
            self._add_timers(one)
        for one in overdue:
            if _has_timer(one, now):
                self._doubt(one, now)
                self._remember(one, check_at=one.check_at, looked_at=now)
            else:
                await self._look_again(connection, one, intake, found.get(one.instance_id))
        in_line = [one for one in overdue if one.reason is WaitReason.CONCURRENCY]
        await self._look_at_slots(connection, in_line, intake)

    async def _look_again(
        self,
        connection: asyncpg.Connection,
        one: DueNode,
        intake: Intake,
        held: HeldInstance | None,
    ) -> None:
        """Do what helps a node whose reason has stood for too long, and move its time on."""
        pause = REVIEW_CHECK
        if one.reason in _HANDED_OUT:
            pause = TURN_CHECK if self._waits_its_turn(one) else self._patience(one)
            if pause <= timedelta(0):
                self._count_overdue(one)
                self._doubt(one, self._clock.now())
                self._hand_out_again(one, held)
                intake.add(one.instance_id, Item(partial(self._postponed_once, one)))
                return
        elif one.reason is WaitReason.CONCURRENCY:
            # That it stands in line is no fault; its line is looked at with all others.
            pause = TURN_CHECK
        else:
            self._count_overdue(one)
            if one.reason is WaitReason.CHILD:
                pause = QUEUED_CHECK
                await self._ask_child(connection, one, intake)
        intake.add(one.instance_id, Item(partial(_postponed, one.node_id, pause)))

    def _count_overdue(self, one: DueNode) -> None:
        self._metrics.count("flowyard_scheduler_overdue_nodes_total", reason=one.reason.value)

    def _count_repairs(self, kind: str, amount: int = 1) -> None:
        if amount:
            self._metrics.count("flowyard_scheduler_repairs_total", amount, kind=kind)

    def _doubt(self, one: DueNode, now: datetime) -> None:
        """Count a node that was overdue before and has not been heard of since."""
        if not self._stuck.is_stuck(one, now):
            return
        LOGGER.error(
            "A node is stuck: overdue again, and nothing was heard of it",
            extra={
                "instance_id": str(one.instance_id),
                "node_id": one.node_id,
                "attempt": one.number,
                "step": one.step,
                "reason": one.reason.value,
            },
        )
        self._metrics.count("flowyard_scheduler_stuck_nodes_total", kind="overdue")

    def _remember(self, one: DueNode, *, check_at: datetime, looked_at: datetime) -> None:
        self._stuck.remember(one, one.partition, check_at=check_at, looked_at=looked_at)

    def _postponed_once(self, one: DueNode, at: datetime) -> CheckPostponed:
        """Postpone a handed-out node, and remember until when: hearing of it changes that."""
        event = _postponed(one.node_id, QUEUED_CHECK, at)
        self._remember(one, check_at=event.check_at, looked_at=at)
        return event

    async def _count_reasonless(self, connection: asyncpg.Connection, share: Share) -> None:
        """Count reached nodes that are not final and wait for nothing; the schema forbids them."""
        found = await advance_store.reasonless_nodes(
            connection, owned=share.owned, count=share.count, limit=MAX_FOUND
        )
        for instance_id, node_id in found:
            LOGGER.error(
                "A node is stuck: it has no reason to wait",
                extra={"instance_id": str(instance_id), "node_id": node_id},
            )
            self._metrics.count("flowyard_scheduler_stuck_nodes_total", kind="reasonless")
        self._metrics.set("flowyard_scheduler_nodes_without_reason", len(found))

    def _waits_its_turn(self, one: DueNode) -> bool:
        """Tell whether a step waits for room in its queue's window: that is no silence."""
        key = _key(one)
        return key is not None and self._dispatcher.is_waiting(key)

    def _patience(self, one: DueNode) -> timedelta:
        """Return for how long a step may still be silent: it has just had its turn."""
        key = _key(one)
        turn_at = None if key is None else self._dispatcher.handed_out_at(key)
        return timedelta(0) if turn_at is None else turn_at + SILENCE - self._clock.now()

    def _add_timers(self, one: DueNode) -> None:
        key = _key(one)
        if key is None:
            return
        times = {
            TimerKind.WAIT: one.wait_until if one.reason in _BOUNDED else None,
            TimerKind.RETRY: one.resume_at,
            TimerKind.DEADLINE: one.deadline_at,
        }
        self._timers.add_each(key, times, one.partition, self._clock.now())

    async def _look_at_slots(
        self, connection: asyncpg.Connection, in_line: Sequence[DueNode], intake: Intake
    ) -> None:
        """Have the lines go on that nodes stand in for long, some hundreds of nodes at a time."""
        slots = [
            AttemptRef(instance_id=one.instance_id, node_id=one.node_id, number=one.number)
            for one in in_line
            if one.number is not None
        ]
        for start in range(0, len(slots), MAX_LINES):
            # Who is told and belongs to another scheduler is found by that one's scan.
            told = await look_at_slots(connection, slots[start : start + MAX_LINES])
            intake.doorbells.update(address.instance_id for address in told)
            self._count_repairs("slot", len(told))

    async def _finish_releases(
        self, connection: asyncpg.Connection, share: Share, intake: Intake
    ) -> bool:
        """Free slots whose plugins have stopped; tell whether others have still to stop."""
        told, is_releasing = await finish_releases(
            connection, owned=share.owned, count=share.count, limit=MAX_LINES
        )
        # Who belongs to another scheduler is found by that one's scan.
        intake.doorbells.update(address.instance_id for address in told)
        return is_releasing

    def _hand_out_again(self, one: DueNode, held: HeldInstance | None) -> None:
        key = _key(one)
        if held is None or key is None:
            return
        self._dispatcher.release(one.instance_id, one.node_id)
        held.dispatched.pop(one.node_id, None)
        self._dispatcher.enqueue(held, key, self._clock.now())
        self._count_repairs("step")

    async def _ask_child(
        self, connection: asyncpg.Connection, one: DueNode, intake: Intake
    ) -> None:
        """Take note of a child's end whose news was lost."""
        if one.number is None:
            return
        found = await advance_store.ended_child(
            connection, one.instance_id, one.node_id, one.number
        )
        if found is None or found[1] not in FINAL_INSTANCE_STATUSES:
            return
        self._count_repairs("child")
        _, status, outputs = found
        node_id, number = one.node_id, one.number
        intake.add(
            one.instance_id,
            Item(
                lambda at: ChildEnded(
                    node_id=node_id,
                    number=number,
                    at=at,
                    succeeded=status is InstanceStatus.SUCCEEDED,
                    outputs=outputs,
                )
            ),
        )

    async def _read_clock(self, connection: asyncpg.Connection) -> None:
        asked_at = self._clock.monotonic()
        self._clock.set(await advance_store.now(connection), asked_at=asked_at)

    async def take_over(self, partitions: Sequence[int], share: Share, broker_id: str) -> None:
        """Catch up on partitions that have just been assigned.

        What is ready and not noted as published is queued. Through another
        broker than before everything open is: its records are gone.
        """
        async with self._database.hot() as connection:
            await self._read_clock(connection)
            known = await advance_store.brokers(connection, partitions)
            lost = {one for one in partitions if known.get(one) != broker_id}
            steps = await advance_store.open_steps(connection, owned=partitions, count=share.count)
            queued: dict[uuid.UUID, list[StepKey]] = {}
            for step in steps:
                if step.is_dispatched and step.partition % share.count not in lost:
                    self._dispatcher.note_handed_out(
                        step.key, step.queue, step.partition, self._clock.now()
                    )
                else:
                    queued.setdefault(step.key.instance_id, []).append(step.key)
            for ids in chunks(list(queued)):
                found = await self._runner.hold(connection, ids)
                for instance_id, held in found.items():
                    self._queue(held, queued[instance_id])
            if lost:
                await advance_store.note_brokers(connection, sorted(lost), broker_id)

    def _queue(self, held: HeldInstance, keys: Iterable[StepKey]) -> None:
        for key in keys:
            held.dispatched.pop(key.node_id, None)
            self._dispatcher.enqueue(held, key, self._clock.now())


def _has_timer(one: DueNode, now: datetime) -> bool:
    """Tell whether what is due at a node comes by itself: its wait, retry or deadline."""
    is_bounded = one.reason in _BOUNDED and one.wait_until is not None
    is_over = one.deadline_at is not None and one.deadline_at <= now
    return is_bounded or is_over or one.resume_at is not None


def _key(one: DueNode) -> StepKey | None:
    """Return the step that a node is at, or None when it has none."""
    if one.number is None or one.step is None:
        return None
    return StepKey(
        instance_id=one.instance_id, node_id=one.node_id, number=one.number, step=one.step
    )


def _postponed(node_id: str, pause: timedelta, at: datetime) -> CheckPostponed:
    return CheckPostponed(node_id=node_id, at=at, check_at=at + pause)
