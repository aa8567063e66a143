"""Operations on instances, and what became of all commands."""

import uuid
from typing import Annotated, Literal

from fastapi import Path, Response

from flowyard.storage.commands import CommandRow
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import MAX_BIGINT, CurrentPage
from flowyard_api.dependencies.writes import CurrentWriter
from flowyard_api.handlers.outcomes import (
    ACTION_PROBLEMS,
    RULES,
    SETTLED,
    WaitSeconds,
    carry_out,
    settled,
)
from flowyard_api.models.commands import (
    AcceptedView,
    CancelOptions,
    CommandView,
    NewPriority,
    NewVariables,
)
from flowyard_api.models.shapes import Page
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.instance_rows import find_rows
from flowyard_api.usecases.operating import Operation
from flowyard_api.usecases.views import mask

router = private_router("commands")
"""Routes under ``/api/v1``."""


@router.post(
    "/instances/{instance_id}/actions/cancel",
    summary="Cancel an instance",
    description="Ends an instance for good: running plugins are asked to stop and children are"
    " cancelled. `cancel_confirmed_at` of an attempt tells when nothing of it goes on any more."
    " With `rollback`, the compensations of what has succeeded are run first, the last one first,"
    " and the instance is cancelled when they have ended." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses("malformed_body", *ACTION_PROBLEMS)},
)
async def cancel_instance(
    instance_id: uuid.UUID,
    context: Context,
    writer: CurrentWriter,
    body: CancelOptions | None = None,
    wait: WaitSeconds = None,
) -> Response:
    payload = {"rollback": True} if body is not None and body.rollback else {}
    wanted = Operation(instance_id=instance_id, verb="cancel", payload={**payload})
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/actions/set-variables",
    summary="Change variables of an instance",
    description="Gives variables other values, all of them or none. Inputs are checked as at the"
    " start. A variable that a node has used already is refused with `variable_used`, which names"
    " the nodes. Computed variables are not computed again." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses("malformed_body", *ACTION_PROBLEMS)},
)
async def set_variables(
    instance_id: uuid.UUID,
    body: NewVariables,
    context: Context,
    writer: CurrentWriter,
    wait: WaitSeconds = None,
) -> Response:
    wanted = Operation(
        instance_id=instance_id, verb="set-variables", payload={"values": body.values}
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/actions/set-priority",
    summary="Change the priority of an instance",
    description="Has the steps of an instance dispatched sooner or later than those of others from"
    " now on, those that wait in a queue included." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses("malformed_body", *ACTION_PROBLEMS)},
)
async def set_priority(
    instance_id: uuid.UUID,
    body: NewPriority,
    context: Context,
    writer: CurrentWriter,
    wait: WaitSeconds = None,
) -> Response:
    wanted = Operation(
        instance_id=instance_id, verb="set-priority", payload={"priority": body.priority}
    )
    return await carry_out(context, writer, wanted, wait)


@router.post(
    "/instances/{instance_id}/actions/{action}",
    summary="Start, pause or resume an instance",
    description="`start` begins an instance that was created without; `pause` starts nothing new"
    " while what runs goes on to its end; `resume` goes on. While too much waits already,"
    " `start` is refused with 429; nothing else is." + RULES,
    status_code=202,
    response_model=AcceptedView,
    responses={**SETTLED, **problem_responses("overloaded", *ACTION_PROBLEMS)},
)
async def operate_on_instance(
    instance_id: uuid.UUID,
    action: Literal["start", "pause", "resume"],
    context: Context,
    writer: CurrentWriter,
    wait: WaitSeconds = None,
) -> Response:
    wanted = Operation(instance_id=instance_id, verb=action)
    return await carry_out(context, writer, wanted, wait)


@router.get(
    "/instances/{instance_id}/commands",
    summary="List the commands of an instance",
    description="Returns who asked for what and what became of it, the latest first, page by page.",
    responses=problem_responses(
        "archive_damaged", "archive_unavailable", "invalid_cursor", "invalid_request", "not_found"
    ),
)
async def get_commands(
    instance_id: uuid.UUID, context: Context, page: CurrentPage
) -> Page[CommandView]:
    async with context.database.transaction() as connection:
        rows = await find_rows(connection, instance_id, context.archive)
        found = await rows.commands(before=page.after_number(MAX_BIGINT), limit=page.read_limit)
    return page.page(found, _view, lambda command: command.command_id)


@router.get(
    "/instances/{instance_id}/commands/{command_id}",
    summary="Show a command",
    description="Returns a command with its outcome; with `wait`, as soon as there is one.",
    responses=problem_responses(
        "archive_damaged", "archive_unavailable", "invalid_request", "not_found"
    ),
)
async def get_command(
    instance_id: uuid.UUID,
    command_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
    context: Context,
    wait: WaitSeconds = None,
) -> CommandView:
    if wait:
        return _view(await settled(context, instance_id, command_id, wait))
    async with context.database.transaction() as connection:
        rows = await find_rows(connection, instance_id, context.archive)
        return _view(await rows.command(command_id))


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
