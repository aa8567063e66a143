"""Webhooks: secrets minted and closed, and how they are shown."""

import base64
import uuid
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.contracts.webhooks import PING
from flowyard.ids import random_bytes
from flowyard.storage.projects import Project
from flowyard.storage.sealed_box import close_box
from flowyard.storage.webhook_history import Delivery, DeliveryAttempt, add_delivery, redeliver
from flowyard.storage.webhooks import (
    Webhook,
    WebhookContent,
    WebhookDisabledError,
    create_webhook,
    find_public_key,
    find_webhook,
    note_change,
    rotate_secret,
    update_webhook,
)
from flowyard_api.models.webhooks import (
    CreateWebhook,
    DeliveryAttemptView,
    DeliveryDetailView,
    DeliveryView,
    UpdateWebhook,
    WebhookSecretView,
    WebhookView,
)

SECRET_BYTES = 32
"""Length of a signing secret; the specification of Standard Webhooks asks for 24 to 64 bytes."""


async def make_webhook(
    connection: AsyncConnection, owner: Project, body: CreateWebhook, *, actor: str
) -> tuple[Webhook, str]:
    """Store a webhook, and return it with its secret."""
    secret, box = await _new_secret(connection)
    content = WebhookContent(
        url=body.url,
        description=body.description,
        events=_unique(body.events),
        templates=_unique(body.templates),
        labels=body.labels,
        is_enabled=body.enabled,
    )
    made = await create_webhook(connection, owner.project_id, content, box=box, actor=actor)
    return made, secret


async def change_webhook(
    connection: AsyncConnection, before: Webhook, body: UpdateWebhook, *, actor: str
) -> Webhook:
    """Write what is given of a webhook."""
    content = WebhookContent(
        **{name: getattr(before, name) for name in WebhookContent.__dataclass_fields__}
    )
    given = body.model_dump(exclude_none=True)
    if "enabled" in given:
        given["is_enabled"] = given.pop("enabled")
    for name in ("events", "templates"):
        if name in given:
            given[name] = _unique(given[name])
    return await update_webhook(connection, before, replace(content, **given), actor=actor)


async def replace_secret(
    connection: AsyncConnection, before: Webhook, overlap: timedelta, *, actor: str
) -> tuple[Webhook, str]:
    """Give a webhook a new secret, and return both."""
    secret, box = await _new_secret(connection)
    after = await rotate_secret(connection, before, box=box, overlap=overlap, actor=actor)
    return after, secret


async def find_told(connection: AsyncConnection, owner: Project, webhook_id: uuid.UUID) -> Webhook:
    """Return a webhook that is to be told something by a person's wish.

    Raises
    ------
    NotFoundError
        Raised if there is none of that id.
    WebhookDisabledError
        Raised if it is disabled.
    """
    found = await find_webhook(connection, owner.project_id, webhook_id)
    if found.disabled_reason is not None:
        raise WebhookDisabledError(
            f"Expected an enabled webhook, but it is disabled: {found.disabled_reason}"
        )
    return found


async def ping(
    connection: AsyncConnection, owner: Project, about: Webhook, *, actor: str, traceparent: str
) -> Delivery:
    """Have a webhook told that it works."""
    data: dict[str, Any] = {
        "project": owner.name,
        "webhook_id": str(about.webhook_id),
        "actor": actor,
    }
    made = await add_delivery(connection, about.webhook_id, PING, data, traceparent=traceparent)
    await _note(connection, about, "pinged", made, actor)
    return made


async def make_again(
    connection: AsyncConnection, about: Webhook, found: Delivery, *, actor: str
) -> Delivery:
    """Have a delivery made again."""
    again = await redeliver(connection, found)
    await _note(connection, about, "redelivered", again, actor)
    return again


async def _note(
    connection: AsyncConnection, about: Webhook, kind: str, made: Delivery, actor: str
) -> None:
    detail: dict[str, Any] = {"delivery_id": str(made.delivery_id)}
    await note_change(connection, about, kind, actor=actor, detail=detail)


async def _new_secret(connection: AsyncConnection) -> tuple[str, str]:
    """Return a new secret, open and closed."""
    secret = f"whsec_{base64.b64encode(random_bytes(SECRET_BYTES)).decode()}"
    return secret, close_box(await find_public_key(connection), secret)


def _unique(values: list[Any]) -> list[str]:
    return [str(one) for one in dict.fromkeys(values)]


def webhook_view(found: Webhook) -> WebhookView:
    """Return a webhook as it is shown."""
    return WebhookView.model_validate(_shown(found))


def secret_view(found: Webhook, secret: str | None) -> WebhookSecretView:
    """Return a webhook as it is shown with its new secret."""
    return WebhookSecretView.model_validate({**_shown(found), "secret": secret})


def _shown(found: Webhook) -> dict[str, Any]:
    told = asdict(found)
    enabled, until = told.pop("is_enabled"), told.pop("previous_until")
    return {**told, "enabled": enabled, "previous_secret_until": until}


def delivery_view(found: Delivery) -> DeliveryView:
    """Return a delivery as it is listed."""
    return DeliveryView.model_validate(_listed(found))


def delivery_detail_view(found: Delivery, tries: list[DeliveryAttempt]) -> DeliveryDetailView:
    """Return a delivery with what is sent, and how that went."""
    body = {
        "type": found.event,
        "timestamp": found.occurred_at.isoformat(),
        "data": found.data,
    }
    shown = [DeliveryAttemptView.model_validate(asdict(one)) for one in tries]
    return DeliveryDetailView.model_validate({**_listed(found), "payload": body, "tries": shown})


def _listed(found: Delivery) -> dict[str, Any]:
    next_at = found.next_at if found.settled_at is None else None
    return {**asdict(found), "next_at": next_at}
