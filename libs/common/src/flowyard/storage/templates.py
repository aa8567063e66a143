"""Templates: what people write; see :mod:`flowyard.storage.versions` for what they publish."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.ids import new_id
from flowyard.storage.errors import ConflictError, NotFoundError
from flowyard.storage.projects import as_id, is_project
from flowyard.storage.schema import project, template


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template, without its texts."""

    template_id: uuid.UUID
    project_id: uuid.UUID
    key: str
    """Short name, unique in its project."""
    title: str
    description: str
    draft_revision: int
    """Counts the writes of the draft; 0 when there was none."""
    latest_version: int | None
    """What new instances take; None until something is published."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is written and not published yet."""

    source: str | None
    revision: int


_TEMPLATE = [column for column in template.c if column.name != "draft"]


async def create_template(
    connection: AsyncConnection, project_id: uuid.UUID, *, key: str, title: str, description: str
) -> Template:
    """Store a template without a draft.

    Raises
    ------
    ConflictError
        Raised if the project has one of that key.
    """
    rows = await connection.execute(
        insert(template)
        .values(
            template_id=new_id(),
            project_id=project_id,
            key=key,
            title=title,
            description=description,
        )
        .on_conflict_do_nothing(index_elements=["project_id", "key"])
        .returning(*_TEMPLATE)
    )
    row = rows.one_or_none()
    if row is None:
        raise ConflictError(f"Expected no template {key} in the project, but there is one")
    return _template(row)


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
        select(*_TEMPLATE)
        .join(project, project.c.project_id == template.c.project_id)
        .where(is_project(project_name_or_id), is_template(key_or_id))
    )
    row = rows.one_or_none()
    return None if row is None else _template(row)


def is_template(key_or_id: str) -> ColumnElement[bool]:
    """Return the condition that picks, within a project, the template which a text names."""
    template_id = as_id(key_or_id)
    return (
        template.c.key == key_or_id
        if template_id is None
        else template.c.template_id == template_id
    )


async def list_templates(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    *,
    text: str | None,
    after: str | None,
    limit: int,
) -> list[Template]:
    """Return a project's templates by key, from behind ``after`` on.

    Parameters
    ----------
    text
        Keeps those whose key or title contains it, in any case of letters.
    """
    statement = (
        select(*_TEMPLATE)
        .where(template.c.project_id == project_id)
        .order_by(template.c.key)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(template.c.key > after)
    if text:
        statement = statement.where(
            template.c.key.icontains(text, autoescape=True)
            | template.c.title.icontains(text, autoescape=True)
        )
    return [_template(row) for row in await connection.execute(statement)]


async def find_draft(connection: AsyncConnection, template_id: uuid.UUID) -> Draft:
    """Return what is written of a template that exists."""
    rows = await connection.execute(
        select(template.c.draft, template.c.draft_revision).where(
            template.c.template_id == template_id
        )
    )
    row = rows.one()
    return Draft(source=row.draft, revision=row.draft_revision)


async def write_draft(
    connection: AsyncConnection,
    template_id: uuid.UUID,
    source: str,
    *,
    expected_revision: int | None,
) -> int | None:
    """Replace the draft and return its new revision.

    Parameters
    ----------
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
    return revision


def _template(row: Row[Any]) -> Template:
    return Template(
        template_id=row.template_id,
        project_id=row.project_id,
        key=row.key,
        title=row.title,
        description=row.description,
        draft_revision=row.draft_revision,
        latest_version=row.latest_version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
