"""Live views: an instance as a stream of server-sent events."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pydantic import BaseModel

from flowyard.clock import Clock
from flowyard.telemetry.metrics import Metrics
from flowyard_api.changes import ChangeFeed, Subscription
from flowyard_api.models.instances import InstanceChangeView, InstanceView
from flowyard_api.usecases.reading import InstanceReader, is_final

MIN_PAUSE_SECONDS = 0.1
"""Least time between two reads for one viewer: changes that come faster are told together.

Only while the instance runs: that it ends, fails or pauses is told at once.
"""

HEARTBEAT = b": still here\n\n"
"""A comment, which keeps proxies from closing the connection."""


def encode_event(name: str, view: BaseModel, *, revision: int) -> bytes:
    """Return one server-sent event; its id is the revision, for ``Last-Event-ID``."""
    return f"event: {name}\nid: {revision}\ndata: {view.model_dump_json()}\n\n".encode()


def observe_lag(metrics: Metrics, clock: Clock, stored_at: float) -> None:
    """Tell how late a viewer was sent a change.

    Parameters
    ----------
    stored_at
        When it was stored, in seconds since 1970; 0, if that is not known, tells nothing.
    """
    if stored_at:
        # By the clocks of two machines, which may differ by more than that.
        seconds = max(0.0, clock.now().timestamp() - stored_at)
        metrics.observe("flowyard_api_live_view_lag_seconds", seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """Follows instances for viewers.

    Parameters
    ----------
    reader
        Reads what is shown.
    changes
        Tells when to read.
    metrics
        Told how late a viewer sees a change.
    clock
        Measures pauses.
    heartbeat_seconds
        How often Postgres is read although nothing was told.
    items_below
        Leaves out items of maps from this index on; None leaves out none.
    """

    reader: InstanceReader
    changes: ChangeFeed
    metrics: Metrics
    clock: Clock
    heartbeat_seconds: float
    items_below: int | None = None

    async def begin(
        self, instance_id: uuid.UUID, last_revision: int | None
    ) -> InstanceView | InstanceChangeView:
        """Return what a stream begins with: everything, or what was missed.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance.
        """
        if last_revision is not None:
            missed = await self._changes(instance_id, last_revision)
            if missed is not None:
                return missed
        return await self.reader.read(instance_id, items_below=self.items_below)

    async def follow(
        self, instance_id: uuid.UUID, first: InstanceView | InstanceChangeView
    ) -> AsyncIterator[bytes]:
        """Yield an instance's events until it is final, or the process stops."""
        seen = first.revision
        name = "snapshot" if isinstance(first, InstanceView) else "change"
        yield encode_event(name, first, revision=seen)
        view: InstanceView | InstanceChangeView = first
        next_read = 0.0
        with self.changes.subscribe(instance_id) as subscription:
            # What came between the first read and the subscription is told to nobody.
            subscription.wake()
            while not is_final(view.status) and not subscription.is_closed:
                await subscription.rest(next_read - self.clock.monotonic())
                changed, stored_at = await self._next(subscription, instance_id, seen)
                next_read = self.clock.monotonic() + MIN_PAUSE_SECONDS
                if changed is None:
                    if not subscription.is_closed:
                        yield HEARTBEAT
                    continue
                view, seen = changed, changed.revision
                yield encode_event("change", changed, revision=seen)
                observe_lag(self.metrics, self.clock, stored_at)
        if is_final(view.status):
            yield f'event: end\nid: {seen}\ndata: {{"status":"{view.status}"}}\n\n'.encode()

    async def _next(
        self, subscription: Subscription, instance_id: uuid.UUID, seen: int
    ) -> tuple[InstanceChangeView | None, float]:
        """Return the next change, or None when a heartbeat is due; and when it was stored."""
        deadline = self.clock.monotonic() + self.heartbeat_seconds
        while (left := deadline - self.clock.monotonic()) > 0:
            if not await subscription.changed(left):
                break
            if subscription.is_closed:
                return None, 0.0
            stored_at = subscription.take_changed_at()
            changed = await self._changes(instance_id, seen)
            if changed is not None:
                return changed, stored_at
        return await self._changes(instance_id, seen), 0.0

    async def _changes(self, instance_id: uuid.UUID, seen: int) -> InstanceChangeView | None:
        return await self.reader.read_changes(
            instance_id, after_revision=seen, items_below=self.items_below
        )
