"""One partition of the in-process broker: a bounded list of records.

A record goes once every group that reads the topic has committed beyond it.
What nobody commits is bounded by number, as a retention would: the oldest goes,
and a reader that was behind continues at the oldest record that is left.
"""

from typing import Protocol

from flowyard.messaging.ports import IncomingRecord, OutgoingRecord, TopicPartition

MAX_UNCOMMITTED = 50_000
"""Records kept per partition for groups that do not commit.

A scheduler's window per queue is 4096; this is what a stopped reader may miss
before it depends on repair.
"""

MAX_TAIL = 1_000
"""Records kept per partition of a topic that only readers without a group have read.

They read on from the latest record, so this is how far one may fall behind.
"""

MAX_UNREAD = 10_000
"""Records kept per partition of a topic that nobody has read yet."""

_CHUNK = 256
"""Records are dropped by so many at once, as a list moves what follows."""


class Cursor:
    """Where one consumer stands in one partition."""

    __slots__ = ("is_closed", "is_paused", "is_queued", "log", "position", "reader")

    def __init__(self, log: "PartitionLog", reader: "Reader", position: int) -> None:
        self.log = log
        self.reader = reader
        self.position = position
        self.is_paused = False
        self.is_queued = False
        """Whether the reader has it among those that may have records."""
        self.is_closed = False

    def offer(self) -> None:
        """Hand the cursor to its reader if there may be something to read."""
        if not (self.is_queued or self.is_paused) and self.position < self.log.end:
            self.is_queued = True
            self.reader.wake(self)


class Reader(Protocol):
    """What wants to know about new records."""

    def wake(self, cursor: Cursor) -> None:
        """Take note that a cursor may have records."""
        ...


class PartitionLog:
    """The records of one partition, and who stands where."""

    __slots__ = ("_cursors", "_records", "_was_tailed", "committed", "end", "first", "place")

    def __init__(self, place: TopicPartition) -> None:
        self.place = place
        self.first = 0
        """Offset of the oldest record that is left."""
        self.end = 0
        """Offset of the next record."""
        self.committed: dict[str, int] = {}
        """Offset of the next record to read, keyed by group."""
        self._records: list[IncomingRecord] = []
        self._cursors: list[Cursor] = []
        self._was_tailed = False

    def append(self, record: OutgoingRecord, at: float) -> None:
        """Add a record and wake whoever reads here.

        Parameters
        ----------
        at
            The present time, in seconds since 1970.
        """
        self._records.append(
            IncomingRecord(
                topic=self.place.topic,
                partition=self.place.partition,
                offset=self.end,
                key=record.key,
                value=record.value,
                headers=record.headers,
                at=at if record.at is None else record.at,
            )
        )
        self.end += 1
        for cursor in self._cursors:
            cursor.offer()
        if self.end - self.first >= self._bound() + _CHUNK:
            self._drop(self.end - self._bound())

    def read(self, cursor: Cursor, limit: int) -> list[IncomingRecord]:
        """Return records from a cursor on and move it behind them."""
        start = max(cursor.position - self.first, 0)
        records = self._records[start : start + limit]
        if records:
            cursor.position = records[-1].offset + 1
        return records

    def open(self, reader: Reader, *, group: str | None) -> Cursor:
        """Return a cursor at what the group has committed, or at the end without a group."""
        position = self.end if group is None else max(self.committed[group], self.first)
        self._was_tailed = self._was_tailed or group is None
        cursor = Cursor(self, reader, position)
        self._cursors.append(cursor)
        cursor.offer()
        return cursor

    def close(self, cursor: Cursor) -> None:
        """Forget a cursor."""
        cursor.is_closed = True
        self._cursors.remove(cursor)

    def join(self, group: str) -> None:
        """Keep records for a group from now on; it starts at the oldest."""
        self.committed.setdefault(group, self.first)

    def commit(self, group: str, offset: int) -> None:
        """Store how far a group has read and drop what no group needs."""
        self.committed[group] = offset
        floor = min(*self.committed.values(), self.end)
        if floor - self.first >= _CHUNK:
            self._drop(floor)

    def _bound(self) -> int:
        if self.committed:
            return MAX_UNCOMMITTED
        return MAX_TAIL if self._was_tailed else MAX_UNREAD

    def _drop(self, first: int) -> None:
        del self._records[: first - self.first]
        self.first = first
