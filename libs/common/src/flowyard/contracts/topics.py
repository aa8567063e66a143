"""Names of topics, partition arithmetic and header names."""

import zlib
from uuid import UUID

INSTANCE_EVENT = "flowyard.instance-event.v1"
"""Results of steps and doorbells, to the owner of the instance's partition."""

INSTANCE_CHANGE = "flowyard.instance-change.v1"
"""One small record per stored batch of an instance, for live views."""

NODE_READY_PREFIX = "flowyard.node-ready.v1."
"""Followed by the queue's name: steps for workers to have run."""

DEAD_LETTER_SUFFIX = ".dlq"
"""Appended to a topic's name: records that could not be decoded, with their place."""

SCHEDULER_GROUP = "flowyard-scheduler"
"""Consumer group that shares the partitions of instances."""

WORKER_GROUP_PREFIX = "flowyard-worker."
"""Followed by the queue's name: consumer group that shares a queue."""

SCHEMA_HEADER = "schema"
"""Record header: ``<name>/<version>`` of the value's form."""

INSTANCE_EVENT_SCHEMA = "instance-event/1"
"""Form of the values of ``flowyard.instance-event.v1`` that this release writes and knows."""

NODE_READY_SCHEMA = "ready-step/1"
"""Form of the values of ``flowyard.node-ready.v1.<queue>``."""

INSTANCE_CHANGE_SCHEMA = "instance-change/1"
"""Form of the values of ``flowyard.instance-change.v1``."""

TRACEPARENT_HEADER = "traceparent"
"""Record header: W3C trace context of the sender."""


def node_ready(queue: str) -> str:
    """Return the topic that carries the steps of a queue."""
    return f"{NODE_READY_PREFIX}{queue}"


def worker_group(queue: str) -> str:
    """Return the consumer group that shares a queue."""
    return f"{WORKER_GROUP_PREFIX}{queue}"


def partition_of(instance_id: UUID, count: int) -> int:
    """Return the partition of a new instance among ``count``; it is then kept on its row."""
    return zlib.crc32(instance_id.bytes) % count


def is_newer(schema: str, known: str) -> bool:
    """Tell whether a record's form is a later version than the one that this release knows."""
    name, _, version = schema.partition("/")
    known_name, _, known_version = known.partition("/")
    return name == known_name and version.isdigit() and int(version) > int(known_version)
