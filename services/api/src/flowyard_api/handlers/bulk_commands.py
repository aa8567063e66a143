"""The same operation on many instances, or on many nodes of one."""

import uuid
from collections.abc import Sequence
from typing import Literal

from fastapi import Response

from flowyard.storage.projects import find_project
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.errors import PROBLEMS, ApiError, Fault, InvalidRequestError
from flowyard_api.models.commands import (
    MAX_TARGETS,
    InstanceSelection,
    NodeSelection,
    RefusalView,
    TakenListView,
    TakenView,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.filtering import instance_filter, with_filter
from flowyard_api.usecases.operating import Operation
from flowyard_api.usecases.operating_many import (
    Taken,
    matching_instances,
    matching_nodes,
    operate_on_instances,
    operate_on_nodes,
    payload_of,
)

router = private_router("commands")
"""Routes under ``/api/v1``."""

_PROBLEMS = ("invalid_request", "malformed_body", "not_found", *WRITE_PROBLEMS)
_EACH = (
    f" Up to {MAX_TARGETS} are taken; `items` tells of each its command, or why it was refused as"
    " a request for it alone would have been. One that is refused holds the others not back. The"
    " commands are settled like all others: follow `GET"
    " /instances/{instance_id}/commands/{command_id}`."
)


@router.post(
    "/projects/{project}/instances/actions/{action}",
    summary="Operate on many instances",
    description="Starts, pauses, resumes or cancels instances, or changes their priority: those"
    " that are named, or those that a filter finds." + _EACH,
    status_code=202,
    response_model=TakenListView,
    responses=problem_responses(*_PROBLEMS),
)
async def operate_on_many_instances(
    project: str,
    action: Literal["start", "pause", "resume", "cancel", "set-priority"],
    body: InstanceSelection,
    context: Context,
    writer: CurrentWriter,
) -> Response:
    if action == "set-priority" and body.priority is None:
        message = "Expected a priority, but there is none"
        fault = Fault(loc=("body", "priority"), msg=message, type="missing")
        raise InvalidRequestError(message, errors=[fault])

    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        ids = await _wanted(write, owner.project_id, action, body)
        payload = payload_of(action, rollback=body.rollback, priority=body.priority)
        taken, bells = await operate_on_instances(
            write.connection,
            context.graphs,
            context.admission,
            owner.project_id,
            [Operation(instance_id=one, verb=action, payload=payload) for one in ids[:MAX_TARGETS]],
            actor=write.actor.name,
            traceparent=write.traceparent,
        )
        write.bells += bells
        return _answer(context, action, taken, has_more=len(ids) > MAX_TARGETS)

    return await writer.respond(work)


@router.post(
    "/instances/{instance_id}/nodes/actions/{action}",
    summary="Operate on many nodes of an instance",
    description="Retries, skips, stops or decides nodes of one instance: those that are named, or"
    " those in a status, such as all that have failed." + _EACH,
    status_code=202,
    response_model=TakenListView,
    responses=problem_responses(*_PROBLEMS),
)
async def operate_on_many_nodes(
    instance_id: uuid.UUID,
    action: Literal[
        "retry", "skip", "force-fail", "pause", "resume", "restart", "approve", "reject"
    ],
    body: NodeSelection,
    context: Context,
    writer: CurrentWriter,
) -> Response:
    payload = payload_of(action, comment=body.comment, message=body.message)

    async def work(write: Write) -> Answer:
        if body.node_ids is not None:
            ids = list(dict.fromkeys(body.node_ids))
        else:
            ids = await matching_nodes(
                write.connection, instance_id, body.status or (), limit=MAX_TARGETS + 1
            )
        taken, bells = await operate_on_nodes(
            write.connection,
            context.graphs,
            instance_id,
            [
                Operation(instance_id=instance_id, verb=action, node_id=one, payload=payload)
                for one in ids[:MAX_TARGETS]
            ],
            actor=write.actor.name,
            traceparent=write.traceparent,
        )
        write.bells += bells
        return _answer(context, action, taken, has_more=len(ids) > MAX_TARGETS)

    return await writer.respond(work)


async def _wanted(
    write: Write, project_id: uuid.UUID, action: str, body: InstanceSelection
) -> list[uuid.UUID]:
    if body.instance_ids is not None or body.filter is None:
        return list(dict.fromkeys(body.instance_ids or ()))
    asked = await with_filter(write.connection, project_id, body.filter, actor=write.actor.name)
    return await matching_instances(
        write.connection, project_id, action, instance_filter(asked), limit=MAX_TARGETS + 1
    )


def _answer(context: ApiContext, action: str, taken: Sequence[Taken], *, has_more: bool) -> Answer:
    count = sum(one.command_id is not None for one in taken)
    if count:
        kind = action.replace("-", "_")
        context.metrics.count("flowyard_api_commands_total", float(count), kind=kind)
    items = [
        TakenView(
            instance_id=one.instance_id,
            node_id=one.node_id,
            command_id=one.command_id,
            problem=_refusal(one),
        )
        for one in taken
    ]
    return Answer(body=TakenListView(items=items, has_more=has_more), status=202)


def _refusal(taken: Taken) -> RefusalView | None:
    error = taken.refusal
    if error is None:
        return None
    facts = error.facts if isinstance(error, ApiError) else {}
    return RefusalView.model_validate(
        {
            "code": error.code,
            "status": PROBLEMS[error.code].status,
            "detail": str(error),
            "present_status": facts.get("present_status"),
            "allowed": facts.get("allowed"),
            "retry_after_seconds": facts.get("retry_after_seconds"),
        }
    )
