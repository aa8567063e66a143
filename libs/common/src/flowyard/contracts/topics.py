"""Names of topics, partition arithmetic and header names."""

import zlib
from functools import cache
from uuid import UUID

INSTANCE_EVENT = "flowyard.instance-event.v1"
"""Results of steps and doorbells, to the owner of the instance's partition."""

INSTANCE_CHANGE = "flowyard.instance-change.v1"
"""One small record per stored batch of an instance, and per change of a template's drafts, for
live views."""

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

RECORD_VERSION = 1
"""Newest version of the records' forms that this release knows; it reads all older ones."""

OLDEST_RECORD_VERSION = 1
"""What is written until all members are known to know a newer version."""

INSTANCE_EVENT_SCHEMA = f"instance-event/{RECORD_VERSION}"
"""Newest known form of the values of ``flowyard.instance-event.v1``."""

NODE_READY_SCHEMA = f"ready-step/{RECORD_VERSION}"
"""Newest known form of the values of ``flowyard.node-ready.v1.<queue>``."""

INSTANCE_CHANGE_SCHEMA = f"instance-change/{RECORD_VERSION}"
"""Newest known form of the values of ``flowyard.instance-change.v1``."""

TEMPLATE_CHANGE_SCHEMA = f"template-change/{RECORD_VERSION}"
"""Newest known form of what tells of drafts on ``flowyard.instance-change.v1``.

Who does not know it takes it for a change of an instance that nobody looks at.
"""

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


_MAX_VERSION_DIGITS = 9
_NEWEST_VERSION = 10**_MAX_VERSION_DIGITS


@cache
def schema_header(schema: str, version: int) -> tuple[str, bytes]:
    """Return the header that names a record's form in the version that it is written in."""
    return SCHEMA_HEADER, f"{schema.partition('/')[0]}/{version}".encode()


def version_of(schema: str) -> int:
    """Return the version that a record's form names; the oldest where it names none."""
    version = schema.partition("/")[2]
    if not (version.isascii() and version.isdecimal()):
        return OLDEST_RECORD_VERSION
    # Whatever stands in a header: Python refuses to read very long numbers.
    return int(version) if len(version) <= _MAX_VERSION_DIGITS else _NEWEST_VERSION


def is_newer(schema: str, known: str) -> bool:
    """Tell whether a record's form is a later version than the one that this release knows."""
    is_same_form = schema.partition("/")[0] == known.partition("/")[0]
    return is_same_form and version_of(schema) > version_of(known)
