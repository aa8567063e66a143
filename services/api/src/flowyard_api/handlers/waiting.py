"""What of a project waits for a person."""

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from flowyard.storage.projects import find_project
from flowyard.storage.waiting import (
    COUNTED,
    WaitFilter,
    WaitKind,
    WaitPlace,
    count_waiting,
    list_waiting,
)
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.dependencies.paging import CurrentPage, Paging, no_cursor
from flowyard_api.models.shapes import Page
from flowyard_api.models.waiting import WaitingCountView, WaitingQuery, WaitingView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.waiting import waiting_view

router = private_router("instances")
"""Routes under ``/api/v1``."""


async def _query(query: Annotated[WaitingQuery, Query()]) -> WaitingQuery:
    return query


WaitingWanted = Annotated[WaitingQuery, Depends(_query)]
"""What the request asks for."""


@router.get(
    "/projects/{project}/waiting",
    summary="List what waits for a person",
    description="Returns the approvals that are asked for and the nodes that have failed in"
    " instances which have not ended, and instances that failed as a whole, page by page: what"
    " waits longest first. Each tells what is asked or what failed, and the operations that it"
    " allows. Failed items of a map are not listed by themselves: the map is, once it has failed.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_waiting(
    project: str, context: Context, page: CurrentPage, query: WaitingWanted, actor: CurrentActor
) -> Page[WaitingView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_waiting(
            connection,
            owner.project_id,
            WaitFilter(kind=query.kind, actor=actor.name if query.mine else None),
            order=query.sort,
            after=_place(page),
            limit=page.read_limit,
        )
        views = {
            row.place: await waiting_view(connection, context.graphs, row, actor=actor.name)
            for row in found
        }
    return page.page(found, lambda row: views[row.place], lambda row: _cursor(row.place))


@router.get(
    "/projects/{project}/waiting/count",
    summary="Count what waits for a person",
    description="Returns how many approvals and how many failures the list has, each counted up to"
    " a bound.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_waiting_count(
    project: str,
    context: Context,
    actor: CurrentActor,
    *,
    mine: Annotated[bool, Query(description="As in the list.")] = False,
) -> WaitingCountView:
    asker = actor.name if mine else None
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        counts = {
            kind: await count_waiting(
                connection, owner.project_id, WaitFilter(kind=kind, actor=asker)
            )
            for kind in WaitKind
        }
    return WaitingCountView(
        approvals=counts[WaitKind.APPROVAL], failures=counts[WaitKind.FAILURE], bound=COUNTED
    )


def _cursor(place: WaitPlace) -> str:
    return f"{place.since_at.isoformat()}|{place.instance_id}|{place.node_id}"


def _place(page: Paging) -> WaitPlace | None:
    parts = page.after_parts(3)
    if parts is None:
        return None
    since, instance_id, node_id = parts
    try:
        return WaitPlace(datetime.fromisoformat(since), uuid.UUID(instance_id), node_id)
    except ValueError as error:
        raise no_cursor() from error
