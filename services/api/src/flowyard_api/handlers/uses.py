"""Where plugins and templates are used."""

from typing import Annotated

from fastapi import Query

from flowyard.storage.templates import find_template, find_visible_template
from flowyard.storage.uses import FoundUse, Target, list_pins, list_uses
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.lists import use_place
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.models.shapes import Page
from flowyard_api.models.uses import OutdatedListView, OutdatedView, UseView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.sharing import target_of

router = private_router("uses")
"""Routes under ``/api/v1``."""

OfProject = Annotated[
    str | None, Query(alias="project", max_length=63, description="Only templates of this project.")
]
"""Whose uses are listed."""


@router.get(
    "/projects/{project}/templates/{template}/uses",
    summary="List the uses of a template",
    description="Returns the nodes that run the template as a subflow, in all projects: of drafts,"
    " of latest versions, and of older versions that open instances still run; with what they are"
    " pinned to, page by page.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_template_uses(
    project: str,
    template: str,
    context: Context,
    page: CurrentPage,
    version: Annotated[
        int | None,
        Query(ge=1, le=2**31 - 1, description="Only uses that are pinned to this version."),
    ] = None,
    within: OfProject = None,
) -> Page[UseView]:
    async with context.database.transaction() as connection:
        used = await find_template(connection, project, template)
        found = await list_uses(
            connection,
            target_of(used, version),
            project=within,
            after=use_place(page),
            limit=page.read_limit,
        )
    latest = used.latest_version
    return page.page(found, lambda use: _view(use, latest), _place)


@router.get(
    "/plugins/{name}/{version}/uses",
    summary="List the uses of a plugin version",
    description="Returns the nodes that run this version of the plugin, compensations and notices"
    " included, in all projects: of drafts, of latest versions, and of older versions that open"
    " instances still run, page by page.",
    responses=problem_responses("invalid_cursor", "invalid_request"),
)
async def get_plugin_uses(
    name: str, version: str, context: Context, page: CurrentPage, within: OfProject = None
) -> Page[UseView]:
    async with context.database.transaction() as connection:
        found = await list_uses(
            connection,
            Target("plugin", name, version),
            project=within,
            after=use_place(page),
            limit=page.read_limit,
        )
    return page.page(found, lambda use: _view(use, None), _place)


@router.get(
    "/projects/{project}/templates/{template}/outdated",
    summary="List outdated subflows",
    description="Returns the subflows of the template's latest version that are pinned to an older"
    " version of their template than the latest one. `actions/update-subflows` brings all of them"
    " up to date.",
    responses=problem_responses("not_found"),
)
async def get_outdated(project: str, template: str, context: Context) -> OutdatedListView:
    async with context.database.transaction() as connection:
        found = await find_visible_template(connection, project, template)
        pins = await list_pins(connection, found.template_id, found.latest_version or 0)
    return OutdatedListView(
        version=found.latest_version,
        items=[
            OutdatedView(
                node_id=pin.node_id,
                template=pin.target,
                pinned=int(pin.version),
                latest=pin.latest_version or 0,
            )
            for pin in pins
            if pin.is_outdated and found.latest_version is not None
        ],
    )


def _view(use: FoundUse, latest: int | None) -> UseView:
    where = "latest" if use.number == use.latest_version else "older"
    pinned = use.version or None
    return UseView.model_validate(
        {
            "project": use.project,
            "template_id": use.template_id,
            "template": use.key,
            "title": use.title,
            "where": where if use.number else "draft",
            "version": use.number or None,
            "node_id": use.node_id,
            "pinned": pinned,
            "outdated": int(pinned) < latest if pinned and latest else None,
            "open_instances": use.open_instances,
        }
    )


def _place(use: FoundUse) -> str:
    return "|".join(str(part) for part in use.place)
