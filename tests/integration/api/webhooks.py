"""Webhooks of a project, and deliveries as a scheduler would store them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from flowyard.ids import new_id
from flowyard.storage.schema import webhook, webhook_delivery
from flowyard.storage.sealed_box import BoxOpener
from flowyard.storage.sealing import new_key
from tests.support.api import Api

PATH = "/api/v1/projects/shop/webhooks"
BODY = {"url": "https://tickets.example/hook", "events": ["instance.failed"]}
BOXES = BoxOpener(new_key())


async def make(api: Api, **more: Any) -> dict[str, Any]:
    answer = await api.client.post(PATH, json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def secrets_of(api: Api, webhook_id: str) -> tuple[object, object]:
    """Return a webhook's secrets as a plugin gateway opens them."""
    async with api.database.transaction() as connection:
        rows = await connection.execute(
            select(webhook.c.secret, webhook.c.previous_secret).where(
                webhook.c.webhook_id == uuid.UUID(webhook_id)
            )
        )
        new, old = rows.one()
    return BOXES.open_box(new), None if old is None else BOXES.open_box(old)


async def told(api: Api, webhook_id: str, **columns: Any) -> uuid.UUID:
    """Store a delivery as a scheduler would."""
    delivery_id = new_id()
    row = {
        "delivery_id": delivery_id,
        "webhook_id": uuid.UUID(webhook_id),
        "event": "instance.failed",
        "data": {"project": "shop"},
        "occurred_at": datetime.fromisoformat("2026-01-02T03:04:05+00:00"),
        **columns,
    }
    async with api.database.transaction() as connection:
        await connection.execute(insert(webhook_delivery).values(**row))
    return delivery_id
