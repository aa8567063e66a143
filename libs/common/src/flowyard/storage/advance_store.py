"""The scheduler's hot statements: load instances, store a batch of decisions.

All of them run on a driver connection and move whole batches. The batch itself
is one statement: its guard, the expected revision of every instance, and the
writes that hang on it cannot come apart.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson
from msgspec import Struct, field

from flowyard.engine.effects import Rejection
from flowyard.engine.graph import JsonValue
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import (
    AttemptState,
    NodeState,
    Snapshot,
    WaitReason,
)
from flowyard.storage.queries import load_queries

QUERIES = load_queries("scheduler")
"""The statements of ``scheduler.sql`` by name."""


class AttemptTrace(Struct, frozen=True, kw_only=True):
    """Where an attempt stands in its instance's trace."""

    number: int
    """Of the attempt."""
    traceparent: str
    """Of its own span, which is recorded once it is closed."""
    links: tuple[str, ...] = ()
    """What caused it: the request of a person, the attempt before; as ``traceparent``."""


class HeldInstance(Struct, kw_only=True):
    """An instance in its owner's memory."""

    snapshot: Snapshot
    project_id: uuid.UUID
    partition: int
    traceparent: str | None
    version: int = 0
    """Of its template."""
    is_readable: bool = True
    """False where its graph or a node does not decode: it can only become an incident."""
    dispatched: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Attempt number and step that was last published, by node id, for open attempts."""
    traces: dict[str, AttemptTrace] = field(default_factory=dict)
    """Of the latest attempts by node id, where the instance's trace is recorded."""


class StoredCommand(Struct, frozen=True, kw_only=True):
    """One open command row."""

    command_id: int
    instance_id: uuid.UUID
    kind: str
    node_id: str | None
    payload: Mapping[str, Any]
    actor: str
    traceparent: str | None = None
    """Of the request that gave it, where its trace is recorded."""


class Settlement(Struct, frozen=True, kw_only=True):
    """What became of a command."""

    command_id: int
    rejection: Rejection | None = None
    """None when it was applied."""


class StepKey(Struct, frozen=True, kw_only=True):
    """One step of one attempt of one instance."""

    instance_id: uuid.UUID
    node_id: str
    number: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNode:
    """A reached node that must be looked at."""

    instance_id: uuid.UUID
    node_id: str
    partition: int
    """Of its instance."""
    reason: WaitReason
    check_at: datetime
    number: int | None
    step: int | None
    wait_until: datetime | None
    resume_at: datetime | None = None
    """When an automatic attempt is due."""
    deadline_at: datetime | None = None
    """When the present attempt has taken too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """A step that was handed out, or should have been."""

    key: StepKey
    queue: str
    partition: int
    """Of its instance."""
    is_dispatched: bool


class InstanceWrite(Struct, kw_only=True):
    """What one batch changes of one instance."""

    held: HeldInstance
    is_changed: bool = False
    """Whether the instance's own fields beside its revision change."""
    nodes: dict[str, NodeState] = field(default_factory=dict)
    opened: dict[tuple[str, int], AttemptState] = field(default_factory=dict)
    changed: dict[tuple[str, int], AttemptState] = field(default_factory=dict)
    settlements: list[Settlement] = field(default_factory=list)


async def now(connection: asyncpg.Connection) -> datetime:
    """Return the time by Postgres' clock."""
    found: datetime = await connection.fetchval(QUERIES["clock"])
    return found


def plain(value: uuid.UUID) -> uuid.UUID:
    """Return the driver's own kind of UUID as Python's, which JSON encoders know."""
    return uuid.UUID(int=value.int)


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


async def open_commands(
    connection: asyncpg.Connection, instance_ids: Iterable[uuid.UUID]
) -> list[StoredCommand]:
    """Return the open commands of instances in the order in which they were given."""
    rows = await connection.fetch(QUERIES["open_commands"], list(instance_ids))
    return [
        StoredCommand(
            command_id=row["command_id"],
            instance_id=plain(row["instance_id"]),
            kind=row["kind"],
            node_id=row["node_id"],
            payload=orjson.loads(row["payload"]),
            actor=row["actor"],
            traceparent=row["traceparent"],
        )
        for row in rows
    ]


async def instances_with_commands(
    connection: asyncpg.Connection,
    *,
    owned: Sequence[int],
    count: int,
    older_than: timedelta,
    limit: int,
) -> list[uuid.UUID]:
    """Return instances of owned partitions that have had open commands for a while."""
    rows = await connection.fetch(
        QUERIES["instances_with_commands"], owned, count, older_than, limit
    )
    return [plain(row["instance_id"]) for row in rows]


async def due_nodes(
    connection: asyncpg.Connection,
    *,
    owned: Sequence[int],
    count: int,
    horizon: timedelta,
    limit: int,
) -> list[DueNode]:
    """Return nodes of owned partitions that must be looked at, soonest first.

    Those that wait for a time are returned before it comes: up to the horizon.
    """
    rows = await connection.fetch(QUERIES["due_nodes"], owned, count, horizon, limit)
    return [
        DueNode(
            instance_id=plain(row["instance_id"]),
            node_id=row["node_id"],
            partition=row["partition"],
            reason=WaitReason(row["reason"]),
            check_at=row["check_at"],
            number=row["number"],
            step=row["step"],
            wait_until=row["wait_until"],
            resume_at=row["resume_at"],
            deadline_at=row["deadline_at"],
        )
        for row in rows
    ]


async def reasonless_nodes(
    connection: asyncpg.Connection, *, owned: Sequence[int], count: int, limit: int
) -> list[tuple[uuid.UUID, str]]:
    """Return reached nodes of owned partitions that are not final and wait for nothing."""
    rows = await connection.fetch(QUERIES["reasonless_nodes"], owned, count, limit)
    return [(plain(row["instance_id"]), row["node_id"]) for row in rows]


async def open_steps(
    connection: asyncpg.Connection, *, owned: Sequence[int], count: int
) -> list[OpenStep]:
    """Return the steps of owned partitions that are handed out or should be, oldest first."""
    rows = await connection.fetch(QUERIES["open_steps"], owned, count)
    return [
        OpenStep(
            key=StepKey(
                instance_id=plain(row["instance_id"]),
                node_id=row["node_id"],
                number=row["number"],
                step=row["step"],
            ),
            queue=row["queue"],
            partition=row["partition"],
            is_dispatched=row["is_dispatched"],
        )
        for row in rows
    ]


async def mark_dispatched(connection: asyncpg.Connection, keys: Sequence[StepKey]) -> None:
    """Note that steps were published, where they are still the present ones."""
    await connection.execute(QUERIES["mark_dispatched"], *_key_columns(keys))


def _key_columns(keys: Sequence[StepKey]) -> tuple[list[Any], ...]:
    return (
        [key.instance_id for key in keys],
        [key.node_id for key in keys],
        [key.number for key in keys],
        [key.step for key in keys],
    )


async def ended_child(
    connection: asyncpg.Connection, parent: uuid.UUID, node_id: str, number: int
) -> tuple[uuid.UUID, InstanceStatus, dict[str, JsonValue]] | None:
    """Return id, status and outputs of an attempt's child, or None while there is none."""
    row = await connection.fetchrow(QUERIES["ended_child"], parent, node_id, number)
    if row is None:
        return None
    return row["instance_id"], InstanceStatus(row["status"]), _json(row["outputs"]) or {}


async def partitions_of(
    connection: asyncpg.Connection, instance_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """Return the partitions of instances, keyed by id; unknown ids are left out."""
    rows = await connection.fetch(QUERIES["partitions_of"], list(instance_ids))
    return {plain(row["instance_id"]): row["partition"] for row in rows}


async def brokers(connection: asyncpg.Connection, partitions: Sequence[int]) -> dict[int, str]:
    """Return through which broker partitions were last driven, where any."""
    rows = await connection.fetch(QUERIES["brokers"], partitions)
    return {row["partition"]: row["broker_id"] for row in rows}


async def note_brokers(
    connection: asyncpg.Connection, partitions: Sequence[int], broker_id: str
) -> None:
    """Note through which broker partitions are driven from now on."""
    await connection.execute(QUERIES["note_brokers"], partitions, broker_id)
