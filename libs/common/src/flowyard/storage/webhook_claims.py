"""Deliveries of webhooks as plugin gateways take them, try them and note how it went."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import asyncpg
import orjson

from flowyard.storage.advance_store import plain
from flowyard.storage.queries import load_queries

QUERIES = load_queries("webhooks")
"""The statements of ``webhooks.sql`` by name."""

SERVICE_ACTOR = "flowyard"
"""Who disables a webhook that no person has disabled."""


class DeliveryStatus(StrEnum):
    """What has become of a delivery."""

    PENDING = "pending"
    """It is due, now or later."""
    DELIVERED = "delivered"
    """Its receiver has taken it."""
    GIVEN_UP = "given_up"
    """It was tried for about a day; a person may have it tried again."""


class DisabledReason(StrEnum):
    """Why a webhook is told nothing."""

    PERSON = "person"
    """A person has disabled it."""
    GONE = "gone"
    """Its receiver has answered with status 410."""
    FAILING = "failing"
    """It has failed too often in a row, for too long."""
    BACKLOG = "backlog"
    """Too much waited for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDelivery:
    """What is to be sent now."""

    delivery_id: uuid.UUID
    claim: uuid.UUID
    """Of who has taken it."""
    webhook_id: uuid.UUID
    event: str
    data: Any
    """As JSON has it."""
    traceparent: str | None
    occurred_at: datetime
    tries: int
    """How often it was tried since it was last asked for."""
    url: str
    boxes: tuple[str, ...]
    """The secrets that it is signed with, closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedDelivery:
    """How one try went."""

    delivery_id: uuid.UUID
    claim: uuid.UUID
    status: DeliveryStatus
    retry_after: timedelta
    """When it is due again, while it is pending."""
    started_at: datetime
    duration: timedelta
    status_code: int | None
    error: str | None
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookLoad:
    """What waits for one webhook."""

    webhook_id: uuid.UUID
    pending: int
    overdue_seconds: float
    """For how long the oldest has been due; 0 where nothing is."""
    is_settled: bool
    """False while a person has just written it: what waits is given time to be delivered."""


async def claim_deliveries(
    connection: asyncpg.Connection,
    claim: uuid.UUID,
    *,
    limit: int,
    per_webhook: int,
    lease: timedelta,
) -> list[DueDelivery]:
    """Take what is due, for so long that the call is over when another may take it."""
    rows = await connection.fetch(QUERIES["claim_deliveries"], limit, per_webhook, claim, lease)
    return [
        DueDelivery(
            delivery_id=plain(row["delivery_id"]),
            claim=claim,
            webhook_id=plain(row["webhook_id"]),
            event=row["event"],
            data=orjson.loads(row["data"]),
            traceparent=row["traceparent"],
            occurred_at=row["occurred_at"],
            tries=row["tries"],
            url=row["url"],
            boxes=tuple(one for one in (row["secret"], row["previous_secret"]) if one is not None),
        )
        for row in rows
    ]


async def settle_deliveries(
    connection: asyncpg.Connection, tried: Sequence[TriedDelivery]
) -> frozenset[uuid.UUID]:
    """Note how tries went, and return whose end that is; others were taken over meanwhile."""
    rows = await connection.fetch(
        QUERIES["settle_deliveries"],
        [one.delivery_id for one in tried],
        [one.claim for one in tried],
        [one.status.value for one in tried],
        [one.retry_after for one in tried],
        [one.started_at for one in tried],
        [round(one.duration / timedelta(milliseconds=1)) for one in tried],
        [one.status_code for one in tried],
        [one.error for one in tried],
        [one.response for one in tried],
    )
    return frozenset(plain(row["delivery_id"]) for row in rows)


async def note_successes(connection: asyncpg.Connection, webhook_ids: Sequence[uuid.UUID]) -> None:
    """Note that webhooks answer."""
    await connection.execute(QUERIES["note_successes"], webhook_ids)


async def note_failures(
    connection: asyncpg.Connection,
    webhook_id: uuid.UUID,
    count: int,
    *,
    most: int,
    longest: timedelta,
) -> bool:
    """Note failures of a webhook; True when they were too many in a row, for too long."""
    is_hopeless = await connection.fetchval(
        QUERIES["note_failures"], webhook_id, count, most, longest
    )
    return bool(is_hopeless)


async def disable_webhook(
    connection: asyncpg.Connection, webhook_id: uuid.UUID, reason: DisabledReason
) -> bool:
    """Tell a webhook nothing any more; False when it is told nothing already."""
    found = await connection.fetchval(
        QUERIES["disable_webhook"], webhook_id, reason.value, SERVICE_ACTOR
    )
    return found is not None


async def measure_webhooks(
    connection: asyncpg.Connection, *, bound: int, grace: timedelta
) -> Sequence[WebhookLoad]:
    """Return what waits for each enabled webhook, counted up to a bound.

    Parameters
    ----------
    grace
        How long a webhook that was written counts as unsettled.
    """
    return [
        WebhookLoad(
            webhook_id=plain(row["webhook_id"]),
            pending=row["pending"],
            overdue_seconds=max(0.0, row["overdue_seconds"] or 0.0),
            is_settled=row["is_settled"],
        )
        for row in await connection.fetch(QUERIES["measure_webhooks"], bound, grace)
    ]


async def announce_key(connection: asyncpg.Connection, public_key: str) -> None:
    """Say for whom secrets are to be sealed from now on."""
    await connection.execute(QUERIES["announce_key"], public_key)
