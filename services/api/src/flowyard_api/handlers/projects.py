"""Projects, the names of their secrets, and who asks."""

from fastapi import Response

from flowyard.storage.projects import Project, create_project, find_project, list_projects
from flowyard.storage.secrets import SecretInfo, list_secrets
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.projects import CreateProject, MeView, ProjectView, SecretView
from flowyard_api.models.shapes import Page
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router

router = private_router("projects")
"""Routes under ``/api/v1``."""


def _view(project: Project) -> ProjectView:
    return ProjectView(
        project_id=project.project_id,
        name=project.name,
        title=project.title,
        created_at=project.created_at,
    )


@router.get(
    "/me",
    summary="Tell who the token stands for",
    description="Answers with the actor that every command sent with this token is recorded under.",
)
async def get_me(actor: CurrentActor) -> MeView:
    return MeView(actor=actor.name, token_id=actor.token_id)


@router.get(
    "/projects",
    summary="List projects",
    description="Returns all projects by name, page by page.",
    responses=problem_responses("invalid_cursor", "invalid_request"),
)
async def get_projects(context: Context, page: CurrentPage) -> Page[ProjectView]:
    async with context.database.transaction() as connection:
        found = await list_projects(connection, after=page.after_text(), limit=page.read_limit)
    return page.page(found, _view, lambda project: project.name)


@router.post(
    "/projects",
    summary="Create a project",
    description="A project holds templates, instances and secrets. Its name is in addresses and"
    " never changes.",
    status_code=201,
    response_model=ProjectView,
    responses=problem_responses("conflict", "invalid_request", "malformed_body", *WRITE_PROBLEMS),
)
async def post_project(body: CreateProject, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        project = await create_project(write.connection, name=body.name, title=body.title)
        return Answer(
            body=_view(project),
            status=201,
            headers={"Location": f"/api/v1/projects/{project.name}"},
        )

    return await writer.respond(work)


@router.get(
    "/projects/{project}",
    summary="Show a project",
    description="Takes the project's name or its id.",
    responses=problem_responses("not_found"),
)
async def get_project(project: str, context: Context) -> ProjectView:
    async with context.database.transaction() as connection:
        return _view(await find_project(connection, project))


@router.get(
    "/projects/{project}/secrets",
    summary="List the names of secrets",
    description="Values are never shown: only the plugin gateway opens them. They are set by"
    " `flowyard secret set`.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_secrets(project: str, context: Context, page: CurrentPage) -> Page[SecretView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_secrets(
            connection, owner.project_id, after=page.after_text() or "", limit=page.read_limit
        )
    return page.page(found, _secret_view, lambda secret: secret.name)


def _secret_view(secret: SecretInfo) -> SecretView:
    return SecretView(name=secret.name, actor=secret.actor, updated_at=secret.updated_at)
