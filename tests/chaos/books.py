"""What is left of a run: the rows of Flowyard's tables that the ledger is made of."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from typing_extensions import override

from flowyard.ids import attempt_id

FINAL = frozenset({"succeeded", "cancelled"})

INSTANCES = """
SELECT i.instance_id, i.status, i.outputs, i.labels, i.parent_instance_id, i.parent_node_id,
       t.key AS kind
FROM instance i JOIN template t USING (template_id)
"""
NODES = """
SELECT instance_id, node_id, status, visits, reason, check_at, resume_at, deadline_at, number
FROM node
"""
ATTEMPTS = """
SELECT instance_id, node_id, number, status, visit, failure, opened_at, closed_at,
       state IS NOT NULL AND closed_at IS NOT NULL AS is_kept,
       cancel_requested_at, cancel_confirmed_at, inputs
FROM attempt ORDER BY instance_id, node_id, number
"""
OPEN_COMMANDS = "SELECT instance_id, kind, created_at FROM command WHERE outcome IS NULL"
SLOTS = "SELECT instance_id, node_id, number, granted_at, releasing_at FROM concurrency_slot"
SLOWEST_STEPS = """
SELECT a.node_id, a.number, t.key AS kind, i.created_at, i.started_at, a.opened_at,
       a.dispatched_at - a.opened_at AS dispatched, a.claimed_at - a.opened_at AS claimed,
       a.closed_at - a.opened_at AS closed, a.step, a.status, a.failure ->> 'code' AS code
FROM attempt a JOIN instance i USING (instance_id) JOIN template t USING (template_id)
WHERE a.queue IS NOT NULL AND a.closed_at IS NOT NULL AND t.key IN ('chain', 'loop')
ORDER BY a.closed_at - a.opened_at DESC LIMIT 8
"""
"""Steps that do nothing, and took the longest for it: what held them up?"""
SLOWEST_STARTS = """
SELECT i.started_at - i.created_at AS waited, i.created_at, t.key AS kind
FROM instance i JOIN template t USING (template_id)
WHERE i.started_at IS NOT NULL
ORDER BY i.started_at - i.created_at DESC LIMIT 4
"""
UNREST = """
SELECT (SELECT count(*) FROM instance WHERE status NOT IN ('succeeded', 'cancelled'))
     + (SELECT count(*) FROM concurrency_slot)
     + (SELECT count(*) FROM command WHERE outcome IS NULL)
     + (SELECT count(*) FROM attempt
        WHERE cancel_requested_at IS NOT NULL AND cancel_confirmed_at IS NULL)
"""
"""How much of all this has not come to rest yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRow:
    instance_id: str
    kind: str
    tag: str
    status: str
    outputs: Any = None
    parent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow:
    instance_id: str
    node_id: str
    status: str
    visits: int = 1
    number: int | None = None
    times: Sequence[str] = ()
    """Which of its reasons and times still stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    instance_id: str
    node_id: str
    number: int
    status: str
    visit: int = 1
    code: str | None = None
    """With which it failed."""
    is_closed: bool = True
    is_stopping: bool = False
    """Whether it was to be cancelled, and nobody has confirmed that."""
    keeps_state: bool = False
    """Whether it has ended, and what its plugin kept between steps is still there."""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attempt_id(self) -> str:
        return str(attempt_id(uuid.UUID(self.instance_id), self.node_id, self.number))

    @override
    def __str__(self) -> str:
        return f"{self.instance_id} {self.node_id}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    instances: Sequence[InstanceRow]
    nodes: Sequence[NodeRow]
    attempts: Sequence[AttemptRow]
    leftovers: Sequence[str] = ()
    """Open commands and concurrency slots."""


async def read_books(connection: asyncpg.Connection) -> Books:
    """Read everything at one instant."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return Books(
            instances=[_instance(row) for row in await connection.fetch(INSTANCES)],
            nodes=[_node(row) for row in await connection.fetch(NODES)],
            attempts=[_attempt(row) for row in await connection.fetch(ATTEMPTS)],
            leftovers=[
                *(f"open command: {dict(row)}" for row in await connection.fetch(OPEN_COMMANDS)),
                *(f"concurrency slot: {dict(row)}" for row in await connection.fetch(SLOTS)),
            ],
        )


async def slowest(connection: asyncpg.Connection) -> list[str]:
    """Return in words what has waited the longest."""
    starts = await connection.fetch(SLOWEST_STARTS)
    steps = await connection.fetch(SLOWEST_STEPS)
    return [
        *(
            f"{row['kind']} of {row['created_at']:%X} was started after {_seconds(row['waited'])}"
            for row in starts
        ),
        *(
            f"{row['kind']} {row['node_id']}/{row['number']} of {row['opened_at']:%X} was"
            f" dispatched after {_seconds(row['dispatched'])}, claimed after"
            f" {_seconds(row['claimed'])}, ended after {_seconds(row['closed'])}"
            f" {row['code'] or row['status']}"
            for row in steps
        ),
    ]


def _seconds(span: timedelta | None) -> str:
    return "-" if span is None else f"{span.total_seconds():.1f} s"


async def unrest(connection: asyncpg.Connection) -> int:
    """Return how many rows have not come to rest."""
    return int(await connection.fetchval(UNREST))


def _instance(row: asyncpg.Record) -> InstanceRow:
    return InstanceRow(
        instance_id=str(row["instance_id"]),
        kind=row["kind"],
        tag=json.loads(row["labels"]).get("tag", ""),
        status=row["status"],
        outputs=None if row["outputs"] is None else json.loads(row["outputs"]),
        parent_id=None if row["parent_instance_id"] is None else str(row["parent_instance_id"]),
    )


def _node(row: asyncpg.Record) -> NodeRow:
    times = ("reason", "check_at", "resume_at", "deadline_at")
    return NodeRow(
        instance_id=str(row["instance_id"]),
        node_id=row["node_id"],
        status=row["status"],
        visits=row["visits"],
        number=row["number"],
        times=[f"{time}={row[time]}" for time in times if row[time] is not None],
    )


def _attempt(row: asyncpg.Record) -> AttemptRow:
    failure = None if row["failure"] is None else json.loads(row["failure"])
    asked, confirmed = row["cancel_requested_at"], row["cancel_confirmed_at"]
    return AttemptRow(
        instance_id=str(row["instance_id"]),
        node_id=row["node_id"],
        number=row["number"],
        status=row["status"],
        visit=row["visit"],
        code=None if failure is None else failure["code"],
        is_closed=row["closed_at"] is not None,
        is_stopping=asked is not None and confirmed is None,
        keeps_state=row["is_kept"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        inputs={} if row["inputs"] is None else json.loads(row["inputs"]),
    )
