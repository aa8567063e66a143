"""Storing a batch of decisions: one statement for instances, nodes, attempts and commands.

The order of the columns is that of the statement's parameters; see ``write_batch``
in ``scheduler.sql``.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

import asyncpg

from flowyard.engine.effects import CancelChild, NotifyParent, StartChild
from flowyard.engine.graph import JsonValue, NodeKind
from flowyard.engine.snapshot import AttemptState, Failure, NodeState, ParentLink, Plan
from flowyard.storage.advance_store import (
    QUERIES,
    HeldInstance,
    InstanceWrite,
    Settlement,
    StepKey,
)
from flowyard.storage.database import dump_json
from flowyard.storage.plan_codec import encode_plan

Columns = tuple[list[Any], ...]
"""Parallel arrays, one a column."""

_ATTEMPT_KEY = itemgetter(0, 1, 2)

CHILD_START = "start"
"""Kind of the command that a new child begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to ring about an instance."""

    instance_id: uuid.UUID
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRef:
    """One attempt of one instance."""

    instance_id: uuid.UUID
    node_id: str
    number: int


def _dump(value: Mapping[str, JsonValue] | JsonValue) -> str | None:
    return None if value is None else dump_json(value)


def _more(**values: object) -> str | None:
    """Return as one JSON object what most rows of a kind do not have; None for no values at all.

    The driver looks at every element of every array by itself: a column that is nearly always
    empty costs as much as any other.
    """
    found = {name: value for name, value in values.items() if value is not None}
    return dump_json(found) if found else None


def _failure(failure: Failure | None) -> dict[str, str] | None:
    return None if failure is None else {"code": failure.code, "message": failure.message}


def _columns(rows: list[tuple[Any, ...]], width: int) -> Columns:
    if not rows:
        return tuple([] for _ in range(width))
    return tuple(list(column) for column in zip(*rows, strict=True))


def _instance_row(write: InstanceWrite) -> tuple[Any, ...]:
    snapshot = write.held.snapshot
    changes = None
    if write.is_changed:
        changes = _more(
            status=snapshot.status,
            variables=snapshot.variables,
            outputs=snapshot.outputs,
            failure=_failure(snapshot.failure),
            started_at=snapshot.started_at,
            ended_at=snapshot.ended_at,
            phase=snapshot.phase,
            breakpoints=sorted(snapshot.breakpoints),
            priority=snapshot.priority,
        )
    return (snapshot.facts.instance_id, snapshot.revision, changes)


def _node_row(held: HeldInstance, node: NodeState) -> tuple[Any, ...]:
    return (
        held.snapshot.facts.instance_id,
        node.node_id,
        node.status.value,
        node.visits,
        None if node.reason is None else node.reason.value,
        node.check_at,
        None if node.attempt is None else node.attempt.number,
        dump_json(node.outputs) if node.outputs else None,
        node.reached_at,
        node.ended_at,
        held.partition,
        held.snapshot.revision + 1,
        _more(
            arrived=node.arrived or None,
            expected=node.expected or None,
            failure=_failure(node.failure),
            mark=node.mark,
            retries=node.retries or None,
            resume_at=node.resume_at,
            deadline_at=node.deadline_at,
            since=node.since,
            variables=node.variables or None,
        ),
    )


def _opened_row(held: HeldInstance, node_id: str, attempt: AttemptState) -> tuple[Any, ...]:
    node = held.snapshot.graph.find(node_id)
    activity = node.activity if node is not None and node.kind is NodeKind.ACTIVITY else None
    return (
        held.snapshot.facts.instance_id,
        node_id,
        attempt.number,
        attempt.step,
        attempt.status.value,
        None if activity is None else activity.queue,
        _dump(attempt.inputs),
        attempt.opened_at,
        attempt.visit,
        _more(
            outputs=attempt.outputs,
            failure=_failure(attempt.failure),
            closed_at=attempt.closed_at,
            actor=attempt.actor,
            trace=_trace(held, node_id, attempt),
        ),
    )


def _trace(held: HeldInstance, node_id: str, attempt: AttemptState) -> dict[str, Any] | None:
    trace = held.traces.get(node_id)
    if trace is None or trace.number != attempt.number:
        return None
    return {"traceparent": trace.traceparent, "links": trace.links}


def _changed_row(held: HeldInstance, node_id: str, attempt: AttemptState) -> tuple[Any, ...]:
    number, dispatched_step = held.dispatched.get(node_id, (0, None))
    resume = attempt.resume
    return (
        held.snapshot.facts.instance_id,
        node_id,
        attempt.number,
        attempt.step,
        attempt.status.value,
        _dump(attempt.outputs),
        attempt.started_at,
        attempt.closed_at,
        dispatched_step if number == attempt.number else None,
        False,
        _more(
            state=attempt.state,
            resume=None if resume is None else {"kind": resume.kind, "data": resume.data},
            wait_until=attempt.wait_until,
            failure=_failure(attempt.failure),
        ),
    )


def _mark_row(key: StepKey) -> tuple[Any, ...]:
    unchanged = (None,) * 4
    return (key.instance_id, key.node_id, key.number, key.step, *unchanged, key.step, True, None)


def _settled_row(instance_id: uuid.UUID, settlement: Settlement) -> tuple[Any, ...]:
    refused = settlement.rejection
    return (
        settlement.command_id,
        instance_id,
        "applied" if refused is None else "rejected",
        None if refused is None else refused.code,
        None if refused is None else refused.message,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a batch, by what they are about."""

    instances: list[tuple[Any, ...]] = field(default_factory=list)
    nodes: list[tuple[Any, ...]] = field(default_factory=list)
    opened: list[tuple[Any, ...]] = field(default_factory=list)
    changed: list[tuple[Any, ...]] = field(default_factory=list)
    settled: list[tuple[Any, ...]] = field(default_factory=list)
    touched: set[tuple[uuid.UUID, str, int]] = field(default_factory=set)
    """Attempts that have a row: their dispatched step stands in it, if anywhere."""

    def add(self, write: InstanceWrite) -> None:
        held = write.held
        instance_id = held.snapshot.facts.instance_id
        self.instances.append(_instance_row(write))
        self.nodes.extend(_node_row(held, node) for _, node in sorted(write.nodes.items()))
        for (node_id, number), attempt in sorted(write.opened.items()):
            self.opened.append(_opened_row(held, node_id, attempt))
            self.touched.add((instance_id, node_id, number))
        for (node_id, number), attempt in sorted(write.changed.items()):
            self.changed.append(_changed_row(held, node_id, attempt))
            self.touched.add((instance_id, node_id, number))
        self.settled.extend(_settled_row(instance_id, one) for one in write.settlements)


def _parameters(
    writes: Sequence[InstanceWrite], dispatched: Sequence[StepKey], webhook_version: int = 0
) -> list[Any]:
    """Return the statement's parameters, with all rows in the order of their keys."""
    rows = _Rows()
    for write in sorted(writes, key=lambda write: write.held.snapshot.facts.instance_id):
        rows.add(write)
    rows.changed.extend(
        _mark_row(key)
        for key in dispatched
        if (key.instance_id, key.node_id, key.number) not in rows.touched
    )
    rows.changed.sort(key=_ATTEMPT_KEY)
    return [
        *_columns(rows.instances, 3),
        *_columns(rows.nodes, 13),
        *_columns(rows.opened, 10),
        *_columns(rows.changed, 11),
        *_columns(rows.settled, 5),
        webhook_version,
    ]


async def write_batch(
    connection: asyncpg.Connection,
    writes: Sequence[InstanceWrite],
    dispatched: Sequence[StepKey] = (),
    *,
    webhook_version: int = 0,
) -> tuple[frozenset[uuid.UUID], datetime]:
    """Store a batch, and return the instances whose revision was the expected one.

    Of the others nothing is stored: their owner has changed, or the caller's
    memory is old. Of none anything is stored where webhooks have changed.

    Parameters
    ----------
    writes
        One per instance; the snapshots are those after the decisions, still at
        the revision before them.
    dispatched
        Steps that were published since the last batch.
    webhook_version
        Of the webhooks that the decisions were made with.

    Returns
    -------
    tuple
        Stored instance ids, and the time by Postgres' clock.
    """
    rows = await connection.fetch(
        QUERIES["write_batch"], *_parameters(writes, dispatched, webhook_version)
    )
    if not rows:
        clock: datetime = await connection.fetchval(QUERIES["clock"])
        return frozenset(), clock
    return frozenset(row["instance_id"] for row in rows), rows[0]["stored_at"]


def _address(row: asyncpg.Record | None) -> Address | None:
    if row is None:
        return None
    return Address(instance_id=uuid.UUID(int=row["instance_id"].int), partition=row["partition"])


async def start_child(
    connection: asyncpg.Connection,
    held: HeldInstance,
    effect: StartChild,
    *,
    child_id: uuid.UUID,
    partition: int,
    callback_secret: str,
    traceparent: str,
) -> Address | None:
    """Create the child of an attempt with its start command; None without its template version."""
    return _address(
        await connection.fetchrow(
            QUERIES["start_child"],
            child_id,
            partition,
            callback_secret,
            held.snapshot.facts.instance_id,
            effect.template,
            effect.version,
            effect.node_id,
            effect.number,
            CHILD_START,
            dump_json(effect.inputs),
            _dump(encode_plan(_child_plan(held, effect))),
            list(effect.schemes),
            traceparent,
        )
    )


def _child_plan(held: HeldInstance, effect: StartChild) -> Plan:
    """Return how a child is to run: as its parent, but for what is its node's to say."""
    plan = held.snapshot.facts.plan
    return Plan(
        schemes=effect.schemes,
        depth=plan.depth + 1,
        is_mocked=plan.is_mocked,
        project_variables=plan.project_variables,
    )


async def refuse_child(
    connection: asyncpg.Connection, held: HeldInstance, effect: StartChild
) -> Address | None:
    """Tell an attempt itself that it gets no child: its template version is gone."""
    payload = {
        "number": effect.number,
        "succeeded": False,
        "outputs": {},
        "code": "unknown_template",
        "message": f"Expected version {effect.version or 'latest'} of template"
        f" {effect.template} with the schemes that its node names, but there is none",
    }
    facts = held.snapshot.facts
    return _address(
        await connection.fetchrow(
            QUERIES["notify_parent"],
            facts.instance_id,
            effect.node_id,
            dump_json(payload),
            facts.actor,
        )
    )


async def cancel_child(
    connection: asyncpg.Connection, held: HeldInstance, effect: CancelChild
) -> Address | None:
    """Ask for the end of an attempt's child; None when it has ended."""
    facts = held.snapshot.facts
    return _address(
        await connection.fetchrow(
            QUERIES["cancel_child"], facts.instance_id, effect.node_id, effect.number, facts.actor
        )
    )


async def request_cancels(connection: asyncpg.Connection, attempts: Sequence[AttemptRef]) -> None:
    """Ask the plugin gateways to stop what closed attempts have begun."""
    await connection.execute(
        QUERIES["request_cancels"],
        [one.instance_id for one in attempts],
        [one.node_id for one in attempts],
        [one.number for one in attempts],
    )


async def notify_parent(
    connection: asyncpg.Connection, held: HeldInstance, parent: ParentLink, effect: NotifyParent
) -> Address | None:
    """Tell the parent's attempt how its child has ended; None when the parent is gone."""
    payload = {
        "number": parent.number,
        "succeeded": effect.succeeded,
        "outputs": effect.outputs,
    }
    return _address(
        await connection.fetchrow(
            QUERIES["notify_parent"],
            parent.instance_id,
            parent.node_id,
            dump_json(payload),
            held.snapshot.facts.actor,
        )
    )
