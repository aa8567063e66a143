"""Templates: what people write; see :mod:`flowyard.storage.versions` for what they publish."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.ids import new_id
from flowyard.storage.draft_revisions import keep_revision
from flowyard.storage.errors import ConflictError, NotFoundError
from flowyard.storage.projects import as_id, is_project
from flowyard.storage.references import parse_reference
from flowyard.storage.schema import draft_revision, project, template, template_visibility
from flowyard.storage.uses import DRAFT, Use, write_uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template, without its texts."""

    template_id: uuid.UUID
    project_id: uuid.UUID
    project: str
    """Name of the project that it belongs to, its home."""
    key: str
    """Short name, unique in its project."""
    title: str
    description: str
    draft_revision: int
    """Counts the writes of the draft; 0 when there was none."""
    latest_version: int | None
    """What new instances take; None until something is published."""
    category: str
    labels: Mapping[str, str]
    is_common: bool
    """Visible to all projects."""
    deleted_at: datetime | None
    """When it was deleted; its history stays, and so does its key."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is written and not published yet."""

    source: str | None
    revision: int
    actor: str | None = None
    """Who wrote it last; None where nobody knows."""
    updated_at: datetime | None = None
    """When; None where nobody knows."""


_TEMPLATE = (
    *(template.c[name] for name in Template.__dataclass_fields__ if name != "project"),
    project.c.name.label("project"),
)


async def create_template(
    connection: AsyncConnection, project_id: uuid.UUID, *, key: str, title: str, description: str
) -> Template:
    """Store a template without a draft.

    Raises
    ------
    ConflictError
        Raised if the project has one of that key.
    """
    template_id: uuid.UUID | None = await connection.scalar(
        insert(template)
        .values(
            template_id=new_id(),
            project_id=project_id,
            key=key,
            title=title,
            description=description,
        )
        .on_conflict_do_nothing(index_elements=["project_id", "key"])
        .returning(template.c.template_id)
    )
    if template_id is None:
        raise ConflictError(
            f"Expected no template {key} in the project, but there is one, or a deleted one"
        )
    return await find_template(connection, str(project_id), str(template_id))


async def find_template(
    connection: AsyncConnection, project_name_or_id: str, key_or_id: str
) -> Template:
    """Return a template of a project.

    Raises
    ------
    NotFoundError
        Raised if the project, or the template in it, does not exist.
    """
    found = await find_template_or_none(connection, project_name_or_id, key_or_id)
    if found is None:
        raise NotFoundError("template", f"{project_name_or_id}/{key_or_id}")
    return found


async def find_template_or_none(
    connection: AsyncConnection, project_name_or_id: str, key_or_id: str
) -> Template | None:
    """Return a template of a project; None when either does not exist."""
    rows = await connection.execute(
        select_templates().where(is_project(project_name_or_id), is_template(key_or_id))
    )
    row = rows.mappings().one_or_none()
    return None if row is None else Template(**row)


async def find_visible_template(
    connection: AsyncConnection, project_name_or_id: str, name: str
) -> Template:
    """Return a template of a project, or one of another project that is visible in it.

    Parameters
    ----------
    name
        Key, ``project/key`` or id.

    Raises
    ------
    NotFoundError
        Raised if there is none, or it is not visible.
    """
    reference = parse_reference(name)
    if reference.project is None and as_id(name) is None:
        return await find_template(connection, project_name_or_id, name)
    viewer = select(project.c.project_id).where(is_project(project_name_or_id)).scalar_subquery()
    named = (
        template.c.template_id == as_id(name)
        if reference.project is None
        else (template.c.key == reference.key) & (project.c.name == reference.project)
    )
    rows = await connection.execute(select_templates().where(named, is_visible_in(viewer)))
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError("template", f"{project_name_or_id}/{name}")
    return Template(**row)


async def list_published_keys(connection: AsyncConnection, project_id: uuid.UUID) -> frozenset[str]:
    """Return the keys of all templates of a project that another one may run."""
    rows = await connection.scalars(
        select(template.c.key).where(
            template.c.project_id == project_id,
            template.c.latest_version.is_not(None),
            template.c.deleted_at.is_(None),
        )
    )
    return frozenset(rows)


def select_templates() -> Select[Any]:
    """Return the query of all templates, whose rows are those of :class:`Template`."""
    return select(*_TEMPLATE).join(project, project.c.project_id == template.c.project_id)


def is_visible_in(project_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a template is of a project or shown to it."""
    return or_(template.c.project_id == project_id, is_shown_to(project_id))


def is_shown_to(project_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a template is common to all projects, or to this one."""
    chosen = exists().where(
        template_visibility.c.template_id == template.c.template_id,
        template_visibility.c.project_id == project_id,
    )
    return or_(template.c.is_common, chosen)


def is_template(key_or_id: str) -> ColumnElement[bool]:
    """Return the condition that picks, within a project, the template which a text names."""
    template_id = as_id(key_or_id)
    return (
        template.c.key == key_or_id
        if template_id is None
        else template.c.template_id == template_id
    )


async def find_draft(connection: AsyncConnection, template_id: uuid.UUID) -> Draft:
    """Return what is written of a template that exists."""
    rows = await connection.execute(
        select(
            template.c.draft,
            template.c.draft_revision,
            draft_revision.c.actor,
            draft_revision.c.updated_at,
        )
        .outerjoin(
            draft_revision,
            (draft_revision.c.template_id == template.c.template_id)
            & (draft_revision.c.revision == template.c.draft_revision),
        )
        .where(template.c.template_id == template_id)
    )
    row = rows.one()
    return Draft(
        source=row.draft, revision=row.draft_revision, actor=row.actor, updated_at=row.updated_at
    )


async def write_draft(
    connection: AsyncConnection,
    template_id: uuid.UUID,
    source: str,
    *,
    uses: Collection[Use],
    actor: str,
    expected_revision: int | None,
) -> int | None:
    """Replace the draft and return its new revision.

    Parameters
    ----------
    uses
        What it names, as far as it can be read.
    actor
        Who writes it.
    expected_revision
        The revision that the writer has seen; when it is another one by now,
        nothing is written and None is returned. None overwrites whatever is there.
    """
    statement = (
        update(template)
        .where(template.c.template_id == template_id)
        .values(draft=source, draft_revision=template.c.draft_revision + 1, updated_at=func.now())
        .returning(template.c.draft_revision)
    )
    if expected_revision is not None:
        statement = statement.where(template.c.draft_revision == expected_revision)
    revision: int | None = await connection.scalar(statement)
    if revision is not None:
        await write_uses(connection, template_id, DRAFT, uses)
        await keep_revision(connection, template_id, revision, source, actor=actor)
    return revision
