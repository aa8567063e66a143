"""The scheduler's loop: six steps, always the same.

Poll what waits; load the instances that are not held; decide; write the batch
in one guarded statement; publish; commit offsets. Only this loop changes the
owner's memory, apart from partitions that are revoked under it: what it then
still decides is refused by the guard.
"""

import asyncio
import logging
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from flowyard.clock import Clock
from flowyard.contracts.topics import INSTANCE_EVENT, node_ready
from flowyard.errors import RetryableError
from flowyard.messaging.consume import DeadLetters
from flowyard.messaging.ports import Broker, Consumer, IncomingRecord, TopicPartition
from flowyard.storage import advance_store
from flowyard.storage.database import Database
from flowyard_scheduler.batch import BatchRunner
from flowyard_scheduler.intake import Intake, take_in
from flowyard_scheduler.measures import Measures
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.news import News
from flowyard_scheduler.outgoing import Outgoing, doorbells
from flowyard_scheduler.ownership import Ownership
from flowyard_scheduler.publishing import Publisher
from flowyard_scheduler.repair import SCAN_SECONDS, Repair
from flowyard_scheduler.rounds import BatchResult, Undecided
from flowyard_scheduler.spans import Spans
from flowyard_scheduler.starts import Starts
from flowyard_scheduler.telling import tell_sent, tell_stored

LOGGER = logging.getLogger("flowyard.scheduler")

IDLE_SECONDS = 1.0
"""Longest wait for a record."""

NOTE_SECONDS = 0.1
"""How long published steps wait for a batch to be noted with before they get a statement."""

PAUSE_SECONDS = 0.5
"""Pause after Postgres or the broker has failed."""

COMMIT_SECONDS = 0.2
"""Pause between two commits of offsets; they run behind the work."""


class Loop:
    """Advances the instances of the owned partitions until it is stopped."""

    def __init__(
        self,
        *,
        broker: Broker,
        consumer: Consumer,
        database: Database,
        publisher: Publisher,
        dead_letters: DeadLetters,
        ownership: Ownership,
        runner: BatchRunner,
        repair: Repair,
        outgoing: Outgoing,
        starts: Starts,
        spans: Spans,
        memory: Memory,
        clock: Clock,
        measures: Measures,
        batch_size: int,
        partitions: int,
    ) -> None:
        self._broker = broker
        self._consumer = consumer
        self._database = database
        self._publisher = publisher
        self._dead_letters = dead_letters
        self._ownership = ownership
        self._runner = runner
        self._repair = repair
        self._outgoing = outgoing
        self._starts = starts
        self._spans = spans
        self._holding = memory.holding
        self._dispatcher = memory.dispatcher
        self._timers = memory.timers
        self._stuck = memory.stuck
        self._postgres_clock = memory.clock
        self._clock = clock
        self._measures = measures
        self._batch_size = batch_size
        self._partitions = partitions
        self._offsets: dict[TopicPartition, int] = {}
        self._again: set[uuid.UUID] = set()
        self._news = News()
        self._undecided = Undecided()
        self._unstored: dict[TopicPartition, int] = {}
        """Offsets behind what is still undecided."""
        self._records: list[IncomingRecord] = []
        self._next_scan = 0.0
        self._is_stopping = False
        self.is_well = True
        """False from a fault until the next batch that succeeds."""
        self._too_new: set[TopicPartition] = set()

    @property
    def understands_all(self) -> bool:
        """Tell whether no owned partition waits for an upgrade of this release."""
        return not any(self._ownership.share.holds(one.partition) for one in self._too_new)

    def stop(self) -> None:
        """Let the present batch be the last one."""
        self._is_stopping = True

    async def run(self) -> None:
        """Advance until stopped; faults are waited out, with the same records once more."""
        while not self._is_stopping:
            try:
                await self._turn()
                self.is_well = True
            except RetryableError:
                LOGGER.warning("Postgres or the broker has failed; going on soon", exc_info=True)
                await self._recover()
            except (Exception, asyncio.CancelledError):
                # The outermost loop: whatever it is, the records are not passed over.
                if _is_cancelled():
                    raise
                LOGGER.exception("A batch has failed")
                self._measures.failed()
                await self._recover()

    async def _recover(self) -> None:
        self.is_well = False
        self._holding.drop_where(lambda _: True)
        # What was due meanwhile could not be brought on.
        self._stuck.drop_where(lambda _: True)
        await asyncio.sleep(PAUSE_SECONDS)

    async def commit_offsets(self) -> None:
        """Commit offsets behind the work, until cancelled."""
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            try:
                await self.commit_now()
            except RetryableError:
                LOGGER.warning("Offsets could not be committed", exc_info=True)
            except Exception:
                # The outermost loop: without commits a restart would read everything again.
                LOGGER.exception("Offsets could not be committed")

    async def commit_now(self) -> None:
        """Commit what has been stored; what fails is committed with the next call."""
        offsets, self._offsets = self._offsets, {}
        if not offsets:
            return
        try:
            await self._consumer.commit(offsets)
        except BaseException:
            self._offsets = {**offsets, **self._offsets}
            raise

    async def _turn(self) -> None:
        if not self._records:
            self._records = await self._consumer.poll(
                max_records=self._batch_size, wait=timedelta(seconds=self._patience())
            )
        intake = await take_in(self._records, self._dead_letters)
        self._measures.took_in(intake)
        began = self._clock.monotonic()
        self._hold_back(intake)
        await self._catch_up(intake)
        for timer in self._timers.take_due(self._postgres_clock.now(), self._batch_size):
            intake.add_timer(timer)
        for key, reason in self._publisher.take_refused():
            intake.add_refusal(key, reason)
        intake.doorbells = await self._starts.sort(intake.doorbells)
        self._again.update(self._starts.begin())
        intake.doorbells |= self._again
        self._offer_again(intake)
        result = await self._handle(intake)
        self._records = []
        self._again = set()
        self._undecided = result.undecided
        self._move_on(intake.offsets)
        await self._send(result)
        self._starts.took(self._clock.monotonic() - began)

    def _offer_again(self, intake: Intake) -> None:
        """Add what the last batch could not store, before what has come since."""
        for instance_id, partition in self._undecided.partitions.items():
            if not self._ownership.share.holds(partition):
                continue
            earlier = self._undecided.items.get(instance_id)
            if earlier:
                intake.items[instance_id] = [*earlier, *intake.items.get(instance_id, ())]
            if instance_id in self._undecided.doorbells:
                intake.doorbells.add(instance_id)

    def _move_on(self, offsets: dict[TopicPartition, int]) -> None:
        """Let offsets be committed once nothing before them is undecided."""
        self._unstored.update(offsets)
        if not self._undecided.partitions:
            self._offsets.update(self._unstored)
            self._unstored = {}

    def _patience(self) -> float:
        """Return for how long a record may be waited for."""
        waits = [IDLE_SECONDS, self._next_scan - self._clock.monotonic()]
        due_at = self._timers.next_due()
        if due_at is not None:
            waits.append((due_at - self._postgres_clock.now()).total_seconds())
        if self._publisher.has_news or self._undecided.partitions:
            waits.append(NOTE_SECONDS)
        untold = self._news.wait_seconds(self._clock.monotonic())
        if untold is not None:
            waits.append(untold)
        if self._again or self._starts.has_more:
            waits.append(0)
        return max(0.0, min(waits))

    def _hold_back(self, intake: Intake) -> None:
        if intake.too_new:
            self._too_new |= intake.too_new
            self._consumer.pause(frozenset(intake.too_new))

    async def _catch_up(self, intake: Intake) -> None:
        """Take over new partitions, and look for what is overdue when it is time."""
        is_due = self._clock.monotonic() >= self._next_scan
        if is_due or self._ownership.has_arrived:
            with suppress(RetryableError):
                self._ownership.recount(await self._broker.partition_count(INSTANCE_EVENT))
                self._ownership.recognize(await self._broker.identity(INSTANCE_EVENT))
        arrived = self._ownership.take_arrived()
        if arrived:
            try:
                broker_id = await self._broker.identity(INSTANCE_EVENT)
                await self._repair.take_over(arrived, self._ownership.share, broker_id)
            except BaseException:
                self._ownership.give_back(arrived)
                raise
        if arrived or is_due:
            pause = await self._repair.scan(
                self._ownership.share, intake, is_takeover=bool(arrived)
            )
            self._next_scan = self._clock.monotonic() + min(pause, SCAN_SECONDS)

    async def _handle(self, intake: Intake) -> BatchResult:
        """Store a batch, with the steps that were published since the last one."""
        began = self._clock.monotonic()
        published = self._publisher.take_published()
        try:
            result = await self._store(intake, published)
        except BaseException:
            self._publisher.give_back(published)
            raise
        if result.outcomes:
            seconds = self._clock.monotonic() - began
            self._measures.stored(intake, result, seconds)
            self._spans.batch(result.outcomes, seconds)
        return result

    async def _store(self, intake: Intake, published: list[advance_store.StepKey]) -> BatchResult:
        if intake.items or intake.doorbells:
            return await self._runner.run(intake, published)
        if published:
            async with self._database.hot() as connection:
                await advance_store.mark_dispatched(connection, published)
        return BatchResult()

    async def _send(self, result: BatchResult) -> None:
        for outcome in result.outcomes:
            if self._outgoing.follow(outcome):
                self._again.add(outcome.write.held.snapshot.facts.instance_id)
        for instance_id in result.ended:
            self._outgoing.forget(instance_id)
        await self._open_queues(self._dispatcher.unopened())
        records, keys, missing = self._outgoing.hand_out()
        self._again.update(missing)
        await self._publisher.publish(records, keys)
        self._news.add(result.outcomes, self._postgres_clock.now().timestamp())
        await self._publisher.publish(
            [
                *doorbells(
                    result.addresses, self._ownership.share.count, self._outgoing.level.version
                ),
                *self._news.take(self._clock.monotonic(), self._outgoing.level.version),
            ]
        )
        self._spans.follow(result.outcomes)
        tell_stored(result.outcomes)
        tell_sent(keys, self._holding)
        self._measures.observe()

    async def _open_queues(self, queues: Iterable[str]) -> None:
        """Make sure of the topics of queues that are used for the first time."""
        for queue in queues:
            topic = node_ready(queue)
            await self._broker.ensure_topic(topic, partitions=self._partitions)
            self._dispatcher.set_partitions(queue, await self._broker.partition_count(topic))


def _is_cancelled() -> bool:
    """Tell whether the present task is to end; clients let cancellations of their own out."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
