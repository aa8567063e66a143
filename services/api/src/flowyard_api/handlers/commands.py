"""Operations on instances and nodes, and what became of them."""

import uuid
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query, Response

from flowyard.storage.commands import CommandRow, find_command, list_commands
from flowyard.storage.instances import find_revision
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import (
    WRITE_PROBLEMS,
    Answer,
    CurrentWriter,
    Write,
    Writer,
    Written,
)
from flowyard_api.models.commands import AcceptedView, CommandView, Decision, RetryOptions
from flowyard_api.models.shapes import JsonObject, Page
from flowyard_api.problems import problem_responses
from flowyard_api.usecases.operating import (
    CommandRejectedError,
    Operation,
    operate,
    wait_settled,
)
from flowyard_api.usecases.views import mask

router = APIRouter(tags=["commands"])
"""Routes under ``/api/v1``."""

MAX_WAIT_SECONDS = 60.0
"""Longest wait for an outcome; proxies commonly give up on an answer after that."""

WaitSeconds = Annotated[
    float | None,
    Query(
        ge=0,
        le=MAX_WAIT_SECONDS,
        description="Seconds to wait for the outcome; left out, the answer comes at once.",
        examples=[5],
    ),
]
"""How long a request waits for the outcome of its command."""

_ACTION_PROBLEMS = (
    "command_rejected",
    "forbidden_operation",
    "invalid_request",
    "not_found",
    "too_many_commands",
    *WRITE_PROBLEMS,
)
_SETTLED: dict[int | str, dict[str, Any]] = {
    200: {"model": AcceptedView, "description": "With `wait`: the command was applied"},
}
_RULES = (
    " The present status is checked first, and 409 tells what is allowed. What counts is the"
    " decision of the instance's owner, a moment later: it is the command's `outcome`. With `wait`"
    " the answer is 200 once the command is applied, 409 when it is rejected, and 202 when the time"
    " is over before."
)


@router.post(
    "/instances/{instance_id}/actions/{action}",
    summary="Operate on an instance",
    description="`start` begins an instance that was created without; `pause` starts nothing new"
    " while what runs goes on to its end; `resume` goes on; `cancel` ends it for good." + _RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**_SETTLED, **problem_responses(*_ACTION_PROBLEMS)},
)
async def operate_on_instance(
    instance_id: uuid.UUID,
    action: Literal["start", "pause", "resume", "cancel"],
    context: Context,
    writer: CurrentWriter,
    wait: WaitSeconds = None,
) -> Response:
    wanted = Operation(instance_id=instance_id, kind=action, node_id=None, payload={})
    return await _carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/retry",
    summary="Retry a failed node",
    description="Opens a further attempt of a failed node, with the inputs of the last one or with"
    " new ones." + _RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={
        **_SETTLED,
        **problem_responses("malformed_body", "unknown_node", *_ACTION_PROBLEMS),
    },
)
async def retry(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    writer: CurrentWriter,
    body: RetryOptions | None = None,
    wait: WaitSeconds = None,
) -> Response:
    payload: JsonObject = {"inputs": None if body is None else body.inputs}
    wanted = Operation(instance_id=instance_id, kind="retry", node_id=node_id, payload=payload)
    return await _carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/skip",
    summary="Skip a failed node",
    description="Passes over a failed node; it has no outputs then." + _RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**_SETTLED, **problem_responses("unknown_node", *_ACTION_PROBLEMS)},
)
async def skip(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    writer: CurrentWriter,
    wait: WaitSeconds = None,
) -> Response:
    wanted = Operation(instance_id=instance_id, kind="skip", node_id=node_id, payload={})
    return await _carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/nodes/{node_id}/actions/{decision}",
    summary="Approve or reject",
    description="Says yes or no to a node that waits for a person, with a comment." + _RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={
        **_SETTLED,
        **problem_responses("malformed_body", "unknown_node", *_ACTION_PROBLEMS),
    },
)
async def decide(
    instance_id: uuid.UUID,
    node_id: str,
    decision: Literal["approve", "reject"],
    context: Context,
    writer: CurrentWriter,
    body: Decision | None = None,
    wait: WaitSeconds = None,
) -> Response:
    payload: JsonObject = {"comment": "" if body is None else body.comment}
    wanted = Operation(instance_id=instance_id, kind=decision, node_id=node_id, payload=payload)
    return await _carry_out(context, writer, wanted, wait)


@router.get(
    "/instances/{instance_id}/commands",
    summary="List the commands of an instance",
    description="Returns who asked for what and what became of it, the latest first, page by page.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_commands(
    instance_id: uuid.UUID, context: Context, page: CurrentPage
) -> Page[CommandView]:
    async with context.database.transaction() as connection:
        await find_revision(connection, instance_id)
        found = await list_commands(
            connection, instance_id, before=page.after_number(), limit=page.read_limit
        )
    return page.page(found, _view, lambda command: command.command_id)


@router.get(
    "/instances/{instance_id}/commands/{command_id}",
    summary="Show a command",
    description="Returns a command with its outcome; with `wait`, as soon as there is one.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_command(
    instance_id: uuid.UUID,
    command_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
    context: Context,
    wait: WaitSeconds = None,
) -> CommandView:
    if wait:
        return _view(await _settled(context, instance_id, command_id, wait))
    async with context.database.transaction() as connection:
        return _view(await find_command(connection, instance_id, command_id))


async def _carry_out(
    context: ApiContext, writer: Writer, wanted: Operation, wait: float | None
) -> Response:
    async def work(write: Write) -> Answer:
        command_id, bell = await operate(
            write.connection,
            context.graphs,
            wanted,
            actor=write.actor.name,
            traceparent=write.traceparent,
        )
        write.bells.append(bell)
        context.metrics.count("flowyard_api_commands_total", kind=wanted.kind)
        return Answer(body=AcceptedView(command_id=command_id), status=202)

    written = await writer.write(work)
    if not wait:
        return written.response()
    # Outside the write: a repeated request finds the same command and waits for it again.
    return await _outcome(context, wanted, written, wait)


async def _outcome(
    context: ApiContext, wanted: Operation, written: Written, wait: float
) -> Response:
    command_id: int = orjson.loads(written.text)["command_id"]
    row = await _settled(context, wanted.instance_id, command_id, wait)
    if row.outcome == "rejected":
        raise CommandRejectedError(
            row.message or "The instance's owner has rejected the command",
            command_id=command_id,
            rejection=row.code,
        )
    if row.outcome is None:
        return written.response()
    view = AcceptedView(command_id=command_id, outcome="applied")
    return Written(
        status=200,
        text=view.model_dump_json(),
        headers=written.headers,
        is_replayed=written.is_replayed,
    ).response()


async def _settled(
    context: ApiContext, instance_id: uuid.UUID, command_id: int, seconds: float
) -> CommandRow:
    return await wait_settled(
        context.database,
        context.changes,
        context.clock,
        instance_id=instance_id,
        command_id=command_id,
        seconds=seconds,
    )


def _view(row: CommandRow) -> CommandView:
    return CommandView.model_validate(
        {
            "command_id": row.command_id,
            "instance_id": row.instance_id,
            "kind": row.kind,
            "node_id": row.node_id,
            "payload": mask(dict(row.payload)),
            "actor": row.actor,
            "created_at": row.created_at,
            "outcome": row.outcome,
            "code": row.code,
            "message": row.message,
            "settled_at": row.settled_at,
        }
    )
