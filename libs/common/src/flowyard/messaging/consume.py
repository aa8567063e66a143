"""What consumers need besides a broker: offsets, backpressure, dead letters.

Records are handled concurrently and end in any order, while Kafka keeps one
offset per partition. An offset is therefore committed only up to the oldest
record that is unfinished: what lies behind it is read again after a crash.
"""

import asyncio
import base64
from collections import deque
from collections.abc import Iterable, Mapping

from flowyard.contracts.records import DeadLetter
from flowyard.contracts.topics import DEAD_LETTER_SUFFIX, SCHEMA_HEADER, TRACEPARENT_HEADER
from flowyard.messaging.ports import (
    Broker,
    BrokerUnavailableError,
    Consumer,
    IncomingRecord,
    OutgoingRecord,
    Producer,
    TopicPartition,
)

DEAD_LETTER_SCHEMA = b"dead-letter/1"
"""Value of the schema header of a dead letter."""

MAX_DEAD_VALUE_BYTES = 512 * 1024
"""How much of a record's value goes into its dead letter.

Base64 adds a third; Kafka takes records of 1 MiB by default.
"""


class _Progress:
    """Which records of one partition are unfinished."""

    __slots__ = ("_finished", "_started", "next_offset", "unfinished")

    def __init__(self) -> None:
        self._started: deque[int] = deque()
        self._finished: set[int] = set()
        self.next_offset = 0
        self.unfinished = 0

    def start(self, offset: int) -> bool:
        if offset < self.next_offset:
            return False
        self._started.append(offset)
        self.next_offset = offset + 1
        self.unfinished += 1
        return True

    def finish(self, offset: int) -> bool:
        """Tell whether the oldest unfinished record is another one now."""
        started, finished = self._started, self._finished
        if not started or not started[0] <= offset < self.next_offset or offset in finished:
            return False
        self.unfinished -= 1
        finished.add(offset)
        if started[0] != offset:
            return False
        while started and started[0] in finished:
            finished.remove(started.popleft())
        return True

    @property
    def committable(self) -> int:
        return self._started[0] if self._started else self.next_offset


class OffsetTracker:
    """Knows up to where each partition is done."""

    def __init__(self) -> None:
        self._places: dict[TopicPartition, _Progress] = {}
        self._moved: set[TopicPartition] = set()

    def started(self, record: IncomingRecord) -> bool:
        """Take note of a record that was read; records of a partition come in order.

        Returns
        -------
        bool
            False if the record was read before and its partition was not
            forgotten since: it is in hand or done.
        """
        place = record.place
        progress = self._places.get(place)
        if progress is None:
            progress = self._places[place] = _Progress()
        return progress.start(record.offset)

    def finished(self, place: TopicPartition, offset: int) -> None:
        """Take note that a record is done; one of a forgotten partition is passed over."""
        progress = self._places.get(place)
        if progress is not None and progress.finish(offset):
            self._moved.add(place)

    def committable(self) -> dict[TopicPartition, int]:
        """Return the offsets to commit: only what changed since the last call."""
        moved, self._moved = self._moved, set()
        return {place: self._places[place].committable for place in moved}

    def not_committed(self, places: Iterable[TopicPartition]) -> None:
        """Have :meth:`committable` return these again, as committing them failed."""
        self._moved.update(self._places.keys() & set(places))

    def forget(self, places: Iterable[TopicPartition]) -> None:
        """Drop partitions that were revoked: whoever owns them now reads them again."""
        for place in places:
            self._places.pop(place, None)
            self._moved.discard(place)

    def unfinished(self, place: TopicPartition) -> int:
        """Return how many records of a partition are read and not done."""
        progress = self._places.get(place)
        return 0 if progress is None else progress.unfinished


class Backpressure:
    """Pauses partitions that have too much in hand and resumes them further down.

    Parameters
    ----------
    consumer
        Whose partitions are paused.
    tracker
        Knows what is in hand.
    pause_above
        A partition with more unfinished records than this is paused.
    resume_below
        A paused partition with fewer unfinished records than this is resumed;
        half of ``pause_above`` when left out, so that it does not flutter.
    """

    def __init__(
        self,
        consumer: Consumer,
        tracker: OffsetTracker,
        *,
        pause_above: int,
        resume_below: int | None = None,
    ) -> None:
        self._consumer = consumer
        self._tracker = tracker
        self._pause_above = pause_above
        self._resume_below = (pause_above + 1) // 2 if resume_below is None else resume_below
        self._paused: frozenset[TopicPartition] = frozenset()

    @property
    def paused(self) -> frozenset[TopicPartition]:
        """The partitions that are paused now."""
        return self._paused

    def adjust(self) -> None:
        """Pause and resume by what is in hand; to be called before each poll."""
        assigned = self._consumer.assignment
        unfinished = self._tracker.unfinished
        full = frozenset(
            place
            for place in assigned
            if unfinished(place)
            > (self._resume_below - 1 if place in self._paused else self._pause_above)
        )
        if full:
            self._consumer.pause(full)
        if drained := self._paused - full:
            self._consumer.resume(drained)
        self._paused = full


class DeadLetters:
    """Puts records that cannot be handled aside, with their place.

    Parameters
    ----------
    producer
        Publishes them to the record's topic with ``.dlq`` appended.
    broker
        Creates that topic, with one partition, before its first record.
    """

    def __init__(self, producer: Producer, broker: Broker) -> None:
        self._producer = producer
        self._broker = broker
        self._topics: set[str] = set()

    async def publish(self, record: IncomingRecord, code: str, message: str) -> None:
        """Publish a dead letter; the record counts as finished once this returns.

        Parameters
        ----------
        record
            The record as it was read.
        code
            Stable name of why it cannot be handled.
        message
            One sentence for people, without the payload.

        Raises
        ------
        BrokerUnavailableError
            Raised if the broker does not acknowledge in time; the record is not
            finished, and the caller tries again.
        """
        topic = record.topic + DEAD_LETTER_SUFFIX
        if topic not in self._topics:
            await self._broker.ensure_topic(topic, partitions=1)
            self._topics.add(topic)
        letter = dead_letter(record, code, message)
        headers = dict(record.headers)
        kept = {SCHEMA_HEADER: DEAD_LETTER_SCHEMA}
        if TRACEPARENT_HEADER in headers:
            kept[TRACEPARENT_HEADER] = headers[TRACEPARENT_HEADER]
        await self._producer.publish(
            [
                OutgoingRecord(
                    topic=topic,
                    key=record.key,
                    value=letter.model_dump_json().encode(),
                    headers=tuple(kept.items()),
                )
            ]
        )


def dead_letter(record: IncomingRecord, code: str, message: str) -> DeadLetter:
    """Return the dead letter of a record; a value beyond the limit is cut, and said to be."""
    value = record.value[:MAX_DEAD_VALUE_BYTES]
    if len(value) < len(record.value):
        message = f"{message} (value cut from {len(record.value)} to {len(value)} bytes)"
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        code=code,
        message=message,
        key=None if record.key is None else _text(record.key),
        value_base64=base64.b64encode(value).decode(),
    )


def _text(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        return base64.b64encode(key).decode()


def lag_of(consumer: Consumer) -> dict[tuple[str, ...], float]:
    """Return how far a consumer is behind, by topic and partition, for metrics."""
    return {
        (place.topic, str(place.partition)): behind for place, behind in consumer.lags().items()
    }


async def commit_finished(
    consumer: Consumer, tracker: OffsetTracker
) -> Mapping[TopicPartition, int]:
    """Commit what is done and return it; what fails is returned by the tracker again.

    Raises
    ------
    BrokerUnavailableError
        Raised if the broker does not acknowledge in time.
    """
    offsets = tracker.committable()
    if offsets:
        try:
            await consumer.commit(offsets)
        except (BrokerUnavailableError, asyncio.CancelledError):
            tracker.not_committed(offsets)
            raise
    return offsets
