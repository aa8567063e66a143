"""The webhooks as a scheduler knows them, and what it stores for them."""

import uuid
from collections.abc import Iterable, Sequence

import asyncpg

from flowyard.storage.webhook_events import (
    Subscription,
    Subscriptions,
    read_subscriptions,
    read_version,
    record_events,
)
from flowyard_scheduler.decide import Outcome


class Hooks:
    """All enabled webhooks, read anew when a batch was refused because they have changed."""

    def __init__(self) -> None:
        self._known: Subscriptions | None = None

    @property
    def version(self) -> int:
        """Of what is known; a batch is stored only where it still is the one in Postgres."""
        return 0 if self._known is None else self._known.version

    def of(self, project_id: uuid.UUID) -> Sequence[Subscription]:
        """Return the webhooks of a project."""
        return () if self._known is None else self._known.by_project.get(project_id, ())

    async def catch_up(self, connection: asyncpg.Connection, *, is_refused: bool) -> None:
        """Read the webhooks, if they are not known or may have changed."""
        if self._known is not None and not is_refused:
            return
        if self._known is None or await read_version(connection) != self._known.version:
            self._known = await read_subscriptions(connection)

    async def record(self, connection: asyncpg.Connection, outcomes: Iterable[Outcome]) -> None:
        """Store what webhooks are told of stored outcomes, within their transaction."""
        events = [event for outcome in outcomes for event in outcome.hook_events]
        if events:
            await record_events(connection, events)
