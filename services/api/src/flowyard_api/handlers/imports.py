"""Flows of bk-sops and bamboo: taken over, given back, and the table of their components."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Path, Query, Response

from flowyard.storage.component_tables import StoredComponents, find_components, put_components
from flowyard.storage.projects import find_project
from flowyard.storage.templates import find_template
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.imports import (
    ComponentsView,
    ExportView,
    ImportFiles,
    ImportView,
    PutComponents,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases import exporting, importing

router = private_router("imports")
"""Routes under ``/api/v1``."""


@router.post(
    "/projects/{project}/imports",
    summary="Import flows of bk-sops",
    description="Reads trees as JSON, YAML v1, `.dat` exports and a2flow v2, and says everything"
    " that is lost or written in another way. `preview` stores nothing, `draft` writes drafts,"
    " `publish` publishes subflows before what runs them. A template with errors is kept as a"
    " draft and `refused`, and so is what runs it; all others go on, and one file that cannot be"
    " read stops no other. Answered with 200 whatever became of them. At most 16 MiB.",
    response_model=ImportView,
    responses=problem_responses("invalid_request", "malformed_body", "not_found", *WRITE_PROBLEMS),
)
async def post_import(
    project: str, body: ImportFiles, context: Context, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        done = await importing.run(
            write.connection,
            owner,
            body,
            actor=write.actor.name,
            plugins=await context.plugins.read(write.connection),
        )
        for template in done.changed:
            write.tell_drafts(template)
        return Answer(body=done.view)

    return await writer.respond(work)


@router.get(
    "/projects/{project}/component-table",
    summary="Show a project's table of components",
    description="Returns which plugins take the place of components of bk-sops in imports into"
    " this project. Its rules stand before those that come with Flowyard.",
    responses=problem_responses("not_found"),
)
async def get_component_table(project: str, context: Context) -> ComponentsView:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        return _view(await find_components(connection, owner.project_id))


@router.put(
    "/projects/{project}/component-table",
    summary="Write a project's table of components",
    description="Replaces the whole table. Templates that were imported before stay as they are.",
    response_model=ComponentsView,
    responses=problem_responses("invalid_request", "malformed_body", "not_found", *WRITE_PROBLEMS),
)
async def put_component_table(project: str, body: PutComponents, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        importing.checked_components(body.rules, "rules")
        stored = await put_components(
            write.connection, owner.project_id, body.rules, actor=write.actor.name
        )
        return Answer(body=_view(stored))

    return await writer.respond(work)


@router.get(
    "/projects/{project}/templates/{template}/versions/{number}/export",
    summary="Export a version for bk-sops",
    description="Returns a version as YAML v1 of bk-sops, with a document for it and for each"
    " subflow of its project, and everything that the format cannot hold. What was imported comes"
    " back as it was but for what the import had to leave out.",
    responses=problem_responses("export_too_large", "invalid_request", "not_found"),
)
async def get_export(
    project: str,
    template: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version.")],
    context: Context,
    wanted: Annotated[
        Literal["bk-sops-yaml"], Query(alias="format", description="The only one so far.")
    ] = "bk-sops-yaml",
) -> ExportView:
    _ = wanted
    async with context.database.transaction() as connection:
        found = await find_template(connection, project, template)
        return await exporting.export_yaml(connection, found, number)


def _view(stored: StoredComponents) -> ComponentsView:
    return ComponentsView.model_validate(asdict(stored))
