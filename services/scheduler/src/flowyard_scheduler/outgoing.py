"""What a stored batch sets in motion: queued steps, timers, records to be published."""

import uuid
from collections.abc import Iterable, Sequence

import orjson

from flowyard.contracts.records import Doorbell
from flowyard.contracts.topics import (
    INSTANCE_CHANGE,
    INSTANCE_CHANGE_SCHEMA,
    INSTANCE_EVENT,
    INSTANCE_EVENT_SCHEMA,
    NODE_READY_SCHEMA,
    SCHEMA_HEADER,
    TRACEPARENT_HEADER,
    node_ready,
)
from flowyard.engine.effects import DispatchStep, WithdrawAttempt
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus, NodeStatus
from flowyard.engine.snapshot import NodeState, WaitReason
from flowyard.messaging.ports import OutgoingRecord
from flowyard.storage.advance_store import HeldInstance, InstanceWrite, StepKey
from flowyard.storage.advance_write import Address
from flowyard.telemetry.tracing import Tracing
from flowyard_scheduler.decide import Outcome
from flowyard_scheduler.dispatch import HandOut
from flowyard_scheduler.memory import Memory
from flowyard_scheduler.timers import TimerKind
from flowyard_scheduler.translate import ready_step

_EVENT_HEADERS = ((SCHEMA_HEADER, INSTANCE_EVENT_SCHEMA.encode()),)
_CHANGE_HEADERS = ((SCHEMA_HEADER, INSTANCE_CHANGE_SCHEMA.encode()),)
_READY_HEADERS = ((SCHEMA_HEADER, NODE_READY_SCHEMA.encode()),)

_HANDED_OUT = frozenset({NodeStatus.READY, NodeStatus.RUNNING})


class Outgoing:
    """Turns stored outcomes into queued steps, timers and records."""

    def __init__(
        self,
        *,
        memory: Memory,
        tracing: Tracing,
    ) -> None:
        self._holding = memory.holding
        self._dispatcher = memory.dispatcher
        self._timers = memory.timers
        self._clock = memory.clock
        self._tracing = tracing
        self.deferred: set[uuid.UUID] = set()
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
        for effect in outcome.effects:
            match effect:
                case DispatchStep(node_id=node_id, number=number, step=step):
                    key = StepKey(
                        instance_id=instance_id, node_id=node_id, number=number, step=step
                    )
                    self._dispatcher.enqueue(held, key)
                case WithdrawAttempt(node_id=node_id):
                    self._dispatcher.release(instance_id, node_id)
                case _:
                    pass  # carried out within the batch's transaction
        if outcome.write.is_changed:
            self._dispatcher.reorder(held)
        for node in outcome.write.nodes.values():
            self._follow_node(held, node)
        if held.snapshot.status in FINAL_INSTANCE_STATUSES:
            self._dispatcher.forget(instance_id)
            self._timers.forget(instance_id)
            self.deferred.discard(instance_id)
            return False
        return self._has_come_due(instance_id, outcome)

    def _has_come_due(self, instance_id: uuid.UUID, outcome: Outcome) -> bool:
        if outcome.deferred_count:
            self.deferred.add(instance_id)
        elif instance_id in self.deferred:
            waits = any(node.reason is WaitReason.CALLBACK for node in outcome.write.nodes.values())
            if waits:
                self.deferred.discard(instance_id)
                return True
        return False

    def _follow_node(self, held: HeldInstance, node: NodeState) -> None:
        instance_id = held.snapshot.facts.instance_id
        if node.status not in _HANDED_OUT:
            self._dispatcher.release(instance_id, node.node_id)
            held.dispatched.pop(node.node_id, None)
        attempt = node.attempt
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
        self._timers.add_each(key, times, held.partition, self._clock.now())

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
        for one in self._dispatcher.take(self._clock.now()):
            held = self._holding.get(one.key.instance_id)
            if held is None:
                missing.append(one)
                continue
            record = self._ready(held, one)
            if record is None:
                self._dispatcher.release(one.key.instance_id, one.key.node_id)
                continue
            held.dispatched[one.key.node_id] = (one.key.number, one.key.step)
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
        with self._tracing.span(
            "step.dispatch",
            traceparent=held.traceparent,
            attributes=None if held.traceparent is None else _attributes(held, one),
        ) as span:
            traceparent = span.traceparent if held.traceparent is not None else None
            value = ready_step(held, one.key.node_id, traceparent)
        if value is None:
            return None
        headers: tuple[tuple[str, bytes], ...] = _READY_HEADERS
        if traceparent is not None:
            headers = (*headers, (TRACEPARENT_HEADER, traceparent.encode()))
        return OutgoingRecord(
            topic=node_ready(one.queue),
            key=one.key.instance_id.bytes,
            value=value,
            partition=one.partition,
            headers=headers,
        )

    def changes(self, outcomes: Sequence[Outcome]) -> list[OutgoingRecord]:
        """Return the news of stored instances, for live views."""
        return [_change(outcome.write) for outcome in outcomes]

    def trace(self, outcomes: Iterable[Outcome]) -> None:
        """Record the start and end of instances, where their traces are sampled."""
        for outcome in outcomes:
            snapshot = outcome.write.held.snapshot
            if not outcome.write.is_changed or snapshot.ended_at is None:
                continue
            self._tracing.event_span(
                "instance.end",
                traceparent=outcome.write.held.traceparent,
                started_at=snapshot.ended_at,
                ended_at=self._clock.now(),
                attributes={
                    "flowyard.instance": str(snapshot.facts.instance_id),
                    "flowyard.status": snapshot.status.value,
                    "flowyard.succeeded": snapshot.status is InstanceStatus.SUCCEEDED,
                },
            )


def doorbells(addresses: Iterable[Address], partitions: int) -> list[OutgoingRecord]:
    """Return the records that ring about commands for other instances.

    Parameters
    ----------
    partitions
        How many there are: an instance may be older than their number.
    """
    return [
        OutgoingRecord(
            topic=INSTANCE_EVENT,
            key=one.instance_id.bytes,
            value=Doorbell(instance_id=one.instance_id, partition=one.partition)
            .model_dump_json()
            .encode(),
            partition=one.partition % partitions,
            headers=_EVENT_HEADERS,
        )
        for one in addresses
    ]


def _change(write: InstanceWrite) -> OutgoingRecord:
    held = write.held
    snapshot = held.snapshot
    value = {
        "instance_id": snapshot.facts.instance_id,
        "project_id": held.project_id,
        "revision": snapshot.revision,
        "status": snapshot.status.value,
        "node_ids": list(write.nodes),
    }
    return OutgoingRecord(
        topic=INSTANCE_CHANGE,
        key=snapshot.facts.instance_id.bytes,
        value=orjson.dumps(value),
        headers=_CHANGE_HEADERS,
    )


def _attributes(held: HeldInstance, one: HandOut) -> dict[str, str | int | float | bool]:
    return {
        "flowyard.project": held.snapshot.facts.project,
        "flowyard.instance": str(one.key.instance_id),
        "flowyard.node": one.key.node_id,
        "flowyard.attempt": one.key.number,
        "flowyard.step": one.key.step,
        "flowyard.queue": one.queue,
    }
