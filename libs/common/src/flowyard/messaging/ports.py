"""The port between services and a broker.

Two adapters implement it, :mod:`flowyard.messaging.kafka` and
:mod:`flowyard.messaging.local`; one conformance suite holds both to it.
Delivery is at least once and in order within a partition.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from msgspec import Struct

from flowyard.errors import PermanentError, RetryableError


class BrokerUnavailableError(RetryableError):
    """Raised when the broker cannot be reached or does not answer in time."""

    code = "broker_unavailable"


class RecordRefusedError(PermanentError):
    """Raised when the broker would refuse the same record again: its size or its partition."""

    code = "record_refused"

    def __init__(self, message: str, *, topic: str, partition: int | None) -> None:
        super().__init__(message)
        self.topic = topic
        self.partition = partition


class TopicRefusedError(PermanentError):
    """Raised when the broker would refuse to create the same topic again."""

    code = "topic_refused"

    def __init__(self, message: str, *, topic: str) -> None:
        super().__init__(message)
        self.topic = topic


class TopicPartition(Struct, frozen=True, order=True):
    """One partition of one topic."""

    topic: str
    partition: int


class OutgoingRecord(Struct, frozen=True, kw_only=True):
    """A record to be published."""

    topic: str
    value: bytes
    key: bytes | None = None
    partition: int | None = None
    """None lets the broker's partitioner choose by key."""
    headers: tuple[tuple[str, bytes], ...] = ()
    at: float | None = None
    """When that happened which it tells of, in seconds since 1970; None for the present time."""


class IncomingRecord(Struct, frozen=True, kw_only=True):
    """A record as it was read."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    at: float = 0.0
    """When that happened which it tells of, in seconds since 1970 by the clock of whoever wrote it,
    to the millisecond; 0 if it is not known."""

    @property
    def place(self) -> TopicPartition:
        """The partition it was read from."""
        return TopicPartition(self.topic, self.partition)


class RebalanceListener(Protocol):
    """Told about partitions that come and go, from within ``poll``.

    A partition that stays is not told. One that is told to come is read from
    what was committed, also by the member that had it before. A consumer that
    is left tells nothing.
    """

    async def on_revoked(self, partitions: frozenset[TopicPartition]) -> None:
        """Forget everything about partitions that another member may own by now."""
        ...

    async def on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        """Take note of partitions that this member owns from now on."""
        ...


class Producer(Protocol):
    """Publishes records."""

    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        """Publish all records and return once the broker has acknowledged each.

        Order is kept among the records of one partition. Some may have been
        published when it raises.

        Raises
        ------
        BrokerUnavailableError
            Raised if the broker does not acknowledge in time, or if a topic does
            not exist yet; the caller retries.
        RecordRefusedError
            Raised if a record is larger than the broker takes or names a
            partition that its topic does not have; repeating it cannot help.
        """
        ...


class Consumer(Protocol):
    """Reads records, as a member of a group or of all partitions alone."""

    @property
    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions that this consumer reads now."""
        ...

    async def poll(self, *, max_records: int, wait: timedelta) -> list[IncomingRecord]:
        """Return what is waiting, or wait for the first record for as long as ``wait``.

        Never waits to fill the batch, and returns early, perhaps with nothing,
        when partitions came or went. Rebalance listeners are called from here
        only, before the records of the new assignment are returned: never while
        the caller handles a batch of its own.

        Raises
        ------
        BrokerUnavailableError
            Raised if the membership is lost for now; the listener has been told
            that all partitions went, and the next call tries to join again.
        """
        ...

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Store the offset of the next record to read, for each partition.

        Partitions that are no longer assigned are passed over in silence: their
        new owner reads the records again. Without a group it does nothing.

        Raises
        ------
        BrokerUnavailableError
            Raised if the broker does not acknowledge in time; a later commit of
            the same partitions covers this one.
        """
        ...

    def pause(self, partitions: frozenset[TopicPartition]) -> None:
        """Stop returning records of these partitions from ``poll``.

        A partition that goes and comes again is read; others than the assigned
        ones are passed over in silence.
        """
        ...

    def resume(self, partitions: frozenset[TopicPartition]) -> None:
        """Return records of these partitions from ``poll`` again."""
        ...

    def lags(self) -> dict[TopicPartition, int]:
        """Return how many records stand behind the last one that ``poll`` returned.

        By what is known already: nobody is asked. Partitions of which nothing is
        known yet are left out.
        """
        ...


class Broker(Protocol):
    """Topics, and where producers and consumers come from.

    A broker is an async context manager itself: connected on enter, closed on
    exit without losing what was published. Entering raises
    :class:`BrokerUnavailableError` if it does not answer, and may be tried again.
    """

    async def ensure_topic(self, topic: str, *, partitions: int) -> None:
        """Create a topic unless it exists; an existing one keeps its partitions.

        From then on it is made again whenever it is asked for and gone: a cluster that
        was rebuilt without its records needs nobody to prepare it.

        Raises
        ------
        BrokerUnavailableError
            Raised if the broker does not answer in time.
        TopicRefusedError
            Raised if the broker refuses the name or the number of partitions.
        """
        ...

    async def partition_count(self, topic: str) -> int:
        """Return how many partitions a topic has.

        Raises
        ------
        BrokerUnavailableError
            Raised if the topic does not exist yet or the broker does not answer.
        """
        ...

    async def identity(self, topic: str) -> str:
        """Return what tells this incarnation of a topic from a later one of the same name.

        A broker that was rebuilt without its records gives another identity.

        Raises
        ------
        BrokerUnavailableError
            Raised if the topic does not exist yet or the broker does not answer.
        """
        ...

    async def is_available(self) -> bool:
        """Tell whether the broker answers now; for readiness."""
        ...

    def producer(self) -> AbstractAsyncContextManager[Producer]:
        """Return a producer to be entered; leaving it flushes what is pending."""
        ...

    def consumer(
        self,
        topics: Sequence[str],
        *,
        group: str | None,
        listener: RebalanceListener | None = None,
    ) -> AbstractAsyncContextManager[Consumer]:
        """Return a consumer to be entered.

        Parameters
        ----------
        topics
            What to read. If one does not exist, entering raises
            :class:`BrokerUnavailableError`.
        group
            Members of a group share the partitions and continue from what was
            committed, or from the earliest record. None reads all partitions of
            all topics, from the latest record on, and commits nothing.
        listener
            Told about rebalances; only with a group.
        """
        ...
