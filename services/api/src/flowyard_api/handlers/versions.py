"""Publication, and the versions that come of it."""

from typing import Annotated

from fastapi import Header, Path, Query, Response

from flowyard.storage.templates import Template, find_template, find_visible_template
from flowyard.storage.versions import find_version, list_versions
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.shapes import Page
from flowyard_api.models.templates import (
    DiffView,
    PlanPreviewView,
    PreviewPlan,
    PublicationView,
    Publish,
    Rollback,
    VersionSummaryView,
    VersionView,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases import publishing
from flowyard_api.usecases.choosing import preview
from flowyard_api.usecases.template_views import diff_view, version_summary_view, version_view

router = private_router("templates")
"""Routes under ``/api/v1``."""

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version.")]
"""A version in an address."""


def _answer(published: publishing.Publication, template: Template, project: str) -> Answer:
    number = published.version.number
    return Answer(
        body=PublicationView(
            version=version_summary_view(published.version), changed=published.is_changed
        ),
        status=201 if published.is_changed else 200,
        headers={
            "Location": f"/api/v1/projects/{project}/templates/{template.key}/versions/{number}"
        },
    )


@router.post(
    "/projects/{project}/templates/{template}/actions/publish",
    summary="Publish the draft",
    description="Makes the draft the latest version, which new instances take from then on. Plugins"
    " are checked against what the gateways host, and subflows pinned to the versions that are"
    " latest now. With `If-Match`, a draft that another has written meanwhile is not published. 201"
    " for a new version; 200 when the latest one has the same content already.",
    response_model=PublicationView,
    status_code=201,
    responses={
        200: {"model": PublicationView, "description": "Nothing has changed"},
        **problem_responses(
            "invalid_document",
            "invalid_request",
            "key_mismatch",
            "malformed_body",
            "no_draft",
            "not_found",
            "precondition_failed",
            "template_deleted",
            "unknown_template",
            *WRITE_PROBLEMS,
        ),
    },
)
async def publish(
    project: str,
    template: str,
    context: Context,
    writer: CurrentWriter,
    body: Publish | None = None,
    if_match: Annotated[
        str | None,
        Header(description="ETag of the draft that is meant, if it matters.", examples=['"3"']),
    ] = None,
) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_template(write.connection, project, template)
        published = await publishing.publish(
            write.connection,
            found,
            note="" if body is None else body.note,
            if_match=if_match,
            actor=write.actor.name,
            plugins=await context.plugins.read(write.connection),
        )
        write.tell_drafts(found)
        return _answer(published, found, project)

    return await writer.respond(work)


@router.post(
    "/projects/{project}/templates/{template}/actions/rollback",
    summary="Roll back to an older version",
    description="Publishes the content of an older version as the latest one. Versions are never"
    " changed or taken away, and running instances keep theirs. The draft stays as it is. Subflows"
    " keep their pins, whose templates have to be there and visible still.",
    response_model=PublicationView,
    status_code=201,
    responses={
        200: {"model": PublicationView, "description": "The latest version has that content"},
        **problem_responses(
            "invalid_request",
            "malformed_body",
            "not_found",
            "template_deleted",
            "unknown_template",
            *WRITE_PROBLEMS,
        ),
    },
)
async def roll_back(project: str, template: str, body: Rollback, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_template(write.connection, project, template)
        published = await publishing.roll_back(
            write.connection, found, body.version, note=body.note, actor=write.actor.name
        )
        write.tell_drafts(found)
        return _answer(published, found, project)

    return await writer.respond(work)


@router.get(
    "/projects/{project}/templates/{template}/versions",
    summary="List versions",
    description="Returns a template's versions, the newest first, page by page.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_versions(
    project: str, template: str, context: Context, page: CurrentPage
) -> Page[VersionSummaryView]:
    async with context.database.transaction() as connection:
        owner = await find_visible_template(connection, project, template)
        found = await list_versions(
            connection, owner.template_id, before=page.after_number(), limit=page.read_limit
        )
    return page.page(found, version_summary_view, lambda version: version.number)


@router.get(
    "/projects/{project}/templates/{template}/versions/{number}",
    summary="Show a version",
    description="Returns a version with its document, as written and in canonical form, and the"
    " compiled graph.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_version(project: str, template: str, number: Number, context: Context) -> VersionView:
    async with context.database.transaction() as connection:
        owner = await find_visible_template(connection, project, template)
        return version_view(await find_version(connection, owner.template_id, number))


@router.get(
    "/projects/{project}/templates/{template}/versions/{number}/diff",
    summary="Compare two versions",
    description="Returns what has to be changed in the version `against` to get this one: nodes,"
    " edges, inputs, variables and outputs, field by field. Where nodes stand on the canvas is told"
    " apart from them, in `layout`.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_diff(
    project: str,
    template: str,
    number: Number,
    context: Context,
    against: Annotated[
        int, Query(ge=1, le=2**31 - 1, description="Number of the version to compare with.")
    ],
) -> DiffView:
    async with context.database.transaction() as connection:
        owner = await find_visible_template(connection, project, template)
        before = await find_version(connection, owner.template_id, against)
        after = await find_version(connection, owner.template_id, number)
    return diff_view(before, after)


@router.post(
    "/projects/{project}/templates/{template}/versions/{number}/actions/preview",
    summary="Preview what is left of a version",
    description="Returns the graph that an instance with these schemes and excluded nodes would"
    " run: what is left out is joined, and gateways left without branches are gone. Stores nothing."
    " Inputs that only left-out nodes use are not required in it.",
    responses=problem_responses(
        "forbidden_origin", "invalid_exclusion", "invalid_request", "malformed_body", "not_found"
    ),
)
async def preview_plan(
    project: str, template: str, number: Number, body: PreviewPlan, context: Context
) -> PlanPreviewView:
    async with context.database.transaction() as connection:
        owner = await find_visible_template(connection, project, template)
        graph = await context.graphs.find(connection, owner.template_id, number)
    return preview(graph, body)
