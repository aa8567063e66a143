"""The topics that must be there before a service starts."""

from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT, node_ready
from flowyard.engine.graph import DEFAULT_QUEUE
from flowyard.messaging.ports import Broker

TOPICS = (INSTANCE_EVENT, INSTANCE_CHANGE, node_ready(DEFAULT_QUEUE))
"""Topics of other queues are created on the queue's first use."""


async def ensure_topics(broker: Broker, *, partitions: int) -> None:
    """Create the topics that do not exist yet; those that do keep their partitions."""
    for topic in TOPICS:
        await broker.ensure_topic(topic, partitions=partitions)
