"""Projects: what templates, instances and secrets belong to."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.ids import new_id
from flowyard.storage.errors import ConflictError, NotFoundError
from flowyard.storage.schema import project


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project."""

    project_id: uuid.UUID
    name: str
    """Short name, unique, as it stands in addresses."""
    title: str
    created_at: datetime


def as_id(text: str) -> uuid.UUID | None:
    """Return the id that a text spells, or None when it is a short name."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


async def create_project(connection: AsyncConnection, *, name: str, title: str) -> Project:
    """Store a project.

    Raises
    ------
    ConflictError
        Raised if there is one of that name.
    """
    rows = await connection.execute(
        insert(project)
        .values(project_id=new_id(), name=name, title=title)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(project)
    )
    row = rows.one_or_none()
    if row is None:
        raise ConflictError(f"Expected no project named {name}, but there is one")
    return _project(row)


async def find_project(connection: AsyncConnection, name_or_id: str) -> Project:
    """Return a project by its short name or its id.

    Raises
    ------
    NotFoundError
        Raised if there is none.
    """
    rows = await connection.execute(select(project).where(is_project(name_or_id)))
    row = rows.one_or_none()
    if row is None:
        raise NotFoundError("project", name_or_id)
    return _project(row)


def is_project(name_or_id: str) -> ColumnElement[bool]:
    """Return the condition that picks the project which a text names."""
    project_id = as_id(name_or_id)
    return (
        project.c.name == name_or_id if project_id is None else project.c.project_id == project_id
    )


async def list_projects(
    connection: AsyncConnection, *, after: str | None, limit: int
) -> list[Project]:
    """Return projects by name, from behind the name ``after`` on."""
    statement = select(project).order_by(project.c.name).limit(limit)
    if after is not None:
        statement = statement.where(project.c.name > after)
    return [_project(row) for row in await connection.execute(statement)]


def _project(row: Row[Any]) -> Project:
    return Project(
        project_id=row.project_id, name=row.name, title=row.title, created_at=row.created_at
    )
