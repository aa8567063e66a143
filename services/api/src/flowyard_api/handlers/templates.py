"""Templates and their drafts."""

from dataclasses import astuple
from typing import Annotated

from fastapi import Header, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.projects import find_project
from flowyard.storage.template_lists import is_favourite, list_templates, place_of
from flowyard.storage.templates import (
    Draft,
    Template,
    find_draft,
    find_template,
    find_visible_template,
)
from flowyard_api.context import ApiContext
from flowyard_api.dependencies.bodies import DOCUMENT_BODY, DocumentSource
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.dependencies.lists import TemplatesWanted, template_place
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.errors import Fault
from flowyard_api.models.problem import FaultView
from flowyard_api.models.shapes import Page
from flowyard_api.models.templates import (
    AppliedView,
    CreateTemplate,
    DraftView,
    TemplateView,
    ValidationView,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases import publishing
from flowyard_api.usecases.filtering import template_filter, with_filter
from flowyard_api.usecases.shared_drafts import etag, replace_draft
from flowyard_api.usecases.template_views import template_view, version_summary_view

router = private_router("templates")
"""Routes under ``/api/v1``."""

_DOCUMENT_PROBLEMS = ("invalid_document", "malformed_body", "unsupported_media_type")


@router.get(
    "/projects/{project}/templates",
    summary="List templates",
    description="Returns a project's templates, and with `scope` those of other projects that are"
    " visible in it, page by page. All that is given has to hold; `filter` names a saved filter to"
    " begin with.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_templates(
    project: str,
    context: Context,
    page: CurrentPage,
    query: TemplatesWanted,
    actor: CurrentActor,
) -> Page[TemplateView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        asked = await with_filter(connection, owner.project_id, query, actor=actor.name)
        found = await list_templates(
            connection,
            owner.project_id,
            template_filter(asked, actor=actor.name),
            actor=actor.name,
            order=asked.sort,
            after=template_place(page, asked.sort),
            limit=page.read_limit,
        )
    return page.page(
        found,
        lambda one: template_view(one.template, favourite=one.is_favourite),
        lambda one: "|".join(map(str, astuple(place_of(one.template, asked.sort)))),
    )


@router.post(
    "/projects/{project}/templates",
    summary="Create a template",
    description="With a document, key and title are read from it and it becomes the draft;"
    " without one the template is empty. To create and publish in one request, use `apply`.",
    status_code=201,
    response_model=TemplateView,
    responses=problem_responses(
        "conflict",
        "invalid_document",
        "invalid_request",
        "key_mismatch",
        "malformed_body",
        "not_found",
        *WRITE_PROBLEMS,
    ),
)
async def post_template(
    project: str, body: CreateTemplate, context: Context, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        template = await publishing.create(
            write.connection,
            owner,
            key=body.key,
            title=body.title,
            description=body.description,
            source=body.source,
            actor=write.actor.name,
            plugins=await context.plugins.read(write.connection),
        )
        return Answer(
            body=template_view(template),
            status=201,
            headers={
                "Location": f"/api/v1/projects/{owner.name}/templates/{template.key}",
                "ETag": etag(template.draft_revision),
            },
        )

    return await writer.respond(work)


@router.get(
    "/projects/{project}/templates/{template}",
    summary="Show a template",
    description="Takes the template's key or its id. By id, a template of another project that is"
    " visible in this one is shown too.",
    responses=problem_responses("not_found"),
)
async def get_template(
    project: str, template: str, context: Context, actor: CurrentActor
) -> TemplateView:
    async with context.database.transaction() as connection:
        found = await find_visible_template(connection, project, template)
        marked = await is_favourite(connection, actor.name, found.template_id)
    return template_view(found, favourite=marked)


@router.get(
    "/projects/{project}/templates/{template}/draft",
    summary="Show the draft",
    description="Returns what is written and not published yet, with everything that keeps it from"
    " being published, and its ETag for the next write.",
    responses=problem_responses("not_found"),
)
async def get_draft(project: str, template: str, context: Context, response: Response) -> DraftView:
    async with context.database.transaction() as connection:
        found = await find_template(connection, project, template)
        draft = await find_draft(connection, found.template_id)
        response.headers["ETag"] = etag(draft.revision)
        return await _draft_view(connection, context, found, draft)


@router.put(
    "/projects/{project}/templates/{template}/draft",
    summary="Write the draft",
    description="Replaces the draft by any text, sound or not: the answer lists what is wrong with"
    " it. `If-Match` carries the ETag that was read before, or `*` to replace whatever is there,"
    " so that nobody overwrites what another has written meanwhile. A 412 tells in `changes` who"
    " has written since, the latest first; the texts are under `draft/revisions`.",
    response_model=DraftView,
    openapi_extra=DOCUMENT_BODY,
    responses=problem_responses(
        "malformed_body",
        "not_found",
        "precondition_failed",
        "precondition_required",
        "template_deleted",
        "unsupported_media_type",
        *WRITE_PROBLEMS,
    ),
)
async def put_draft(
    project: str,
    template: str,
    source: DocumentSource,
    context: Context,
    writer: CurrentWriter,
    if_match: Annotated[
        str | None,
        Header(description="ETag of the draft that is replaced.", examples=['"3"', "*"]),
    ] = None,
) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_template(write.connection, project, template)
        draft = await replace_draft(
            write.connection, found, source, if_match=if_match, actor=write.actor.name
        )
        write.tell_drafts(found)
        return Answer(
            body=await _draft_view(write.connection, context, found, draft),
            headers={"ETag": etag(draft.revision)},
        )

    return await writer.respond(work)


@router.post(
    "/projects/{project}/templates/actions/validate",
    summary="Check a document",
    description="Stores nothing. Lists everything that would keep the document from being"
    " published in this project, by node and by place in the text; an empty list means that it"
    " can be.",
    openapi_extra=DOCUMENT_BODY,
    responses=problem_responses(
        "body_too_large",
        "forbidden_origin",
        "malformed_body",
        "not_found",
        "unsupported_media_type",
    ),
)
async def validate(project: str, source: DocumentSource, context: Context) -> ValidationView:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        plugins = await context.plugins.read(connection)
        faults = await publishing.problems_of(connection, str(owner.project_id), source, plugins)
    return ValidationView(problems=_fault_views(faults))


@router.post(
    "/projects/{project}/templates/actions/apply",
    summary="Apply a document",
    description="Creates the template that the document's key names, or brings it up to date:"
    " draft and latest version become what the document says. What has not changed is not"
    " published again. All or nothing.",
    response_model=AppliedView,
    openapi_extra=DOCUMENT_BODY,
    responses=problem_responses(
        "not_found",
        "template_deleted",
        "unknown_template",
        *_DOCUMENT_PROBLEMS,
        *WRITE_PROBLEMS,
    ),
)
async def apply(
    project: str, source: DocumentSource, context: Context, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        published = await publishing.apply(
            write.connection,
            await find_project(write.connection, project),
            source,
            actor=write.actor.name,
            plugins=await context.plugins.read(write.connection),
        )
        write.tell_drafts(published.template)
        return Answer(
            body=AppliedView(
                template=template_view(published.template),
                version=version_summary_view(published.version),
                changed=published.is_changed,
            )
        )

    return await writer.respond(work)


async def _draft_view(
    connection: AsyncConnection, context: ApiContext, template: Template, draft: Draft
) -> DraftView:
    faults: tuple[Fault, ...] = ()
    if draft.source is not None:
        plugins = await context.plugins.read(connection)
        faults = await publishing.problems_of(
            connection, str(template.project_id), draft.source, plugins
        )
    return DraftView(
        source=draft.source,
        revision=draft.revision,
        etag=etag(draft.revision),
        actor=draft.actor,
        updated_at=draft.updated_at,
        problems=_fault_views(faults),
    )


def _fault_views(faults: tuple[Fault, ...]) -> list[FaultView]:
    return [FaultView.model_validate(fault.as_json()) for fault in faults]
