"""Follows all changes of instances and wakes whoever looks at one of them.

Each process reads the whole topic without a group. A record says only that
there is something new; who is woken reads Postgres. So what waits for a
subscriber is one bit, however many changes there were, and a lost record costs
a heartbeat's time at most.
"""

import asyncio
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from flowyard.contracts.records import InstanceChange
from flowyard.contracts.topics import INSTANCE_CHANGE
from flowyard.messaging.ports import Broker, BrokerUnavailableError, Consumer, IncomingRecord
from flowyard.telemetry.metrics import Metrics

_log = logging.getLogger("flowyard.api")

POLL_WAIT = timedelta(seconds=1)
"""How long one poll waits for news."""

MAX_RECORDS = 1000
"""Most records of one poll."""

FIRST_DELAY_SECONDS = 1.0
"""Pause before the topic is read again after a failure; it doubles each time."""

LONGEST_DELAY_SECONDS = 10.0
"""The longest pause between two attempts to read."""

_ID_BYTES = 16


class Subscription:
    """One looker at one instance."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self.is_closed = False
        """Set when the process stops: nothing more will come."""

    async def changed(self, timeout: float) -> bool:  # noqa: ASYNC109 - it returns, never raises
        """Wait for news; False when there was none in that many seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def wake(self) -> None:
        """Tell that there may be news."""
        self._news.set()

    def close(self) -> None:
        """Tell that there will be none."""
        self.is_closed = True
        self._news.set()


class ChangeFeed:
    """Fans changes out to subscriptions; an async context manager.

    Parameters
    ----------
    broker
        Where changes are read.
    metrics
        Counts them.
    """

    def __init__(self, broker: Broker, metrics: Metrics) -> None:
        self._broker = broker
        self._metrics = metrics
        self._subscriptions: dict[uuid.UUID, set[Subscription]] = {}
        self._following: asyncio.Task[None] | None = None
        self._is_closed = False
        self.is_connected = False
        """Whether the topic is being read now; for readiness."""

    async def __aenter__(self) -> Self:
        """Start to follow."""
        self._following = asyncio.create_task(self._follow(), name="follow-changes")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all subscriptions and stop; safe to call twice."""
        self._is_closed = True
        for subscription in self._everyone():
            subscription.close()
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following

    @contextmanager
    def subscribe(self, instance_id: uuid.UUID) -> Iterator[Subscription]:
        """Look at one instance for the length of the block."""
        subscription = Subscription()
        if self._is_closed:
            subscription.close()
        self._subscriptions.setdefault(instance_id, set()).add(subscription)
        try:
            yield subscription
        finally:
            lookers = self._subscriptions[instance_id]
            lookers.discard(subscription)
            if not lookers:
                del self._subscriptions[instance_id]

    async def _follow(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                async with self._broker.consumer([INSTANCE_CHANGE], group=None) as consumer:
                    delay = FIRST_DELAY_SECONDS
                    self.is_connected = True
                    # Whatever happened while nobody listened has to be read.
                    for subscription in self._everyone():
                        subscription.wake()
                    await self._listen(consumer)
            except BrokerUnavailableError as error:
                self.is_connected = False
                _log.warning(
                    "Changes cannot be followed", extra={"reason": str(error), "retry_s": delay}
                )
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    async def _listen(self, consumer: Consumer) -> None:
        while True:
            records = await consumer.poll(max_records=MAX_RECORDS, wait=POLL_WAIT)
            if records:
                self._metrics.count("flowyard_api_changes_total", len(records))
            if self._subscriptions:
                for record in records:
                    self._tell(record)

    def _tell(self, record: IncomingRecord) -> None:
        instance_id = _instance_of(record)
        for subscription in self._subscriptions.get(instance_id, ()) if instance_id else ():
            subscription.wake()

    def _everyone(self) -> list[Subscription]:
        return [one for lookers in self._subscriptions.values() for one in lookers]


def _instance_of(record: IncomingRecord) -> uuid.UUID | None:
    if record.key is not None and len(record.key) == _ID_BYTES:
        return uuid.UUID(bytes=record.key)
    try:
        return InstanceChange.model_validate_json(record.value).instance_id
    except ValidationError:
        # A record that nobody can read is news of nothing; the heartbeat reads Postgres.
        return None
