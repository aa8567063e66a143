"""The items of maps, of which there may be thousands: page by page, and counted."""

import uuid
from collections.abc import Mapping

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import SATELLITE_SEPARATOR
from flowyard.storage.nodes import NODE_COLUMNS, NodeRow, item_index
from flowyard.storage.schema import node

_index = item_index(node.c.node_id)
_owner = node.alias("owner")
# What an earlier visit of the map has left behind counts no more.
_is_owned = and_(
    _owner.c.instance_id == node.c.instance_id,
    _owner.c.node_id == func.split_part(node.c.node_id, SATELLITE_SEPARATOR, 1),
    _owner.c.visits == node.c.visits,
)
# A failure that the map tolerates is one for people all the same.
_shown_status = case((node.c.mark == "ignored", "failed"), else_=node.c.status)


async def list_items(
    connection: AsyncConnection,
    instance_id: uuid.UUID,
    node_id: str,
    *,
    status: str | None,
    after: int | None,
    limit: int,
) -> list[NodeRow]:
    """Return items of a map that have begun, by their index.

    Parameters
    ----------
    node_id
        The map.
    status
        Returns those in this status only; a tolerated failure counts as ``failed``.
    after
        Begins behind this index.
    """
    statement = (
        select(*NODE_COLUMNS)
        .join(_owner, _is_owned)
        .where(
            node.c.instance_id == instance_id,
            _owner.c.node_id == node_id,
            _index > (-1 if after is None else after),
        )
        .order_by(_index)
        .limit(limit)
    )
    if status is not None:
        statement = statement.where(_shown_status == status)
    rows = await connection.execute(statement)
    return [NodeRow(**row) for row in rows.mappings()]


async def count_items(
    connection: AsyncConnection, instance_id: uuid.UUID
) -> Mapping[str, Mapping[str, int]]:
    """Return how many items of each map have begun, by status; see :func:`list_items`."""
    owner, status = _owner.c.node_id, _shown_status.label("status")
    rows = await connection.execute(
        select(owner, status, func.count())
        .join_from(node, _owner, _is_owned)
        .where(node.c.instance_id == instance_id, _index.is_not(None))
        .group_by(owner, status)
        .order_by(owner, status)
    )
    found: dict[str, dict[str, int]] = {}
    for owner_id, name, count in rows:
        found.setdefault(owner_id, {})[name] = count
    return found
