"""Webhooks of projects: made, changed and taken away, with a record of who did it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, desc, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import JsonValue
from flowyard.errors import PermanentError, RetryableError
from flowyard.ids import new_id
from flowyard.storage.errors import ConflictError, NotFoundError
from flowyard.storage.schema import project, sealing_key, webhook, webhook_change, webhook_level
from flowyard.storage.webhook_claims import DisabledReason

MAX_WEBHOOKS = 20
"""Most webhooks of one project: each event is stored once for every one that wants it."""


class TooManyWebhooksError(PermanentError):
    """Raised when a project would have too many webhooks."""

    code = "too_many_webhooks"


class WebhookDisabledError(ConflictError):
    """Raised when a disabled webhook is to be told something."""

    code = "webhook_disabled"


class NoSealingKeyError(RetryableError):
    """Raised while no plugin gateway has said for whom secrets are sealed."""

    code = "no_sealing_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook, without its secrets."""

    webhook_id: uuid.UUID
    project_id: uuid.UUID
    url: str
    description: str
    events: Sequence[str]
    templates: Sequence[str]
    """Keys; all templates where there is none."""
    labels: Mapping[str, str]
    """What an instance has to have among its labels."""
    previous_until: datetime | None
    """Until when the secret before signs too; it may have passed."""
    is_enabled: bool
    disabled_reason: DisabledReason | None
    failures: int
    """In a row, up to now."""
    failing_since: datetime | None
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookContent:
    """What people write about a webhook."""

    url: str
    description: str = ""
    events: Sequence[str]
    templates: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChange:
    """One entry of the record of changes."""

    change_id: int
    webhook_id: uuid.UUID
    kind: str
    detail: Mapping[str, JsonValue]
    actor: str
    created_at: datetime


_COLUMNS = tuple(webhook.c[name] for name in Webhook.__dataclass_fields__)


async def find_public_key(connection: AsyncConnection) -> str:
    """Return what secrets are sealed with now.

    Raises
    ------
    NoSealingKeyError
        Raised if no plugin gateway has ever run here.
    """
    rows = await connection.execute(
        select(sealing_key.c.public_key).order_by(desc(sealing_key.c.announced_at)).limit(1)
    )
    found: str | None = rows.scalar_one_or_none()
    if found is None:
        raise NoSealingKeyError("Expected a plugin gateway to have run here, but none has yet")
    return found


async def create_webhook(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    content: WebhookContent,
    *,
    box: str,
    actor: str,
) -> Webhook:
    """Store a webhook.

    Parameters
    ----------
    box
        Its secret, closed by :func:`flowyard.storage.sealed_box.close_box`.

    Raises
    ------
    TooManyWebhooksError
        Raised if the project has as many as it may have.
    """
    # Two writers at once could each be the last one: they take turns.
    await connection.execute(
        select(project.c.project_id).where(project.c.project_id == project_id).with_for_update()
    )
    counted = await connection.execute(
        select(func.count()).select_from(webhook).where(webhook.c.project_id == project_id)
    )
    if counted.scalar_one() >= MAX_WEBHOOKS:
        raise TooManyWebhooksError(
            f"Expected fewer than {MAX_WEBHOOKS} webhooks of the project, but there are as many"
        )
    reason = None if content.is_enabled else DisabledReason.PERSON.value
    rows = await connection.execute(
        insert(webhook)
        .values(
            webhook_id=new_id(),
            project_id=project_id,
            secret=box,
            disabled_reason=reason,
            created_by=actor,
            updated_by=actor,
            **_written(content),
        )
        .returning(*_COLUMNS)
    )
    found = _webhook(rows.one())
    await _raise_version(connection)
    await note_change(connection, found, "created", actor=actor, detail={"url": found.url})
    return found


async def find_webhook(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    webhook_id: uuid.UUID,
    *,
    is_written: bool = False,
) -> Webhook:
    """Return a webhook of a project.

    Parameters
    ----------
    is_written
        Whether the caller is going to write it: others who do wait until then.

    Raises
    ------
    NotFoundError
        Raised if there is none of that id.
    """
    statement = select(*_COLUMNS).where(
        webhook.c.project_id == project_id, webhook.c.webhook_id == webhook_id
    )
    if is_written:
        statement = statement.with_for_update()
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFoundError("webhook", webhook_id)
    return _webhook(row)


async def list_webhooks(
    connection: AsyncConnection, project_id: uuid.UUID, *, after: uuid.UUID | None, limit: int
) -> list[Webhook]:
    """Return a page of a project's webhooks in order of creation."""
    statement = (
        select(*_COLUMNS)
        .where(webhook.c.project_id == project_id)
        .order_by(webhook.c.webhook_id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(webhook.c.webhook_id > after)
    return [_webhook(row) for row in await connection.execute(statement)]


async def update_webhook(
    connection: AsyncConnection, before: Webhook, content: WebhookContent, *, actor: str
) -> Webhook:
    """Write what a webhook is from now on; enabled anew, it begins without failures."""
    values: dict[str, Any] = _written(content)
    if content.is_enabled != before.is_enabled:
        reason = None if content.is_enabled else DisabledReason.PERSON.value
        values |= {"disabled_reason": reason, "failures": 0, "failing_since": None}
    rows = await connection.execute(
        update(webhook)
        .where(webhook.c.webhook_id == before.webhook_id)
        .values(**values, updated_by=actor, updated_at=func.now())
        .returning(*_COLUMNS)
    )
    after = _webhook(rows.one())
    await _raise_version(connection)
    changed = [name for name in values if getattr(before, name) != getattr(after, name)]
    told = [name for name in changed if name in WebhookContent.__dataclass_fields__]
    if after.is_enabled != before.is_enabled:
        told.remove("is_enabled")
        kind = "enabled" if after.is_enabled else "disabled"
        await note_change(connection, after, kind, actor=actor)
    if told:
        detail: dict[str, JsonValue] = {"fields": [*sorted(told)]}
        await note_change(connection, after, "updated", actor=actor, detail=detail)
    return after


async def rotate_secret(
    connection: AsyncConnection, before: Webhook, *, box: str, overlap: timedelta, actor: str
) -> Webhook:
    """Give a webhook a new secret; the one before signs too, for so long."""
    keeps = overlap > timedelta(0)
    rows = await connection.execute(
        update(webhook)
        .where(webhook.c.webhook_id == before.webhook_id)
        .values(
            secret=box,
            previous_secret=webhook.c.secret if keeps else None,
            previous_until=func.now() + overlap if keeps else None,
            updated_by=actor,
            updated_at=func.now(),
        )
        .returning(*_COLUMNS)
    )
    after = _webhook(rows.one())
    detail: dict[str, JsonValue] = {"overlap_seconds": overlap.total_seconds()}
    await note_change(connection, after, "secret_rotated", actor=actor, detail=detail)
    return after


async def delete_webhook(connection: AsyncConnection, before: Webhook, *, actor: str) -> None:
    """Take a webhook away; its deliveries go with the next cleaning."""
    await connection.execute(delete(webhook).where(webhook.c.webhook_id == before.webhook_id))
    await _raise_version(connection)
    await note_change(connection, before, "deleted", actor=actor, detail={"url": before.url})


async def note_change(
    connection: AsyncConnection,
    about: Webhook,
    kind: str,
    *,
    actor: str,
    detail: Mapping[str, JsonValue] | None = None,
) -> None:
    """Write down who has done what to a webhook."""
    await connection.execute(
        insert(webhook_change).values(
            project_id=about.project_id,
            webhook_id=about.webhook_id,
            kind=kind,
            detail=dict(detail or {}),
            actor=actor,
        )
    )


async def list_changes(
    connection: AsyncConnection,
    project_id: uuid.UUID,
    *,
    webhook_id: uuid.UUID | None = None,
    before: int | None,
    limit: int,
) -> list[WebhookChange]:
    """Return a page of what was done to a project's webhooks, the latest first."""
    statement = (
        select(*(webhook_change.c[name] for name in WebhookChange.__dataclass_fields__))
        .where(webhook_change.c.project_id == project_id)
        .order_by(desc(webhook_change.c.change_id))
        .limit(limit)
    )
    if webhook_id is not None:
        statement = statement.where(webhook_change.c.webhook_id == webhook_id)
    if before is not None:
        statement = statement.where(webhook_change.c.change_id < before)
    rows = await connection.execute(statement)
    return [WebhookChange(**row) for row in rows.mappings()]


async def _raise_version(connection: AsyncConnection) -> None:
    statement = insert(webhook_level).values(version=1)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[webhook_level.c.is_single],
            set_={"version": webhook_level.c.version + 1},
        )
    )


def _written(content: WebhookContent) -> dict[str, Any]:
    return {
        "url": content.url,
        "description": content.description,
        "events": list(content.events),
        "templates": list(content.templates),
        "labels": dict(content.labels),
        "is_enabled": content.is_enabled,
    }


def _webhook(row: Row[Any]) -> Webhook:
    found = dict(row._mapping)  # noqa: SLF001 - the row's public mapping
    reason = found["disabled_reason"]
    return Webhook(
        **{**found, "disabled_reason": None if reason is None else DisabledReason(reason)}
    )
