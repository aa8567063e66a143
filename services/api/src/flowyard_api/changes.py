"""Follows all changes of instances and drafts, and wakes whoever looks at one of them.

Each process reads the whole topic without a group. A record says that there is
something new, and the instance's status; who needs more reads Postgres. So what
waits for a subscriber is one bit and one word, however many changes there were,
and a lost record costs a heartbeat's time at most.
"""

import asyncio
import logging
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

from pydantic import ValidationError
from typing_extensions import override

from flowyard.contracts.records import InstanceChange, TemplateChange
from flowyard.contracts.topics import INSTANCE_CHANGE, SCHEMA_HEADER, TEMPLATE_CHANGE_SCHEMA
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.messaging.consume import lag_of
from flowyard.messaging.ports import Broker, BrokerUnavailableError, Consumer, IncomingRecord
from flowyard.tasks import stop
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

MAX_NOTED = 200
"""Most changed instances that a looker at a project is told by id: as many as a page holds."""

_ID_BYTES = 16
_OF_TEMPLATES = TEMPLATE_CHANGE_SCHEMA.partition("/")[0].encode() + b"/"


class Subscription:
    """One looker at one instance."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._urgent = asyncio.Event()
        self.is_closed = False
        """Set when the process stops: nothing more will come."""
        self.status: str | None = None
        """What was told last; None when nothing was. Whoever needs to be sure reads Postgres."""
        self._revision = -1
        self._changed_at = 0.0

    async def changed(self, seconds: float) -> bool:
        """Wait for news; False when there was none in that time."""
        found = await _happens(self._news, seconds)
        self._news.clear()
        return found

    async def rest(self, seconds: float) -> None:
        """Let that time pass, unless something comes that a viewer must see at once."""
        await _happens(self._urgent, seconds)
        self._urgent.clear()

    def wake(self, *, is_urgent: bool = False) -> None:
        """Tell that there may be news."""
        self._news.set()
        if is_urgent:
            self._urgent.set()

    def date(self, at: float) -> None:
        """Take note of when a change was stored that comes now; 0 if that is not known."""
        self._changed_at = self._changed_at or at

    def take_changed_at(self) -> float:
        """Return when the first change was stored since the last call; 0 without any."""
        changed_at, self._changed_at = self._changed_at, 0.0
        return changed_at

    def tell(self, status: str, revision: int) -> None:
        """Tell what has become of the instance; what is repeated or late leaves a newer status."""
        if revision > self._revision:
            self._revision, self.status = revision, status
        self.wake(is_urgent=status != InstanceStatus.RUNNING)

    def close(self) -> None:
        """Tell that there will be none."""
        self.is_closed = True
        self.wake(is_urgent=True)


class _Noted:
    """Ids that were noted, as far as there is room."""

    def __init__(self) -> None:
        self._ids: dict[uuid.UUID, None] = {}
        self._is_complete = True

    def add(self, one: uuid.UUID) -> None:
        if len(self._ids) < MAX_NOTED:
            self._ids[one] = None
        elif one not in self._ids:
            self._is_complete = False

    def add_any(self) -> None:
        self._is_complete = False

    def take(self) -> tuple[list[uuid.UUID], bool]:
        taken = list(self._ids), self._is_complete
        self._ids, self._is_complete = {}, True
        return taken


class ProjectSubscription(Subscription):
    """One looker at all instances of a project, and at the drafts of its templates."""

    def __init__(self) -> None:
        super().__init__()
        self._instances = _Noted()
        self._drafts = _Noted()

    def note(self, instance_id: uuid.UUID) -> None:
        """Tell that one of the instances has changed."""
        self._instances.add(instance_id)
        super().wake()

    def note_drafts(self, template_id: uuid.UUID) -> None:
        """Tell that the drafts or the editors of one of the templates have changed."""
        self._drafts.add(template_id)
        super().wake()

    @override
    def wake(self, *, is_urgent: bool = False) -> None:
        """Tell that anything may have changed."""
        self._instances.add_any()
        self._drafts.add_any()
        super().wake(is_urgent=is_urgent)

    def take(self) -> tuple[list[uuid.UUID], bool]:
        """Return which instances have changed since the last call, and whether these are all."""
        return self._instances.take()

    def take_drafts(self) -> tuple[list[uuid.UUID], bool]:
        """Return the same of templates whose drafts or editors have changed."""
        return self._drafts.take()


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    if not event.is_set() and seconds > 0:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
    return event.is_set()


SubscriptionT = TypeVar("SubscriptionT", bound=Subscription)


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
        self._projects: dict[uuid.UUID, set[ProjectSubscription]] = {}
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
            await stop(following)

    @contextmanager
    def subscribe(self, instance_id: uuid.UUID) -> Iterator[Subscription]:
        """Look at one instance for the length of the block."""
        with self._among(self._subscriptions, instance_id, Subscription()) as subscription:
            yield subscription

    @contextmanager
    def subscribe_project(self, project_id: uuid.UUID) -> Iterator[ProjectSubscription]:
        """Look at all instances of a project for the length of the block."""
        with self._among(self._projects, project_id, ProjectSubscription()) as subscription:
            yield subscription

    @contextmanager
    def _among(
        self, all_of: dict[uuid.UUID, set[SubscriptionT]], key: uuid.UUID, one: SubscriptionT
    ) -> Iterator[SubscriptionT]:
        if self._is_closed:
            one.close()
        all_of.setdefault(key, set()).add(one)
        try:
            yield one
        finally:
            all_of[key].discard(one)
            if not all_of[key]:
                del all_of[key]

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
                    with self._showing_lag(consumer):
                        await self._listen(consumer)
            except BrokerUnavailableError as error:
                self.is_connected = False
                _log.warning(
                    "Changes cannot be followed",
                    extra={"reason": str(error), "retry_seconds": delay},
                )
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    def _showing_lag(self, consumer: Consumer) -> AbstractContextManager[None]:
        return self._metrics.showing("flowyard_kafka_lag_records", lambda: lag_of(consumer))

    async def _listen(self, consumer: Consumer) -> None:
        while True:
            records = await consumer.poll(max_records=MAX_RECORDS, wait=POLL_WAIT)
            if records:
                of_instances = sum(not _is_of_template(record) for record in records)
                self._metrics.count("flowyard_api_changes_total", of_instances)
            if self._subscriptions or self._projects:
                for record in records:
                    self._tell(record)

    def _tell(self, record: IncomingRecord) -> None:
        key = record.key or b""
        is_looked_at = len(key) != _ID_BYTES or uuid.UUID(bytes=key) in self._subscriptions
        if not is_looked_at and not self._projects:
            return
        try:
            change = _read(record)
        except ValidationError:
            # A record that nobody can read is news of nothing; the heartbeat reads Postgres.
            return
        lookers = self._projects.get(change.project_id, ())
        if isinstance(change, TemplateChange):
            for looker in lookers:
                looker.date(record.at)
                looker.note_drafts(change.template_id)
            return
        for subscription in self._subscriptions.get(change.instance_id, ()):
            subscription.date(record.at)
            subscription.tell(change.status, change.revision)
        for looker in lookers:
            looker.date(record.at)
            looker.note(change.instance_id)

    def _everyone(self) -> list[Subscription]:
        of_projects = [one for lookers in self._projects.values() for one in lookers]
        return [*of_projects, *(one for all_ in self._subscriptions.values() for one in all_)]


def _read(record: IncomingRecord) -> InstanceChange | TemplateChange:
    form = TemplateChange if _is_of_template(record) else InstanceChange
    return form.model_validate_json(record.value)


def _is_of_template(record: IncomingRecord) -> bool:
    return any(
        name == SCHEMA_HEADER and value.startswith(_OF_TEMPLATES) for name, value in record.headers
    )
