"""Models of deliveries.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import OPEN, Answer
from flowyard.client.models.shared import DeliveryStatus


class DeliveryAttemptView(Answer):
    """One try to deliver."""

    number: int
    started_at: AwareDatetime
    duration_ms: int
    status_code: int | None
    """Null without an answer."""
    error: str | None
    """Why it does not count; null where it does."""
    response: str
    """At most 1 KiB of the answer."""


class DeliveryDetailView(Answer):
    """One event for one webhook, with what is sent and every try to send it."""

    delivery_id: UUID
    """The header `webhook-id`, the same with every try."""
    event: str
    """One of the events, or `webhook.ping`."""
    instance_id: UUID | None
    """Null for a test."""
    occurred_at: AwareDatetime
    status: Annotated[DeliveryStatus, OPEN]
    attempts: int
    """How often it was tried."""
    next_at: AwareDatetime | None
    """When it is tried next; null once it is settled."""
    settled_at: AwareDatetime | None
    """When it was delivered, or given up."""
    payload: dict[str, JsonValue]
    """The body that is posted."""
    tries: list[DeliveryAttemptView]
    """The latest 100, the latest first."""
