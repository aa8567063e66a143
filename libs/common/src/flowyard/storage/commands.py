"""Commands: what people ask of instances, with what became of it."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, any_, cast, func, insert, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.archives import absent_instance
from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import attempt, command, instance, node, project
from flowyard.storage.schema.metadata import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommand:
    """A command to be stored."""

    instance_id: uuid.UUID
    partition: int
    kind: str
    node_id: str | None
    payload: Mapping[str, Any]
    actor: str
    traceparent: str | None = None
    """Of the request that gives it, where its trace is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """One command."""

    command_id: int
    instance_id: uuid.UUID
    kind: str
    node_id: str | None
    payload: Mapping[str, Any]
    actor: str
    created_at: datetime
    outcome: str | None
    """``applied`` or ``rejected``; None while it is open."""
    code: str | None
    """Why it was rejected."""
    message: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTarget:
    """What a first check needs to know of a command's target."""

    partition: int
    project: str
    """Its name."""
    template_id: uuid.UUID
    version: int
    status: str
    plan: Mapping[str, Any] | None
    breakpoints: Sequence[str]
    node_status: str | None
    """None for a node that is not reached, and without a node."""
    node_reason: str | None
    open_commands: int
    """How many commands of the instance wait to be settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTarget:
    """What a callback's check needs to know of the attempt that it is for."""

    partition: int
    status: str
    """Of the instance."""
    callback_secret: str
    is_known: bool
    """Whether there is such an attempt."""
    closed_at: datetime | None
    open_commands: int


_COLUMNS = tuple(command.c[name] for name in CommandRow.__dataclass_fields__)
_PROJECT = (
    select(project.c.name)
    .where(project.c.project_id == instance.c.project_id)
    .scalar_subquery()
    .label("project")
)
_OPEN = (
    select(func.count())
    .select_from(command)
    .where(
        command.c.partition == instance.c.partition,
        command.c.instance_id == instance.c.instance_id,
        command.c.outcome.is_(None),
    )
    .scalar_subquery()
    .label("open_commands")
)


async def add_command(connection: AsyncConnection, new: NewCommand) -> int:
    """Store a command and return its id."""
    (command_id,) = await add_commands(connection, [new])
    return command_id


async def add_commands(connection: AsyncConnection, new: Sequence[NewCommand]) -> list[int]:
    """Store commands and return their ids, in order."""
    if not new:
        return []
    statement = insert(command).returning(command.c.command_id, sort_by_parameter_order=True)
    rows = await connection.execute(statement, [asdict(one) for one in new])
    return list(rows.scalars())


async def find_target(
    connection: AsyncConnection, instance_id: uuid.UUID, node_id: str | None
) -> CommandTarget:
    """Return what a command is aimed at.

    Raises
    ------
    NotFoundError
        Raised if there is no such instance.
    """
    rows = await connection.execute(
        select(
            instance.c.partition,
            _PROJECT,
            instance.c.template_id,
            instance.c.version,
            instance.c.status,
            instance.c.plan,
            instance.c.breakpoints,
            node.c.status.label("node_status"),
            node.c.reason.label("node_reason"),
            _OPEN,
        )
        .select_from(instance)
        .outerjoin(
            node, (node.c.instance_id == instance.c.instance_id) & (node.c.node_id == node_id)
        )
        .where(instance.c.instance_id == instance_id)
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise await absent_instance(connection, instance_id)
    return CommandTarget(**row)


async def find_targets(
    connection: AsyncConnection, project_id: uuid.UUID, instance_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, CommandTarget]:
    """Return what commands for whole instances are aimed at, by id; of one project only."""
    rows = await connection.execute(
        select(
            instance.c.instance_id,
            instance.c.partition,
            _PROJECT,
            instance.c.template_id,
            instance.c.version,
            instance.c.status,
            instance.c.plan,
            instance.c.breakpoints,
            null().label("node_status"),
            null().label("node_reason"),
            _OPEN,
        ).where(
            instance.c.project_id == project_id,
            instance.c.instance_id == any_(cast(list(instance_ids), ARRAY(UUID))),
        )
    )
    found = (dict(row) for row in rows.mappings())
    return {row.pop("instance_id"): CommandTarget(**row) for row in found}


async def find_node_standings(
    connection: AsyncConnection, instance_id: uuid.UUID
) -> dict[str, tuple[str, str | None]]:
    """Return status and reason of an instance's reached nodes, by id."""
    rows = await connection.execute(
        select(node.c.node_id, node.c.status, node.c.reason)
        .where(node.c.instance_id == instance_id)
        .order_by(node.c.reached_at, node.c.node_id)
    )
    return {row.node_id: (row.status, row.reason) for row in rows}


async def find_callback_target(
    connection: AsyncConnection, instance_id: uuid.UUID, node_id: str, number: int
) -> CallbackTarget:
    """Return the attempt that a callback is for, which may not exist.

    Raises
    ------
    NotFoundError
        Raised if there is no such instance.
    """
    rows = await connection.execute(
        select(
            instance.c.partition,
            instance.c.status,
            instance.c.callback_secret,
            attempt.c.number.is_not(None).label("is_known"),
            attempt.c.closed_at,
            _OPEN,
        )
        .select_from(instance)
        .outerjoin(
            attempt,
            (attempt.c.instance_id == instance.c.instance_id)
            & (attempt.c.node_id == node_id)
            & (attempt.c.number == number),
        )
        .where(instance.c.instance_id == instance_id)
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise await absent_instance(connection, instance_id)
    return CallbackTarget(**row)


async def find_command(
    connection: AsyncConnection, instance_id: uuid.UUID, command_id: int
) -> CommandRow:
    """Return a command of an instance.

    Raises
    ------
    NotFoundError
        Raised if the instance has no such command.
    """
    rows = await connection.execute(
        select(*_COLUMNS).where(
            command.c.command_id == command_id, command.c.instance_id == instance_id
        )
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError("command", command_id)
    return CommandRow(**row)


async def list_commands(
    connection: AsyncConnection, instance_id: uuid.UUID, *, before: int | None, limit: int
) -> list[CommandRow]:
    """Return an instance's commands, the latest first, from below ``before`` on."""
    statement = (
        select(*_COLUMNS)
        .where(command.c.instance_id == instance_id)
        .order_by(command.c.command_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(command.c.command_id < before)
    rows = await connection.execute(statement)
    return [CommandRow(**row) for row in rows.mappings()]
