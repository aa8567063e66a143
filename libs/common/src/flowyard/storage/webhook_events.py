"""What schedulers store for webhooks, in the transaction of the batch that it is about.

Theory of operation. A scheduler holds all enabled webhooks in memory, and the version that
they were read at. Every change of a webhook raises the version, in the same transaction; every
batch is stored only if the version still is the one that it was decided with, or is decided
again with the webhooks as they are. So a webhook is told of all that is stored after it was
made, and projects without webhooks pay one look at a single row per batch.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
from msgspec import Struct

from flowyard.engine.graph import JsonValue
from flowyard.ids import new_id
from flowyard.storage.advance_store import plain
from flowyard.storage.database import dump_json
from flowyard.storage.queries import load_queries

QUERIES = load_queries("events")
"""The statements of ``events.sql`` by name."""


class Subscription(Struct, frozen=True, kw_only=True):
    """What one enabled webhook asks for; labels are compared where events are stored."""

    webhook_id: uuid.UUID
    events: frozenset[str]
    templates: frozenset[str]
    """Keys; all templates where there is none."""

    def wants(self, event: str, template: str) -> bool:
        """Tell whether it is to be told of an event of an instance of a template."""
        return event in self.events and (not self.templates or template in self.templates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """All enabled webhooks, as they were at a version."""

    version: int = 0
    by_project: Mapping[uuid.UUID, Sequence[Subscription]] = field(default_factory=dict)
    """Projects that have none are left out."""


class HookEvent(Struct, frozen=True, kw_only=True):
    """Something that webhooks are to be told."""

    event: str
    instance_id: uuid.UUID
    at: datetime
    data: Mapping[str, JsonValue]
    """Member ``data`` of what is sent; the labels of the instance are added to it."""
    webhook_ids: tuple[uuid.UUID, ...]
    """Whom to tell."""


async def read_version(connection: asyncpg.Connection) -> int:
    """Return how often webhooks have been changed."""
    return await connection.fetchval(QUERIES["webhook_version"]) or 0


async def read_subscriptions(connection: asyncpg.Connection) -> Subscriptions:
    """Return all enabled webhooks by project.

    The version is read first: webhooks may be newer than it says, and are read again then.
    """
    version = await read_version(connection)
    found: dict[uuid.UUID, list[Subscription]] = {}
    for row in await connection.fetch(QUERIES["enabled_webhooks"]):
        one = Subscription(
            webhook_id=plain(row["webhook_id"]),
            events=frozenset(row["events"]),
            templates=frozenset(row["templates"]),
        )
        found.setdefault(plain(row["project_id"]), []).append(one)
    return Subscriptions(version=version, by_project=found)


async def record_events(connection: asyncpg.Connection, events: Sequence[HookEvent]) -> None:
    """Store what webhooks are to be told, within the transaction that made it true.

    Webhooks that are gone by now are told nothing, nor those whose labels the instance lacks.
    """
    rows = [(one, webhook_id) for one in events for webhook_id in one.webhook_ids]
    await connection.execute(
        QUERIES["record_events"],
        [new_id() for _ in rows],
        [webhook_id for _, webhook_id in rows],
        [one.event for one, _ in rows],
        [one.instance_id for one, _ in rows],
        [dump_json(one.data) for one, _ in rows],
        [one.at for one, _ in rows],
    )
