"""Which instances live views hear of, and when.

A change says only that there is something to read, so that several of one
instance are told as one. What a viewer must see at once - an instance that has
stopped or ended - is told with the batch that stores it; of instances
that merely go on, the first change after a quiet moment is told at once, and
what follows within :data:`PAUSE_SECONDS` together. Under load that is one record
for several nodes, and none of them stands in the way of a ready step.
"""

import uuid
from collections.abc import Sequence

import orjson
from msgspec import Struct

from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_CHANGE_SCHEMA, schema_header
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.messaging.ports import OutgoingRecord
from flowyard_scheduler.decide import Outcome

PAUSE_SECONDS = 0.1
"""Shortest time between two tellings of instances that merely go on."""


class _Change(Struct):
    outcome: Outcome
    node_ids: dict[str, None]
    at: float | None


class News:
    """The changes that are not told yet."""

    def __init__(self) -> None:
        self._changes: dict[uuid.UUID, _Change] = {}
        self._is_urgent = False
        self._quiet_until = 0.0

    def add(self, outcomes: Sequence[Outcome], at: float | None = None) -> None:
        """Take note of stored changes.

        Parameters
        ----------
        at
            When they were stored, in seconds since 1970; the first of them dates a record.
        """
        for outcome in outcomes:
            write = outcome.write
            instance_id = write.held.snapshot.facts.instance_id
            self._is_urgent |= write.held.snapshot.status is not InstanceStatus.RUNNING
            change = self._changes.get(instance_id)
            if change is None:
                self._changes[instance_id] = _Change(outcome, dict.fromkeys(write.nodes), at)
            else:
                change.outcome = outcome
                change.node_ids.update(dict.fromkeys(write.nodes))

    def wait_seconds(self, now: float) -> float | None:
        """Return how long what is not told yet may wait; None where there is nothing."""
        if not self._changes:
            return None
        return 0.0 if self._is_urgent else max(0.0, self._quiet_until - now)

    def take(self, now: float, version: int) -> list[OutgoingRecord]:
        """Return the records of all changes, if it is time to tell them.

        Parameters
        ----------
        now
            On the monotonic clock, in seconds.
        version
            Of the record's form that all readers know.
        """
        if self.wait_seconds(now) != 0.0:
            return []
        changes, self._changes = self._changes, {}
        self._is_urgent = False
        self._quiet_until = now + PAUSE_SECONDS
        headers = (schema_header(INSTANCE_CHANGE_SCHEMA, version),)
        return [_record(change, headers) for change in changes.values()]


def _record(change: _Change, headers: tuple[tuple[str, bytes], ...]) -> OutgoingRecord:
    held = change.outcome.write.held
    snapshot = held.snapshot
    value = {
        "instance_id": snapshot.facts.instance_id,
        "project_id": held.project_id,
        "revision": snapshot.revision,
        "status": snapshot.status.value,
        "node_ids": list(change.node_ids),
    }
    return OutgoingRecord(
        topic=INSTANCE_CHANGE,
        key=snapshot.facts.instance_id.bytes,
        value=orjson.dumps(value),
        headers=headers,
        at=change.at,
    )
