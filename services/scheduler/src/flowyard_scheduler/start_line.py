"""New instances that wait for room, in the order of their turns."""

import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flowyard.storage.starts import Unstarted
from flowyard_scheduler.dispatch import MAX_CROWD, Dispatcher
from flowyard_scheduler.pace import Pace

MAX_LINE = 10_000
"""Most instances in line, at about 400 bytes each; the others stay in Postgres meanwhile."""


@dataclass(slots=True)
class Group:
    """What stands in line of one project, priority and set of queues."""

    project: str
    priority: int
    queues: tuple[str, ...]
    """Those that they begin with, in alphabetical order."""
    waiting: OrderedDict[uuid.UUID, Unstarted] = field(default_factory=OrderedDict)

    def oldest_at(self) -> datetime:
        """Return since when the first one waits; there is one."""
        return next(iter(self.waiting.values())).asked_at


FORGET_SECONDS = 60.0
"""How long a pace is remembered once nobody stands there: the next line moves like the last."""

Kind = tuple[str, tuple[str, ...]]
"""A project, and the queues that its instances begin with."""

_GroupKey = tuple[int, str, tuple[str, ...]]


class StartLine:
    """Instances that are to begin, in the order of their turns."""

    def __init__(self) -> None:
        self._groups: OrderedDict[_GroupKey, Group] = OrderedDict()
        self._group_of: dict[uuid.UUID, _GroupKey] = {}
        self._paces: dict[Kind, Pace] = {}

    def __len__(self) -> int:
        return len(self._group_of)

    def __contains__(self, instance_id: object) -> bool:
        return instance_id in self._group_of

    @property
    def has_room(self) -> bool:
        """Tell whether one more may stand in line."""
        return len(self) < MAX_LINE

    @property
    def groups(self) -> Iterator[Group]:
        """What stands in line."""
        return iter(self._groups.values())

    def add(self, one: Unstarted, queues: tuple[str, ...]) -> None:
        """Let an instance be the last one of its project, unless it stands in line or none can."""
        if one.instance_id in self._group_of or not self.has_room:
            return
        key = (one.priority, one.project, queues)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(one.project, one.priority, queues)
        group.waiting[one.instance_id] = one
        self._group_of[one.instance_id] = key

    def discard(self, instance_id: uuid.UUID) -> None:
        """Let an instance stand in line no longer, if it does."""
        key = self._group_of.pop(instance_id, None)
        if key is None:
            return
        del self._groups[key].waiting[instance_id]
        if not self._groups[key].waiting:
            del self._groups[key]

    def drop_where(self, is_dropped: Callable[[int], bool]) -> None:
        """Forget the instances of partitions for which the question is answered yes."""
        gone = [
            instance_id
            for group in self._groups.values()
            for instance_id, one in group.waiting.items()
            if is_dropped(one.partition)
        ]
        for instance_id in gone:
            self.discard(instance_id)

    def rates(self, at: float) -> dict[Kind, float]:
        """Return how many of each kind begin in a second while some stand in line.

        Parameters
        ----------
        at
            The present time, in monotonic seconds.
        """
        for kind, pace in tuple(self._paces.items()):
            pace.look(at)
            if at - pace.seen_at > FORGET_SECONDS:
                del self._paces[kind]
        return {kind: pace.rate() for kind, pace in self._paces.items()}

    def take(self, most: int, dispatcher: Dispatcher, at: float) -> list[uuid.UUID]:
        """Return up to so many instances for which there is room; they leave the line.

        Parameters
        ----------
        at
            The present time, in monotonic seconds.
        """
        for pace in self._paces.values():
            pace.look(at)
        found = self._take(most, dispatcher)
        standing = {(group.project, group.queues) for group in self._groups.values()}
        for kind in standing - self._paces.keys():
            self._paces[kind] = Pace(at)
        for kind, pace in self._paces.items():
            pace.stand(at, is_standing=kind in standing)
        return found

    def _take(self, most: int, dispatcher: Dispatcher) -> list[uuid.UUID]:
        found: list[uuid.UUID] = []
        rooms = _Rooms(dispatcher)
        for priority in sorted({key[0] for key in self._groups}, reverse=True):
            ready = [key for key in self._groups if key[0] == priority]
            while ready and len(found) < most:
                ready = [key for key in ready if len(found) < most and self._one(key, rooms, found)]
        return found

    def _one(self, key: _GroupKey, rooms: "_Rooms", found: list[uuid.UUID]) -> bool:
        """Take one of a group if there is room; tell whether another one may follow."""
        group = self._groups[key]
        if not rooms.take(group):
            return False
        instance_id = next(iter(group.waiting))
        self.discard(instance_id)
        found.append(instance_id)
        pace = self._paces.get((group.project, group.queues))
        if pace is not None:
            pace.leave()
        if key not in self._groups:
            return False
        # Whoever had a turn is the last one in the next batch as well.
        self._groups.move_to_end(key)
        return True


class _Rooms:
    """Room for new instances, and what of it this batch has given away already."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._free: dict[str, int] = {}
        self._own: dict[tuple[str, str, int], int] = {}

    def take(self, group: Group) -> bool:
        """Take room in all queues of a group, or in none if one has none."""
        if any(self._left(queue, group) <= 0 for queue in group.queues):
            return False
        for queue in group.queues:
            if self._free[queue] > 0:
                self._free[queue] -= 1
            else:
                self._own[queue, group.project, group.priority] -= 1
        return True

    def _left(self, queue: str, group: Group) -> int:
        if queue not in self._free:
            self._free[queue] = self._dispatcher.free(queue)
        key = (queue, group.project, group.priority)
        if key not in self._own:
            self._own[key] = MAX_CROWD - self._dispatcher.crowd(*key)
        return self._free[queue] + max(0, self._own[key])
