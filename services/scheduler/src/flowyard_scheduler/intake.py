"""What a batch is made of: the first of the six steps."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import assert_never

from pydantic import ValidationError

from flowyard.contracts.records import INSTANCE_EVENTS, Doorbell
from flowyard.contracts.topics import INSTANCE_EVENT_SCHEMA, SCHEMA_HEADER, is_newer
from flowyard.engine.events import (
    AttemptKey,
    DeadlinePassed,
    Event,
    RetryDue,
    StepFailed,
    TimerElapsed,
)
from flowyard.messaging.consume import DeadLetters
from flowyard.messaging.ports import IncomingRecord, RecordRefusedError, TopicPartition
from flowyard.storage.advance_store import StepKey
from flowyard_scheduler.decide import Item
from flowyard_scheduler.timers import Timer, TimerKind
from flowyard_scheduler.translate import fact_of

LOGGER = logging.getLogger("flowyard.scheduler")


@dataclass(slots=True)
class Intake:
    """What has come in for one batch."""

    items: dict[uuid.UUID, list[Item]] = field(default_factory=dict)
    """Facts by instance, in the order in which they came."""
    doorbells: set[uuid.UUID] = field(default_factory=set)
    """Instances whose open commands are to be read."""
    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    """Next record to read, by partition, once the batch is stored."""
    too_new: set[TopicPartition] = field(default_factory=set)
    """Partitions whose next record this release does not understand."""
    undecodable: int = 0
    """How many records were put aside."""

    @property
    def event_count(self) -> int:
        """Number of facts in the batch."""
        return sum(len(items) for items in self.items.values())

    def add(self, instance_id: uuid.UUID, item: Item) -> None:
        """Add something that may change an instance."""
        self.items.setdefault(instance_id, []).append(item)

    def add_timer(self, timer: Timer) -> None:
        """Add a time that has come."""
        self.add(timer.instance_id, Item(partial(_event_of, timer)))

    def add_refusal(self, step: StepKey, reason: str) -> None:
        """Add a step that no worker can be given."""
        key = AttemptKey(node_id=step.node_id, number=step.number, step=step.step)
        self.add(
            step.instance_id,
            Item(lambda at: StepFailed(key=key, at=at, code="step_refused", message=reason)),
        )


def _event_of(timer: Timer, at: datetime) -> Event:
    match timer.kind:
        case TimerKind.WAIT:
            key = AttemptKey(node_id=timer.node_id, number=timer.number, step=timer.step)
            return TimerElapsed(key=key, at=at)
        case TimerKind.RETRY:
            return RetryDue(node_id=timer.node_id, number=timer.number, at=at)
        case TimerKind.DEADLINE:
            return DeadlinePassed(node_id=timer.node_id, number=timer.number, at=at)
        case _:
            assert_never(timer.kind)


async def take_in(records: Sequence[IncomingRecord], dead_letters: DeadLetters) -> Intake:
    """Sort records by instance; put aside what does not decode, stop at what is too new.

    Parameters
    ----------
    records
        In the order of their offsets within each partition.
    dead_letters
        Where a record goes that does not decode.
    """
    intake = Intake()
    for record in records:
        place = record.place
        if place in intake.too_new:
            continue
        if _is_too_new(_schema(record)):
            LOGGER.error(
                "A record is of a newer release; its partition waits for an upgrade",
                extra={"topic": record.topic, "partition": record.partition},
            )
            intake.too_new.add(place)
            continue
        intake.offsets[place] = record.offset + 1
        try:
            event = INSTANCE_EVENTS.validate_json(record.value)
        except ValidationError as error:
            await _put_aside(record, error, dead_letters)
            intake.undecodable += 1
            continue
        if isinstance(event, Doorbell):
            intake.doorbells.add(event.instance_id)
        else:
            intake.add(event.ref.instance_id, Item(partial(fact_of, event), at=record.at))
    return intake


async def _put_aside(
    record: IncomingRecord, error: ValidationError, dead_letters: DeadLetters
) -> None:
    LOGGER.error(
        "A record does not decode and is put aside",
        extra={"topic": record.topic, "partition": record.partition, "offset": record.offset},
    )
    try:
        await dead_letters.publish(record, "undecodable", f"{error.error_count()} errors")
    except RecordRefusedError as refusal:
        # Trying again would hold up the whole partition for a record that nobody can read.
        LOGGER.error(  # noqa: TRY400 - the broker's answer says it all
            "A dead letter is refused by the broker", extra={"reason": str(refusal)}
        )


@lru_cache(maxsize=64)
def _is_too_new(schema: bytes) -> bool:
    return is_newer(schema.decode(errors="replace"), INSTANCE_EVENT_SCHEMA)


def _schema(record: IncomingRecord) -> bytes:
    for name, value in record.headers:
        if name == SCHEMA_HEADER:
            return value
    return b""
