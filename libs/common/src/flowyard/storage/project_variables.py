"""Variables of projects: values that every template of a project may use, in the open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import JsonValue
from flowyard.errors import PermanentError
from flowyard.storage.database import driver_of
from flowyard.storage.errors import NotFoundError
from flowyard.storage.queries import load_queries
from flowyard.storage.schema import project, project_variable

QUERIES = load_queries("api")
"""The statements of ``api.sql`` by name."""

MAX_PROJECT_BYTES = 64 * 1024
"""Size of all variables of one project together, as text.

Each instance takes a copy of them with it, so that a later change does not change its course.
"""


class TooManyVariablesError(PermanentError):
    """Raised when the variables of a project would take too much room."""

    code = "too_many_variables"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectVariable:
    """One variable of a project."""

    name: str
    value: JsonValue
    description: str
    actor: str
    """Who wrote it last."""
    updated_at: datetime


async def put_variable(
    connection: AsyncConnection,
    project_id: UUID,
    name: str,
    *,
    value: JsonValue,
    description: str,
    actor: str,
) -> ProjectVariable:
    """Write a variable, new or in place of the old value.

    Parameters
    ----------
    connection
        Within the caller's transaction.

    Raises
    ------
    TooManyVariablesError
        Raised if the project's variables take too much room together.
    """
    # Two writers at once could each fit and not both: they take turns.
    await connection.execute(
        select(project.c.project_id).where(project.c.project_id == project_id).with_for_update()
    )
    written = {
        # JSON null is a value of its own here, not the absence of one.
        "value": literal(value, JSONB(none_as_null=False)),
        "description": description,
        "actor": actor,
        "updated_at": func.now(),
    }
    rows = await connection.execute(
        insert(project_variable)
        .values(project_id=project_id, name=name, **written)
        .on_conflict_do_update(index_elements=["project_id", "name"], set_=written)
        .returning(project_variable)
    )
    row = rows.one()
    await _check_size(connection, project_id)
    return _variable(row)


async def _check_size(connection: AsyncConnection, project_id: UUID) -> None:
    size = func.length(project_variable.c.name) + func.octet_length(
        cast(project_variable.c.value, Text)
    )
    rows = await connection.execute(
        select(func.coalesce(func.sum(size), 0)).where(project_variable.c.project_id == project_id)
    )
    total = rows.scalar_one()
    if total > MAX_PROJECT_BYTES:
        raise TooManyVariablesError(
            f"Expected variables of at most {MAX_PROJECT_BYTES} bytes together,"
            f" but they take {total}"
        )


async def list_variables(
    connection: AsyncConnection, project_id: UUID, *, after: str = "", limit: int = 100
) -> list[ProjectVariable]:
    """Return a page of a project's variables in order of their names."""
    rows = await connection.execute(
        select(project_variable)
        .where(project_variable.c.project_id == project_id, project_variable.c.name > after)
        .order_by(project_variable.c.name)
        .limit(limit)
    )
    return [_variable(row) for row in rows]


async def read_variables(
    connection: AsyncConnection, project_ids: set[UUID]
) -> dict[UUID, dict[str, JsonValue]]:
    """Return all variables of projects, by name, keyed by project; those without any are left out.

    What is returned is as bounded as the projects are many.
    """
    driver = await driver_of(connection)
    rows = await driver.fetch(QUERIES["variables_of_projects"], list(project_ids))
    found: dict[UUID, dict[str, JsonValue]] = {}
    for row in rows:
        found.setdefault(row["project_id"], {})[row["name"]] = row["value"]
    return found


async def delete_variable(
    connection: AsyncConnection, project_id: UUID, name: str
) -> ProjectVariable:
    """Take a variable away, and return what it was; instances that exist keep what they have.

    Raises
    ------
    NotFoundError
        Raised if there is none of that name.
    """
    rows = await connection.execute(
        delete(project_variable)
        .where(project_variable.c.project_id == project_id, project_variable.c.name == name)
        .returning(project_variable)
    )
    row = rows.one_or_none()
    if row is None:
        raise NotFoundError("project variable", name)
    return _variable(row)


def _variable(row: Row[Any]) -> ProjectVariable:
    return ProjectVariable(
        name=row.name,
        value=row.value,
        description=row.description,
        actor=row.actor,
        updated_at=row.updated_at,
    )
