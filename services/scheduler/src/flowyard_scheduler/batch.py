"""Load, decide and write one batch: steps two to four, repeated for what was out of date."""

import logging
import uuid
from collections.abc import Iterable, Sequence
from functools import partial

import asyncpg

from flowyard.engine.errors import UnknownAttemptError
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.engine.operations import INSTANCE_OPERATIONS
from flowyard.engine.snapshot import WaitReason
from flowyard.storage import advance_load, advance_store, advance_write
from flowyard.storage.advance_store import HeldInstance, InstanceWrite, StepKey, StoredCommand
from flowyard.storage.database import DRIVER_FAULTS, Database
from flowyard.telemetry.metrics import Metrics
from flowyard_scheduler.decide import Item, Outcome, broken, decide
from flowyard_scheduler.hooks import Hooks
from flowyard_scheduler.intake import Intake
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.related import carry_out, related_effects
from flowyard_scheduler.rounds import BatchResult, Round, Undecided
from flowyard_scheduler.spans import Spans
from flowyard_scheduler.telling import facts_of
from flowyard_scheduler.translate import event_of

LOGGER = logging.getLogger("flowyard.scheduler")

MAX_ROUNDS = 5
"""How often a batch is decided again for instances that someone else has changed meanwhile."""


class BatchRunner:
    """Stores what follows from a batch.

    Parameters
    ----------
    partitions
        Number of partitions, for new children.
    spans
        Begins the traces of new children.
    public_url
        Where people reach Flowyard, for ``${instance.url}``.
    """

    def __init__(
        self,
        *,
        database: Database,
        memory: Memory,
        metrics: Metrics,
        partitions: int,
        spans: Spans,
        public_url: str = "",
    ) -> None:
        self._database = database
        self._holding = memory.holding
        self._dispatcher = memory.dispatcher
        self._clock = memory.clock
        self._metrics = metrics
        self._partitions = partitions
        self._spans = spans
        self._public_url = public_url
        self._hooks = Hooks()

    async def run(self, intake: Intake, dispatched: Sequence[StepKey]) -> BatchResult:
        """Store what follows from an intake.

        Parameters
        ----------
        dispatched
            Steps that were published since the last batch, to be noted with it.

        Raises
        ------
        DatabaseUnavailableError
            Raised if Postgres breaks off; the caller forgets its memory and
            offers the same intake again.
        """
        result = BatchResult()
        left = Round(dict(intake.items), set(intake.doorbells))
        async with self._database.hot() as connection:
            for number in range(MAX_ROUNDS):
                await self._hooks.catch_up(connection, is_refused=number > 0)
                outcomes = await self._decide(connection, left)
                left = await self._store(connection, left, outcomes, dispatched, result)
                dispatched = ()
                if not left.instance_ids():
                    break
            if left.instance_ids():
                LOGGER.warning(
                    "Instances keep changing under this scheduler; they are decided again later",
                    extra={"count": len(left.instance_ids())},
                )
                result.undecided = Undecided(
                    left.items,
                    left.doorbells | left.broken.keys(),
                    await advance_store.partitions_of(connection, left.instance_ids()),
                )
        return result

    async def _decide(
        self, connection: asyncpg.Connection, left: Round
    ) -> dict[uuid.UUID, Outcome]:
        """Decide for every instance that is left; those that fail are marked in ``left``."""
        inbox: list[StoredCommand] = []
        found, fresh = await self._load(connection, left.instance_ids(), inbox)
        commands = await self._commands(connection, left, fresh, inbox)
        now = self._clock.now()
        outcomes: dict[uuid.UUID, Outcome] = {}
        for instance_id in left.instance_ids():
            held = found.get(instance_id)
            if held is None:
                self._metrics.count("flowyard_scheduler_unknown_instances_total")
                self._dispatcher.forget(instance_id)
                left.forget(instance_id)
                continue
            items = [*left.items.get(instance_id, ()), *commands.get(instance_id, ())]
            hooks = self._hooks.of(held.project_id)
            if not held.is_readable:
                left.broken[instance_id] = "unreadable"
            if instance_id in left.broken:
                outcomes[instance_id] = broken(held, items, left.broken[instance_id], now, hooks)
                continue
            try:
                outcomes[instance_id] = decide(
                    held, items, now, is_fresh=instance_id in fresh, hooks=hooks
                )
            except UnknownAttemptError:
                self._holding.drop((instance_id,))
            except Exception as error:
                # One bad instance must not stop the others (design, rule 12).
                LOGGER.exception("The engine failed", extra=facts_of(held))
                self._metrics.count("flowyard_scheduler_broken_instances_total")
                self._holding.drop((instance_id,))
                left.broken[instance_id] = getattr(error, "code", "engine_error")
        return outcomes

    async def hold(
        self, connection: asyncpg.Connection, instance_ids: Iterable[uuid.UUID]
    ) -> dict[uuid.UUID, HeldInstance]:
        """Return instances by id, and load those that are not held; unknown ids are left out.

        More than fit into memory may be asked for: not all of them are held afterwards.
        """
        found, _ = await self._load(connection, instance_ids)
        return found

    async def _load(
        self,
        connection: asyncpg.Connection,
        instance_ids: Iterable[uuid.UUID],
        inbox: list[StoredCommand] | None = None,
    ) -> tuple[dict[uuid.UUID, HeldInstance], set[uuid.UUID]]:
        """Return instances by id, and which of them were loaded just now.

        Parameters
        ----------
        inbox
            Filled with the open commands of those.
        """
        found: dict[uuid.UUID, HeldInstance] = {}
        missing: list[uuid.UUID] = []
        for instance_id in instance_ids:
            held = self._holding.get(instance_id)
            if held is None:
                missing.append(instance_id)
            else:
                found[instance_id] = held
        if not missing:
            return found, set()
        loaded = await advance_load.load_instances(
            connection,
            missing,
            self._holding.graphs,
            public_url=self._public_url,
            inbox=inbox,
        )
        # In the order that was asked for: the steps that are queued again keep theirs.
        for instance_id in missing:
            held = loaded.get(instance_id)
            if held is None:
                continue
            if held.is_readable:
                self._holding.put(held)
                self._queue_again(held)
            else:
                LOGGER.error("Not readable", extra=facts_of(held))
        return found | loaded, set(loaded)

    def _queue_again(self, held: HeldInstance) -> None:
        """Queue the steps of a loaded instance that are ready and not known to be published."""
        instance_id = held.snapshot.facts.instance_id
        for node in held.snapshot.nodes.values():
            attempt = node.attempt
            if node.reason is not WaitReason.QUEUED or attempt is None or not attempt.is_open:
                continue
            if held.dispatched.get(node.node_id) == (attempt.number, attempt.step):
                continue
            key = StepKey(
                instance_id=instance_id,
                node_id=node.node_id,
                number=attempt.number,
                step=attempt.step,
            )
            if not self._dispatcher.has_handed_out(key):
                self._dispatcher.enqueue(held, key, self._clock.now())

    async def _commands(
        self,
        connection: asyncpg.Connection,
        left: Round,
        fresh: set[uuid.UUID],
        inbox: list[StoredCommand],
    ) -> dict[uuid.UUID, list[Item]]:
        """Return the open commands that were asked for, beside what was loaded with instances."""
        asked = left.doorbells | left.broken.keys()
        commands = [command for command in inbox if command.instance_id in asked]
        if asked - fresh:
            commands += await advance_store.open_commands(connection, asked - fresh)
        found: dict[uuid.UUID, list[Item]] = {}
        for command in commands:
            found.setdefault(command.instance_id, []).append(self._item(command))
        return found

    def _item(self, command: StoredCommand) -> Item:
        withdraw = partial(self._withdraw, command.instance_id)
        return Item(lambda at: event_of(command, at, withdraw), command)

    def _withdraw(self, instance_id: uuid.UUID) -> frozenset[str]:
        """Take back queued steps for a pause, unless it is going to be rejected."""
        held = self._holding.get(instance_id)
        if held is not None and held.snapshot.status not in INSTANCE_OPERATIONS["pause"]:
            return frozenset()
        return self._dispatcher.withdraw(instance_id)

    async def _store(
        self,
        connection: asyncpg.Connection,
        left: Round,
        outcomes: dict[uuid.UUID, Outcome],
        dispatched: Sequence[StepKey],
        result: BatchResult,
    ) -> Round:
        """Write what was decided, and return what has to be decided again."""
        again = Round({}, set(), dict(left.broken))
        writing = {key: one for key, one in outcomes.items() if not one.is_empty}
        stored = await self._write(connection, writing, dispatched, result, again)
        for instance_id in left.instance_ids():
            is_done = instance_id in stored or (
                instance_id in outcomes and instance_id not in writing
            )
            if is_done:
                again.broken.pop(instance_id, None)
                self._count(outcomes[instance_id])
                self._keep(outcomes[instance_id], result)
            elif self._is_worth_another(instance_id, outcomes, writing, again):
                self._holding.drop((instance_id,))
                if instance_id in left.items:
                    again.items[instance_id] = left.items[instance_id]
                if instance_id in left.doorbells:
                    again.doorbells.add(instance_id)
        return again

    def _is_worth_another(
        self,
        instance_id: uuid.UUID,
        outcomes: dict[uuid.UUID, Outcome],
        writing: dict[uuid.UUID, Outcome],
        again: Round,
    ) -> bool:
        if instance_id in writing:
            self._metrics.count("flowyard_scheduler_revision_conflicts_total")
            return True
        return instance_id in again.broken or instance_id not in outcomes

    async def _write(
        self,
        connection: asyncpg.Connection,
        writing: dict[uuid.UUID, Outcome],
        dispatched: Sequence[StepKey],
        result: BatchResult,
        again: Round,
    ) -> frozenset[uuid.UUID]:
        """Write a batch; one that fails for good is split until the instance is found."""
        if not writing and not dispatched:
            return frozenset()
        began = self._clock.monotonic()
        try:
            stored = await self._write_once(connection, writing, dispatched, result)
        except DRIVER_FAULTS:
            raise
        except (asyncpg.PostgresError, ValueError, TypeError):
            if len(writing) <= 1:
                for instance_id, outcome in writing.items():
                    LOGGER.exception("Not storable", extra=facts_of(outcome.write.held))
                    self._metrics.count("flowyard_scheduler_broken_instances_total")
                    again.broken[instance_id] = "not_storable"
                return frozenset()
        else:
            seconds = self._clock.monotonic() - began
            self._metrics.observe("flowyard_scheduler_commit_seconds", seconds)
            return stored
        stored = await self._write(connection, {}, dispatched, result, again)
        for instance_id, outcome in writing.items():
            stored |= await self._write(connection, {instance_id: outcome}, (), result, again)
        return stored

    async def _write_once(
        self,
        connection: asyncpg.Connection,
        writing: dict[uuid.UUID, Outcome],
        dispatched: Sequence[StepKey],
        result: BatchResult,
    ) -> frozenset[uuid.UUID]:
        writes = [outcome.write for outcome in writing.values()]
        related = related_effects(writing)
        if not related and not any(outcome.hook_events for outcome in writing.values()):
            return await self._write_batch(connection, writes, dispatched)
        async with connection.transaction():
            stored = await self._write_batch(connection, writes, dispatched)
            addresses = await carry_out(
                connection,
                [
                    (writing[one].write.held, related[one])
                    for one in sorted(stored & related.keys())
                ],
                partitions=self._partitions,
                spans=self._spans,
            )
            await self._hooks.record(connection, [writing[one] for one in sorted(stored)])
        result.addresses.extend(addresses)
        return stored

    async def _write_batch(
        self,
        connection: asyncpg.Connection,
        writes: Sequence[InstanceWrite],
        dispatched: Sequence[StepKey],
    ) -> frozenset[uuid.UUID]:
        asked_at = self._clock.monotonic()
        stored, at = await advance_write.write_batch(
            connection, writes, dispatched, webhook_version=self._hooks.version
        )
        self._clock.set(at, asked_at=asked_at)
        return stored

    def _keep(self, outcome: Outcome, result: BatchResult) -> None:
        """Bring memory in line with what was stored."""
        held = outcome.write.held
        has_ended = held.snapshot.status in FINAL_INSTANCE_STATUSES
        if not outcome.is_empty:
            held.snapshot.revision += 1
            result.outcomes.append(outcome)
        elif has_ended:
            # A late report had it loaded again, or another owner has ended it.
            result.ended.append(held.snapshot.facts.instance_id)
        if has_ended or not held.is_readable:
            self._holding.drop((held.snapshot.facts.instance_id,))
        elif not outcome.is_empty:
            self._holding.put(held)

    def _count(self, outcome: Outcome) -> None:
        if outcome.stale_count:
            self._metrics.count("flowyard_scheduler_stale_facts_total", outcome.stale_count)
        if outcome.duplicate_count:
            self._metrics.count("flowyard_scheduler_duplicate_facts_total", outcome.duplicate_count)
        if outcome.rejected_count:
            self._metrics.count(
                "flowyard_scheduler_rejected_commands_total", outcome.rejected_count
            )
