"""Operations on instances: a first check, a command row, and its outcome."""

import hmac
import uuid
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.clock import Clock
from flowyard.engine.binding import has_reserved_key
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus, NodeStatus
from flowyard.engine.operations import allowed_on_instance, allowed_on_node
from flowyard.engine.snapshot import WaitReason
from flowyard.ids import callback_token
from flowyard.storage.commands import (
    CommandRow,
    CommandTarget,
    NewCommand,
    add_command,
    find_callback_target,
    find_command,
    find_target,
)
from flowyard.storage.database import Database
from flowyard.storage.errors import NotFoundError
from flowyard_api.catalog import Graphs
from flowyard_api.changes import ChangeFeed
from flowyard_api.doorbells import Bell
from flowyard_api.errors import ApiError, Fault, InvalidRequestError

MAX_OPEN_COMMANDS = 100
"""Commands of one instance that may wait; its owner settles thousands in a second."""

CALLBACK_ACTOR = "callback"
"""Who an outside system acts as."""

FIRST_LOOK_SECONDS = 0.05
"""How soon an outcome is looked for again when nothing tells of it; doubles each time."""

LONGEST_LOOK_SECONDS = 1.0
"""The longest pause between two looks: a rejected command changes nothing that would be told."""

DECISIONS = frozenset({"approve", "reject"})
"""Operations that only a node which waits for a person takes."""


class ForbiddenOperationError(ApiError):
    """Raised for an operation that the present status does not allow."""

    code = "forbidden_operation"


class CommandRejectedError(ApiError):
    """Raised for a command that the instance's owner has rejected while the request waited."""

    code = "command_rejected"


class TooManyCommandsError(ApiError):
    """Raised while too many commands of an instance wait."""

    code = "too_many_commands"


class UnknownNodeError(ApiError):
    """Raised for a node that the graph does not have."""

    code = "unknown_node"


class CallbackRefusedError(ApiError):
    """Raised for a callback whose token is not its attempt's."""

    code = "callback_refused"


class AttemptClosedError(ApiError):
    """Raised for a callback whose attempt has ended."""

    code = "attempt_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a person asks for."""

    instance_id: uuid.UUID
    kind: str
    node_id: str | None
    payload: dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What an outside system reports."""

    instance_id: uuid.UUID
    node_id: str
    number: int
    token: str
    data: JsonValue


async def operate(
    connection: AsyncConnection, graphs: Graphs, wanted: Operation, *, actor: str, traceparent: str
) -> tuple[int, Bell]:
    """Store a command that the present status allows; its owner decides again.

    Returns
    -------
    tuple
        The command's id, and what tells the owner.

    Raises
    ------
    NotFoundError
        Raised if there is no such instance.
    UnknownNodeError
        Raised if its graph has no such node.
    ForbiddenOperationError
        Raised if the status does not allow it.
    """
    target = await find_target(connection, wanted.instance_id, wanted.node_id)
    if wanted.node_id is not None and target.node_status is None:
        graph = await graphs.find(connection, target.template_id, target.version)
        if wanted.node_id not in graph.nodes:
            raise UnknownNodeError(f"Expected a node of the graph, but {wanted.node_id} is none")
    _check_status(target, wanted)
    _check_payload(wanted.payload)
    _check_room(target.open_commands)
    command_id = await add_command(
        connection,
        NewCommand(
            instance_id=wanted.instance_id,
            partition=target.partition,
            kind=wanted.kind,
            node_id=wanted.node_id,
            payload=wanted.payload,
            actor=actor,
        ),
    )
    return command_id, Bell(wanted.instance_id, target.partition, traceparent)


async def take_callback(connection: AsyncConnection, callback: Callback) -> Bell:
    """Keep what an outside system reports, also when the wait for it has not begun.

    Raises
    ------
    CallbackRefusedError
        Raised if the token is not the attempt's, or there is no such instance.
    AttemptClosedError
        Raised if the attempt, or the whole instance, has ended.
    """
    try:
        target = await find_callback_target(
            connection, callback.instance_id, callback.node_id, callback.number
        )
    except NotFoundError as error:
        # The same answer as for a wrong token: ids are nobody's to guess at.
        raise _refused() from error
    expected = callback_token(
        target.callback_secret, callback.instance_id, callback.node_id, callback.number
    )
    if not target.is_known or not hmac.compare_digest(expected.encode(), callback.token.encode()):
        raise _refused()
    if target.closed_at is not None or InstanceStatus(target.status) in FINAL_INSTANCE_STATUSES:
        raise AttemptClosedError(
            f"Expected an open attempt {callback.number} of node {callback.node_id},"
            " but it has ended"
        )
    _check_payload({"data": callback.data})
    _check_room(target.open_commands)
    await add_command(
        connection,
        NewCommand(
            instance_id=callback.instance_id,
            partition=target.partition,
            kind="callback",
            node_id=callback.node_id,
            payload={"number": callback.number, "data": callback.data},
            actor=CALLBACK_ACTOR,
        ),
    )
    return Bell(callback.instance_id, target.partition, None)


async def wait_settled(
    database: Database,
    changes: ChangeFeed,
    clock: Clock,
    *,
    instance_id: uuid.UUID,
    command_id: int,
    seconds: float,
) -> CommandRow:
    """Return a command once it is settled, or as it is when the time is over."""
    deadline = clock.monotonic() + seconds
    pause = FIRST_LOOK_SECONDS
    with changes.subscribe(instance_id) as subscription:
        while True:
            async with database.transaction() as connection:
                row = await find_command(connection, instance_id, command_id)
            left = deadline - clock.monotonic()
            if row.outcome is not None or left <= 0 or subscription.is_closed:
                return row
            if not await subscription.changed(min(pause, left)):
                pause = min(pause * 2, LONGEST_LOOK_SECONDS)


def allowed_at_node(instance: str, node: str, reason: str | None) -> tuple[str, ...]:
    """Return the operations that a node allows in the status of its instance."""
    allowed = allowed_on_node(InstanceStatus(instance), NodeStatus(node))
    if reason == WaitReason.APPROVAL:
        return allowed
    return tuple(verb for verb in allowed if verb not in DECISIONS)


def _check_status(target: CommandTarget, wanted: Operation) -> None:
    if wanted.node_id is None:
        status = target.status
        allowed = allowed_on_instance(InstanceStatus(status))
        found = f"an instance that allows {wanted.kind}, but it is {status}"
    else:
        status = target.node_status or NodeStatus.PENDING.value
        allowed = allowed_at_node(target.status, status, target.node_reason)
        found = (
            f"a node that allows {wanted.kind}, but {wanted.node_id} is {status}"
            f" in an instance that is {target.status}"
        )
    if wanted.kind not in allowed:
        raise ForbiddenOperationError(
            f"Expected {found}: {', '.join(allowed) or 'nothing'} allowed",
            present_status=status,
            instance_status=target.status,
            allowed=list(allowed),
        )


def _check_payload(payload: dict[str, JsonValue]) -> None:
    if has_reserved_key(payload):
        message = "Expected no key that begins with $, but there is one"
        raise InvalidRequestError(
            message, errors=[Fault(loc=("body",), msg=message, type="reserved_key")]
        )


def _check_room(open_commands: int) -> None:
    if open_commands >= MAX_OPEN_COMMANDS:
        raise TooManyCommandsError(
            f"Expected fewer than {MAX_OPEN_COMMANDS} open commands of the instance,"
            f" but there are {open_commands}"
        )


def _refused() -> CallbackRefusedError:
    return CallbackRefusedError("Expected the attempt's own token, but got another")
