"""Operations on instances: a first check, a command row, and its outcome."""

import hmac
import uuid
from dataclasses import dataclass, field, replace

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.clock import Clock
from flowyard.engine.binding import has_reserved_key
from flowyard.engine.graph import Graph, Node
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus, NodeStatus
from flowyard.engine.operations import (
    FORBIDDEN,
    Situation,
    allowed_on_instance,
    allowed_on_node,
    refusal_on_instance,
    refusal_on_node,
)
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
from flowyard.storage.plan_codec import decode_plan
from flowyard.telemetry.propagation import recorded
from flowyard_api.admission import Admission, NewWork, work_of
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


class ForbiddenOperationError(ApiError):
    """Raised for an operation that does not fit how its instance or node stands."""

    code = FORBIDDEN


class NotRetryableError(ForbiddenOperationError):
    """Raised for a retry that the node's options do not allow."""

    code = "not_retryable"


class NotSkippableError(ForbiddenOperationError):
    """Raised for a skip that the node's options do not allow."""

    code = "not_skippable"


_REFUSALS = {
    one.code: one for one in (ForbiddenOperationError, NotRetryableError, NotSkippableError)
}


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
    verb: str
    """As the tables of :mod:`flowyard.engine.operations` name it."""
    node_id: str | None = None
    payload: dict[str, JsonValue] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of its command row."""
        if self.node_id is not None and self.verb in _OF_INSTANCES_TOO:
            return f"{self.verb}_node"
        return self.verb.replace("-", "_")


_OF_INSTANCES_TOO = frozenset({"pause", "resume"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What an outside system reports."""

    instance_id: uuid.UUID
    node_id: str
    number: int
    token: str
    data: JsonValue


async def operate(
    connection: AsyncConnection,
    graphs: Graphs,
    admission: Admission,
    wanted: Operation,
    *,
    actor: str,
    traceparent: str,
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
    OverloadedError
        Raised for a start while too much waits already.
    """
    target = await find_target(connection, wanted.instance_id, wanted.node_id)
    graph = await planned_graph(connection, graphs, target)
    new = replace(checked(target, graph, wanted, actor=actor), traceparent=recorded(traceparent))
    if wanted.verb == "start":
        admission.admit([started_work(target, graph)])
    command_id = await add_command(connection, new)
    return command_id, Bell(wanted.instance_id, target.partition, traceparent)


def started_work(target: CommandTarget, graph: Graph) -> NewWork:
    """Return what the start of an instance brings."""
    is_mocked = decode_plan(target.plan).is_mocked
    return work_of(target.project, graph, is_mocked=is_mocked)


async def planned_graph(
    connection: AsyncConnection, graphs: Graphs, target: CommandTarget
) -> Graph:
    """Return the graph of an instance, without what its plan leaves out."""
    plan = decode_plan(target.plan)
    return await graphs.find_planned(connection, target.template_id, target.version, plan)


def checked(
    target: CommandTarget, graph: Graph, wanted: Operation, *, actor: str, ahead: int = 0
) -> NewCommand:
    """Return the command row for an operation that its target allows as it stands.

    Parameters
    ----------
    ahead
        Commands for the same instance that are stored together with this one, before it.

    Raises
    ------
    UnknownNodeError, ForbiddenOperationError, InvalidRequestError, TooManyCommandsError
        Raised as by :func:`operate`.
    """
    if wanted.node_id is None:
        _check_instance(target, wanted)
    else:
        _check_node(target, graph, wanted, wanted.node_id)
    check_payload(wanted.payload)
    _check_room(target.open_commands + ahead)
    return NewCommand(
        instance_id=wanted.instance_id,
        partition=target.partition,
        kind=wanted.kind,
        node_id=wanted.node_id,
        payload=wanted.payload,
        actor=actor,
    )


async def take_callback(
    connection: AsyncConnection, callback: Callback, *, traceparent: str
) -> Bell:
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
    check_payload({"data": callback.data})
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
            traceparent=recorded(traceparent),
        ),
    )
    return Bell(callback.instance_id, target.partition, traceparent)


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


def _check_instance(target: CommandTarget, wanted: Operation) -> None:
    status = InstanceStatus(target.status)
    refusal = refusal_on_instance(wanted.verb, status)
    if refusal is not None:
        raise _REFUSALS[refusal.code](
            refusal.message,
            present_status=status,
            instance_status=status,
            allowed=list(allowed_on_instance(status)),
        )


def _check_node(target: CommandTarget, graph: Graph, wanted: Operation, node_id: str) -> None:
    node = graph.find(node_id)
    if node is None:
        raise UnknownNodeError(f"Expected a node of the graph, but {node_id} is none")
    standing = situation(
        target.status,
        node,
        target.node_status,
        target.node_reason,
        has_stop=node_id in target.breakpoints,
    )
    refusal = refusal_on_node(wanted.verb, standing)
    if refusal is not None:
        raise _REFUSALS[refusal.code](
            refusal.message,
            present_status=standing.status,
            instance_status=target.status,
            allowed=list(allowed_on_node(standing)),
        )


def situation(
    instance: str, node: Node, status: str | None, reason: str | None, *, has_stop: bool
) -> Situation:
    """Return how a node stands, from what its row says; there is none before it is reached."""
    return Situation(
        instance=InstanceStatus(instance),
        node=node,
        status=NodeStatus.PENDING if status is None else NodeStatus(status),
        reason=None if reason is None else WaitReason(reason),
        has_stop=has_stop,
    )


def check_payload(payload: dict[str, JsonValue]) -> None:
    """Refuse what only an expression may make: references to secrets.

    Raises
    ------
    InvalidRequestError
        Raised if there is one.
    """
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
