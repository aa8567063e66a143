"""The history of webhooks: what they were told, and how that went."""

import uuid
from typing import Annotated, Literal

from fastapi import Query, Response

from flowyard.contracts.webhooks import WebhookEvent
from flowyard.storage.projects import find_project
from flowyard.storage.webhook_claims import DeliveryStatus
from flowyard.storage.webhook_history import (
    DeliveryFilter,
    find_delivery,
    list_attempts,
    list_deliveries,
    redeliver_given_up,
)
from flowyard.storage.webhooks import find_webhook, note_change
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.shapes import Page
from flowyard_api.models.webhooks import (
    DeliveryDetailView,
    DeliveryView,
    RedeliveredView,
    RedeliverGivenUp,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.webhooks import (
    delivery_detail_view,
    delivery_view,
    find_told,
    make_again,
)

router = private_router("webhooks")
"""Routes under ``/api/v1``."""


@router.get(
    "/projects/{project}/webhooks/{webhook_id}/deliveries",
    summary="List a webhook's deliveries",
    description="Returns what a webhook was told, or is to be, the latest first, page by page."
    " Deliveries are kept for as many days as the API's `webhook_history_days` says.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_deliveries(
    project: str,
    webhook_id: uuid.UUID,
    context: Context,
    page: CurrentPage,
    status: Annotated[
        DeliveryStatus | None, Query(description="Only those.", examples=["given_up"])
    ] = None,
    event: Annotated[
        WebhookEvent | Literal["webhook.ping"] | None,
        Query(description="Only this event, or `webhook.ping`.", examples=["instance.failed"]),
    ] = None,
) -> Page[DeliveryView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        about = await find_webhook(connection, owner.project_id, webhook_id)
        found = await list_deliveries(
            connection,
            about.webhook_id,
            DeliveryFilter(status=status, event=event),
            before=page.after_id(),
            limit=page.read_limit,
        )
    return page.page(found, delivery_view, lambda one: one.delivery_id)


@router.get(
    "/projects/{project}/webhooks/{webhook_id}/deliveries/{delivery_id}",
    summary="Show a delivery",
    description="Returns what is posted, and every try: when, for how long, the status and the"
    " beginning of the answer, or why there was none.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_delivery(
    project: str, webhook_id: uuid.UUID, delivery_id: uuid.UUID, context: Context
) -> DeliveryDetailView:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        about = await find_webhook(connection, owner.project_id, webhook_id)
        found = await find_delivery(connection, about.webhook_id, delivery_id)
        return delivery_detail_view(found, await list_attempts(connection, delivery_id))


@router.post(
    "/projects/{project}/webhooks/{webhook_id}/deliveries/{delivery_id}/actions/redeliver",
    summary="Deliver again",
    description="Posts a delivery once more, whatever became of it, with the same `webhook-id`: a"
    " receiver that has seen it may drop it. It is tried again as if it were new.",
    status_code=202,
    response_model=DeliveryView,
    responses=problem_responses(
        "invalid_request", "not_found", "webhook_disabled", *WRITE_PROBLEMS
    ),
)
async def redeliver_one(
    project: str, webhook_id: uuid.UUID, delivery_id: uuid.UUID, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        about = await find_told(write.connection, owner, webhook_id)
        found = await find_delivery(write.connection, about.webhook_id, delivery_id)
        again = await make_again(write.connection, about, found, actor=write.actor.name)
        return Answer(body=delivery_view(again), status=202)

    return await writer.respond(work)


@router.post(
    "/projects/{project}/webhooks/{webhook_id}/actions/redeliver",
    summary="Deliver again what was given up",
    description="Posts all given-up deliveries of events since an instant once more, after a"
    " receiver was repaired.",
    status_code=202,
    response_model=RedeliveredView,
    responses=problem_responses(
        "invalid_request", "malformed_body", "not_found", "webhook_disabled", *WRITE_PROBLEMS
    ),
)
async def redeliver_many(
    project: str, webhook_id: uuid.UUID, body: RedeliverGivenUp, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        about = await find_told(write.connection, owner, webhook_id)
        count = await redeliver_given_up(write.connection, about.webhook_id, since=body.since)
        await note_change(
            write.connection,
            about,
            "redelivered",
            actor=write.actor.name,
            detail={"since": body.since.isoformat(), "count": count},
        )
        return Answer(body=RedeliveredView(redelivered=count), status=202)

    return await writer.respond(work)
