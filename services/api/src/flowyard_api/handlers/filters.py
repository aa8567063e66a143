"""Saved filters: named queries of the lists of instances and templates."""

from typing import Annotated

from fastapi import Path, Query, Response

from flowyard.storage.projects import find_project
from flowyard.storage.saved_filters import (
    SHARED,
    FilterKey,
    SavedFilter,
    delete_filter,
    find_filter,
    list_filters,
    write_filter,
)
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.shapes import Page
from flowyard_api.models.sharing import FilterResource, FilterView, WriteFilter
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.filtering import checked_parameters

router = private_router("sharing")
"""Routes under ``/api/v1``."""

FilterName = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9_-]{0,62}$", description="Name of the filter.")
]
"""A filter in an address."""

IsShared = Annotated[
    bool, Query(description="True for the project's own, which all see; else yours, which you see.")
]
"""Whose filter is written."""


@router.get(
    "/projects/{project}/filters/{resource}",
    summary="List saved filters",
    description="Returns the filters of a list that the project shares and those of your own, by"
    " name, page by page.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_filters(
    project: str,
    resource: FilterResource,
    context: Context,
    page: CurrentPage,
    actor: CurrentActor,
) -> Page[FilterView]:
    parts = page.after_parts(2)
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_filters(
            connection,
            owner.project_id,
            resource,
            actor=actor.name,
            # An actor's name may hold the bar between the parts, a filter's may not.
            after=None if parts is None else (parts[1], parts[0]),
            limit=page.read_limit,
        )
    return page.page(found, _view, lambda saved: f"{saved.owner}|{saved.name}")


@router.get(
    "/projects/{project}/filters/{resource}/{name}",
    summary="Show a saved filter",
    description="Returns what the list takes for `filter=name`: your own filter of that name, or"
    " else the project's.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_filter(
    project: str, resource: FilterResource, name: FilterName, context: Context, actor: CurrentActor
) -> FilterView:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        return _view(
            await find_filter(connection, owner.project_id, resource, name, actor=actor.name)
        )


@router.put(
    "/projects/{project}/filters/{resource}/{name}",
    summary="Save a filter",
    description="Creates a named query of a list, or replaces it. Its parameters are checked as the"
    " list checks them; `?filter=name` applies them there.",
    response_model=FilterView,
    responses=problem_responses("invalid_request", "malformed_body", "not_found", *WRITE_PROBLEMS),
)
async def put_filter(
    project: str,
    resource: FilterResource,
    name: FilterName,
    body: WriteFilter,
    writer: CurrentWriter,
    *,
    shared: IsShared = False,
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        saved = await write_filter(
            write.connection,
            FilterKey(owner.project_id, resource, SHARED if shared else write.actor.name, name),
            description=body.description,
            parameters=checked_parameters(resource, body.parameters),
            actor=write.actor.name,
        )
        return Answer(body=_view(saved))

    return await writer.respond(work)


@router.delete(
    "/projects/{project}/filters/{resource}/{name}",
    summary="Delete a saved filter",
    description="Deletes a named query, yours or the project's, and returns what it was.",
    response_model=FilterView,
    responses=problem_responses("invalid_request", "not_found", *WRITE_PROBLEMS),
)
async def remove_filter(
    project: str,
    resource: FilterResource,
    name: FilterName,
    writer: CurrentWriter,
    *,
    shared: IsShared = False,
) -> Response:
    async def work(write: Write) -> Answer:
        project_id = (await find_project(write.connection, project)).project_id
        owner = SHARED if shared else write.actor.name
        gone = await delete_filter(write.connection, FilterKey(project_id, resource, owner, name))
        return Answer(body=_view(gone))

    return await writer.respond(work)


def _view(saved: SavedFilter) -> FilterView:
    return FilterView.model_validate(
        {
            "resource": saved.resource,
            "name": saved.name,
            "shared": saved.owner == SHARED,
            "description": saved.description,
            "parameters": dict(saved.parameters),
            "actor": saved.actor,
            "updated_at": saved.updated_at,
        }
    )
