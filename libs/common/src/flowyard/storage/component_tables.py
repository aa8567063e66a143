"""Tables of components: what imports into a project make of the components of bk-sops."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import JsonValue
from flowyard.storage.schema import component_table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComponents:
    """A project's table of components as it was written; nobody has checked it here."""

    rules: Mapping[str, JsonValue] = field(default_factory=dict)
    """By code, or by code and version."""
    actor: str | None = None
    """Who wrote it last; None where nobody has."""
    updated_at: datetime | None = None


async def find_components(connection: AsyncConnection, project_id: UUID) -> StoredComponents:
    """Return a project's table; an empty one where nobody has written any."""
    rows = await connection.execute(
        select(
            component_table.c.rules, component_table.c.actor, component_table.c.updated_at
        ).where(component_table.c.project_id == project_id)
    )
    row = rows.one_or_none()
    if row is None:
        return StoredComponents()
    return StoredComponents(rules=row.rules, actor=row.actor, updated_at=row.updated_at)


async def put_components(
    connection: AsyncConnection, project_id: UUID, rules: Mapping[str, JsonValue], *, actor: str
) -> StoredComponents:
    """Write a project's table in place of the one that is there."""
    written = {"rules": dict(rules), "actor": actor, "updated_at": func.now()}
    await connection.execute(
        insert(component_table)
        .values(project_id=project_id, **written)
        .on_conflict_do_update(index_elements=["project_id"], set_=written)
    )
    return await find_components(connection, project_id)
