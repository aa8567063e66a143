"""Presets: named sets of input values of a template."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import template_preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One preset."""

    template_id: uuid.UUID
    name: str
    description: str
    inputs: Mapping[str, Any]
    actor: str
    """Who wrote it last."""
    updated_at: datetime


_COLUMNS = tuple(template_preset.c[name] for name in Preset.__dataclass_fields__)


async def write_preset(
    connection: AsyncConnection,
    template_id: uuid.UUID,
    name: str,
    *,
    description: str,
    inputs: Mapping[str, Any],
    actor: str,
) -> Preset:
    """Create a preset, or replace the one of that name."""
    given = {
        "description": description,
        "inputs": dict(inputs),
        "actor": actor,
        "updated_at": func.now(),
    }
    rows = await connection.execute(
        insert(template_preset)
        .values(template_id=template_id, name=name, **given)
        .on_conflict_do_update(index_elements=["template_id", "name"], set_=given)
        .returning(*_COLUMNS)
    )
    return Preset(**rows.mappings().one())


async def delete_preset(connection: AsyncConnection, template_id: uuid.UUID, name: str) -> None:
    """Delete a preset.

    Raises
    ------
    NotFoundError
        Raised if there is none of that name.
    """
    gone = await connection.execute(
        delete(template_preset)
        .where(template_preset.c.template_id == template_id, template_preset.c.name == name)
        .returning(template_preset.c.name)
    )
    if gone.one_or_none() is None:
        raise NotFoundError("preset", name)


async def find_preset(connection: AsyncConnection, template_id: uuid.UUID, name: str) -> Preset:
    """Return a preset.

    Raises
    ------
    NotFoundError
        Raised if there is none of that name.
    """
    found = await find_presets(connection, [(template_id, name)])
    if not found:
        raise NotFoundError("preset", name)
    return found[template_id, name]


async def find_presets(
    connection: AsyncConnection, wanted: Sequence[tuple[uuid.UUID, str]]
) -> dict[tuple[uuid.UUID, str], Preset]:
    """Return presets by template and name; those that do not exist are missing."""
    if not wanted:
        return {}
    rows = await connection.execute(
        select(*_COLUMNS).where(
            tuple_(template_preset.c.template_id, template_preset.c.name).in_(wanted)
        )
    )
    return {(row["template_id"], row["name"]): Preset(**row) for row in rows.mappings()}


async def list_presets(
    connection: AsyncConnection, template_id: uuid.UUID, *, after: str | None, limit: int
) -> list[Preset]:
    """Return a template's presets by name, from behind ``after`` on."""
    statement = (
        select(*_COLUMNS)
        .where(template_preset.c.template_id == template_id)
        .order_by(template_preset.c.name)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(template_preset.c.name > after)
    rows = await connection.execute(statement)
    return [Preset(**row) for row in rows.mappings()]
