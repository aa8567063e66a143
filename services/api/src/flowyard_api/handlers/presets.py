"""Presets of templates: named sets of input values."""

from typing import Annotated

from fastapi import Path, Response

from flowyard.storage.presets import Preset, delete_preset, find_preset, list_presets
from flowyard.storage.templates import find_template, find_visible_template
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.shapes import Page
from flowyard_api.models.sharing import PresetView, WritePreset
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.presets import save_preset
from flowyard_api.usecases.views import mask

router = private_router("sharing")
"""Routes under ``/api/v1``."""

PresetName = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9_-]{0,62}$", description="Name of the preset.")
]
"""A preset in an address."""


@router.get(
    "/projects/{project}/templates/{template}/presets",
    summary="List presets",
    description="Returns a template's named sets of input values by name, page by page; by its id"
    " also those of a template of another project that is visible in this one.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_presets(
    project: str, template: str, context: Context, page: CurrentPage
) -> Page[PresetView]:
    async with context.database.transaction() as connection:
        owner = await find_visible_template(connection, project, template)
        found = await list_presets(
            connection, owner.template_id, after=page.after_text(), limit=page.read_limit
        )
    return page.page(found, _view, lambda preset: preset.name)


@router.get(
    "/projects/{project}/templates/{template}/presets/{name}",
    summary="Show a preset",
    description="Returns one named set of input values. Sealed values are shown masked.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_preset(project: str, template: str, name: PresetName, context: Context) -> PresetView:
    async with context.database.transaction() as connection:
        owner = await find_visible_template(connection, project, template)
        return _view(await find_preset(connection, owner.template_id, name))


@router.put(
    "/projects/{project}/templates/{template}/presets/{name}",
    summary="Write a preset",
    description="Creates a named set of input values, or replaces it. An instance is started with"
    " it by `preset`, and `inputs` given beside it go before its values. Values are checked against"
    " the version that is started, when it is started. Passwords may only be named secrets.",
    response_model=PresetView,
    responses=problem_responses(
        "invalid_inputs",
        "invalid_request",
        "malformed_body",
        "not_found",
        "template_deleted",
        *WRITE_PROBLEMS,
    ),
)
async def put_preset(
    project: str,
    template: str,
    name: PresetName,
    body: WritePreset,
    context: Context,
    writer: CurrentWriter,
) -> Response:
    async def work(write: Write) -> Answer:
        preset = await save_preset(
            write.connection,
            context.graphs,
            await find_template(write.connection, project, template),
            name,
            description=body.description,
            inputs=body.inputs,
            actor=write.actor.name,
        )
        return Answer(body=_view(preset))

    return await writer.respond(work)


@router.delete(
    "/projects/{project}/templates/{template}/presets/{name}",
    summary="Delete a preset",
    description="Deletes a named set of input values, and returns what it was. Instances that were"
    " started with it keep their inputs.",
    response_model=PresetView,
    responses=problem_responses("invalid_request", "not_found", *WRITE_PROBLEMS),
)
async def remove_preset(
    project: str, template: str, name: PresetName, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_template(write.connection, project, template)
        preset = await find_preset(write.connection, owner.template_id, name)
        await delete_preset(write.connection, owner.template_id, name)
        return Answer(body=_view(preset))

    return await writer.respond(work)


def _view(preset: Preset) -> PresetView:
    return PresetView.model_validate(
        {
            "name": preset.name,
            "description": preset.description,
            "inputs": mask(dict(preset.inputs)),
            "actor": preset.actor,
            "updated_at": preset.updated_at,
        }
    )
