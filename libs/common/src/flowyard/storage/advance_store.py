"""The scheduler's hot statements: load instances, store a batch of decisions.

All of them run on a driver connection and move whole batches. The batch itself
is one statement: its guard, the expected revision of every instance, and the
writes that hang on it cannot come apart.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson

from flowyard.engine.effects import Rejection
from flowyard.engine.graph import Graph, JsonValue
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import (
    AttemptState,
    Failure,
    InstanceFacts,
    NodeState,
    ParentLink,
    Resume,
    ResumeKind,
    Snapshot,
    WaitReason,
)
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.queries import load_queries

QUERIES = load_queries("scheduler")
"""The statements of ``scheduler.sql`` by name."""

_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What decoding raises about a row that another release, or a person, has written."""

_NO_GRAPH = Graph(nodes={}, edges=(), start_id="", end_id="")


@dataclass(slots=True, kw_only=True)
class HeldInstance:
    """An instance in its owner's memory."""

    snapshot: Snapshot
    project_id: uuid.UUID
    partition: int
    traceparent: str | None
    is_readable: bool = True
    """False where its graph or a node does not decode: it can only become an incident."""
    dispatched: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Attempt number and step that was last published, by node id, for open attempts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommand:
    """One open command row."""

    command_id: int
    instance_id: uuid.UUID
    kind: str
    node_id: str | None
    payload: Mapping[str, Any]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of a command."""

    command_id: int
    rejection: Rejection | None = None
    """None when it was applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKey:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """A step that was handed out, or should have been."""

    key: StepKey
    queue: str
    partition: int
    """Of its instance."""
    is_dispatched: bool


@dataclass(slots=True, kw_only=True)
class InstanceWrite:
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


async def load_graph(connection: asyncpg.Connection, template_id: uuid.UUID, version: int) -> Graph:
    """Return the graph of a template version, which exists as long as its instances do."""
    text = await connection.fetchval(QUERIES["load_graph"], template_id, version)
    return decode_graph(orjson.loads(text))


async def load_instances(
    connection: asyncpg.Connection,
    instance_ids: Iterable[uuid.UUID],
    graphs: dict[tuple[uuid.UUID, int], Graph],
) -> dict[uuid.UUID, HeldInstance]:
    """Return instances as they are stored, keyed by id; unknown ids are left out.

    One that does not decode stands in nobody's way: it is returned as unreadable.

    Parameters
    ----------
    graphs
        Graphs by template id and version; filled with those that were missing.
    """
    rows = await connection.fetch(QUERIES["load_instances"], list(instance_ids))
    held: dict[uuid.UUID, HeldInstance] = {}
    for row in rows:
        key = (row["template_id"], row["version"])
        if key not in graphs:
            with suppress(*_UNREADABLE):
                graphs[key] = await load_graph(connection, *key)
        held[row["instance_id"]] = _held(row, graphs.get(key))
    begun = [instance_id for instance_id, one in held.items() if one.snapshot.revision > 0]
    if begun:
        for row in await connection.fetch(QUERIES["load_nodes"], begun):
            one = held[row["instance_id"]]
            try:
                _add_node(one, row)
            except _UNREADABLE:
                one.is_readable = False
    return held


def _plain(value: uuid.UUID) -> uuid.UUID:
    """Return the driver's own kind of UUID as Python's, which JSON encoders know."""
    return uuid.UUID(int=value.int)


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _failure(text: str | None) -> Failure | None:
    return None if text is None else Failure(**orjson.loads(text))


def _held(row: asyncpg.Record, graph: Graph | None) -> HeldInstance:
    parent = None
    if row["parent_instance_id"] is not None:
        parent = ParentLink(
            instance_id=row["parent_instance_id"],
            node_id=row["parent_node_id"],
            number=row["parent_number"],
        )
    snapshot = Snapshot(
        facts=InstanceFacts(
            instance_id=_plain(row["instance_id"]),
            project=row["project"],
            name=row["name"],
            actor=row["actor"],
            callback_secret=row["callback_secret"],
            parent=parent,
        ),
        graph=graph or _NO_GRAPH,
        status=InstanceStatus(row["status"]),
        given=orjson.loads(row["given"]),
        variables=_json(row["variables"]) or {},
        outputs=_json(row["outputs"]),
        failure=_failure(row["failure"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        revision=row["revision"],
    )
    return HeldInstance(
        snapshot=snapshot,
        project_id=_plain(row["project_id"]),
        partition=row["partition"],
        traceparent=row["traceparent"],
        is_readable=graph is not None,
    )


def _add_node(held: HeldInstance, row: asyncpg.Record) -> None:
    attempt = None
    if row["number"] is not None:
        attempt = _attempt(row)
        if row["dispatched_step"] is not None and attempt.is_open:
            held.dispatched[row["node_id"]] = (attempt.number, row["dispatched_step"])
    node = NodeState(
        node_id=row["node_id"],
        status=NodeStatus(row["status"]),
        visits=row["visits"],
        reason=None if row["reason"] is None else WaitReason(row["reason"]),
        check_at=row["check_at"],
        arrived=row["arrived"],
        expected=row["expected"],
        attempt=attempt,
        outputs=_json(row["outputs"]) or {},
        failure=_failure(row["failure"]),
        reached_at=row["reached_at"],
        ended_at=row["ended_at"],
    )
    snapshot = held.snapshot
    snapshot.nodes[node.node_id] = node
    snapshot.active_count += node.is_active
    snapshot.failed_count += node.status is NodeStatus.FAILED


def _attempt(row: asyncpg.Record) -> AttemptState:
    resume = _json(row["resume"])
    return AttemptState(
        number=row["number"],
        status=NodeStatus(row["attempt_status"]),
        step=row["step"],
        inputs=_json(row["inputs"]),
        state=_json(row["state"]),
        resume=None
        if resume is None
        else Resume(kind=ResumeKind(resume["kind"]), data=resume["data"]),
        wait_until=row["wait_until"],
        opened_at=row["opened_at"],
        started_at=row["started_at"],
        closed_at=row["closed_at"],
        failure=_failure(row["attempt_failure"]),
    )


async def open_commands(
    connection: asyncpg.Connection, instance_ids: Iterable[uuid.UUID]
) -> list[StoredCommand]:
    """Return the open commands of instances in the order in which they were given."""
    rows = await connection.fetch(QUERIES["open_commands"], list(instance_ids))
    return [
        StoredCommand(
            command_id=row["command_id"],
            instance_id=_plain(row["instance_id"]),
            kind=row["kind"],
            node_id=row["node_id"],
            payload=orjson.loads(row["payload"]),
            actor=row["actor"],
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
    return [_plain(row["instance_id"]) for row in rows]


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
            instance_id=_plain(row["instance_id"]),
            node_id=row["node_id"],
            partition=row["partition"],
            reason=WaitReason(row["reason"]),
            check_at=row["check_at"],
            number=row["number"],
            step=row["step"],
            wait_until=row["wait_until"],
        )
        for row in rows
    ]


async def reasonless_nodes(
    connection: asyncpg.Connection, *, owned: Sequence[int], count: int, limit: int
) -> list[tuple[uuid.UUID, str]]:
    """Return reached nodes of owned partitions that are not final and wait for nothing."""
    rows = await connection.fetch(QUERIES["reasonless_nodes"], owned, count, limit)
    return [(_plain(row["instance_id"]), row["node_id"]) for row in rows]


async def open_steps(
    connection: asyncpg.Connection, *, owned: Sequence[int], count: int
) -> list[OpenStep]:
    """Return the steps of owned partitions that are handed out or should be, oldest first."""
    rows = await connection.fetch(QUERIES["open_steps"], owned, count)
    return [
        OpenStep(
            key=StepKey(
                instance_id=_plain(row["instance_id"]),
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


async def brokers(connection: asyncpg.Connection, partitions: Sequence[int]) -> dict[int, str]:
    """Return through which broker partitions were last driven, where any."""
    rows = await connection.fetch(QUERIES["brokers"], partitions)
    return {row["partition"]: row["broker_id"] for row in rows}


async def note_brokers(
    connection: asyncpg.Connection, partitions: Sequence[int], broker_id: str
) -> None:
    """Note through which broker partitions are driven from now on."""
    await connection.execute(QUERIES["note_brokers"], partitions, broker_id)
