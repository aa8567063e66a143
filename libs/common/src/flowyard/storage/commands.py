"""Commands: what people ask of instances, with what became of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import attempt, command, instance, node


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCommand:
    """A command to be stored."""

    instance_id: uuid.UUID
    partition: int
    kind: str
    node_id: str | None
    payload: Mapping[str, Any]
    actor: str


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
    template_id: uuid.UUID
    version: int
    status: str
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
    command_id: int = (
        await connection.execute(
            insert(command)
            .values(
                instance_id=new.instance_id,
                partition=new.partition,
                kind=new.kind,
                node_id=new.node_id,
                payload=new.payload,
                actor=new.actor,
            )
            .returning(command.c.command_id)
        )
    ).scalar_one()
    return command_id


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
            instance.c.template_id,
            instance.c.version,
            instance.c.status,
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
        raise NotFoundError("instance", instance_id)
    return CommandTarget(**row)


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
        raise NotFoundError("instance", instance_id)
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
