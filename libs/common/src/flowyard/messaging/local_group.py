"""Consumer groups of the in-process broker: who reads which partition."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from flowyard.messaging.partition_log import PartitionLog
from flowyard.messaging.ports import TopicPartition


class Member(Protocol):
    """A consumer as its group sees it."""

    @property
    def topics(self) -> Sequence[str]:
        """What it reads."""
        ...

    @property
    def assignment(self) -> frozenset[TopicPartition]:
        """What it holds."""
        ...

    def hold(self, logs: Mapping[TopicPartition, PartitionLog]) -> None:
        """Hold exactly these partitions from now on."""
        ...


def share(
    partitions: Iterable[TopicPartition], holdings: Sequence[frozenset[TopicPartition]]
) -> list[set[TopicPartition]]:
    """Share partitions out evenly and move as few as possible.

    Parameters
    ----------
    partitions
        What there is to hold.
    holdings
        What each member holds now.

    Returns
    -------
    list
        What each member is to hold, in the order of ``holdings``; sizes differ
        by one at most.
    """
    wanted = set(partitions)
    quota, extra = divmod(len(wanted), len(holdings))
    kept = [sorted(held & wanted) for held in holdings]
    ranks = sorted(range(len(kept)), key=lambda index: -len(kept[index]))
    rooms = {index: quota + (rank < extra) for rank, index in enumerate(ranks)}
    shares = [set(held[: rooms[index]]) for index, held in enumerate(kept)]
    free = iter(sorted(wanted.difference(*shares)))
    for index, mine in enumerate(shares):
        while len(mine) < rooms[index]:
            mine.add(next(free))
    return shares


class Group:
    """Members that share the partitions of their topics."""

    def __init__(self, name: str, topics: Mapping[str, Sequence[PartitionLog]]) -> None:
        self.name = name
        self._topics = topics
        self._members: list[Member] = []

    def join(self, member: Member) -> None:
        """Take a member in and share out anew."""
        for topic in member.topics:
            for log in self._topics[topic]:
                log.join(self.name)
        self._members.append(member)
        self._rebalance()

    def leave(self, member: Member) -> None:
        """Let a member go and share out what it held."""
        self._members.remove(member)
        member.hold({})
        self._rebalance()

    def _rebalance(self) -> None:
        logs = {
            log.place: log
            for topic in dict.fromkeys(topic for member in self._members for topic in member.topics)
            for log in self._topics[topic]
        }
        targets: list[set[TopicPartition]] = [set() for _ in self._members]
        for topic in dict.fromkeys(place.topic for place in logs):
            readers = [index for index, one in enumerate(self._members) if topic in one.topics]
            shares = share(
                (place for place in logs if place.topic == topic),
                [self._members[index].assignment for index in readers],
            )
            for index, places in zip(readers, shares, strict=True):
                targets[index] |= places
        for member, places in zip(self._members, targets, strict=True):
            member.hold({place: logs[place] for place in sorted(places)})
