"""Which partitions this scheduler owns, and what it has to catch up on as it takes them over."""

import logging
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from typing_extensions import override

from flowyard.contracts.topics import INSTANCE_EVENT
from flowyard.messaging.ports import RebalanceListener, TopicPartition
from flowyard_scheduler.memory import Memory

LOGGER = logging.getLogger("flowyard.scheduler")

CHUNK = 500
"""Instances loaded at once in a takeover; one such load takes some tens of milliseconds."""


@dataclass(frozen=True, slots=True)
class Share:
    """The owned partitions among all."""

    owned: tuple[int, ...]
    count: int

    def holds(self, partition: int) -> bool:
        """Tell whether instances of a partition belong here; one beyond the count wraps around."""
        return partition % self.count in self.owned


class Ownership(RebalanceListener):
    """Follows the group's assignments; forgets at once, catches up in the loop.

    Parameters
    ----------
    count
        Number of partitions of instances.
    window
        Most handed-out steps of one queue over all schedulers.
    """

    def __init__(
        self,
        *,
        count: int,
        window: int,
        memory: Memory,
    ) -> None:
        self._window = window
        self._holding = memory.holding
        self._dispatcher = memory.dispatcher
        self._timers = memory.timers
        self._stuck = memory.stuck
        self._deferred = memory.deferred
        self._starts = memory.starts
        self.share = Share((), count)
        self._arrived: set[int] = set()
        self._broker_id: str | None = None

    @override
    async def on_revoked(self, partitions: frozenset[TopicPartition]) -> None:
        """Forget the partitions: another member may own them by now."""
        lost = _numbers(partitions)
        self._arrived -= lost
        self._become(frozenset(self.share.owned) - lost)
        self._forget(lost)

    @override
    async def on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        """Take note of partitions; what was held of them is old."""
        new = _numbers(partitions)
        self._forget(new)
        self._become(frozenset(self.share.owned) | new)
        self._arrived |= new
        LOGGER.info("Partitions were assigned", extra={"partitions": sorted(new)})

    @property
    def has_arrived(self) -> bool:
        """Tell whether partitions have to be caught up on."""
        return bool(self._arrived)

    def recount(self, count: int) -> None:
        """Go by another number of partitions: other instances belong to the owned ones now."""
        if count == self.share.count:
            return
        LOGGER.info("The number of partitions has changed", extra={"partitions": count})
        self._forget(frozenset(range(self.share.count)))
        self.share = Share(self.share.owned, count)
        self._become(frozenset(self.share.owned))
        self._arrived |= set(self.share.owned)

    def recognize(self, broker_id: str) -> None:
        """Catch up on everything owned when the broker is another one: its records are gone."""
        if self._broker_id not in (None, broker_id):
            LOGGER.warning("The broker has lost its records", extra={"broker_id": broker_id})
            self._arrived |= set(self.share.owned)
        self._broker_id = broker_id

    def take_arrived(self) -> tuple[int, ...]:
        """Return the partitions that have to be caught up on."""
        arrived, self._arrived = self._arrived, set()
        return tuple(sorted(arrived))

    def give_back(self, partitions: Sequence[int]) -> None:
        """Have partitions caught up on again: the attempt has failed."""
        self._arrived |= set(partitions) & set(self.share.owned)

    def _become(self, owned: frozenset[int]) -> None:
        self.share = Share(tuple(sorted(owned)), self.share.count)
        self._dispatcher.window = max(1, self._window * len(owned) // self.share.count)

    def _forget(self, partitions: frozenset[int]) -> None:
        count = self.share.count
        self._holding.drop_where(lambda held: held.partition % count in partitions)
        self._timers.drop_where(lambda partition: partition % count in partitions)
        self._stuck.drop_where(lambda partition: partition % count in partitions)
        self._starts.drop_where(lambda partition: partition % count in partitions)
        for instance_id in [
            one for one, place in self._deferred.items() if place % count in partitions
        ]:
            del self._deferred[instance_id]
        self._dispatcher.forget_partitions(partitions, count)


def _numbers(partitions: frozenset[TopicPartition]) -> frozenset[int]:
    return frozenset(place.partition for place in partitions if place.topic == INSTANCE_EVENT)


def chunks(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    """Cut ids into pieces that are loaded at once."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
