"""Variables of projects: listed, written, taken away."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Path, Response

from flowyard.storage.project_variables import (
    ProjectVariable,
    delete_variable,
    list_variables,
    put_variable,
)
from flowyard.storage.projects import find_project
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.shapes import Page
from flowyard_api.models.variables import PutVariable, VariableView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router

router = private_router("projects")
"""Routes under ``/api/v1``."""

VariableName = Annotated[
    str, Path(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}$", description="Letters, digits and `_`.")
]


@router.get(
    "/projects/{project}/variables",
    summary="List a project's variables",
    description="Returns the variables by name, page by page. Every template of the project reads"
    " them as `${project.<name>}`; an instance has them as they were when it was created.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_variables(project: str, context: Context, page: CurrentPage) -> Page[VariableView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_variables(
            connection, owner.project_id, after=page.after_text() or "", limit=page.read_limit
        )
    return page.page(found, _view, lambda variable: variable.name)


@router.put(
    "/projects/{project}/variables/{name}",
    summary="Write a project's variable",
    description="Makes the variable, or replaces it. Instances that exist keep what they have. All"
    " variables of a project take 64 KiB at most.",
    response_model=VariableView,
    responses=problem_responses(
        "invalid_request", "malformed_body", "not_found", "too_many_variables", *WRITE_PROBLEMS
    ),
)
async def put_project_variable(
    project: str, name: VariableName, body: PutVariable, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        written = await put_variable(
            write.connection,
            owner.project_id,
            name,
            value=body.value,
            description=body.description,
            actor=write.actor.name,
        )
        return Answer(body=_view(written))

    return await writer.respond(work)


@router.delete(
    "/projects/{project}/variables/{name}",
    summary="Delete a project's variable",
    description="Takes the variable away, and answers with what it was. Instances that exist keep"
    " what they have; in new ones an expression that uses it fails at its node.",
    response_model=VariableView,
    responses=problem_responses("invalid_request", "not_found", *WRITE_PROBLEMS),
)
async def delete_project_variable(
    project: str, name: VariableName, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        return Answer(body=_view(await delete_variable(write.connection, owner.project_id, name)))

    return await writer.respond(work)


def _view(variable: ProjectVariable) -> VariableView:
    return VariableView.model_validate(asdict(variable))
