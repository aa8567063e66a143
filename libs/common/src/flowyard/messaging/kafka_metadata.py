"""Asking Kafka about one topic: its id, its partitions, whether it exists.

aiokafka speaks the metadata request up to version 5. Topic ids came with version
10, and only a request that says so keeps the broker from creating the topic that
it is asked about. Hence version 12 of the request (Kafka 3.1 and later, KIP-516),
in the building blocks that aiokafka has for its own.
"""

import uuid
from dataclasses import dataclass
from io import BytesIO

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NoError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)
from typing_extensions import override

_TEXT = CompactString("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDescription:
    """What Kafka knows about a topic."""

    topic_id: uuid.UUID
    """New for every topic that is created, also under a name that was used before."""
    partitions: int


class _Uuid(AbstractType):  # type: ignore[misc]  # aiokafka has no types
    @classmethod
    @override
    def encode(cls, value: uuid.UUID) -> bytes:
        return value.bytes

    @classmethod
    @override
    def decode(cls, data: BytesIO) -> uuid.UUID:
        return uuid.UUID(bytes=data.read(16))


class _Answer(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", _TEXT),
                ("port", Int32),
                ("rack", _TEXT),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", _TEXT),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("in_sync_replicas", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _Question(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("name", _TEXT), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicQuestion(Request[_Question]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self._topic = topic

    @override
    def build(self, request_struct_class: type[_Question]) -> _Question:
        nobody = uuid.UUID(int=0)
        return request_struct_class(
            [(nobody, self._topic, {})],
            False,  # noqa: FBT003  # the wire's order of fields
            False,  # noqa: FBT003
            {},
        )


async def describe_topic(client: AIOKafkaClient, topic: str) -> TopicDescription | None:
    """Return what any broker says about a topic, or None if there is no such topic.

    Raises
    ------
    KafkaError
        Raised if the broker does not answer or reports another error.
    """
    answer = await client.send(client.get_random_node(), _TopicQuestion(topic))
    error_code, _, topic_id, _, partitions, _, _ = answer.topics[0]
    error = for_code(error_code)
    if error is UnknownTopicOrPartitionError:
        return None
    if error is not NoError:
        raise error(topic)
    return TopicDescription(topic_id=topic_id, partitions=len(partitions))


async def answers(client: AIOKafkaClient) -> bool:
    """Tell whether a broker answers; what it says about topics does not matter."""
    answer = await client.send(client.get_random_node(), _TopicQuestion("flowyard.availability"))
    return bool(answer.brokers)
