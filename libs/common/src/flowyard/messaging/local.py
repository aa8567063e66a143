"""The in-process broker that carries ``flowyard dev`` and most tests.

Everything happens in one event loop: a published record is in its partition and
its readers are awake when ``publish`` returns. Records are handed on as they
are, never copied. Nothing outlives the process, which the scheduler recognises
by :meth:`LocalBroker.identity`. Memory is bounded, see
:mod:`flowyard.messaging.partition_log`.
"""

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from itertools import count
from types import TracebackType
from typing import Self

from typing_extensions import override

from flowyard.clock import Clock, SystemClock
from flowyard.ids import new_id
from flowyard.messaging.local_group import Group, Member
from flowyard.messaging.partition_log import Cursor, PartitionLog, Reader
from flowyard.messaging.ports import (
    Broker,
    BrokerUnavailableError,
    Consumer,
    IncomingRecord,
    OutgoingRecord,
    Producer,
    RebalanceListener,
    RecordRefusedError,
    TopicPartition,
    TopicRefusedError,
)


class LocalBroker(Broker):
    """Topics in memory, for producers and consumers of one event loop.

    Parameters
    ----------
    clock
        Dates records; the machine's, unless a test brings its own.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self._identity = new_id().hex
        self._topics: dict[str, list[PartitionLog]] = {}
        self._groups: dict[str, Group] = {}
        self._consumers: set[LocalConsumer] = set()
        self._is_open = False

    async def __aenter__(self) -> Self:
        """Open the broker; its topics outlive closing it."""
        self._is_open = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the broker; whoever waits in ``poll`` is let go."""
        self._is_open = False
        for consumer in self._consumers:
            consumer.interrupt()

    @override
    async def ensure_topic(self, topic: str, *, partitions: int) -> None:
        self.check_open()
        if partitions < 1 or not topic:
            raise TopicRefusedError(
                f"Expected a name and at least 1 partition, but {topic!r} asks for {partitions}",
                topic=topic,
            )
        if topic not in self._topics:
            self._topics[topic] = [
                PartitionLog(TopicPartition(topic, number)) for number in range(partitions)
            ]

    @override
    async def partition_count(self, topic: str) -> int:
        return len(self.logs(topic))

    @override
    async def identity(self, topic: str) -> str:
        self.logs(topic)
        return self._identity

    @override
    async def is_available(self) -> bool:
        return self._is_open

    @override
    def producer(self) -> AbstractAsyncContextManager[Producer]:
        return self._producer()

    @override
    def consumer(
        self,
        topics: Sequence[str],
        *,
        group: str | None,
        listener: RebalanceListener | None = None,
    ) -> AbstractAsyncContextManager[Consumer]:
        return self._consumer(tuple(topics), group, listener)

    def check_open(self) -> None:
        """Raise :class:`BrokerUnavailableError` unless the broker is open."""
        if not self._is_open:
            raise BrokerUnavailableError("Expected an open broker, but it is closed")

    def logs(self, topic: str) -> list[PartitionLog]:
        """Return a topic's partitions in order, or raise :class:`BrokerUnavailableError`."""
        self.check_open()
        logs = self._topics.get(topic)
        if logs is None:
            raise BrokerUnavailableError(f"Expected topic {topic!r}, but it does not exist")
        return logs

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[Producer]:
        yield LocalProducer(self)

    @asynccontextmanager
    async def _consumer(
        self, topics: tuple[str, ...], name: str | None, listener: RebalanceListener | None
    ) -> AsyncIterator[Consumer]:
        logs = {log.place: log for topic in topics for log in self.logs(topic)}
        consumer = LocalConsumer(self, topics, group=name, listener=listener)
        group = None if name is None else self._groups.setdefault(name, Group(name, self._topics))
        self._consumers.add(consumer)
        if group is None:
            consumer.hold(logs)
        else:
            group.join(consumer)
        try:
            yield consumer
        finally:
            self._consumers.discard(consumer)
            if group is None:
                consumer.hold({})
            else:
                group.leave(consumer)


class LocalProducer(Producer):
    """Puts records into the broker's partitions."""

    def __init__(self, broker: LocalBroker) -> None:
        self._broker = broker
        self._turns = count()

    @override
    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        at = self._broker.clock.now().timestamp()
        for record in records:
            logs = self._broker.logs(record.topic)
            partition = record.partition
            if partition is None:
                turn = next(self._turns) if record.key is None else zlib.crc32(record.key)
                partition = turn % len(logs)
            elif not 0 <= partition < len(logs):
                raise RecordRefusedError(
                    f"Expected a partition below {len(logs)} of topic {record.topic!r}, "
                    f"but the record names {partition}",
                    topic=record.topic,
                    partition=partition,
                )
            logs[partition].append(record, at)


class LocalConsumer(Consumer, Member, Reader):
    """Reads partitions of the broker, alone or as a member of a group."""

    def __init__(
        self,
        broker: LocalBroker,
        topics: tuple[str, ...],
        *,
        group: str | None,
        listener: RebalanceListener | None,
    ) -> None:
        self._broker = broker
        self._topics = topics
        self._group = group
        self._listener = listener
        self._cursors: dict[TopicPartition, Cursor] = {}
        self._ready: deque[Cursor] = deque()
        self._revoked: set[TopicPartition] = set()
        self._assigned: set[TopicPartition] = set()
        self._waiter: asyncio.Future[None] | None = None

    @property
    @override
    def topics(self) -> tuple[str, ...]:
        return self._topics

    @property
    @override
    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._cursors)

    @override
    async def poll(self, *, max_records: int, wait: timedelta) -> list[IncomingRecord]:
        # Lets others run even if every poll finds records, and their records join this batch.
        await asyncio.sleep(0)
        self._broker.check_open()
        await self._tell()
        records = self._take(max_records)
        if records or not wait:
            return records
        await self._wait(wait.total_seconds())
        self._broker.check_open()
        await self._tell()
        return self._take(max_records)

    @override
    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._broker.check_open()
        if self._group is None:
            return
        for place, offset in offsets.items():
            cursor = self._cursors.get(place)
            if cursor is not None:
                cursor.log.commit(self._group, offset)

    @override
    def pause(self, partitions: frozenset[TopicPartition]) -> None:
        for place in partitions & self._cursors.keys():
            self._cursors[place].is_paused = True

    @override
    def resume(self, partitions: frozenset[TopicPartition]) -> None:
        for place in partitions & self._cursors.keys():
            self._cursors[place].is_paused = False
            self._cursors[place].offer()

    @override
    def lags(self) -> dict[TopicPartition, int]:
        return {
            place: cursor.log.end - max(cursor.position, cursor.log.first)
            for place, cursor in self._cursors.items()
        }

    @override
    def hold(self, logs: Mapping[TopicPartition, PartitionLog]) -> None:
        gone = self._cursors.keys() - logs.keys()
        come = logs.keys() - self._cursors.keys()
        for place in gone:
            cursor = self._cursors.pop(place)
            cursor.log.close(cursor)
        for place in sorted(come):
            self._cursors[place] = logs[place].open(self, group=self._group)
        self._revoked |= gone - self._assigned
        self._assigned = (self._assigned - gone) | come
        if gone or come:
            self.interrupt()

    @override
    def wake(self, cursor: Cursor) -> None:
        self._ready.append(cursor)
        self.interrupt()

    def interrupt(self) -> None:
        """End the wait of a running ``poll``."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _tell(self) -> None:
        while self._revoked or self._assigned:
            revoked, self._revoked = frozenset(self._revoked), set()
            assigned, self._assigned = frozenset(self._assigned), set()
            if self._listener is None or self._group is None:
                continue
            if revoked:
                await self._listener.on_revoked(revoked)
            if assigned:
                await self._listener.on_assigned(assigned)

    def _take(self, room: int) -> list[IncomingRecord]:
        taken: list[IncomingRecord] = []
        while self._ready and len(taken) < room:
            cursor = self._ready.popleft()
            cursor.is_queued = False
            if cursor.is_closed or cursor.is_paused:
                continue
            taken.extend(cursor.log.read(cursor, room - len(taken)))
            cursor.offer()
        return taken

    async def _wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self.interrupt)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None
