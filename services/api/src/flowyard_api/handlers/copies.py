"""New instances that copy others."""

import uuid
from collections.abc import Awaitable, Callable

from fastapi import Response

from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write, Writer
from flowyard_api.handlers.instances import created_view
from flowyard_api.models.copies import CopyOptions, RerunOptions
from flowyard_api.models.instances import CreatedView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.copying import Copier
from flowyard_api.usecases.starting import Start

router = private_router("instances")
"""Routes under ``/api/v1``."""

_PROBLEMS = (
    "archive_damaged",
    "archive_unavailable",
    "broker_unavailable",
    "invalid_request",
    "malformed_body",
    "not_found",
    "overloaded",
    *WRITE_PROBLEMS,
)
_LINKED = " Both show the other: `origin` here, `copies` there."


@router.post(
    "/instances/{instance_id}/actions/clone",
    summary="Clone an instance",
    description="Creates another instance of the same version with the same inputs, labels, links,"
    " schemes and mocks, whatever the status of this one, and starts it unless `start` is false."
    " Inputs that are given replace those of this one." + _LINKED,
    status_code=201,
    response_model=CreatedView,
    responses=problem_responses("invalid_inputs", *_PROBLEMS),
)
async def clone(
    instance_id: uuid.UUID,
    context: Context,
    writer: CurrentWriter,
    body: CopyOptions | None = None,
) -> Response:
    options = body or CopyOptions.model_validate({})

    async def copy(write: Write) -> Start:
        return await _copier(context, write).clone(write.connection, instance_id, options)

    return await _answer(writer, copy)


@router.post(
    "/instances/{instance_id}/actions/rerun",
    summary="Rerun an instance from a node",
    description="Creates another instance of the same version that begins at a node, with the"
    " variables and outputs that this one had come to, and starts it unless `start` is false. What"
    " lies before the node is marked as `reused`. This one has to have ended or failed. A rerun"
    " cannot begin between a split and its converge or within an inline subflow." + _LINKED,
    status_code=201,
    response_model=CreatedView,
    responses=problem_responses(
        "forbidden_operation", "not_rerunnable", "unknown_node", *_PROBLEMS
    ),
)
async def rerun(
    instance_id: uuid.UUID, body: RerunOptions, context: Context, writer: CurrentWriter
) -> Response:
    async def copy(write: Write) -> Start:
        return await _copier(context, write).rerun(write.connection, instance_id, body)

    return await _answer(writer, copy)


def _copier(context: ApiContext, write: Write) -> Copier:
    return Copier(
        graphs=context.graphs,
        archive=context.archive,
        tracing=context.tracing,
        partition_count=context.doorbells.partition_count,
        admission=context.admission,
        actor=write.actor.name,
        caller=write.caller,
    )


async def _answer(writer: Writer, copy: Callable[[Write], Awaitable[Start]]) -> Response:
    async def work(write: Write) -> Answer:
        started = await copy(write)
        if started.new.is_started:
            write.bells.append(started.bell)
        return Answer(
            body=created_view(started),
            status=201,
            headers={"Location": f"/api/v1/instances/{started.new.instance_id}"},
        )

    return await writer.respond(work)
