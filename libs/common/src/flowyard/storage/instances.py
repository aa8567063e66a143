"""Instances, as people see them.

Status and revision are the scheduler's to write; what is here creates
instances and reads them.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import DEFAULT_PRIORITY
from flowyard.engine.snapshot import NO_PLAN, Plan
from flowyard.storage.archives import absent_instance
from flowyard.storage.database import driver_of, dump_json
from flowyard.storage.instance_filter import IS_MOCK, TEMPLATE_KEY, InstanceFilter, conditions
from flowyard.storage.plan_codec import encode_plan
from flowyard.storage.queries import load_queries
from flowyard.storage.schema import archived_instance, instance, project, template

QUERIES = load_queries("api")
"""The statements of ``api.sql`` by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInstance:
    """An instance to be created."""

    instance_id: uuid.UUID
    project_id: uuid.UUID
    template_id: uuid.UUID
    version: int
    name: str
    partition: int
    given: Mapping[str, Any]
    """Inputs as given."""
    labels: Mapping[str, str]
    links: Sequence[Mapping[str, str]]
    actor: str
    traceparent: str | None
    callback_secret: str
    is_started: bool
    """Whether its start command is stored with it."""
    priority: int = DEFAULT_PRIORITY
    origin_instance_id: uuid.UUID | None = None
    """The instance that it copies."""
    origin: str | None = None
    """How: ``clone`` or ``rerun``."""
    plan: Plan = NO_PLAN
    """How it is to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedInstance:
    """What the database has added to a new instance."""

    instance_id: uuid.UUID
    created_at: datetime
    command_id: int | None
    """Of its start command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSummary:
    """An instance in a list."""

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
    revision: int
    labels: Mapping[str, str]
    links: Sequence[Mapping[str, str]]
    actor: str
    parent_instance_id: uuid.UUID | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    is_mock: bool
    """Whether results were given with it, so that nothing was done but what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceDetail(InstanceSummary):
    """One instance, whole but for its nodes and its secret."""

    given: Mapping[str, Any]
    variables: Mapping[str, Any] | None
    outputs: Mapping[str, Any] | None
    failure: Mapping[str, Any] | None
    traceparent: str | None
    parent_node_id: str | None
    parent_number: int | None
    plan: Mapping[str, Any] | None
    phase: str
    breakpoints: Sequence[str]
    priority: int
    origin_instance_id: uuid.UUID | None
    """The instance that it copies."""
    origin: str | None
    """How: ``clone`` or ``rerun``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildInstance:
    """An instance that an attempt of another one has started."""

    instance_id: uuid.UUID
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceCopy:
    """An instance that copies another one."""

    instance_id: uuid.UUID
    origin: str
    """``clone`` or ``rerun``."""
    status: str


_SUMMARY = (
    *(
        instance.c[name]
        for name in InstanceSummary.__dataclass_fields__
        if name not in ("project", "template_key", "template_title", "is_mock")
    ),
    IS_MOCK.label("is_mock"),
    project.c.name.label("project"),
    TEMPLATE_KEY.label("template_key"),
    template.c.title.label("template_title"),
)
_DETAIL = (
    *_SUMMARY,
    *(
        instance.c[name]
        for name in InstanceDetail.__dataclass_fields__
        if name not in InstanceSummary.__dataclass_fields__
    ),
)
_NEW = tuple(NewInstance.__dataclass_fields__)


async def create_instances(
    connection: AsyncConnection, instances: Sequence[NewInstance]
) -> list[CreatedInstance]:
    """Store instances and their start commands in one statement, and return them in order."""
    driver = await driver_of(connection)
    rows = await driver.fetch(
        QUERIES["create_instances"], dump_json([_row(one) for one in instances])
    )
    created = {row["instance_id"]: CreatedInstance(**row) for row in rows}
    return [created[one.instance_id] for one in instances]


def _row(one: NewInstance) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in _NEW}, "plan": encode_plan(one.plan)}


async def find_instance(connection: AsyncConnection, instance_id: uuid.UUID) -> InstanceDetail:
    """Return an instance.

    Raises
    ------
    NotFoundError
        Raised if there is none; of its own class where it was moved to an archive.
    """
    rows = await connection.execute(_from(_DETAIL).where(instance.c.instance_id == instance_id))
    row = rows.mappings().one_or_none()
    if row is None:
        raise await absent_instance(connection, instance_id)
    return InstanceDetail(**row)


async def list_instances(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    wanted: InstanceFilter,
    *,
    before: uuid.UUID | None,
    limit: int,
) -> list[InstanceSummary]:
    """Return a project's instances, the newest first, from behind ``before`` on."""
    statement = (
        _from(_SUMMARY)
        .where(*conditions(project_id, wanted))
        .order_by(instance.c.instance_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(instance.c.instance_id < before)
    rows = await connection.execute(statement)
    return [InstanceSummary(**row) for row in rows.mappings()]


async def find_revision(connection: AsyncConnection, instance_id: uuid.UUID) -> int:
    """Return an instance's revision, the cheapest way to see whether it has changed.

    Raises
    ------
    NotFoundError
        Raised if there is none; of its own class where it was moved to an archive.
    """
    revision: int = await _find_column(connection, instance_id, instance.c.revision)
    return revision


async def find_status(connection: AsyncConnection, instance_id: uuid.UUID) -> str:
    """Return an instance's status.

    Raises
    ------
    NotFoundError
        Raised if there is none; of its own class where it was moved to an archive.
    """
    status: str = await _find_column(connection, instance_id, instance.c.status)
    return status


async def _find_column(
    connection: AsyncConnection, instance_id: uuid.UUID, column: ColumnElement[Any]
) -> Any:
    """Return a column that is never empty, of an instance that has to exist."""
    value = await connection.scalar(select(column).where(instance.c.instance_id == instance_id))
    if value is None:
        raise await absent_instance(connection, instance_id)
    return value


async def list_children(
    connection: AsyncConnection, instance_id: uuid.UUID
) -> dict[tuple[str, int], ChildInstance]:
    """Return the child instances of an instance, keyed by node id and number of the attempt."""
    rows = await connection.execute(
        select(
            instance.c.parent_node_id,
            instance.c.parent_number,
            instance.c.instance_id,
            instance.c.status,
        ).where(instance.c.parent_instance_id == instance_id)
    )
    return {
        (row.parent_node_id, row.parent_number): ChildInstance(
            instance_id=row.instance_id, status=row.status
        )
        for row in rows
    }


async def list_copies(
    connection: AsyncConnection, instance_id: uuid.UUID, *, limit: int
) -> list[InstanceCopy]:
    """Return the instances that copy an instance, archived ones too, the latest first."""
    copies = union_all(
        *(
            select(of.c.instance_id, of.c.origin, of.c.status).where(
                of.c.origin_instance_id == instance_id
            )
            for of in (instance, archived_instance)
        )
    ).subquery()
    rows = await connection.execute(
        select(copies).order_by(copies.c.instance_id.desc()).limit(limit)
    )
    return [InstanceCopy(**row) for row in rows.mappings()]


def _from(columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(instance)
        .join(project, project.c.project_id == instance.c.project_id)
        .join(template, template.c.template_id == instance.c.template_id)
    )
