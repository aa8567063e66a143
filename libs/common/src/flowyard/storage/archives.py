"""Archives as the database knows them: which files there are, and which instances lie where."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, RowMapping, Select, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import NotFoundError
from flowyard.storage.projects import as_id
from flowyard.storage.queries import load_queries
from flowyard.storage.references import SEPARATOR
from flowyard.storage.retiring import ArchivePlace, TakenInstance
from flowyard.storage.schema import archive, archived_instance, project, template
from flowyard.storage.templates import is_template

QUERIES = load_queries("retiring")
"""The statements of ``retiring.sql`` by name."""


class InstanceArchivedError(NotFoundError):
    """Raised when an instance is no longer in the database, but in an archive."""

    code = "instance_archived"

    def __init__(self, found: "ArchivedInstance") -> None:
        super().__init__("instance", found.instance_id)
        self.found = found
        message = (
            f"Expected instance {found.instance_id}, but it was moved to archive {found.file}:"
            " it can be read, cloned and run again, and nothing else"
        )
        self.args = (message,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedInstance:
    """What the database keeps of an instance that was moved out."""

    instance_id: uuid.UUID
    project_id: uuid.UUID
    project: str
    """Name of the project."""
    template_id: uuid.UUID
    template_key: str
    """With its project's name before it, ``project/key``, where that is another one."""
    template_title: str
    version: int
    name: str
    status: str
    labels: Mapping[str, str]
    actor: str
    is_mock: bool
    parent_instance_id: uuid.UUID | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime
    archive_id: uuid.UUID
    file: str
    """Name of the file that it lies in."""
    start: int
    """Where its part of the file begins."""
    length: int
    """Bytes of that part."""
    archived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFile:
    """One file that is whole."""

    archive_id: uuid.UUID
    name: str
    instances: int
    bytes: int
    sha256: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedFilter:
    """Which archived instances are wanted; empty fields want all."""

    statuses: Sequence[str] = ()
    template: str | None = None
    """Key or id."""
    text: str | None = None
    """Contained in the name, in any case of letters."""
    actor: str | None = None
    labels: Mapping[str, str] | None = None
    ended_after: datetime | None = None
    ended_before: datetime | None = None


_HOME = project.alias("home")

_TEMPLATE_KEY = case(
    (template.c.project_id == archived_instance.c.project_id, template.c.key),
    else_=_HOME.c.name + SEPARATOR + template.c.key,
)
_JOINED = {
    "project": project.c.name,
    "template_key": _TEMPLATE_KEY,
    "template_title": template.c.title,
    "file": archive.c.name,
    "archived_at": archive.c.written_at,
}
_COLUMNS = tuple(
    (_JOINED[name] if name in _JOINED else archived_instance.c[name]).label(name)
    for name in ArchivedInstance.__dataclass_fields__
)


async def begin_archive(
    connection: asyncpg.Connection, archive_id: uuid.UUID, project_id: uuid.UUID, name: str
) -> None:
    """Note a file before it is begun; commit it before that."""
    await connection.execute(QUERIES["begin_archive"], archive_id, project_id, name)


async def find_unfinished(
    connection: asyncpg.Connection, project_id: uuid.UUID
) -> list[tuple[uuid.UUID, str]]:
    """Return ids and names of files that were begun and never finished.

    They are leftovers where the caller holds the project's lock, and has begun none itself.
    """
    rows = await connection.fetch(QUERIES["unfinished_archives"], project_id)
    return [(row["archive_id"], row["name"]) for row in rows]


async def forget_archive(connection: asyncpg.Connection, archive_id: uuid.UUID) -> None:
    """Forget a file that was never finished."""
    await connection.execute(QUERIES["forget_archive"], archive_id)


async def finish_archive(
    connection: asyncpg.Connection,
    archive_id: uuid.UUID,
    *,
    size: int,
    sha256: str,
    placed: Sequence[tuple[TakenInstance, ArchivePlace]],
) -> bool:
    """Note that a file is whole and what lies in it; False where it was given up meanwhile."""
    finished = await connection.fetchval(
        QUERIES["finish_archive"], archive_id, len(placed), size, sha256
    )
    if finished is None:
        return False
    await connection.executemany(
        QUERIES["place_instances"], [_placed(one, place) for one, place in placed]
    )
    return True


def _placed(one: TakenInstance, place: ArchivePlace) -> tuple[Any, ...]:
    return (
        *(one.instance_id, place.archive_id, place.start, place.length, one.project_id),
        *(one.template_id, one.version, one.name, one.status, one.labels, one.actor, one.is_mock),
        *(one.parent_instance_id, one.origin_instance_id, one.origin),
        *(one.created_at, one.started_at, one.ended_at),
    )


async def absent_instance(connection: AsyncConnection, instance_id: uuid.UUID) -> NotFoundError:
    """Return what is to be raised of an instance that has no row: it may have been archived."""
    found = await find_archived(connection, instance_id)
    return NotFoundError("instance", instance_id) if found is None else InstanceArchivedError(found)


async def find_archived(
    connection: AsyncConnection, instance_id: uuid.UUID
) -> ArchivedInstance | None:
    """Return an instance that was moved out, or None."""
    rows = await connection.execute(
        _archived().where(archived_instance.c.instance_id == instance_id)
    )
    row = rows.mappings().one_or_none()
    return None if row is None else ArchivedInstance(**row)


async def list_archived(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    wanted: ArchivedFilter,
    *,
    before: uuid.UUID | None,
    limit: int,
) -> list[ArchivedInstance]:
    """Return a project's archived instances, the newest first, from behind ``before`` on."""
    statement = (
        _archived()
        .where(archived_instance.c.project_id == project_id, *_conditions(wanted, project_id))
        .order_by(archived_instance.c.instance_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(archived_instance.c.instance_id < before)
    rows = await connection.execute(statement)
    return [ArchivedInstance(**row) for row in rows.mappings()]


async def list_archives(
    connection: AsyncConnection, project_id: uuid.UUID, *, before: uuid.UUID | None, limit: int
) -> list[ArchiveFile]:
    """Return a project's files that are whole, the newest first, from behind ``before`` on."""
    columns = (archive.c[name] for name in ArchiveFile.__dataclass_fields__)
    statement = (
        select(*columns)
        .where(archive.c.project_id == project_id, archive.c.written_at.is_not(None))
        .order_by(archive.c.archive_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(archive.c.archive_id < before)
    rows = await connection.execute(statement)
    return [_file(row) for row in rows.mappings()]


def _file(row: RowMapping) -> ArchiveFile:
    return ArchiveFile(**row)


def _archived() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(archived_instance)
        .join(archive, archive.c.archive_id == archived_instance.c.archive_id)
        .join(project, project.c.project_id == archived_instance.c.project_id)
        .join(template, template.c.template_id == archived_instance.c.template_id)
        .join(_HOME, _HOME.c.project_id == template.c.project_id)
    )


def _conditions(wanted: ArchivedFilter, project_id: uuid.UUID) -> list[ColumnElement[bool]]:
    columns = archived_instance.c
    found: list[ColumnElement[bool]] = []
    if wanted.statuses:
        found.append(columns.status.in_(wanted.statuses))
    if wanted.template is not None:
        named = is_template(wanted.template)
        if as_id(wanted.template) is None:
            named &= template.c.project_id == project_id
        found.append(named)
    if wanted.text:
        found.append(func.strpos(func.lower(columns.name), func.lower(wanted.text)) > 0)
    if wanted.actor is not None:
        found.append(columns.actor == wanted.actor)
    if wanted.labels:
        found.append(columns.labels.contains(literal(dict(wanted.labels), columns.labels.type)))
    if wanted.ended_after is not None:
        found.append(columns.ended_at > wanted.ended_after)
    if wanted.ended_before is not None:
        found.append(columns.ended_at < wanted.ended_before)
    return found
