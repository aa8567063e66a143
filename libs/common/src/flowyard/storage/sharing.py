"""What people say about a template beside its content, and who has said it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import (
    project,
    template,
    template_category,
    template_change,
    template_favourite,
    template_visibility,
)

DEFAULT_CATEGORIES = (
    "OpsTools",
    "MonitorAlarm",
    "ConfManage",
    "DevTools",
    "EnterpriseIT",
    "OfficeApp",
    "Other",
    "Default",
)
"""What a project offers that has no list of its own: the categories of bk-sops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Which other projects may use a template."""

    is_common: bool
    """All may."""
    projects: Sequence[str]
    """Names of those that were chosen, in order of the alphabet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category of a project, and how many templates are in it."""

    name: str
    is_listed: bool
    """Whether it is in the project's list; a template may name any other."""
    template_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """Who has changed what about a template."""

    change_id: int
    kind: str
    detail: Mapping[str, Any]
    actor: str
    created_at: datetime


async def lock_template(
    connection: AsyncConnection, template_id: uuid.UUID, *, is_exclusive: bool = False
) -> None:
    """Have every other writer of a template wait until the end of the transaction.

    Parameters
    ----------
    is_exclusive
        Has those wait too who come to use it: see :func:`flowyard.storage.uses.hold_targets`.
    """
    await connection.execute(
        select(template.c.template_id)
        .where(template.c.template_id == template_id)
        .with_for_update(key_share=not is_exclusive)
    )


async def record_change(
    connection: AsyncConnection,
    template_id: uuid.UUID,
    kind: str,
    detail: Mapping[str, Any],
    *,
    actor: str,
) -> None:
    """Note who has changed what, in the transaction that changes it."""
    await connection.execute(
        insert(template_change).values(
            template_id=template_id, kind=kind, detail=dict(detail), actor=actor
        )
    )


async def list_changes(
    connection: AsyncConnection, template_id: uuid.UUID, *, before: int | None, limit: int
) -> list[TemplateChange]:
    """Return what was changed about a template, the latest first."""
    columns = [template_change.c[name] for name in TemplateChange.__dataclass_fields__]
    statement = (
        select(*columns)
        .where(template_change.c.template_id == template_id)
        .order_by(template_change.c.change_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(template_change.c.change_id < before)
    rows = await connection.execute(statement)
    return [TemplateChange(**row) for row in rows.mappings()]


async def change_template(
    connection: AsyncConnection, template_id: uuid.UUID, changes: Mapping[str, Any]
) -> None:
    """Set title, description, category or labels of a template."""
    await connection.execute(
        update(template)
        .where(template.c.template_id == template_id)
        .values(updated_at=func.now(), **changes)
    )


async def mark_deleted(connection: AsyncConnection, template_id: uuid.UUID, *, actor: str) -> None:
    """Have a template count as deleted; nothing of it is taken away."""
    await connection.execute(
        update(template)
        .where(template.c.template_id == template_id)
        .values(deleted_at=func.now(), deleted_by=actor)
    )


async def mark_restored(connection: AsyncConnection, template_id: uuid.UUID) -> None:
    """Have a deleted template count again."""
    await connection.execute(
        update(template)
        .where(template.c.template_id == template_id)
        .values(deleted_at=None, deleted_by=None)
    )


async def find_visibility(connection: AsyncConnection, template_id: uuid.UUID) -> Visibility:
    """Return which other projects may use a template that exists."""
    is_common: bool | None = await connection.scalar(
        select(template.c.is_common).where(template.c.template_id == template_id)
    )
    names = await connection.scalars(
        select(project.c.name)
        .join(template_visibility, template_visibility.c.project_id == project.c.project_id)
        .where(template_visibility.c.template_id == template_id)
        .order_by(project.c.name)
    )
    return Visibility(is_common=bool(is_common), projects=list(names))


async def set_visibility(
    connection: AsyncConnection, template_id: uuid.UUID, wanted: Visibility, *, actor: str
) -> None:
    """Replace the projects that may use a template.

    Raises
    ------
    NotFoundError
        Raised if one of the projects does not exist.
    """
    rows = await connection.execute(
        select(project.c.name, project.c.project_id).where(project.c.name.in_(wanted.projects))
    )
    ids = {row.name: row.project_id for row in rows}
    for name in wanted.projects:
        if name not in ids:
            raise NotFoundError("project", name)
    shown = template_visibility.c
    await connection.execute(
        delete(template_visibility).where(
            shown.template_id == template_id, shown.project_id.not_in(ids.values())
        )
    )
    if ids:
        await connection.execute(
            upsert(template_visibility)
            .values(
                [
                    {"template_id": template_id, "project_id": one, "actor": actor}
                    for one in ids.values()
                ]
            )
            .on_conflict_do_nothing()
        )
    await connection.execute(
        update(template)
        .where(template.c.template_id == template_id)
        .values(is_common=wanted.is_common)
    )


async def set_favourite(
    connection: AsyncConnection, actor: str, template_id: uuid.UUID, *, is_favourite: bool
) -> None:
    """Mark a template as somebody's favourite, or no longer."""
    marks = template_favourite
    if is_favourite:
        await connection.execute(
            upsert(marks).values(actor=actor, template_id=template_id).on_conflict_do_nothing()
        )
        return
    await connection.execute(
        delete(marks).where(marks.c.actor == actor, marks.c.template_id == template_id)
    )


async def list_categories(connection: AsyncConnection, project_id: uuid.UUID) -> list[Category]:
    """Return a project's categories in their order, then those that only templates name."""
    names = await connection.scalars(
        select(template_category.c.name)
        .where(template_category.c.project_id == project_id)
        .order_by(template_category.c.position)
    )
    listed = list(names) or list(DEFAULT_CATEGORIES)
    rows = await connection.execute(
        select(template.c.category, func.count().label("templates"))
        .where(template.c.project_id == project_id, template.c.deleted_at.is_(None))
        .group_by(template.c.category)
        .order_by(template.c.category)
    )
    counts = {row.category: row.templates for row in rows}
    others = [name for name in counts if name not in listed]
    return [
        Category(name=name, is_listed=name in listed, template_count=counts.get(name, 0))
        for name in [*listed, *others]
    ]


async def set_categories(
    connection: AsyncConnection, project_id: uuid.UUID, names: Sequence[str], *, actor: str
) -> None:
    """Replace the list of a project's categories; an empty one brings the default ones back."""
    await connection.execute(
        delete(template_category).where(template_category.c.project_id == project_id)
    )
    if names:
        await connection.execute(
            insert(template_category).values(
                [
                    {"project_id": project_id, "name": name, "position": place, "actor": actor}
                    for place, name in enumerate(names)
                ]
            )
        )
