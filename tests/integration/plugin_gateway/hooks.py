"""Webhooks, what waits for them, and gateways that deliver it to a real receiver."""

import uuid
from typing import Any

import httpx

from flowyard.clock import SystemClock
from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.sealed_box import BoxOpener, close_box
from flowyard.storage.sealing import new_key
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.tracing import Tracing
from flowyard_plugin_gateway.webhook_call import WebhookCall
from flowyard_plugin_gateway.webhooks import WebhookDeliveries
from tests.support.receiver import Receiver

KEY = new_key()
BOXES = BoxOpener(KEY)
SECRET, OLD_SECRET = "whsec_bmV3IHNlY3JldA==", "whsec_b2xkIHNlY3JldA=="


class Hooks:
    """Webhooks, what waits for them, and gateways that deliver it."""

    def __init__(self, database: Database, receiver: Receiver, client: httpx.AsyncClient) -> None:
        self.database = database
        self.receiver = receiver
        self.client = client
        self.metrics = Metrics("plugin-gateway")
        self.project_id = new_id()

    def gateway(self, *, key: str = KEY, places: int = 64) -> WebhookDeliveries:
        clock = SystemClock()
        call = WebhookCall(self.client, BoxOpener(key), Tracing("test"), clock)
        return WebhookDeliveries(
            database=self.database, metrics=self.metrics, call=call, clock=clock, places=places
        )

    async def fetch(self, statement: str, *values: object) -> list[dict[str, Any]]:
        async with self.database.hot() as connection:
            return [dict(row) for row in await connection.fetch(statement, *values)]

    async def add(self, path: str = "/hook", **columns: Any) -> uuid.UUID:
        """Make a webhook; columns are SQL text."""
        webhook_id = new_id()
        told = {
            "url": f"'{self.receiver.url}{path}'",
            "secret": f"'{close_box(BOXES.public_key, SECRET)}'",
            "events": "'{node.failed}'",
            **columns,
        }
        await self.fetch(
            f"INSERT INTO webhook (webhook_id, project_id, created_by, updated_by, {', '.join(told)})"  # noqa: S608, E501 - of this file
            f" VALUES ($1, $2, 'ann', 'ann', {', '.join(told.values())})",
            webhook_id,
            self.project_id,
        )
        return webhook_id

    async def tell(self, webhook_id: uuid.UUID, *, traceparent: str | None = None) -> uuid.UUID:
        delivery_id = new_id()
        await self.fetch(
            "INSERT INTO webhook_delivery"
            " (delivery_id, webhook_id, event, data, occurred_at, traceparent)"
            " VALUES ($1, $2, 'node.failed', '{\"project\": \"shop\"}', now(), $3)",
            delivery_id,
            webhook_id,
            traceparent,
        )
        return delivery_id

    async def delivery(self, delivery_id: uuid.UUID) -> dict[str, Any]:
        (row,) = await self.fetch(
            "SELECT *, next_at - clock_timestamp() AS pause FROM webhook_delivery"
            " WHERE delivery_id = $1",
            delivery_id,
        )
        return row

    async def attempts(self, delivery_id: uuid.UUID) -> list[dict[str, Any]]:
        return await self.fetch(
            "SELECT * FROM webhook_attempt WHERE delivery_id = $1 ORDER BY number", delivery_id
        )

    async def webhook(self, webhook_id: uuid.UUID) -> dict[str, Any]:
        (row,) = await self.fetch("SELECT * FROM webhook WHERE webhook_id = $1", webhook_id)
        return row

    async def try_once(self, gateway: WebhookDeliveries | None = None) -> int:
        """Have all that is due delivered, and return when that is noted."""
        gateway = gateway or self.gateway()
        count = await gateway.take()
        await gateway.finish()
        return count

    async def make_due(self) -> None:
        """Let the pauses before all further tries be over."""
        await self.fetch("UPDATE webhook_delivery SET next_at = now() WHERE claim IS NULL")
