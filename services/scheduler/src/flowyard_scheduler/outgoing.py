"""What a stored batch sets in motion: queued steps, timers, records to be published."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from flowyard.contracts.level import RecordLevel
from flowyard.contracts.records import Doorbell
from flowyard.contracts.topics import (
    INSTANCE_EVENT,
    INSTANCE_EVENT_SCHEMA,
    NODE_READY_SCHEMA,
    TRACEPARENT_HEADER,
    node_ready,
    schema_header,
)
from flowyard.engine.effects import DispatchStep, WithdrawAttempt
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, NodeStatus
from flowyard.engine.snapshot import NodeState, WaitReason
from flowyard.messaging.ports import OutgoingRecord
from flowyard.storage.advance_store import HeldInstance, StepKey
from flowyard.storage.advance_write import Address
from flowyard_scheduler.decide import Outcome
from flowyard_scheduler.dispatch import HandOut
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.spans import Spans
from flowyard_scheduler.timers import TimerKind
from flowyard_scheduler.translate import ready_step

_HANDED_OUT = frozenset({NodeStatus.READY, NodeStatus.RUNNING})


class Outgoing:
    """Turns stored outcomes into queued steps, timers and records."""

    def __init__(
        self,
        *,
        memory: Memory,
        spans: Spans,
        level: RecordLevel | None = None,
    ) -> None:
        self._holding = memory.holding
        self._dispatcher = memory.dispatcher
        self._timers = memory.timers
        self._clock = memory.clock
        self._spans = spans
        self.level = level or RecordLevel()
        """Which version of the records is written."""
        self.deferred = memory.deferred
        """Instances with callbacks that came before their waits."""

    def follow(self, outcome: Outcome) -> bool:
        """Carry out an outcome's effects in memory.

        Returns
        -------
        bool
            True if commands that were kept for later can be offered again.
        """
        held = outcome.write.held
        instance_id = held.snapshot.facts.instance_id
        at = self._clock.now()
        for effect in outcome.effects:
            match effect:
                case DispatchStep(node_id=node_id, number=number, step=step):
                    key = StepKey(
                        instance_id=instance_id, node_id=node_id, number=number, step=step
                    )
                    self._dispatcher.enqueue(held, key, at, is_first=True)
                case WithdrawAttempt(node_id=node_id):
                    self._dispatcher.release(instance_id, node_id)
                case _:
                    pass  # carried out within the batch's transaction
        if outcome.write.is_changed:
            self._dispatcher.reorder(held)
        for node in outcome.write.nodes.values():
            self._follow_node(held, node, at)
        if held.snapshot.status in FINAL_INSTANCE_STATUSES:
            self.forget(instance_id)
            return False
        return self._has_come_due(instance_id, outcome)

    def forget(self, instance_id: uuid.UUID) -> None:
        """Keep nothing of an instance that has ended."""
        self._dispatcher.forget(instance_id)
        self._timers.forget(instance_id)
        self.deferred.pop(instance_id, None)

    def _has_come_due(self, instance_id: uuid.UUID, outcome: Outcome) -> bool:
        if outcome.deferred_count:
            self.deferred[instance_id] = outcome.write.held.partition
        elif instance_id in self.deferred:
            waits = any(node.reason is WaitReason.CALLBACK for node in outcome.write.nodes.values())
            if waits:
                del self.deferred[instance_id]
                return True
        return False

    def _follow_node(self, held: HeldInstance, node: NodeState, at: datetime) -> None:
        instance_id = held.snapshot.facts.instance_id
        attempt = node.attempt
        began_at = None if attempt is None else attempt.started_at
        if node.status not in _HANDED_OUT:
            self._dispatcher.note_begun(instance_id, node.node_id, began_at, at)
            self._dispatcher.release(instance_id, node.node_id)
            held.dispatched.pop(node.node_id, None)
        elif node.reason is WaitReason.RUNNING:
            self._dispatcher.note_begun(instance_id, node.node_id, began_at, at)
        if attempt is None or node.reason is None:
            return
        waits_until = attempt.wait_until if attempt.is_open else None
        if not (waits_until or node.resume_at or node.deadline_at):
            return
        key = StepKey(
            instance_id=instance_id,
            node_id=node.node_id,
            number=attempt.number,
            step=attempt.step,
        )
        times = {
            TimerKind.WAIT: waits_until,
            TimerKind.RETRY: node.resume_at,
            TimerKind.DEADLINE: node.deadline_at,
        }
        self._timers.add_each(key, times, held.partition, at)

    def hand_out(self) -> tuple[list[OutgoingRecord], list[StepKey], list[uuid.UUID]]:
        """Return the records of the steps whose turn it is.

        Returns
        -------
        tuple
            Records, their steps, and instances that have to be loaded again
            before theirs can be made.
        """
        records: list[OutgoingRecord] = []
        keys: list[StepKey] = []
        missing: list[HandOut] = []
        at = self._clock.now()
        hops = self._dispatcher.hops
        for one in self._dispatcher.take(at):
            held = self._holding.get(one.key.instance_id)
            if held is None:
                missing.append(one)
                continue
            record = self._ready(held, one)
            if record is None:
                self._dispatcher.release(one.key.instance_id, one.key.node_id)
                continue
            held.dispatched[one.key.node_id] = (one.key.number, one.key.step)
            hops.dispatched(one.queue, (at - one.since).total_seconds())
            records.append(record)
            keys.append(one.key)
        for one in reversed(missing):
            self._dispatcher.put_back(one)
        return records, keys, [one.key.instance_id for one in missing]

    def _ready(self, held: HeldInstance, one: HandOut) -> OutgoingRecord | None:
        node = held.snapshot.nodes.get(one.key.node_id)
        attempt = None if node is None else node.attempt
        if attempt is None or (attempt.number, attempt.step) != (one.key.number, one.key.step):
            return None
        traceparent = self._spans.dispatch(held, one)
        value = ready_step(held, one.key.node_id, traceparent)
        if value is None:
            return None
        headers: tuple[tuple[str, bytes], ...] = (
            schema_header(NODE_READY_SCHEMA, self.level.version),
        )
        if traceparent is not None:
            headers = (*headers, (TRACEPARENT_HEADER, traceparent.encode()))
        return OutgoingRecord(
            topic=node_ready(one.queue),
            key=one.key.instance_id.bytes,
            value=value,
            partition=one.partition,
            headers=headers,
        )


def doorbells(addresses: Iterable[Address], partitions: int, version: int) -> list[OutgoingRecord]:
    """Return the records that ring about commands for other instances.

    Parameters
    ----------
    partitions
        How many there are: an instance may be older than their number.
    version
        Of the record's form that all schedulers know.
    """
    headers = (schema_header(INSTANCE_EVENT_SCHEMA, version),)
    return [
        OutgoingRecord(
            topic=INSTANCE_EVENT,
            key=one.instance_id.bytes,
            value=Doorbell(instance_id=one.instance_id, partition=one.partition)
            .model_dump_json()
            .encode(),
            partition=one.partition % partitions,
            headers=headers,
        )
        for one in addresses
    ]
