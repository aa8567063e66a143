"""Previews of the inputs of nodes that have not run yet."""

import uuid

from fastapi import APIRouter

from flowyard.storage.templates import find_template
from flowyard_api.dependencies.context import Context, CurrentActor
from flowyard_api.models.previews import DraftPreviewView, NodePreviewView, PreviewInputs
from flowyard_api.problems import problem_responses
from flowyard_api.usecases.previewing import preview_draft, preview_node

router = APIRouter()
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
    description="Renders the inputs of all nodes of the draft as they would be at the start of an"
    " instance with the example inputs. What is wrong with these is told, and everything that"
    " does not need them is rendered all the same. Nothing is stored or run.",
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
            body.inputs,
            actor=actor.name,
            plugins=await context.plugins.read(connection),
        )
