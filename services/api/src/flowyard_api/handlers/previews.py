"""Previews of the inputs of nodes that have not run yet."""

import uuid
from typing import Annotated

from fastapi import Path

from flowyard.storage.templates import find_template, find_visible_template
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.models.previews import (
    CheckInputs,
    DraftPreviewView,
    InputsCheckView,
    NodePreviewView,
    PreviewInputs,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.previewing import check_inputs, preview_draft, preview_node

router = private_router()
"""Routes under ``/api/v1``."""


@router.get(
    "/instances/{instance_id}/nodes/{node_id}/preview",
    tags=["instances"],
    summary="Preview a node's inputs",
    description="Renders the inputs of a node as if a token entered it now, with what is known so"
    " far. An input that needs what an earlier node has still to yield names what is missing;"
    " any other mistake comes with its expression, position and the known names. Sealed values"
    " are masked, secrets stay references. Nothing is stored or run.",
    responses=problem_responses("invalid_request", "not_found", "unknown_node"),
)
async def get_node_preview(
    instance_id: uuid.UUID, node_id: str, context: Context
) -> NodePreviewView:
    return await preview_node(
        context.database, instance_id, node_id, public_url=context.settings.public_url
    )


@router.post(
    "/projects/{project}/templates/{template}/actions/preview-inputs",
    tags=["templates"],
    summary="Preview the inputs of a draft's nodes",
    description="Renders the inputs of all nodes of the draft, or of `source`, as they would be at"
    " the start of an instance with the example inputs. What is wrong with these is told, and"
    " everything that does not need them is rendered all the same. Nothing is stored or run.",
    responses=problem_responses(
        "body_too_large",
        "forbidden_origin",
        "invalid_document",
        "invalid_request",
        "malformed_body",
        "no_draft",
        "not_found",
    ),
)
async def preview_inputs(
    project: str, template: str, body: PreviewInputs, context: Context, actor: CurrentActor
) -> DraftPreviewView:
    async with context.database.transaction() as connection:
        return await preview_draft(
            connection,
            await find_template(connection, project, template),
            body,
            actor=actor.name,
            plugins=await context.plugins.read(connection),
        )


@router.post(
    "/projects/{project}/templates/{template}/versions/{number}/actions/check-inputs",
    tags=["templates"],
    summary="Check inputs before a start",
    description="Returns the form that an instance with these schemes and excluded nodes asks for,"
    " which of its inputs are not asked for with these values, and why the values do not fit, as a"
    " start would say. Stores nothing.",
    responses=problem_responses(
        "body_too_large",
        "forbidden_origin",
        "invalid_exclusion",
        "invalid_request",
        "malformed_body",
        "not_found",
    ),
)
async def post_check_inputs(
    project: str,
    template: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version.")],
    body: CheckInputs,
    context: Context,
) -> InputsCheckView:
    async with context.database.transaction() as connection:
        owner = await find_visible_template(connection, project, template)
        graph = await context.graphs.find(connection, owner.template_id, number)
        return await check_inputs(connection, owner, graph, body)
