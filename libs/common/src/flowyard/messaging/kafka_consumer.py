"""Reading from Kafka, with rebalances that are told from within ``poll``.

aiokafka rebalances in the background: it gives everything up, joins again and
reads all partitions from what was committed. This adapter makes that sticky. A
partition that the same member holds in two generations one after the other was nobody
else's in between, so it is read on where it stood and nothing is told about it.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    InvalidSessionTimeoutError,
    KafkaError,
)
from typing_extensions import override

from flowyard.messaging.kafka_lag import records_behind
from flowyard.messaging.kafka_membership import Membership
from flowyard.messaging.kafka_security import KafkaSecurity
from flowyard.messaging.ports import (
    BrokerUnavailableError,
    Consumer,
    IncomingRecord,
    RebalanceListener,
    TopicPartition,
)

logger = logging.getLogger("flowyard.messaging")

SESSION_TIMEOUT = timedelta(seconds=6)
"""How long a dead consumer keeps its partitions, by default.

The least that a broker accepts unless its ``group.min.session.timeout.ms`` is lowered.
"""

HEARTBEAT_INTERVAL = timedelta(milliseconds=250)
"""How often a consumer shows that it lives; it hears of a rebalance by then."""

REQUEST_TIMEOUT = timedelta(seconds=10)
"""How long one request may take; joining a group waits for the other members."""

RETRY_BACKOFF = timedelta(milliseconds=50)
"""How long a client waits before it asks again, as after the creation of a topic."""

COMMIT_TIMEOUT = timedelta(seconds=10)
"""How long a commit may take, through restarts of the broker."""

OPEN_TIMEOUT = timedelta(seconds=20)
"""How long joining may take: a member that died holds the others up for its session."""

FETCH_MAX_WAIT = timedelta(milliseconds=100)
"""How long the broker holds a fetch that finds nothing.

Records of the partitions in it end it at once. What is not in it has to wait for
its end: a partition that was just resumed, or whose earlier records were still in
the buffer. Hence less than Kafka's 500 ms.
"""

MAX_POLL_INTERVAL = timedelta(hours=1)
"""How long a member may go without polling: slow work is no reason to lose partitions."""

# uvloop raises a plain RuntimeError for what is written to a connection that was closed a moment
# ago. aiokafka takes it for no fault of the connection, keeps that, and raises it for ever after.
_KAFKA_FAULTS: Final = (KafkaError, OSError, TimeoutError, RuntimeError)
"""What is met while the cluster is away; a consumer that has met one is replaced by another."""


@dataclass(slots=True, kw_only=True)
class KafkaConsumerOptions:
    """What the consumers of one broker share."""

    servers: list[str]
    client_id: str
    session_timeout: timedelta
    """Raised to :data:`SESSION_TIMEOUT` once the cluster has refused a shorter one."""
    heartbeat_interval: timedelta
    metadata_max_age: timedelta
    security: KafkaSecurity


class KafkaConsumer(Consumer):
    """Reads from Kafka, as a member of a group or alone."""

    def __init__(
        self,
        options: KafkaConsumerOptions,
        topics: tuple[str, ...],
        *,
        group: str | None,
        listener: RebalanceListener | None,
    ) -> None:
        self._options = options
        self._topics = topics
        self._group = group
        self._listener = listener
        self._inner: AIOKafkaConsumer | None = None
        self._membership = Membership("", 0)
        self._positions: dict[TopicPartition, int | None] = {}
        """What is held, and the offset of the next record where one was returned."""
        self._paused: set[TopicPartition] = set()
        self._revoked: set[TopicPartition] = set()
        self._assigned: set[TopicPartition] = set()
        self._owed: dict[TopicPartition, int] = {}
        """What could not be committed because of a rebalance."""
        self._may_settle = False
        self._scope: asyncio.Timeout | None = None

    async def open(self) -> None:
        """Join the group, or find the ends of all partitions without one.

        Raises
        ------
        BrokerUnavailableError
            Raised if that takes too long; it may be tried again.
        """
        inner = self._inner = self._new_inner()
        try:
            async with asyncio.timeout(OPEN_TIMEOUT.total_seconds()):
                await inner.start()
                if self._group is None:
                    await self._find_ends(inner)
        except InvalidSessionTimeoutError as error:
            await self.close()
            if self._options.session_timeout >= SESSION_TIMEOUT:
                raise BrokerUnavailableError(
                    f"Expected Kafka to accept a session timeout of "
                    f"{self._options.session_timeout}, but it refuses"
                ) from error
            logger.warning("session timeout is refused by the cluster, the default is used")
            self._options.session_timeout = SESSION_TIMEOUT
            await self.open()
        except _KAFKA_FAULTS as error:
            await self.close()
            raise BrokerUnavailableError(f"Expected to join at Kafka, but: {error!r}") from error

    async def close(self) -> None:
        """Leave the group and disconnect; nothing is told."""
        inner, self._inner = self._inner, None
        if inner is None:
            return
        try:
            await inner.stop()
        except _KAFKA_FAULTS:
            logger.debug("consumer was stopped while Kafka was away")
        except asyncio.CancelledError:
            # aiokafka lets its own fetch's cancellation out when that waits for a dead broker.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
        finally:
            await inner._client.close()  # noqa: SLF001  # stop() leaves it open when it raises

    @property
    @override
    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._positions)

    @override
    async def poll(self, *, max_records: int, wait: timedelta) -> list[IncomingRecord]:
        if self._inner is None:
            await self.open()
        if await self._tell():
            wait = timedelta(0)
        records = await self._fetch(max_records, wait.total_seconds())
        if await self._tell():
            records = [record for record in records if record.place in self._positions]
        if self._owed and self._may_settle:
            with suppress(BrokerUnavailableError):
                await self.commit({})
        return records

    @override
    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        owed, self._owed = self._owed | dict(offsets), {}
        inner = self._inner
        if self._group is None or inner is None:
            return
        assigned = inner.assignment()
        mine = {
            place: offset
            for place, offset in owed.items()
            if place in self._positions and _theirs(place) in assigned
        }
        if not mine:
            return
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT.total_seconds()):
                await inner.commit({_theirs(place): offset for place, offset in mine.items()})
        except CommitFailedError:
            self._owed, self._may_settle = mine | self._owed, False
        except IllegalStateError:
            logger.debug("partitions went while they were committed")
        except _KAFKA_FAULTS as error:
            self._owed = mine | self._owed
            raise BrokerUnavailableError(
                f"Expected Kafka to store {len(mine)} offsets, but: {error!r}"
            ) from error

    @override
    def pause(self, partitions: frozenset[TopicPartition]) -> None:
        held = partitions & self._positions.keys()
        self._paused |= held
        if self._inner is not None:
            self._inner.pause(*(self._inner.assignment() & set(map(_theirs, held))))

    @override
    def resume(self, partitions: frozenset[TopicPartition]) -> None:
        self._paused -= partitions
        if self._inner is not None:
            self._inner.resume(*(self._inner.assignment() & set(map(_theirs, partitions))))

    @override
    def lags(self) -> dict[TopicPartition, int]:
        if self._inner is None:
            return {}
        positions = {_theirs(place): offset for place, offset in self._positions.items()}
        found = records_behind(self._inner, positions)
        return {_ours(partition): behind for partition, behind in found.items()}

    def rebalanced(
        self, inner: AIOKafkaConsumer, membership: "Membership", now: set[KafkaPartition]
    ) -> None:
        """Take note of a new assignment; the listener is told with the next ``poll``."""
        if self._inner is None or inner is not self._inner:
            return
        come = frozenset(map(_ours, now))
        is_unbroken = membership.follows(self._membership)
        kept = self._positions.keys() & come if is_unbroken else frozenset[TopicPartition]()
        for place in kept:
            position = self._positions[place]
            if position is not None:
                inner.seek(_theirs(place), position)
            if place in self._paused:
                inner.pause(_theirs(place))
        self._membership = membership
        self._hold({place: self._positions[place] for place in kept}, come - kept)

    def _hold(self, kept: dict[TopicPartition, int | None], come: Iterable[TopicPartition]) -> None:
        gone = self._positions.keys() - kept.keys()
        self._revoked |= gone - self._assigned
        self._assigned = (self._assigned - gone) | set(come)
        self._positions = kept | dict.fromkeys(come)
        self._paused &= kept.keys()
        self._may_settle = True
        if self._scope is not None and not self._scope.expired():
            self._scope.reschedule(asyncio.get_running_loop().time())

    def _new_inner(self) -> AIOKafkaConsumer:
        options = self._options
        session_ms = _milliseconds(options.session_timeout)
        # aiokafka keeps what a member holds on the class, one for the whole process.
        assignor = type("StickyAssignor", (StickyPartitionAssignor,), {"member_assignment": None})
        inner = AIOKafkaConsumer(
            bootstrap_servers=options.servers,
            client_id=options.client_id,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="latest" if self._group is None else "earliest",
            partition_assignment_strategy=(assignor,),
            session_timeout_ms=session_ms,
            rebalance_timeout_ms=session_ms,
            heartbeat_interval_ms=_milliseconds(
                min(options.heartbeat_interval, options.session_timeout / 3)
            ),
            max_poll_interval_ms=_milliseconds(MAX_POLL_INTERVAL),
            request_timeout_ms=_milliseconds(REQUEST_TIMEOUT),
            metadata_max_age_ms=_milliseconds(options.metadata_max_age),
            retry_backoff_ms=_milliseconds(RETRY_BACKOFF),
            fetch_max_wait_ms=_milliseconds(FETCH_MAX_WAIT),
            **options.security.options,
        )
        inner.subscribe(topics=self._topics, listener=_Rebalances(self, inner, assignor))
        return inner

    async def _find_ends(self, inner: AIOKafkaConsumer) -> None:
        partitions = inner.assignment()
        await asyncio.gather(*map(inner.position, partitions))
        self._positions = dict.fromkeys(map(_ours, partitions))

    async def _fetch(self, max_records: int, seconds: float) -> list[IncomingRecord]:
        inner = self._inner
        if inner is None:
            return []
        try:
            batches = await self._fetched(inner, max_records, seconds)
        except TimeoutError:
            return []
        except _KAFKA_FAULTS as error:
            await self._lose()
            raise BrokerUnavailableError(f"Expected records of Kafka, but: {error!r}") from error
        return self._converted(batches)

    async def _fetched(
        self, inner: AIOKafkaConsumer, max_records: int, seconds: float
    ) -> Mapping[KafkaPartition, list[ConsumerRecord]]:
        try:
            # A rebalance would hold getmany up beyond its time; one that ends is to be told now.
            async with asyncio.timeout(seconds) as self._scope:
                batches: Mapping[KafkaPartition, list[ConsumerRecord]] = await inner.getmany(
                    timeout_ms=int(seconds * 1000), max_records=max_records
                )
                return batches
        finally:
            self._scope = None

    def _converted(
        self, batches: Mapping[KafkaPartition, list[ConsumerRecord]]
    ) -> list[IncomingRecord]:
        for partition, records in batches.items():
            self._positions[_ours(partition)] = records[-1].offset + 1
        return [
            IncomingRecord(
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                key=record.key,
                value=record.value,
                headers=record.headers,
                at=record.timestamp / 1000 if record.timestamp > 0 else 0.0,
            )
            for records in batches.values()
            for record in records
        ]

    async def _lose(self) -> None:
        await self.close()
        self._hold({}, ())
        await self._tell()

    async def _tell(self) -> bool:
        is_told = False
        while self._revoked or self._assigned:
            is_told = True
            revoked, self._revoked = frozenset(self._revoked), set()
            assigned, self._assigned = frozenset(self._assigned), set()
            if self._listener is not None and revoked:
                await self._listener.on_revoked(revoked)
            if self._listener is not None and assigned:
                await self._listener.on_assigned(assigned)
        return is_told


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Called by aiokafka's coordinator, at any time."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        inner: AIOKafkaConsumer,
        assignor: type[StickyPartitionAssignor],
    ) -> None:
        self._consumer = consumer
        self._inner = inner
        self._assignor = assignor

    @override
    def on_partitions_revoked(self, revoked: set[KafkaPartition]) -> None:
        """Do nothing: eager rebalances revoke everything and mostly give it back."""

    @override
    def on_partitions_assigned(self, assigned: set[KafkaPartition]) -> None:
        coordinator = self._inner._coordinator  # noqa: SLF001  # nowhere public
        membership = Membership(coordinator.member_id, coordinator.generation)
        self._assignor.on_generation_assignment(membership.generation)
        self._consumer.rebalanced(self._inner, membership, assigned)


def _theirs(place: TopicPartition) -> KafkaPartition:
    return KafkaPartition(place.topic, place.partition)


def _ours(partition: KafkaPartition) -> TopicPartition:
    return TopicPartition(partition.topic, partition.partition)


def _milliseconds(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
