"""A broker that does to its clients whatever Kafka may do, by a seed.

A layer around the in-process broker. Records and acknowledgements travel for a while; a call
may fail before its records are stored or after it, a part of them may be stored, and records
may be stored twice or, acknowledged as they are, be lost. A partition may stay behind the
others. A member that is not heard of loses its partitions, and learns of it when it polls next;
what it has not committed is delivered again, to whoever has them then.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Protocol, Self

from typing_extensions import override

from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import (
    Broker,
    BrokerUnavailableError,
    Consumer,
    IncomingRecord,
    OutgoingRecord,
    Producer,
    RebalanceListener,
    TopicPartition,
)
from tests.support.simulation.postgres.database import Schedule
from tests.support.simulation.postgres.server import delay


@dataclass(slots=True, kw_only=True)
class Network:
    """What the broker does to its clients; all shares are of calls, from 0 to 1."""

    random: random.Random
    longest_seconds: float = 0.0
    """How long records, and acknowledgements, travel at most."""
    failing: float = 0.0
    """Calls that fail, before or after they have had their effect."""
    repeating: float = 0.0
    """Publications whose records are stored twice."""
    losing: float = 0.0
    """Publications whose records are acknowledged and lost."""
    lagging: float = 0.0
    """Polls at which a partition begins to stay behind."""
    longest_lag_seconds: float = 2.0
    is_cut: bool = False
    """Whether the broker cannot be reached now."""

    def has(self, share: float) -> bool:
        return share > 0 and self.random.random() < share


class Watcher(Protocol):
    """Sees what happens to a broker."""

    def commit(self, group: str, place: TopicPartition, offset: int) -> None:
        """Take note that a group commits the offset of the next record to read."""
        ...

    def lose(self, records: Sequence[OutgoingRecord]) -> None:
        """Take note of records that were acknowledged and are not stored."""
        ...


class StormyBroker(Broker):
    """One client's connection to a cluster.

    Parameters
    ----------
    cluster
        Holds the records.
    network
        What happens to this client's calls.
    schedule
        Calls something later, outside of the client's process.
    watcher
        Is told what happens.
    """

    def __init__(
        self,
        cluster: LocalBroker,
        network: Network,
        schedule: Schedule,
        watcher: "Watcher | None" = None,
    ) -> None:
        self.cluster = cluster
        self.network = network
        self.schedule = schedule
        self.watcher = watcher
        self.members: dict[StormyConsumer, None] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Do nothing: the cluster stays."""

    @override
    async def ensure_topic(self, topic: str, *, partitions: int) -> None:
        await self.travel()
        await self.cluster.ensure_topic(topic, partitions=partitions)

    @override
    async def partition_count(self, topic: str) -> int:
        await self.travel()
        return await self.cluster.partition_count(topic)

    @override
    async def identity(self, topic: str) -> str:
        await self.travel()
        return await self.cluster.identity(topic)

    @override
    async def is_available(self) -> bool:
        return not self.network.is_cut and await self.cluster.is_available()

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

    async def travel(self) -> None:
        """Take as long as a call, and fail as it may."""
        network = self.network
        await self.pass_by(delay(network.random, network.longest_seconds))
        if network.is_cut or network.has(network.failing):
            raise BrokerUnavailableError("Expected an answer, but the link is broken")

    async def pass_by(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds)

    def evict(self) -> None:
        """Have the group go on without this client's members: nothing is heard of them."""
        for member in list(self.members):
            member.evict()

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[Producer]:
        async with self.cluster.producer() as producer:
            yield StormyProducer(self, producer)

    @asynccontextmanager
    async def _consumer(
        self, topics: tuple[str, ...], group: str | None, listener: RebalanceListener | None
    ) -> AsyncIterator[Consumer]:
        await self.travel()
        consumer = StormyConsumer(self, topics, group, listener)
        await consumer.join()
        self.members[consumer] = None
        try:
            yield consumer
        finally:
            self.members.pop(consumer, None)
            consumer.evict()


class StormyProducer(Producer):
    """Publishes through the network."""

    def __init__(self, broker: StormyBroker, inner: Producer) -> None:
        self._broker = broker
        self._inner = inner

    @override
    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        network = self._broker.network
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._broker.schedule(
            delay(network.random, network.longest_seconds), self._arrive, records, acknowledged
        )
        await acknowledged

    def _arrive(
        self, records: Sequence[OutgoingRecord], acknowledged: asyncio.Future[None]
    ) -> None:
        network, broker = self._broker.network, self._broker
        error: BaseException | None = None
        if network.is_cut or network.has(network.failing):
            stored = 0 if network.is_cut else network.random.randrange(len(records) + 1)
            records = records[:stored]
            error = BrokerUnavailableError("Expected an acknowledgement, but the link is broken")
        if network.has(network.repeating):
            records = [*records, *records]
        if not network.has(network.losing):
            error = _finish(self._inner.publish(records)) or error
        elif broker.watcher is not None:
            broker.watcher.lose(records)
        broker.schedule(
            delay(network.random, network.longest_seconds), _acknowledge, acknowledged, error
        )


def _finish(call: object) -> BaseException | None:
    """Run a coroutine that awaits nothing, and return what it raised."""
    try:
        call.send(None)  # type: ignore[attr-defined]  # a coroutine
    except StopIteration:
        return None
    except Exception as error:  # noqa: BLE001 - it is the caller's
        return error
    raise RuntimeError("Expected the in-process broker to store records at once")


def _acknowledge(acknowledged: asyncio.Future[None], error: BaseException | None) -> None:
    if acknowledged.done():
        return
    if error is None:
        acknowledged.set_result(None)
    else:
        acknowledged.set_exception(error)


class StormyConsumer(Consumer, RebalanceListener):
    """Reads through the network; a member of its group until it is evicted or leaves."""

    def __init__(
        self,
        broker: StormyBroker,
        topics: tuple[str, ...],
        group: str | None,
        listener: RebalanceListener | None,
    ) -> None:
        self._broker = broker
        self._topics = topics
        self._group = group
        self._listener = listener
        self._membership: AbstractAsyncContextManager[Consumer] | None = None
        self._inner: Consumer | None = None
        self._paused: frozenset[TopicPartition] = frozenset()
        self._behind: set[TopicPartition] = set()

    async def join(self) -> None:
        membership = self._broker.cluster.consumer(
            self._topics, group=self._group, listener=None if self._group is None else self
        )
        self._inner = await membership.__aenter__()
        self._membership = membership
        self._paused = frozenset()
        self._behind = set()

    @override
    async def on_revoked(self, partitions: frozenset[TopicPartition]) -> None:
        self._paused -= partitions
        self._behind -= partitions
        if self._listener is not None:
            await self._listener.on_revoked(partitions)

    @override
    async def on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        self._paused -= partitions
        self._behind -= partitions
        if self._listener is not None:
            await self._listener.on_assigned(partitions)

    def evict(self) -> None:
        """Leave the group, without a word to the member."""
        membership, self._membership = self._membership, None
        if membership is not None:
            _finish(membership.__aexit__(None, None, None))

    @property
    @override
    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset() if self._inner is None else self._inner.assignment

    @override
    async def poll(self, *, max_records: int, wait: timedelta) -> list[IncomingRecord]:
        inner, network = self._entered(), self._broker.network
        if self._membership is None:
            # Tells the listener that all is gone, and reads nothing.
            await inner.poll(max_records=0, wait=timedelta(0))
            await self._broker.travel()
            await self.join()
            return []
        if network.is_cut or network.has(network.failing):
            await self._broker.pass_by(delay(network.random, network.longest_seconds))
            raise BrokerUnavailableError("Expected records, but the link is broken")
        self._fall_behind()
        records = await inner.poll(max_records=max_records, wait=wait)
        if records:
            await self._broker.pass_by(delay(network.random, network.longest_seconds))
        return self._shuffled(records)

    @override
    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        inner = self._entered()
        network = self._broker.network
        # Who asks may have them in a set, whose order says nothing.
        offsets = dict(sorted(offsets.items()))
        await self._broker.pass_by(delay(network.random, network.longest_seconds))
        if network.is_cut or network.has(network.failing / 2):
            raise BrokerUnavailableError("Expected an acknowledgement, but the link is broken")
        if self._membership is not None:
            self._tell(offsets)
            await inner.commit(offsets)
        if network.has(network.failing / 2):
            raise BrokerUnavailableError("Expected an acknowledgement, but the link is broken")

    def _tell(self, offsets: Mapping[TopicPartition, int]) -> None:
        watcher = self._broker.watcher
        if watcher is not None and self._group is not None:
            for place, offset in offsets.items():
                if place in self.assignment:
                    watcher.commit(self._group, place, offset)

    @override
    def pause(self, partitions: frozenset[TopicPartition]) -> None:
        self._paused |= partitions & self.assignment
        self._entered().pause(partitions)

    @override
    def resume(self, partitions: frozenset[TopicPartition]) -> None:
        self._paused -= partitions
        self._entered().resume(partitions - self._behind)

    @override
    def lags(self) -> dict[TopicPartition, int]:
        return {} if self._inner is None else self._inner.lags()

    def _entered(self) -> Consumer:
        if self._inner is None:
            raise RuntimeError("Expected a consumer that was entered")
        return self._inner

    def _fall_behind(self) -> None:
        """Let a partition be read later than the others for some time."""
        network = self._broker.network
        if not network.has(network.lagging):
            return
        free = sorted(self.assignment - self._behind)
        if free:
            place = network.random.choice(free)
            self._behind.add(place)
            self._entered().pause(frozenset({place}))
            self._broker.schedule(
                network.random.uniform(0, network.longest_lag_seconds),
                self._catch_up,
                place,
                self._inner,
            )

    def _catch_up(self, place: TopicPartition, inner: Consumer) -> None:
        if inner is self._inner:
            self._behind.discard(place)
            if place not in self._paused:
                inner.resume(frozenset({place}))

    def _shuffled(self, records: list[IncomingRecord]) -> list[IncomingRecord]:
        """Return records in another order, but for those of one partition."""
        places = list(dict.fromkeys(record.place for record in records))
        if len(places) < 2 or not self._broker.network.longest_seconds:
            return records
        order = {place: self._broker.network.random.random() for place in places}
        return sorted(records, key=lambda record: order[record.place])
