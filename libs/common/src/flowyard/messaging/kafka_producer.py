"""Publishing to Kafka: a whole batch at once, acknowledged by all replicas in sync."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder
from typing_extensions import override

from flowyard.messaging.ports import (
    BrokerUnavailableError,
    OutgoingRecord,
    Producer,
    RecordRefusedError,
)

PUBLISH_TIMEOUT = timedelta(seconds=10)
"""How long records wait for an acknowledgement, through restarts of the broker.

A broker on one machine is back in 3 to 5 s; the caller has a transaction's worth
of work to repeat if it takes longer.
"""

MAX_BATCH_BYTES = 512 * 1024
"""How much is sent to one partition at once.

aiokafka's 16 KiB would cost one round trip per 30 records; brokers refuse more
than 1 MiB by default.
"""


MAX_RECORD_BYTES = 1024 * 1024 - 4096
"""Largest record: brokers refuse batches of more than 1 MiB unless they are told otherwise."""


class KafkaProducer(Producer):
    """Publishes to Kafka.

    Parameters
    ----------
    inner
        A started producer; whoever made it stops it.
    partition_count
        Asks the cluster how many partitions a topic has, without creating it.
    timeout
        How long records wait for an acknowledgement.
    """

    def __init__(
        self,
        inner: AIOKafkaProducer,
        partition_count: Callable[[str], Awaitable[int]],
        timeout: timedelta,
    ) -> None:
        self._inner = inner
        self._partition_count = partition_count
        self._timeout = timeout
        self._counts: dict[str, int] = {}

    @override
    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                await self._publish(records)
        except MessageSizeTooLargeError as error:
            largest = max(records, key=lambda record: len(record.value))
            raise RecordRefusedError(
                f"Expected a record that Kafka takes, but its {len(largest.value)} bytes "
                f"for topic {largest.topic!r} are too many",
                topic=largest.topic,
                partition=largest.partition,
            ) from error
        except (KafkaError, OSError, TimeoutError) as error:
            # The topics may be gone with their cluster: aiokafka looks for them in a busy loop.
            self._counts.clear()
            raise BrokerUnavailableError(
                f"Expected Kafka to acknowledge {len(records)} records, but: {error!r}"
            ) from error

    async def _publish(self, records: Sequence[OutgoingRecord]) -> None:
        for record in records:
            if not self._is_known(record):
                await self._check_partition(record)
        acknowledgements: list[asyncio.Future[object]] = []
        try:
            for (topic, partition), batch in self._batches(records):
                # Waits only while an earlier batch for the same partition is not under way yet.
                sent = await self._inner.send_batch(batch, topic, partition=partition)
                acknowledgements.append(sent)
            for acknowledgement in acknowledgements:
                await acknowledgement
        except BaseException:
            # The first failure is raised; asyncio would complain about the others.
            for acknowledgement in acknowledgements:
                acknowledgement.add_done_callback(_seen)
            raise

    def _batches(
        self, records: Sequence[OutgoingRecord]
    ) -> list[tuple[tuple[str, int], BatchBuilder]]:
        """Return records as batches, in order within each partition.

        One record after the other through the client's own ``send`` costs ten times as
        much: a future, a look at the topic and one at the clock for each.
        """
        found: list[tuple[tuple[str, int], BatchBuilder]] = []
        growing: dict[tuple[str, int], BatchBuilder] = {}
        for record in records:
            place = (record.topic, self._partition(record))
            batch = growing.get(place)
            if batch is None or not _append(batch, record):
                batch = growing[place] = self._inner.create_batch()
                found.append((place, batch))
                _append(batch, record)
        for _, batch in found:
            batch.close()
        return found

    def _partition(self, record: OutgoingRecord) -> int:
        if len(record.value) + len(record.key or b"") > MAX_RECORD_BYTES:
            raise MessageSizeTooLargeError
        if record.partition is not None:
            return record.partition
        return zlib.crc32(record.key or b"") % self._counts[record.topic]

    def _is_known(self, record: OutgoingRecord) -> bool:
        return 0 <= (record.partition or 0) < self._counts.get(record.topic, 0)

    async def _check_partition(self, record: OutgoingRecord) -> None:
        # aiokafka would have the broker create a topic that does not exist.
        count = self._counts[record.topic] = await self._partition_count(record.topic)
        if not 0 <= (record.partition or 0) < count:
            raise RecordRefusedError(
                f"Expected a partition below {count} of topic {record.topic!r}, "
                f"but the record names {record.partition}",
                topic=record.topic,
                partition=record.partition,
            )
        known = await self._inner.partitions_for(record.topic)
        if len(known) < count:
            await self._inner.client.force_metadata_update()


def _seen(acknowledgement: "asyncio.Future[object]") -> None:
    if not acknowledgement.cancelled():
        acknowledgement.exception()


def _append(batch: BatchBuilder, record: OutgoingRecord) -> bool:
    """Tell whether a record has found room in a batch; in an empty one it always does."""
    metadata = batch.append(
        timestamp=None if record.at is None else int(record.at * 1000),
        key=record.key,
        value=record.value,
        headers=[*record.headers],
    )
    return metadata is not None
