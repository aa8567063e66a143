"""Where outside systems report to a node that waits for them."""

import uuid
from typing import Annotated

from fastapi import Path, Request

from flowyard_api.dependencies.bodies import CALLBACK_BODY, CallbackData
from flowyard_api.dependencies.context import Context
from flowyard_api.models.commands import CallbackAcceptedView
from flowyard_api.problems import problem_responses
from flowyard_api.routers import public_router
from flowyard_api.usecases.operating import Callback, take_callback

router = public_router("callbacks")
"""Routes under ``/api/v1`` that need no bearer token."""


@router.post(
    "/callbacks/{instance_id}/{node_id}/{number}/{token}",
    summary="Report to a waiting node",
    description="The address, token included, is handed to the outside system by the plugin that"
    " waits; no bearer token is needed. The JSON body becomes what the node is resumed with. A"
    " report that comes before the wait is kept for it.",
    status_code=202,
    openapi_extra=CALLBACK_BODY,
    responses=problem_responses(
        "attempt_closed",
        "body_too_large",
        "callback_refused",
        "database_unavailable",
        "invalid_request",
        "malformed_body",
        "starting",
        "too_many_commands",
    ),
)
async def post_callback(
    instance_id: uuid.UUID,
    node_id: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the attempt.")],
    token: str,
    data: CallbackData,
    context: Context,
    request: Request,
) -> CallbackAcceptedView:
    callback = Callback(
        instance_id=instance_id, node_id=node_id, number=number, token=token, data=data
    )
    async with context.database.transaction() as connection:
        bell = await take_callback(
            connection, callback, traceparent=request.scope["flowyard.traceparent"]
        )
    context.doorbells.ring([bell])
    context.metrics.count("flowyard_api_commands_total", kind="callback")
    return CallbackAcceptedView()
