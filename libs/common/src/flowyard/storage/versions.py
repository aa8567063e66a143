"""Versions of templates: what people publish; none of it ever changes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import JsonValue
from flowyard.storage.database import driver_of
from flowyard.storage.errors import NotFoundError
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.projects import as_id
from flowyard.storage.queries import load_queries
from flowyard.storage.references import parse_reference
from flowyard.storage.schema import template, template_version
from flowyard.storage.uses import uses_of, write_uses

QUERIES = load_queries("api")
"""The statements of ``api.sql`` by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSummary:
    """One published version, without its content."""

    template_id: uuid.UUID
    number: int
    content_hash: str
    note: str
    actor: str
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(VersionSummary):
    """One published version."""

    source: str
    """The document as it was written."""
    document: Mapping[str, Any]
    """The document in canonical form."""
    graph: Mapping[str, Any]
    """The compiled graph, encoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionContent:
    """What is to be published."""

    source: str
    document: Mapping[str, Any]
    graph: Mapping[str, Any]
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnableVersion:
    """What a new instance is pinned to."""

    project_id: uuid.UUID
    project: str
    template_id: uuid.UUID
    key: str
    title: str
    number: int
    variables: Mapping[str, JsonValue] | None = field(default=None, compare=False)
    """Those of the project, where they were read with it."""


_SUMMARY = [
    template_version.c[name]
    for name in ("template_id", "number", "content_hash", "note", "actor", "published_at")
]


async def add_version(
    connection: AsyncConnection,
    template_id: uuid.UUID,
    content: VersionContent,
    *,
    project: str,
    title: str,
    description: str,
    note: str,
    actor: str,
) -> tuple[VersionSummary, bool]:
    """Publish content as the latest version, unless the latest one has the same hash.

    Publications of one template wait for each other: the template's row is
    locked first, until the end of the transaction.

    Parameters
    ----------
    project
        Name of the template's project.

    Returns
    -------
    tuple
        The latest version now, and whether it is a new one.
    """
    await connection.execute(
        update(template).where(template.c.template_id == template_id).values(updated_at=func.now())
    )
    latest = await _latest(connection, template_id)
    if latest is not None and latest.content_hash == content.content_hash:
        return latest, False
    number = 1 if latest is None else latest.number + 1
    uses = uses_of(decode_graph(content.graph), project)
    rows = await connection.execute(
        insert(template_version)
        .values(
            template_id=template_id,
            number=number,
            source=content.source,
            document=content.document,
            graph=content.graph,
            content_hash=content.content_hash,
            note=note,
            actor=actor,
        )
        .returning(*_SUMMARY)
    )
    await connection.execute(
        update(template)
        .where(template.c.template_id == template_id)
        .values(latest_version=number, title=title, description=description)
    )
    await write_uses(connection, template_id, number, uses)
    return VersionSummary(**rows.mappings().one()), True


async def find_version(connection: AsyncConnection, template_id: uuid.UUID, number: int) -> Version:
    """Return one version with its content.

    Raises
    ------
    NotFoundError
        Raised if the template has no such version.
    """
    rows = await connection.execute(
        select(template_version).where(
            template_version.c.template_id == template_id, template_version.c.number == number
        )
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError("version", number)
    return Version(**row)


async def list_versions(
    connection: AsyncConnection, template_id: uuid.UUID, *, before: int | None, limit: int
) -> list[VersionSummary]:
    """Return a template's versions, the newest first, from below ``before`` on."""
    statement = (
        select(*_SUMMARY)
        .where(template_version.c.template_id == template_id, template_version.c.number > 0)
        .order_by(template_version.c.number.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(template_version.c.number < before)
    rows = await connection.execute(statement)
    return [VersionSummary(**row) for row in rows.mappings()]


async def find_runnable(
    connection: AsyncConnection,
    project_name_or_id: str,
    wanted: Sequence[tuple[str, int | None]],
) -> dict[tuple[str, int | None], RunnableVersion]:
    """Return what new instances would be pinned to.

    Parameters
    ----------
    wanted
        Template key, ``project/key`` or id, with a version number or None for the latest one.

    Returns
    -------
    dict
        Keyed as asked; what does not exist, was never published or is deleted is missing,
        and so is what belongs to another project and is not visible in this one.
    """
    owner = (project_name_or_id, as_id(project_name_or_id))
    ids = [as_id(name) for name, _ in wanted]
    references = [parse_reference(name) for name, _ in wanted]
    keys = [
        reference.key if found is None else None
        for reference, found in zip(references, ids, strict=True)
    ]
    homes = [reference.project for reference in references]
    numbers = [number for _, number in wanted]
    driver = await driver_of(connection)
    if len(wanted) == 1 and keys[0] is not None and homes[0] is None:
        rows = await driver.fetch(QUERIES["runnable_by_key"], keys[0], numbers[0], *owner)
    else:
        rows = await driver.fetch(QUERIES["runnable_versions"], keys, ids, homes, numbers, *owner)
    return {
        wanted[row["place"] - 1]: RunnableVersion(
            project_id=row["project_id"],
            project=row["project"],
            template_id=row["template_id"],
            key=row["key"],
            title=row["title"],
            number=row["number"],
            variables=row.get("variables"),
        )
        for row in rows
    }


async def _latest(connection: AsyncConnection, template_id: uuid.UUID) -> VersionSummary | None:
    found = await list_versions(connection, template_id, before=None, limit=1)
    return found[0] if found else None
