"""Templates beside their content: who sees them, how they are sorted, whether they are gone."""

from fastapi import Response

from flowyard.storage.projects import find_project
from flowyard.storage.references import full_reference
from flowyard.storage.sharing import (
    Category,
    TemplateChange,
    Visibility,
    find_visibility,
    list_categories,
    list_changes,
    set_categories,
    set_favourite,
)
from flowyard.storage.templates import Template, find_template, find_visible_template
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import MAX_BIGINT, CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write, Writer
from flowyard_api.models.shapes import Page
from flowyard_api.models.sharing import (
    CategoriesView,
    CategoryView,
    EditTemplate,
    FavouriteView,
    SetCategories,
    SetVisibility,
    TemplateChangeView,
    VisibilityView,
)
from flowyard_api.models.templates import TemplateView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases import sharing
from flowyard_api.usecases.template_views import template_view

router = private_router("sharing")
"""Routes under ``/api/v1``."""

_BODY_PROBLEMS = ("invalid_request", "malformed_body", "not_found", *WRITE_PROBLEMS)


@router.patch(
    "/projects/{project}/templates/{template}",
    summary="Edit what is said about a template",
    description="Changes title, description, category and labels; what is left out stays. The"
    " document is not touched: the next publication takes title and description from it.",
    response_model=TemplateView,
    responses=problem_responses("template_deleted", *_BODY_PROBLEMS),
)
async def patch_template(
    project: str, template: str, body: EditTemplate, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        given = body.model_dump(exclude_unset=True)
        changes = {name: value for name, value in given.items() if value is not None}
        changed = await sharing.edit_template(
            write.connection, project, template, changes, actor=write.actor.name
        )
        return Answer(body=template_view(changed))

    return await writer.respond(work)


@router.delete(
    "/projects/{project}/templates/{template}",
    summary="Delete a template",
    description="Takes a template off the lists: nothing can be started, written or published of"
    " it. Versions and instances stay readable, its key stays taken, and `restore` brings it back."
    " 409 while it has open instances, or while drafts, latest versions or open instances of"
    " others use it: `used_by` names the first of them.",
    response_model=TemplateView,
    responses=problem_responses(
        "not_found", "template_deleted", "template_in_use", *WRITE_PROBLEMS
    ),
)
async def delete_template(project: str, template: str, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        gone = await sharing.delete_template(
            write.connection, project, template, actor=write.actor.name
        )
        return Answer(body=template_view(gone))

    return await writer.respond(work)


@router.post(
    "/projects/{project}/templates/{template}/actions/restore",
    summary="Restore a deleted template",
    description="Brings a deleted template back as it was; one that is not deleted stays as it is.",
    response_model=TemplateView,
    responses=problem_responses("not_found", *WRITE_PROBLEMS),
)
async def restore_template(project: str, template: str, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        found = await sharing.restore_template(
            write.connection, project, template, actor=write.actor.name
        )
        return Answer(body=template_view(found))

    return await writer.respond(work)


@router.get(
    "/projects/{project}/templates/{template}/changes",
    summary="List what was changed about a template",
    description="Returns who has changed category, labels, visibility and the like, or has deleted"
    " or restored it, the latest first, page by page. Publications are in the list of versions.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_template_changes(
    project: str, template: str, context: Context, page: CurrentPage
) -> Page[TemplateChangeView]:
    async with context.database.transaction() as connection:
        found = await find_template(connection, project, template)
        changes = await list_changes(
            connection,
            found.template_id,
            before=page.after_number(MAX_BIGINT),
            limit=page.read_limit,
        )
    return page.page(changes, _change_view, lambda change: change.change_id)


@router.get(
    "/projects/{project}/templates/{template}/visibility",
    summary="Show who sees a template",
    description="Returns which other projects may list, start and use the template, and what they"
    " call it.",
    responses=problem_responses("not_found"),
)
async def get_visibility(project: str, template: str, context: Context) -> VisibilityView:
    async with context.database.transaction() as connection:
        found = await find_template(connection, project, template)
        return _visibility_view(found, await find_visibility(connection, found.template_id))


@router.put(
    "/projects/{project}/templates/{template}/visibility",
    summary="Choose who sees a template",
    description="Replaces the projects that may list, start and use the template as a subflow, as"
    " `project/key`; instances belong to the project that starts them. Where it is withdrawn, what"
    " is published and pinned goes on; new starts and publications are refused.",
    response_model=VisibilityView,
    responses=problem_responses("template_deleted", *_BODY_PROBLEMS),
)
async def put_visibility(
    project: str, template: str, body: SetVisibility, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_template(write.connection, project, template)
        wanted = Visibility(is_common=body.all, projects=sorted(set(body.projects)))
        stored = await sharing.show_to(write.connection, found, wanted, actor=write.actor.name)
        return Answer(body=_visibility_view(found, stored))

    return await writer.respond(work)


@router.put(
    "/projects/{project}/templates/{template}/favourite",
    summary="Make a template a favourite",
    description="Marks a template as yours to have at hand, also one of another project that is"
    " visible in this one (by its id); nobody else sees that.",
    response_model=FavouriteView,
    responses=problem_responses("not_found", *WRITE_PROBLEMS),
)
async def put_favourite(project: str, template: str, writer: CurrentWriter) -> Response:
    return await _mark(writer, project, template, is_favourite=True)


@router.delete(
    "/projects/{project}/templates/{template}/favourite",
    summary="Make a template no favourite",
    description="Takes your mark off a template; it does not matter whether there was one.",
    response_model=FavouriteView,
    responses=problem_responses("not_found", *WRITE_PROBLEMS),
)
async def delete_favourite(project: str, template: str, writer: CurrentWriter) -> Response:
    return await _mark(writer, project, template, is_favourite=False)


@router.get(
    "/projects/{project}/categories",
    summary="List categories",
    description="Returns the categories that a project offers, in their order and with the number"
    " of its templates in each, and then those that only templates name.",
    responses=problem_responses("not_found"),
)
async def get_categories(project: str, context: Context) -> CategoriesView:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        return _categories_view(await list_categories(connection, owner.project_id))


@router.put(
    "/projects/{project}/categories",
    summary="Set the categories",
    description="Replaces the list of categories that a project offers. Templates keep theirs, in"
    " the list or not.",
    response_model=CategoriesView,
    responses=problem_responses(*_BODY_PROBLEMS),
)
async def put_categories(project: str, body: SetCategories, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        await set_categories(write.connection, owner.project_id, body.names, actor=write.actor.name)
        stored = await list_categories(write.connection, owner.project_id)
        return Answer(body=_categories_view(stored))

    return await writer.respond(work)


async def _mark(writer: Writer, project: str, template: str, *, is_favourite: bool) -> Response:
    async def work(write: Write) -> Answer:
        found = await find_visible_template(write.connection, project, template)
        await set_favourite(
            write.connection, write.actor.name, found.template_id, is_favourite=is_favourite
        )
        reference = full_reference(found.project, found.key)
        return Answer(body=FavouriteView(template=reference, favourite=is_favourite))

    return await writer.respond(work)


def _visibility_view(template: Template, visibility: Visibility) -> VisibilityView:
    return VisibilityView(
        all=visibility.is_common,
        projects=list(visibility.projects),
        reference=full_reference(template.project, template.key),
    )


def _categories_view(categories: list[Category]) -> CategoriesView:
    return CategoriesView(
        items=[
            CategoryView(name=one.name, listed=one.is_listed, templates=one.template_count)
            for one in categories
        ]
    )


def _change_view(change: TemplateChange) -> TemplateChangeView:
    return TemplateChangeView(
        change_id=change.change_id,
        kind=change.kind,
        detail=dict(change.detail),
        actor=change.actor,
        created_at=change.created_at,
    )
