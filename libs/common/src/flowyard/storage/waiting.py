"""What waits for a person: approvals, failed nodes, and instances that failed as a whole.

Theory of operation: one partial index holds the waiting nodes of all projects in the order in
which they began to wait, another one the broken instances of each. Both are as small as what
waits, however much has finished. A page takes its rows from both, and reads the latest attempts
of those alone.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.instance_filter import IS_MOCK, TEMPLATE_KEY
from flowyard.storage.schema import attempt, instance, node, project, template
from flowyard.storage.schema.metadata import INSTANT, UUID

COUNTED = 1000
"""Most of a kind that are counted; a person needs no larger number."""


class WaitKind(StrEnum):
    """What a person is asked for."""

    APPROVAL = "approval"
    """A yes or a no."""
    FAILURE = "failure"
    """To step in where something has failed."""


class WaitOrder(StrEnum):
    """In which order what waits is listed."""

    SINCE = "since"
    """What waits longest comes first."""
    SINCE_DOWN = "-since"
    """The newest comes first."""


@dataclass(frozen=True, slots=True, order=True)
class WaitPlace:
    """Where a page ends: when its last row began to wait, and which it is."""

    since_at: datetime
    instance_id: uuid.UUID
    node_id: str
    """Empty for an instance as a whole, which stands before its nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFilter:
    """What of a project is wanted; empty fields want all."""

    kind: WaitKind | None = None
    actor: str | None = None
    """Keeps approvals that name this one or nobody, and failures of instances they started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A node that waits for a person, or an instance that failed as a whole."""

    kind: WaitKind
    since_at: datetime
    instance_id: uuid.UUID
    node_id: str
    """Empty for an instance as a whole."""
    instance_name: str
    instance_status: str
    project: str
    template_id: uuid.UUID
    template: str
    template_title: str
    version: int
    plan: Mapping[str, Any] | None
    breakpoints: Sequence[str]
    labels: Mapping[str, str]
    actor: str
    is_mock: bool
    parent_instance_id: uuid.UUID | None
    status: str | None
    """Of the node."""
    reason: str | None
    number: int | None
    """Of its latest attempt."""
    deadline_at: datetime | None
    failure: Mapping[str, Any] | None
    inputs: Mapping[str, Any] | None = None
    """Of its latest attempt, for approvals."""
    wait_until: datetime | None = None

    @property
    def place(self) -> WaitPlace:
        """Where it stands in the list."""
        return WaitPlace(self.since_at, self.instance_id, self.node_id)


# As the partial indexes say it: the planner knows them by these words only.
_IS_WAITING: ColumnElement[bool] = literal_column(
    "(node.reason = 'approval' OR node.reason = 'incident'"
    " AND (node.node_id NOT LIKE '%:%' OR node.node_id LIKE '%:rollback'))"
)
_IS_BROKEN: ColumnElement[bool] = literal_column(
    "(instance.status = 'failed' AND instance.failure IS NOT NULL)"
)
_IS_OPEN: ColumnElement[bool] = literal_column("instance.status NOT IN ('succeeded', 'cancelled')")
_REASONS = {WaitKind.APPROVAL: "approval", WaitKind.FAILURE: "incident"}
_SINCE = func.coalesce(node.c.ended_at, node.c.reached_at)
_BROKEN_SINCE = func.coalesce(instance.c.started_at, instance.c.created_at)

_OF_INSTANCE = (
    instance.c.name.label("instance_name"),
    instance.c.status.label("instance_status"),
    project.c.name.label("project"),
    instance.c.template_id,
    TEMPLATE_KEY.label("template"),
    template.c.title.label("template_title"),
    instance.c.version,
    instance.c.plan,
    instance.c.breakpoints,
    instance.c.labels,
    instance.c.actor,
    IS_MOCK.label("is_mock"),
    instance.c.parent_instance_id,
)
_NODES = select(
    _SINCE.label("since_at"),
    node.c.instance_id,
    node.c.node_id,
    node.c.status,
    node.c.reason,
    node.c.number,
    node.c.deadline_at,
    node.c.failure,
    *_OF_INSTANCE,
)
_BROKEN = select(
    _BROKEN_SINCE.label("since_at"),
    instance.c.instance_id,
    literal("", Text).label("node_id"),
    cast(null(), Text).label("status"),
    cast(null(), Text).label("reason"),
    cast(null(), node.c.number.type).label("number"),
    cast(null(), node.c.deadline_at.type).label("deadline_at"),
    instance.c.failure,
    *_OF_INSTANCE,
)


async def list_waiting(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    wanted: WaitFilter,
    *,
    order: WaitOrder = WaitOrder.SINCE,
    after: WaitPlace | None,
    limit: int,
) -> list[WaitingRow]:
    """Return what of a project waits for a person, from behind ``after`` on."""
    rows = await connection.execute(
        waiting_statement(project_id, wanted, order=order, after=after, limit=limit)
    )
    return await _with_attempts(connection, [dict(row) for row in rows.mappings()])


async def count_waiting(
    connection: AsyncConnection, project_id: uuid.UUID, wanted: WaitFilter
) -> int:
    """Return how much of a project waits for a person, up to :data:`COUNTED`."""
    listed = waiting_statement(
        project_id, wanted, order=WaitOrder.SINCE, after=None, limit=COUNTED
    ).subquery()
    count: int = (await connection.execute(select(func.count()).select_from(listed))).scalar_one()
    return count


def waiting_statement(
    project_id: uuid.UUID,
    wanted: WaitFilter,
    *,
    order: WaitOrder,
    after: WaitPlace | None,
    limit: int,
) -> Select[Any]:
    """Return the query of a page: rows of both sources, in their order."""
    is_falling = order is WaitOrder.SINCE_DOWN
    nodes = _of_nodes(project_id, wanted)
    sources = [_page(nodes, _NODE_KEY, is_falling=is_falling, after=after, limit=limit)]
    if wanted.kind is not WaitKind.APPROVAL:
        broken = _of_broken(project_id, wanted)
        sources.append(_page(broken, _BROKEN_KEY, is_falling=is_falling, after=after, limit=limit))
    both = union_all(*(source.subquery().select() for source in sources)).subquery()
    key = (both.c.since_at, both.c.instance_id, both.c.node_id)
    return select(both).order_by(*_ordered(key, is_falling=is_falling)).limit(limit)


def _of_nodes(project_id: uuid.UUID, wanted: WaitFilter) -> Select[Any]:
    statement = (
        _NODES.join(instance, instance.c.instance_id == node.c.instance_id)
        .join(project, project.c.project_id == instance.c.project_id)
        .join(template, template.c.template_id == instance.c.template_id)
        .where(_IS_WAITING, _IS_OPEN, instance.c.project_id == project_id)
    )
    if wanted.kind is not None:
        statement = statement.where(node.c.reason == _REASONS[wanted.kind])
    if wanted.actor is not None:
        statement = statement.where(
            or_(
                and_(node.c.reason == "incident", instance.c.actor == wanted.actor),
                and_(node.c.reason == "approval", _asks(wanted.actor)),
            )
        )
    return statement


def _asks(actor: str) -> ColumnElement[bool]:
    """Return the condition that the latest attempt of a node names nobody, or this one."""
    named = attempt.c.inputs["approvers"]
    # What is no list of names names nobody. A value, not EXISTS: the server might read all
    # attempts for that at once.
    names_others = (
        select(
            and_(
                func.jsonb_typeof(named) == "array",
                named != literal([], named.type),
                ~named.contains([actor]),
            )
        )
        .where(
            attempt.c.instance_id == node.c.instance_id,
            attempt.c.node_id == node.c.node_id,
            attempt.c.number == node.c.number,
        )
        .scalar_subquery()
    )
    return func.coalesce(names_others, false()).is_(False)


def _of_broken(project_id: uuid.UUID, wanted: WaitFilter) -> Select[Any]:
    # Where nodes have failed, they are what waits.
    has_failed = exists().where(
        node.c.instance_id == instance.c.instance_id, node.c.reason == "incident"
    )
    statement = (
        _BROKEN.join(project, project.c.project_id == instance.c.project_id)
        .join(template, template.c.template_id == instance.c.template_id)
        .where(_IS_BROKEN, instance.c.project_id == project_id, ~has_failed)
    )
    if wanted.actor is not None:
        statement = statement.where(instance.c.actor == wanted.actor)
    return statement


_NODE_KEY = (_SINCE, node.c.instance_id, node.c.node_id)
_BROKEN_KEY = (_BROKEN_SINCE, instance.c.instance_id)


def _page(
    statement: Select[Any],
    key: tuple[ColumnElement[Any], ...],
    *,
    is_falling: bool,
    after: WaitPlace | None,
    limit: int,
) -> Select[Any]:
    if after is not None:
        statement = statement.where(_is_behind(key, after, is_falling=is_falling))
    return statement.order_by(*_ordered(key, is_falling=is_falling)).limit(limit)


def _ordered(key: tuple[ColumnElement[Any], ...], *, is_falling: bool) -> list[ColumnElement[Any]]:
    return [one.desc() if is_falling else one.asc() for one in key]


def _is_behind(
    key: tuple[ColumnElement[Any], ...], after: WaitPlace, *, is_falling: bool
) -> ColumnElement[bool]:
    last = tuple_(
        literal(after.since_at, INSTANT), literal(after.instance_id, UUID), literal(after.node_id)
    )
    mine = tuple_(*key, *([literal("", Text)] * (len(_NODE_KEY) - len(key))))
    return mine < last if is_falling else mine > last


async def _with_attempts(
    connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]
) -> list[WaitingRow]:
    wanted = [
        (row["instance_id"], row["node_id"], row["number"])
        for row in rows
        if row["reason"] == _REASONS[WaitKind.APPROVAL] and row["number"] is not None
    ]
    found: dict[tuple[uuid.UUID, str], Mapping[str, Any]] = {}
    if wanted:
        attempts = await connection.execute(
            select(
                attempt.c.instance_id, attempt.c.node_id, attempt.c.inputs, attempt.c.wait_until
            ).where(tuple_(attempt.c.instance_id, attempt.c.node_id, attempt.c.number).in_(wanted))
        )
        found = {
            (row["instance_id"], row["node_id"]): {
                "inputs": row["inputs"],
                "wait_until": row["wait_until"],
            }
            for row in attempts.mappings()
        }
    return [
        WaitingRow(
            **row,
            kind=_kind(row["reason"]),
            **found.get((row["instance_id"], row["node_id"]), {}),
        )
        for row in rows
    ]


def _kind(reason: str | None) -> WaitKind:
    is_approval = reason == _REASONS[WaitKind.APPROVAL]
    return WaitKind.APPROVAL if is_approval else WaitKind.FAILURE
