"""The reached nodes of instances and their attempts, as people see them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, exists, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.schema import attempt, node


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow:
    """One reached node."""

    node_id: str
    status: str
    revision: int
    """Of its instance, at its last change."""
    visits: int
    reason: str | None
    check_at: datetime | None
    number: int | None
    """Of its latest attempt."""
    outputs: Mapping[str, Any] | None
    failure: Mapping[str, Any] | None
    reached_at: datetime
    ended_at: datetime | None
    mark: str | None
    retries: int
    resume_at: datetime | None
    deadline_at: datetime | None
    variables: Mapping[str, Any] | None
    """Of an inline subflow; for a map, how far it has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One attempt of a node, with its claim."""

    node_id: str
    number: int
    step: int
    status: str
    inputs: Mapping[str, Any] | None
    outputs: Mapping[str, Any] | None
    failure: Mapping[str, Any] | None
    opened_at: datetime
    wait_until: datetime | None
    """When the present wait ends by itself; None outside waits and for those without a bound."""
    started_at: datetime | None
    closed_at: datetime | None
    dispatched_step: int | None
    dispatched_at: datetime | None
    visit: int
    """Which visit of its node it belongs to."""
    actor: str | None
    """Who it acts as, where that is not who started the instance."""
    runner: uuid.UUID | None
    claimed_step: int | None
    claimed_at: datetime | None
    outcome: Mapping[str, Any] | None
    late_outcome: Mapping[str, Any] | None
    cancel_requested_at: datetime | None
    """When it was closed from outside."""
    cancel_confirmed_at: datetime | None
    """When nothing of it went on any more."""


NODE_COLUMNS = tuple(node.c[name] for name in NodeRow.__dataclass_fields__)
"""What is read of a node."""

# Regular expressions of Postgres: behind the id of its map stands an item's index, and behind
# that what runs on the item's behalf.
_INDEX, _INDEX_OR_OWNERS = ":([0-9]+)$", ":([0-9]+)(:|$)"

_ATTEMPT = tuple(attempt.c[name] for name in AttemptRow.__dataclass_fields__)


async def list_nodes(
    connection: AsyncConnection,
    instance_id: uuid.UUID,
    *,
    node_id: str | None = None,
    after_revision: int = -1,
    items_below: int | None = None,
) -> list[NodeRow]:
    """Return the reached nodes that changed after a revision, in the order they were reached.

    Parameters
    ----------
    node_id
        Returns this one only.
    items_below
        Leaves out items of maps from this index on.
    """
    statement = (
        select(*NODE_COLUMNS)
        .where(
            node.c.instance_id == instance_id,
            node.c.revision > after_revision,
            _has_index_below(node.c.node_id, items_below),
        )
        .order_by(node.c.reached_at, node.c.node_id)
    )
    if node_id is not None:
        statement = statement.where(node.c.node_id == node_id)
    rows = await connection.execute(statement)
    return [NodeRow(**row) for row in rows.mappings()]


def item_index(node_id: ColumnElement[str]) -> ColumnElement[int]:
    """Return the index that an item's id ends with; NULL for ids of anything else."""
    return cast(func.substring(node_id, _INDEX), Integer)


def _has_index_below(node_id: ColumnElement[str], bound: int | None) -> ColumnElement[bool]:
    if bound is None:
        return true()
    index = cast(func.substring(node_id, _INDEX_OR_OWNERS), Integer)
    return index.is_(None) | (index < bound)


async def list_attempts(
    connection: AsyncConnection,
    instance_id: uuid.UUID,
    *,
    after_revision: int = -1,
    items_below: int | None = None,
) -> list[AttemptRow]:
    """Return the attempts of the nodes that changed after a revision, by node and number.

    Parameters
    ----------
    items_below
        Leaves out those of items of maps from this index on.
    """
    condition: ColumnElement[bool] = (attempt.c.instance_id == instance_id) & _has_index_below(
        attempt.c.node_id, items_below
    )
    if after_revision >= 0:
        condition &= exists().where(
            node.c.instance_id == attempt.c.instance_id,
            node.c.node_id == attempt.c.node_id,
            node.c.revision > after_revision,
        )
    rows = await connection.execute(
        select(*_ATTEMPT).where(condition).order_by(attempt.c.node_id, attempt.c.number)
    )
    return [AttemptRow(**row) for row in rows.mappings()]


async def list_node_attempts(
    connection: AsyncConnection,
    instance_id: uuid.UUID,
    node_id: str,
    *,
    before: int | None,
    limit: int,
) -> list[AttemptRow]:
    """Return the attempts of one node, the latest first, from below number ``before`` on."""
    statement = (
        select(*_ATTEMPT)
        .where(attempt.c.instance_id == instance_id, attempt.c.node_id == node_id)
        .order_by(attempt.c.number.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(attempt.c.number < before)
    rows = await connection.execute(statement)
    return [AttemptRow(**row) for row in rows.mappings()]
