"""What a consumer of Kafka meets while the cluster, or the way to it, is away."""

from typing import Final

from aiokafka.errors import KafkaError

# uvloop raises a plain RuntimeError for what is written to a connection that was closed a moment
# ago. aiokafka takes it for no fault of the connection, keeps that, and raises it for ever after.
KAFKA_FAULTS: Final[tuple[type[Exception], ...]] = (
    KafkaError,
    OSError,
    TimeoutError,
    RuntimeError,
)
"""May pass; a consumer that has met one is replaced by another one."""
