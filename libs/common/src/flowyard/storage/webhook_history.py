"""Deliveries of webhooks as people see them: listed, asked for again, forgotten."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, desc, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import JsonValue
from flowyard.ids import new_id
from flowyard.storage.database import driver_of
from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import webhook_attempt, webhook_delivery
from flowyard.storage.webhook_claims import QUERIES, DeliveryStatus

MAX_REDELIVERED = 10_000
"""Most deliveries that are asked for again at once: as many rows as one statement may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one webhook."""

    delivery_id: uuid.UUID
    webhook_id: uuid.UUID
    event: str
    instance_id: uuid.UUID | None
    data: Mapping[str, JsonValue]
    occurred_at: datetime
    status: DeliveryStatus
    next_at: datetime
    """When it is due, or may be taken over by another gateway; means nothing once it is settled."""
    attempts: int
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """One try to deliver."""

    number: int
    started_at: datetime
    duration_ms: int
    status_code: int | None
    error: str | None
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries are wanted."""

    status: DeliveryStatus | None = None
    event: str | None = None


_COLUMNS = tuple(webhook_delivery.c[name] for name in Delivery.__dataclass_fields__)


async def list_deliveries(
    connection: AsyncConnection,
    webhook_id: uuid.UUID,
    wanted: DeliveryFilter,
    *,
    before: uuid.UUID | None,
    limit: int,
) -> list[Delivery]:
    """Return a page of a webhook's deliveries, the latest first."""
    statement = (
        select(*_COLUMNS)
        .where(webhook_delivery.c.webhook_id == webhook_id)
        .order_by(desc(webhook_delivery.c.delivery_id))
        .limit(limit)
    )
    if wanted.status is not None:
        statement = statement.where(webhook_delivery.c.status == wanted.status.value)
    if wanted.event is not None:
        statement = statement.where(webhook_delivery.c.event == wanted.event)
    if before is not None:
        statement = statement.where(webhook_delivery.c.delivery_id < before)
    return [_delivery(row) for row in (await connection.execute(statement)).mappings()]


async def find_delivery(
    connection: AsyncConnection, webhook_id: uuid.UUID, delivery_id: uuid.UUID
) -> Delivery:
    """Return a delivery of a webhook.

    Raises
    ------
    NotFoundError
        Raised if there is none of that id, any more.
    """
    rows = await connection.execute(
        select(*_COLUMNS).where(
            webhook_delivery.c.delivery_id == delivery_id,
            webhook_delivery.c.webhook_id == webhook_id,
        )
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError("delivery", delivery_id)
    return _delivery(row)


async def list_attempts(
    connection: AsyncConnection, delivery_id: uuid.UUID
) -> list[DeliveryAttempt]:
    """Return the latest 100 tries to deliver, the latest first."""
    columns = (webhook_attempt.c[name] for name in DeliveryAttempt.__dataclass_fields__)
    rows = await connection.execute(
        select(*columns)
        .where(webhook_attempt.c.delivery_id == delivery_id)
        .order_by(desc(webhook_attempt.c.number))
        .limit(100)
    )
    return [DeliveryAttempt(**row) for row in rows.mappings()]


async def add_delivery(
    connection: AsyncConnection,
    webhook_id: uuid.UUID,
    event: str,
    data: Mapping[str, JsonValue],
    *,
    traceparent: str | None,
) -> Delivery:
    """Have a webhook told something of its own: a test."""
    rows = await connection.execute(
        insert(webhook_delivery)
        .values(
            delivery_id=new_id(),
            webhook_id=webhook_id,
            event=event,
            data=dict(data),
            traceparent=traceparent,
            occurred_at=func.now(),
        )
        .returning(*_COLUMNS)
    )
    return _delivery(rows.mappings().one())


async def redeliver(connection: AsyncConnection, found: Delivery) -> Delivery:
    """Have a delivery made again now, with the same id; one that is pending is due at once."""
    rows = await connection.execute(
        update(webhook_delivery)
        .where(webhook_delivery.c.delivery_id == found.delivery_id)
        .where(webhook_delivery.c.claim.is_(None))
        .values(status=DeliveryStatus.PENDING.value, next_at=func.now(), tries=0, settled_at=None)
        .returning(*_COLUMNS)
    )
    row = rows.mappings().one_or_none()
    # Somebody is at it right now: that is what was asked for.
    return found if row is None else _delivery(row)


async def redeliver_given_up(
    connection: AsyncConnection, webhook_id: uuid.UUID, *, since: datetime
) -> int:
    """Have all given-up deliveries of events since an instant made again; return their number.

    At most :data:`MAX_REDELIVERED`, the latest: who asks again gets the others.
    """
    given_up = (
        select(webhook_delivery.c.delivery_id)
        .where(
            webhook_delivery.c.webhook_id == webhook_id,
            webhook_delivery.c.status == DeliveryStatus.GIVEN_UP.value,
            webhook_delivery.c.occurred_at >= since,
        )
        .order_by(desc(webhook_delivery.c.delivery_id))
        .limit(MAX_REDELIVERED)
        .with_for_update(skip_locked=True)
        .cte("given_up")
    )
    rows = await connection.execute(
        update(webhook_delivery)
        .where(webhook_delivery.c.delivery_id == given_up.c.delivery_id)
        .values(status=DeliveryStatus.PENDING.value, next_at=func.now(), tries=0, settled_at=None)
    )
    return rows.rowcount


async def forget_deliveries(
    connection: AsyncConnection, *, older_than: timedelta, limit: int
) -> int:
    """Delete at most so many deliveries of that age, with their attempts; return their number."""
    driver = await driver_of(connection)
    return len(await driver.fetch(QUERIES["forget_deliveries"], older_than, limit))


async def forget_orphans(connection: AsyncConnection, *, older_than: timedelta, limit: int) -> int:
    """Delete at most so many deliveries of deleted webhooks, whatever their age."""
    del older_than
    driver = await driver_of(connection)
    return len(await driver.fetch(QUERIES["forget_orphans"], limit))


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**{**dict(row), "status": DeliveryStatus(row["status"])})
