"""Saved filters: named queries of lists, shared in a project or of one actor."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import saved_filter

SHARED = ""
"""The owner of filters that all of a project use."""


class FilterKey(NamedTuple):
    """What names a filter."""

    project_id: uuid.UUID
    resource: str
    """``instances`` or ``templates``."""
    owner: str
    """The actor whose it is, or :data:`SHARED`."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """One filter."""

    resource: str
    owner: str
    name: str
    description: str
    parameters: Mapping[str, Any]
    """As in the list's address."""
    actor: str
    """Who wrote it last."""
    updated_at: datetime


_COLUMNS = tuple(saved_filter.c[name] for name in SavedFilter.__dataclass_fields__)


async def write_filter(
    connection: AsyncConnection,
    key: FilterKey,
    *,
    description: str,
    parameters: Mapping[str, Any],
    actor: str,
) -> SavedFilter:
    """Create a filter, or replace the one of that name."""
    given = {
        "description": description,
        "parameters": dict(parameters),
        "actor": actor,
        "updated_at": func.now(),
    }
    rows = await connection.execute(
        insert(saved_filter)
        .values(**key._asdict(), **given)
        .on_conflict_do_update(index_elements=list(FilterKey._fields), set_=given)
        .returning(*_COLUMNS)
    )
    return SavedFilter(**rows.mappings().one())


async def delete_filter(connection: AsyncConnection, key: FilterKey) -> SavedFilter:
    """Delete a filter and return what it was.

    Raises
    ------
    NotFoundError
        Raised if there is none.
    """
    rows = await connection.execute(delete(saved_filter).where(*_is(key)).returning(*_COLUMNS))
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError("filter", key.name)
    return SavedFilter(**row)


async def find_filter(
    connection: AsyncConnection, project_id: uuid.UUID, resource: str, name: str, *, actor: str
) -> SavedFilter:
    """Return the filter of that name: the actor's own, else the shared one.

    Raises
    ------
    NotFoundError
        Raised if there is none.
    """
    rows = await connection.execute(
        select(*_COLUMNS)
        .where(
            saved_filter.c.project_id == project_id,
            saved_filter.c.resource == resource,
            saved_filter.c.name == name,
            saved_filter.c.owner.in_([actor, SHARED]),
        )
        .order_by(saved_filter.c.owner == SHARED)
        .limit(1)
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError("filter", name)
    return SavedFilter(**row)


async def list_filters(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    resource: str,
    *,
    actor: str,
    after: tuple[str, str] | None,
    limit: int,
) -> list[SavedFilter]:
    """Return the shared filters and the actor's own, by name and owner.

    Parameters
    ----------
    after
        Name and owner that the page begins behind.
    """
    order = (saved_filter.c.name, saved_filter.c.owner)
    statement = (
        select(*_COLUMNS)
        .where(
            saved_filter.c.project_id == project_id,
            saved_filter.c.resource == resource,
            saved_filter.c.owner.in_([actor, SHARED]),
        )
        .order_by(*order)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple_(*after))
    rows = await connection.execute(statement)
    return [SavedFilter(**row) for row in rows.mappings()]


def _is(key: FilterKey) -> list[ColumnElement[bool]]:
    return [saved_filter.c[name] == value for name, value in key._asdict().items()]
