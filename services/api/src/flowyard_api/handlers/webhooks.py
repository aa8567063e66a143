"""Webhooks of projects: made, changed, tried out, taken away."""

import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import Query, Response

from flowyard.storage.projects import find_project
from flowyard.storage.webhooks import (
    WebhookChange,
    delete_webhook,
    find_webhook,
    list_changes,
    list_webhooks,
)
from flowyard_api.dependencies.context import Context
from flowyard_api.dependencies.paging import MAX_BIGINT, CurrentPage
from flowyard_api.dependencies.writes import WRITE_PROBLEMS, Answer, CurrentWriter, Write
from flowyard_api.models.shapes import Page
from flowyard_api.models.webhooks import (
    CreateWebhook,
    DeliveryView,
    RotateSecret,
    UpdateWebhook,
    WebhookChangeView,
    WebhookSecretView,
    WebhookView,
)
from flowyard_api.problems import problem_responses
from flowyard_api.routers import private_router
from flowyard_api.usecases.webhooks import (
    change_webhook,
    delivery_view,
    find_told,
    make_webhook,
    ping,
    replace_secret,
    secret_view,
    webhook_view,
)

router = private_router("webhooks")
"""Routes under ``/api/v1``."""


@router.get(
    "/projects/{project}/webhooks",
    summary="List webhooks",
    description="Returns a project's webhooks in order of creation, page by page, without their"
    " secrets.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_webhooks(project: str, context: Context, page: CurrentPage) -> Page[WebhookView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_webhooks(
            connection, owner.project_id, after=page.after_id(), limit=page.read_limit
        )
    return page.page(found, webhook_view, lambda one: one.webhook_id)


@router.post(
    "/projects/{project}/webhooks",
    summary="Create a webhook",
    description="Has an address told what happens in the project: each event is posted as JSON,"
    " signed as the Standard Webhooks say, and tried again for about a day until the receiver"
    " answers with 2xx within 15 s. It is told of all that happens once this is answered. The"
    " secret is shown in this answer only. A project has at most 20 webhooks.",
    status_code=201,
    response_model=WebhookSecretView,
    responses=problem_responses(
        "invalid_request",
        "malformed_body",
        "no_sealing_key",
        "not_found",
        "too_many_webhooks",
        *WRITE_PROBLEMS,
    ),
)
async def post_webhook(project: str, body: CreateWebhook, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        made, secret = await make_webhook(write.connection, owner, body, actor=write.actor.name)
        place = f"/api/v1/projects/{owner.name}/webhooks/{made.webhook_id}"
        return Answer(
            body=secret_view(made, secret),
            kept=secret_view(made, None),
            status=201,
            headers={"Location": place},
        )

    return await writer.respond(work)


@router.get(
    "/projects/{project}/webhooks/{webhook_id}",
    summary="Show a webhook",
    description="Returns what a webhook is told, and whether its receiver answers.",
    responses=problem_responses("invalid_request", "not_found"),
)
async def get_webhook(project: str, webhook_id: uuid.UUID, context: Context) -> WebhookView:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        return webhook_view(await find_webhook(connection, owner.project_id, webhook_id))


@router.patch(
    "/projects/{project}/webhooks/{webhook_id}",
    summary="Change a webhook",
    description="Writes what is given, and leaves the rest. What is stored already is delivered to"
    " the new address. A webhook that is enabled again begins without failures; events that"
    " happened while it was disabled are not told.",
    response_model=WebhookView,
    responses=problem_responses("invalid_request", "malformed_body", "not_found", *WRITE_PROBLEMS),
)
async def patch_webhook(
    project: str, webhook_id: uuid.UUID, body: UpdateWebhook, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        before = await find_webhook(write.connection, owner.project_id, webhook_id, is_written=True)
        after = await change_webhook(write.connection, before, body, actor=write.actor.name)
        return Answer(body=webhook_view(after))

    return await writer.respond(work)


@router.delete(
    "/projects/{project}/webhooks/{webhook_id}",
    summary="Delete a webhook",
    description="Takes a webhook away, with its history, and answers with what it was. What waits"
    " for it is not delivered any more.",
    response_model=WebhookView,
    responses=problem_responses("invalid_request", "not_found", *WRITE_PROBLEMS),
)
async def remove_webhook(project: str, webhook_id: uuid.UUID, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        found = await find_webhook(write.connection, owner.project_id, webhook_id, is_written=True)
        await delete_webhook(write.connection, found, actor=write.actor.name)
        return Answer(body=webhook_view(found))

    return await writer.respond(work)


@router.post(
    "/projects/{project}/webhooks/{webhook_id}/actions/rotate-secret",
    summary="Replace a webhook's secret",
    description="Gives a webhook a new secret, shown in this answer only. For the overlap"
    " deliveries carry two signatures, so that the receiver may change over when it likes;"
    " without one the old secret is worthless at once.",
    response_model=WebhookSecretView,
    responses=problem_responses(
        "invalid_request", "malformed_body", "no_sealing_key", "not_found", *WRITE_PROBLEMS
    ),
)
async def rotate_webhook_secret(
    project: str, webhook_id: uuid.UUID, body: RotateSecret, writer: CurrentWriter
) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        before = await find_webhook(write.connection, owner.project_id, webhook_id, is_written=True)
        overlap = timedelta(seconds=body.overlap_seconds)
        after, secret = await replace_secret(
            write.connection, before, overlap, actor=write.actor.name
        )
        return Answer(body=secret_view(after, secret), kept=secret_view(after, None))

    return await writer.respond(work)


@router.post(
    "/projects/{project}/webhooks/{webhook_id}/actions/ping",
    summary="Try a webhook out",
    description="Sends the event `webhook.ping`, signed and tried again like any other. Follow it"
    " by its id among the deliveries.",
    status_code=202,
    response_model=DeliveryView,
    responses=problem_responses(
        "invalid_request", "not_found", "webhook_disabled", *WRITE_PROBLEMS
    ),
)
async def ping_webhook(project: str, webhook_id: uuid.UUID, writer: CurrentWriter) -> Response:
    async def work(write: Write) -> Answer:
        owner = await find_project(write.connection, project)
        about = await find_told(write.connection, owner, webhook_id)
        made = await ping(
            write.connection,
            owner,
            about,
            actor=write.actor.name,
            traceparent=write.traceparent,
        )
        return Answer(body=delivery_view(made), status=202)

    return await writer.respond(work)


@router.get(
    "/projects/{project}/webhook-changes",
    summary="List what was done to webhooks",
    description="Returns who has done what to a project's webhooks, the latest first, page by"
    " page; also of webhooks that are deleted, and what Flowyard has disabled by itself.",
    responses=problem_responses("invalid_cursor", "invalid_request", "not_found"),
)
async def get_webhook_changes(
    project: str,
    context: Context,
    page: CurrentPage,
    webhook_id: Annotated[
        uuid.UUID | None, Query(description="Only what was done to this one.")
    ] = None,
) -> Page[WebhookChangeView]:
    async with context.database.transaction() as connection:
        owner = await find_project(connection, project)
        found = await list_changes(
            connection,
            owner.project_id,
            webhook_id=webhook_id,
            before=page.after_number(MAX_BIGINT),
            limit=page.read_limit,
        )
    return page.page(found, _change_view, lambda one: one.change_id)


def _change_view(change: WebhookChange) -> WebhookChangeView:
    return WebhookChangeView.model_validate(asdict(change))
