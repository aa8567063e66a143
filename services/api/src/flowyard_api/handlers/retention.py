"""What becomes of ended instances: rules of projects, archives, and holds."""

import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.archives import (
    ArchivedFilter,
    ArchivedInstance,
    ArchiveFile,
    list_archived,
    list_archives,
)
from flowyard.storage.projects import find_project
from flowyard.storage.retention import (
    Hold,
    RetentionMode,
    Rule,
    bytes_per_instance,
    count_ripe,
    delete_hold,
    delete_rule,
    find_hold,
    list_rules,
    put_hold,
    put_rule,
)
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.errors import ApiError
from flowyard_api.models.retention import (
    ArchivedInstanceView,
    ArchivedQuery,
    ArchiveView,
    DueView,
    HoldView,
    PutHold,
    PutRetention,
    RetentionView,
)
from flowyard_api.models.shapes import Page
from flowyard_api.problems import problem_responses
from flowyard_api.retirement import default_rule
from flowyard_api.routers import private_router

router = private_router("retention")
"""Routes under ``/api/v1``."""


async def _archived_query(query: Annotated[ArchivedQuery, Query()]) -> ArchivedQuery:
    return query


ArchivedWanted = Annotated[ArchivedQuery, Depends(_archived_query)]
"""Which archived instances the request asks for."""


class NoPlaceError(ApiError):
    """Raised where instances are to be archived and the cluster has no place for it."""

    code = "no_archive_place"


@router.get(
    "/projects/{project}/retention",
    summary="Show what becomes of ended instances",
    description="Returns the project's rule, or the cluster's where it has none, and how much it"
    " applies to right now: what would be moved out next. Nothing ever happens to instances that"
    " have not ended (`failed` is not an end: cancel what nobody will repair), that are held, or"
    " that have started others that have not ended.",
    responses=problem_responses("not_found"),
)
async def get_retention(project: str, context: Context) -> RetentionView:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        return await _retention(connection, context, owner.project_id)


@router.put(
    "/projects/{project}/retention",
    summary="Say what becomes of ended instances",
    description="Writes the project's own rule in place of the cluster's. With `delete`, nothing"
    " is left of what ended that long ago, and no backup of the archive brings it back. 409 for"
    " `archive` where the cluster has no place for archives.",
    response_model=RetentionView,
    responses=problem_responses(
        "invalid_request", "malformed_body", "no_archive_place", "not_found", *WRITE_PROBLEMS
    ),
)
async def put_retention(
    project: str, body: PutRetention, context: Context, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        rule = Rule(mode=RetentionMode(body.mode), after=timedelta(seconds=body.after_seconds))
        if rule.mode is RetentionMode.ARCHIVE and context.archive.place is None:
            raise NoPlaceError(
                "Expected a place for archives, but FLOWYARD_API_ARCHIVE_URL is not set"
            )
        await put_rule(write.connection, owner.project_id, rule, actor=write.actor.name)
        return Answer(body=await _retention(write.connection, context, owner.project_id))

    return await writer.respond(work)


@router.delete(
    "/projects/{project}/retention",
    summary="Take a project's own rule away",
    description="The cluster's counts again. Answers with what holds now.",
    response_model=RetentionView,
    responses=problem_responses("not_found", *WRITE_PROBLEMS),
)
async def delete_retention(project: str, context: Context, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        await delete_rule(write.connection, owner.project_id)
        return Answer(body=await _retention(write.connection, context, owner.project_id))

    return await writer.respond(work)


@router.get(
    "/projects/{project}/archives",
    summary="List a project's archives",
    description="Returns the files that ended instances were moved to, the newest first, page by"
    " page. `flowyard archive show FILE` reads one anywhere.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_archives(project: str, context: Context, page: CurrentPage) -> Page[ArchiveView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_archives(
            connection, owner.project_id, before=page.after_id(), limit=page.read_limit
        )
    return page.page(found, _archive, lambda one: one.archive_id)


@router.get(
    "/projects/{project}/archived-instances",
    summary="List archived instances",
    description="Returns a project's instances that were moved to an archive, the newest first,"
    " page by page. `GET /instances/{instance_id}` shows one as if it were still here.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_archived_instances(
    project: str, context: Context, page: CurrentPage, query: ArchivedWanted
) -> Page[ArchivedInstanceView]:
    wanted = ArchivedFilter(
        statuses=query.status,
        template=query.template,
        text=query.text,
        actor=query.actor,
        ended_after=query.ended_after,
        ended_before=query.ended_before,
    )
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_archived(
            connection, owner.project_id, wanted, before=page.after_id(), limit=page.read_limit
        )
    return page.page(found, _archived, lambda one: one.instance_id)


@router.get(
    "/instances/{instance_id}/hold",
    summary="Show an instance's hold",
    description="Tells who holds an instance, and why. 404 where nobody does.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_hold(instance_id: uuid.UUID, context: Context) -> HoldView:
    async with context.database.transaction() as connection:
        return _hold(await find_hold(connection, instance_id))


@router.put(
    "/instances/{instance_id}/hold",
    summary="Hold an instance",
    description="Keeps an instance, and with it the one that has started it and all that they have"
    " started, from being archived or deleted until it is let go, however old they are.",
    response_model=HoldView,
    responses=problem_responses(
        "instance_archived", "invalid_request", "malformed_body", "not_found", *WRITE_PROBLEMS
    ),
)
async def put_instance_hold(
    instance_id: uuid.UUID, body: PutHold, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        hold = await put_hold(
            write.connection, instance_id, reason=body.reason, actor=write.actor.name
        )
        return Answer(body=_hold(hold))

    return await writer.respond(work)


@router.delete(
    "/instances/{instance_id}/hold",
    summary="Let an instance go",
    description="Takes the hold away, and answers with what it was. What is old enough by then goes"
    " with the next batch.",
    response_model=HoldView,
    responses=problem_responses("invalid_request", "not_found", *WRITE_PROBLEMS),
)
async def delete_instance_hold(instance_id: uuid.UUID, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        return Answer(body=_hold(await delete_hold(write.connection, instance_id)))

    return await writer.respond(work)


async def _retention(
    connection: AsyncConnection, context: ApiContext, project_id: uuid.UUID
) -> RetentionView:
    default = default_rule(context.settings)
    (found,) = await list_rules(connection, default, project_id=project_id)
    ripe = await count_ripe(connection, project_id, found.rule.after)
    each = await bytes_per_instance(connection) if ripe.instances else 0
    return RetentionView(
        mode=found.rule.mode.value,
        after_seconds=int(found.rule.after.total_seconds()),
        is_default=found.is_default,
        actor=found.actor,
        updated_at=found.updated_at,
        due=DueView(
            instances=ripe.instances,
            oldest_ended_at=ripe.oldest_ended_at,
            estimated_bytes=round(each * ripe.instances),
        ),
    )


def _archive(one: ArchiveFile) -> ArchiveView:
    return ArchiveView(**asdict(one))


def _archived(one: ArchivedInstance) -> ArchivedInstanceView:
    fields = asdict(one)
    return ArchivedInstanceView(
        **{name: fields[name] for name in ArchivedInstanceView.model_fields}
    )


def _hold(one: Hold) -> HoldView:
    return HoldView(**asdict(one))
