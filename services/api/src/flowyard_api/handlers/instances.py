"""Instances: created, listed, shown."""

import uuid
from typing import Annotated, Any

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.lifecycle import NodeStatus
from flowyard.storage.instances import list_instances
from flowyard.storage.projects import find_project
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.dependencies.lists import InstancesWanted, ItemsBelow
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.preferences import APPLIED_HEADER, PreferredWait
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.handlers.holding import respond_settled
from flowyard_api.models.instances import (
    BulkCreate,
    BulkCreatedView,
    CreatedView,
    CreateInstance,
    DefinitionView,
    InstanceSummaryView,
    InstanceView,
    ItemView,
    NodeView,
)
from flowyard_api.models.shapes import Page
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.filtering import instance_filter, with_filter
from flowyard_api.usecases.reading import InstanceReader
from flowyard_api.usecases.starting import Start, Starter
from flowyard_api.usecases.views import summary_view

router = private_router("instances")
"""Routes under ``/api/v1``."""

_CREATE_PROBLEMS = (
    "broker_unavailable",
    "database_unavailable",
    "invalid_exclusion",
    "invalid_inputs",
    "invalid_request",
    "malformed_body",
    "not_found",
    "overloaded",
    "starting",
    "unknown_preset",
    "unknown_template",
    *WRITE_PROBLEMS,
)

_CREATED: dict[int | str, dict[str, Any]] = {
    201: {
        "headers": {
            "Location": {
                "description": "Address of the instance.",
                "schema": {"type": "string"},
            },
            APPLIED_HEADER: {
                "description": "`wait=SECONDS` where the answer was held; absent otherwise.",
                "schema": {"type": "string", "example": "wait=10"},
            },
        },
    },
}


@router.post(
    "/projects/{project}/instances",
    summary="Create an instance",
    description="Creates an instance of a published template and, unless `start` is false, starts"
    " it. Inputs are checked against the template. The answer does not wait for the start: follow"
    " `GET /instances/{instance_id}/events`. With `Prefer: wait=10` the answer is held until the"
    " instance has succeeded, failed, or been cancelled or paused, or those seconds are over; its"
    " `status` tells what it has come to by then, and `Preference-Applied` that it was waited for."
    " While a process holds too many answers and live views, it answers at once, without that"
    " header. While too much waits already the request is refused with 429; `Retry-After` says when"
    " to come again.",
    status_code=201,
    response_model=CreatedView,
    responses={**_CREATED, **problem_responses(*_CREATE_PROBLEMS)},
)
async def post_instance(
    project: str,
    body: CreateInstance,
    request: Request,
    context: Context,
    writer: CurrentWriter,
    wait: PreferredWait,
) -> Response:
    async def work(write: Write) -> tuple[CreatedView, Answer]:
        (started,) = await _create(context, write, project, [body], is_bulk=False)
        view = created_view(started)
        place = {"Location": f"/api/v1/instances/{view.instance_id}"}
        return view, Answer(body=view, status=201, headers=place)

    async def unwatched(write: Write) -> Answer:
        return (await work(write))[1]

    if wait is None:
        return await writer.respond(unwatched)
    return await respond_settled(context, request, writer, work, wait)


@router.post(
    "/projects/{project}/instances/actions/bulk-create",
    summary="Create many instances",
    description="Creates up to 1000 instances together, all or none, in the order given. A fault"
    " names the item that it is about. They are taken in together, too: where 429 is answered,"
    " none was created.",
    status_code=201,
    response_model=BulkCreatedView,
    responses=problem_responses(*_CREATE_PROBLEMS),
)
async def bulk_create(
    project: str, body: BulkCreate, context: Context, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        started = await _create(context, write, project, body.items, is_bulk=True)
        return Answer(
            body=BulkCreatedView(items=[created_view(one) for one in started]), status=201
        )

    return await writer.respond(work)


@router.get(
    "/projects/{project}/instances",
    summary="List instances",
    description="Returns a project's instances, the newest first, page by page. All that is given"
    " has to hold; `filter` names a saved filter to begin with.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_instances(
    project: str,
    context: Context,
    page: CurrentPage,
    query: InstancesWanted,
    actor: CurrentActor,
) -> Page[InstanceSummaryView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        asked = await with_filter(connection, owner.project_id, query, actor=actor.name)
        found = await list_instances(
            connection,
            owner.project_id,
            instance_filter(asked),
            before=page.after_id(),
            limit=page.read_limit,
        )
    return page.page(found, summary_view, lambda instance: instance.instance_id)


@router.get(
    "/instances/{instance_id}",
    summary="Show an instance",
    description="Returns everything as it stood at one instant: every node of the graph (those"
    " not reached yet as `pending`) with its status, the reason why it does not go on by itself"
    " and when that is looked at again, its outputs, and each attempt with inputs, outputs,"
    " failure and times; and which operations are allowed now.",
    responses=problem_responses(
        "archive_damaged", "archive_unavailable", "invalid_request", "not_found"
    ),
)
async def get_instance(
    instance_id: uuid.UUID, context: Context, items_below: ItemsBelow = None
) -> InstanceView:
    return await _reader(context).read(instance_id, items_below=items_below)


@router.get(
    "/instances/{instance_id}/definition",
    summary="Show what an instance runs",
    description="Returns the version of the template that the instance was created with, also where"
    " that was never published, or is visible to nobody else any more. It never changes.",
    responses=problem_responses(
        "archive_damaged", "archive_unavailable", "invalid_request", "not_found"
    ),
)
async def get_definition(instance_id: uuid.UUID, context: Context) -> DefinitionView:
    return await _reader(context).read_definition(instance_id)


@router.get(
    "/instances/{instance_id}/nodes/{node_id}",
    summary="Show a node of an instance",
    description="Returns one node with its latest 200 attempts.",
    responses=problem_responses(
        "archive_damaged", "archive_unavailable", "invalid_request", "not_found", "unknown_node"
    ),
)
async def get_node(instance_id: uuid.UUID, node_id: str, context: Context) -> NodeView:
    return await _reader(context).read_node(instance_id, node_id)


@router.get(
    "/instances/{instance_id}/nodes/{node_id}/items",
    summary="List the items of a map",
    description="Returns the items of a map that have begun, by their index, page by page. What all"
    " of them are is among the inputs of the map's attempt.",
    responses=problem_responses(
        "archive_damaged",
        "archive_unavailable",
        "invalid_cursor",
        "invalid_request",
        "not_found",
        "unknown_node",
    ),
)
async def get_items(
    instance_id: uuid.UUID,
    node_id: str,
    context: Context,
    page: CurrentPage,
    status: Annotated[
        NodeStatus | None,
        Query(description="Only those; a failure that the map tolerates counts as `failed`."),
    ] = None,
) -> Page[ItemView]:
    found = await _reader(context).read_items(
        instance_id, node_id, status=status, after=page.after_number(), limit=page.read_limit
    )
    return page.page(found, lambda item: item, lambda item: item.index)


def _reader(context: ApiContext) -> InstanceReader:
    return InstanceReader(
        database=context.database,
        graphs=context.graphs,
        archive=context.archive,
        trace_url=context.settings.trace_url,
    )


async def _create(
    context: ApiContext,
    write: Write,
    project: str,
    wanted: list[CreateInstance],
    *,
    is_bulk: bool,
) -> list[Start]:
    starter = Starter(
        graphs=context.graphs,
        tracing=context.tracing,
        partition_count=context.doorbells.partition_count,
        admission=context.admission,
    )
    connection: AsyncConnection = write.connection
    started = await starter.create(
        connection,
        project,
        wanted,
        actor=write.actor.name,
        caller=write.caller,
        is_bulk=is_bulk,
    )
    write.bells += [one.bell for one in started if one.new.is_started]
    return started


def created_view(started: Start) -> CreatedView:
    """Return a new instance as its creator sees it."""
    return CreatedView(
        instance_id=started.new.instance_id,
        project_id=started.new.project_id,
        template_id=started.new.template_id,
        version=started.new.version,
        name=started.new.name,
        command_id=started.created.command_id,
        created_at=started.created.created_at,
    )
