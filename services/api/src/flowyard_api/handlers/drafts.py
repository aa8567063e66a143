"""Drafts that each person has of a template, who else edits it, and what was shared before."""

from typing import Annotated

from fastapi import Header, Path, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.draft_revisions import find_draft_revision, list_draft_revisions
from flowyard.storage.personal_drafts import find_personal_draft, list_editors, note_presence
from flowyard.storage.templates import Template, find_draft, find_template
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.dependencies.paging import FIRST_PAGE, CurrentPage, Paging
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.drafts import (
    DraftRevisionTextView,
    DraftRevisionView,
    EditorsView,
    PersonalDraftView,
    WritePersonalDraft,
)
from flowyard_api.models.shapes import Page
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases import drafts
from flowyard_api.usecases.shared_drafts import shared_view

router = private_router("templates")
"""Routes under ``/api/v1``."""

IfMatch = Annotated[
    str | None,
    Header(
        description="ETag of the draft as it was seen, or `*` for whatever there is.",
        examples=['"0197c0de-0000-7000-8000-000000000001"', "*"],
    ),
]
"""What the writer has seen."""

IfNoneMatch = Annotated[
    str | None, Header(description="`*` writes a first draft and no other.", examples=["*"])
]
"""That the writer has seen nothing."""

Revision = Annotated[
    int, Path(ge=1, le=2**31 - 1, description="Revision of the shared draft.", examples=[3])
]
"""A state of the shared draft in an address."""


@router.get(
    "/projects/{project}/templates/{template}/drafts",
    summary="List who edits a template",
    description="Returns by name, page by page, everybody who has a draft of their own or was seen"
    " within the last 60 s, and the state of the shared draft. `drafts` of the project's events"
    " tells when it has changed.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_drafts(
    project: str, template: str, context: Context, page: CurrentPage, actor: CurrentActor
) -> EditorsView:
    async with context.database.transaction() as connection:
        found = await find_template(connection, project, template)
        return await _editors(connection, found, page, actor.name)


@router.get(
    "/projects/{project}/templates/{template}/drafts/mine",
    summary="Show your draft",
    description="Returns what you have written and not shared yet, and its ETag for the next"
    " write.",
    responses=problem_responses("not_found"),
)
async def get_my_draft(
    project: str, template: str, context: Context, actor: CurrentActor, response: Response
) -> PersonalDraftView:
    async with context.database.transaction() as connection:
        found = await find_template(connection, project, template)
        draft = await find_personal_draft(connection, found.template_id, actor.name)
    response.headers["ETag"] = drafts.tag_of(draft.tag)
    return drafts.draft_view(draft)


@router.put(
    "/projects/{project}/templates/{template}/drafts/mine",
    summary="Write your draft",
    description="Keeps what you have written, sound or not, for you; others see it when they look"
    " for it. `If-Match` carries the ETag that was read before, `If-None-Match: *` says that there"
    " is none yet, so that of two pages of yours none overwrites what the other has written. It is"
    " shared by `PUT .../draft`, with the revision that it was made from as `If-Match`.",
    response_model=PersonalDraftView,
    responses=problem_responses(
        "invalid_request",
        "malformed_body",
        "not_found",
        "precondition_failed",
        "precondition_required",
        *WRITE_PROBLEMS,
    ),
)
async def put_my_draft(
    project: str,
    template: str,
    body: WritePersonalDraft,
    writer: CurrentWriter,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_template(write.connection, project, template)
        draft = await drafts.save(
            write.connection,
            found,
            body,
            actor=write.actor.name,
            if_match=if_match,
            if_none_match=if_none_match,
        )
        write.tell_drafts(found)
        return Answer(body=drafts.draft_view(draft), headers={"ETag": drafts.tag_of(draft.tag)})

    return await writer.respond(work)


@router.delete(
    "/projects/{project}/templates/{template}/drafts/mine",
    summary="Discard your draft",
    description="Takes your draft away, and returns what it was: after it has been shared, or"
    " because the shared one is to be gone on with.",
    response_model=PersonalDraftView,
    responses=problem_responses(
        "invalid_request",
        "not_found",
        "precondition_failed",
        "precondition_required",
        *WRITE_PROBLEMS,
    ),
)
async def delete_my_draft(
    project: str, template: str, writer: CurrentWriter, if_match: IfMatch = None
) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_template(write.connection, project, template)
        draft = await drafts.discard(
            write.connection, found, actor=write.actor.name, if_match=if_match
        )
        write.tell_drafts(found)
        return Answer(body=drafts.draft_view(draft))

    return await writer.respond(work)


@router.put(
    "/projects/{project}/templates/{template}/drafts/mine/presence",
    summary="Say that you are editing",
    description="Lets others see that you have the template before you, for 60 s from now; a write"
    " of your draft does so, too. Answers with who edits it.",
    response_model=EditorsView,
    responses=problem_responses("invalid_request", "not_found", *WRITE_PROBLEMS),
)
async def put_presence(project: str, template: str, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_template(write.connection, project, template)
        if await note_presence(write.connection, found.template_id, write.actor.name):
            write.tell_drafts(found)
        return Answer(body=await _editors(write.connection, found, FIRST_PAGE, write.actor.name))

    return await writer.respond(work)


@router.get(
    "/projects/{project}/templates/{template}/drafts/{user}",
    summary="Show somebody's draft",
    description="Returns what somebody has written of a template and not shared yet.",
    responses=problem_responses("not_found"),
)
async def get_draft_of(
    project: str,
    template: str,
    user: Annotated[str, Path(description="As the list of drafts names them.", examples=["ops"])],
    context: Context,
) -> PersonalDraftView:
    async with context.database.transaction() as connection:
        found = await find_template(connection, project, template)
        return drafts.draft_view(await find_personal_draft(connection, found.template_id, user))


@router.get(
    "/projects/{project}/templates/{template}/draft/revisions",
    summary="List what the draft has been",
    description="Returns the latest 50 states of the shared draft, and older ones that somebody's"
    " draft was made from, the latest first, page by page.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_draft_revisions(
    project: str, template: str, context: Context, page: CurrentPage
) -> Page[DraftRevisionView]:
    async with context.database.transaction() as connection:
        owner = await find_template(connection, project, template)
        found = await list_draft_revisions(
            connection, owner.template_id, before=page.after_number(), limit=page.read_limit
        )
    return page.page(
        found,
        lambda one: drafts.revision_view(one, owner.draft_revision),
        lambda one: one.revision,
    )


@router.get(
    "/projects/{project}/templates/{template}/draft/revisions/{revision}",
    summary="Show what the draft has been",
    description="Returns one state of the shared draft with its text: what a personal draft was"
    " made from, or what somebody has replaced.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_draft_revision(
    project: str, template: str, revision: Revision, context: Context
) -> DraftRevisionTextView:
    async with context.database.transaction() as connection:
        owner = await find_template(connection, project, template)
        found = await find_draft_revision(connection, owner.template_id, revision)
    view = drafts.revision_view(found, owner.draft_revision)
    return DraftRevisionTextView(**view.model_dump(), source=found.source)


async def _editors(
    connection: AsyncConnection, template: Template, page: Paging, actor: str
) -> EditorsView:
    found = await list_editors(
        connection, template.template_id, after=page.after_text(), limit=page.read_limit
    )
    shared = shared_view(await find_draft(connection, template.template_id))
    listed = page.page(found, lambda one: drafts.editor_view(one, actor), lambda one: one.actor)
    return EditorsView(shared=shared, items=listed.items, next_cursor=listed.next_cursor)
