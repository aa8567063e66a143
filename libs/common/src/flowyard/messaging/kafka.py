"""Apache Kafka behind the port, by aiokafka.

The choices (no idempotent producer, eager rebalances made sticky, topic ids as
identity) are explained in docs/decisions/0003-messaging-port.md.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    InvalidPartitionsError,
    InvalidReplicationFactorError,
    InvalidTopicError,
    KafkaError,
    NoError,
    TopicAlreadyExistsError,
    for_code,
)
from aiokafka.protocol.admin import CreateTopicsRequest
from typing_extensions import override

from flowyard.messaging.kafka_consumer import (
    HEARTBEAT_INTERVAL,
    RETRY_BACKOFF,
    SESSION_TIMEOUT,
    KafkaConsumer,
    KafkaConsumerOptions,
)
from flowyard.messaging.kafka_logs import drop_repetitions
from flowyard.messaging.kafka_metadata import TopicDescription, answers, describe_topic
from flowyard.messaging.kafka_producer import MAX_BATCH_BYTES, PUBLISH_TIMEOUT, KafkaProducer
from flowyard.messaging.kafka_security import OPEN_CLUSTER, KafkaSecurity
from flowyard.messaging.ports import (
    Broker,
    BrokerUnavailableError,
    Consumer,
    Producer,
    RebalanceListener,
    TopicRefusedError,
)

logger = logging.getLogger("flowyard.messaging")

REQUEST_TIMEOUT = timedelta(seconds=5)
"""How long the broker may take to answer about topics."""

AVAILABLE_TIMEOUT = timedelta(seconds=1)
"""How long the broker may take to count as available: readiness probes wait no longer."""

CREATION_INTERVAL = timedelta(milliseconds=20)
"""How often a topic is asked for after its creation; brokers learn of it one by one."""

LEAST_REJOIN = timedelta(seconds=1)
"""How long a group may take to share the partitions of a dead member, and they to go on."""

METADATA_MAX_AGE = timedelta(seconds=10)
"""How old a client's view of topics and leaders may be: added partitions are seen by then."""

_BROKER_DEFAULT = -1
_REFUSALS = (InvalidTopicError, InvalidPartitionsError, InvalidReplicationFactorError)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailableError(f"Expected Kafka to {what}, but: {error!r}") from error


class KafkaBroker(Broker):
    """A Kafka cluster.

    Parameters
    ----------
    servers
        Where to find the cluster: ``host:port``, several separated by commas.
    client_id
        Name of this process in Kafka's logs and metrics.
    session_timeout
        After this long without a heartbeat a consumer's partitions go to others.
        The brokers refuse less than their ``group.min.session.timeout.ms``, 6 s
        by default; a shorter one falls back to 6 s then, see
        :attr:`session_timeout`.
    heartbeat_interval
        How often a consumer shows that it lives, and hears of rebalances.
    publish_timeout
        How long records wait for an acknowledgement before ``publish`` raises.
    replication_factor
        Of topics that are created; None leaves it to the brokers' default.
    security
        How connections are encrypted and logged in.
    """

    def __init__(
        self,
        *,
        servers: str,
        client_id: str = "flowyard",
        session_timeout: timedelta = SESSION_TIMEOUT,
        heartbeat_interval: timedelta = HEARTBEAT_INTERVAL,
        publish_timeout: timedelta = PUBLISH_TIMEOUT,
        replication_factor: int | None = None,
        security: KafkaSecurity = OPEN_CLUSTER,
    ) -> None:
        self._servers = [server.strip() for server in servers.split(",")]
        self._client_id = client_id
        self._consumer_options = KafkaConsumerOptions(
            servers=self._servers,
            client_id=client_id,
            session_timeout=session_timeout,
            heartbeat_interval=heartbeat_interval,
            metadata_max_age=METADATA_MAX_AGE,
            security=security,
        )
        self._security = security
        self._publish_timeout = publish_timeout
        self._replication_factor = replication_factor or _BROKER_DEFAULT
        self._client: AIOKafkaClient | None = None
        self._ensured: dict[str, int] = {}
        """Partitions of the topics that this process needs: made again when they are gone."""

    @property
    def session_timeout(self) -> timedelta:
        """How long a dead consumer keeps its partitions, as the cluster has accepted it."""
        return self._consumer_options.session_timeout

    @property
    def takeover_bound(self) -> timedelta:
        """Within what time the partitions of a dead consumer go on with another one.

        Its session has to end, and the others have to hear of it and join again: 3 s
        for a session of 2 s, 8 s for the 6 s that a broker allows by default.
        """
        session = self._consumer_options.session_timeout
        return session + max(LEAST_REJOIN, session / 3)

    async def __aenter__(self) -> Self:
        """Connect to the cluster."""
        drop_repetitions()
        client = AIOKafkaClient(
            bootstrap_servers=self._servers,
            client_id=self._client_id,
            request_timeout_ms=_milliseconds(REQUEST_TIMEOUT),
            metadata_max_age_ms=_milliseconds(METADATA_MAX_AGE),
            **self._security.options,
        )
        with _translated("accept a connection"):
            try:
                await client.bootstrap()
            except BaseException:
                await client.close()
                raise
        self._client = client
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect; producers and consumers have connections of their own."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    @override
    async def ensure_topic(self, topic: str, *, partitions: int) -> None:
        found = await self._describe(topic) or await self._made(topic, partitions)
        self._ensured[topic] = found.partitions

    @override
    async def partition_count(self, topic: str) -> int:
        return (await self._existing(topic)).partitions

    @override
    async def identity(self, topic: str) -> str:
        return (await self._existing(topic)).topic_id.hex

    @override
    async def is_available(self) -> bool:
        if self._client is None:
            return False
        try:
            async with asyncio.timeout(AVAILABLE_TIMEOUT.total_seconds()):
                return await answers(self._client)
        except (KafkaError, OSError, TimeoutError):
            return False

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

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[Producer]:
        inner = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            client_id=self._client_id,
            acks="all",
            linger_ms=0,
            max_batch_size=MAX_BATCH_BYTES,
            request_timeout_ms=_milliseconds(self._publish_timeout),
            metadata_max_age_ms=_milliseconds(METADATA_MAX_AGE),
            retry_backoff_ms=_milliseconds(RETRY_BACKOFF),
            **self._security.options,
        )
        try:
            with _translated("accept a producer"):
                await inner.start()
            yield KafkaProducer(inner, self.partition_count, self._publish_timeout)
        finally:
            await inner.stop()

    @asynccontextmanager
    async def _consumer(
        self, topics: tuple[str, ...], group: str | None, listener: RebalanceListener | None
    ) -> AsyncIterator[Consumer]:
        for topic in topics:
            await self._existing(topic)
        consumer = KafkaConsumer(
            self._consumer_options, topics, group=group, listener=listener if group else None
        )
        try:
            await consumer.open()
            yield consumer
        finally:
            await consumer.close()

    def _connected(self) -> AIOKafkaClient:
        if self._client is None:
            raise BrokerUnavailableError("Expected an open broker, but it is closed")
        return self._client

    async def _describe(self, topic: str) -> TopicDescription | None:
        with _translated(f"describe topic {topic!r}"):
            async with asyncio.timeout(REQUEST_TIMEOUT.total_seconds()):
                return await describe_topic(self._connected(), topic)

    async def _existing(self, topic: str) -> TopicDescription:
        description = await self._describe(topic)
        if description is None and topic in self._ensured:
            logger.warning("a topic is gone and is made again", extra={"topic": topic})
            description = await self._made(topic, self._ensured[topic])
        if description is None:
            raise BrokerUnavailableError(f"Expected topic {topic!r}, but it does not exist")
        return description

    async def _made(self, topic: str, partitions: int) -> TopicDescription:
        with _translated(f"create topic {topic!r}"):
            async with asyncio.timeout(REQUEST_TIMEOUT.total_seconds()):
                await self._create(topic, partitions)
                while True:
                    description = await describe_topic(self._connected(), topic)
                    if description is not None:
                        return description
                    await asyncio.sleep(CREATION_INTERVAL.total_seconds())

    async def _create(self, topic: str, partitions: int) -> None:
        client = self._connected()
        request = CreateTopicsRequest(
            create_topic_requests=[(topic, partitions, self._replication_factor, [], [])],
            timeout=_milliseconds(REQUEST_TIMEOUT),
            validate_only=False,
        )
        answer = await client.send(client.get_random_node(), request)
        _, code, reason = answer.topic_errors[0]
        error = for_code(code)
        if error in _REFUSALS:
            raise TopicRefusedError(
                f"Expected Kafka to create topic {topic!r} with {partitions} partitions, "
                f"but it answers: {reason or error.__name__}",
                topic=topic,
            )
        if error not in (NoError, TopicAlreadyExistsError):
            raise error(reason)
        logger.info("topic is there", extra={"topic": topic, "partitions": partitions})


def _milliseconds(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
