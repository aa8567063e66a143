"""How far a consumer of Kafka is behind, by what its fetches have told."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition


def records_behind(
    consumer: AIOKafkaConsumer, positions: Mapping[KafkaPartition, int | None]
) -> dict[KafkaPartition, int]:
    """Return how many records stand behind a position; nobody is asked.

    Parameters
    ----------
    positions
        The offset of the next record to be returned; None where none was returned yet.

    Returns
    -------
    dict
        Without the partitions that are not assigned, or were not fetched yet.
    """
    found: dict[KafkaPartition, int] = {}
    states = consumer._subscription  # noqa: SLF001  # public ways to a position wait for it
    for partition, returned in positions.items():
        if not states.is_assigned(partition):
            continue
        state = states.subscription.assignment.state_value(partition)
        position = returned
        if position is None and state.has_valid_position:
            position = state.position
        if position is not None and state.highwater is not None:
            found[partition] = max(0, state.highwater - position)
    return found
