"""One queue's steps: those that wait for room in its window, and those that are handed out."""

import uuid
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flowyard.storage.advance_store import StepKey
from flowyard_scheduler.turns import Turns
from flowyard_scheduler.window import Window

UNKNOWN_PLUGIN = "unknown"
"""What an earlier owner has handed out is for."""

MAX_IDLE_PLUGINS = 100
"""Most plugins of a queue that are remembered while it has no step of theirs."""


@dataclass(slots=True, eq=False)
class Entry:
    """One step, from being queued to being released."""

    key: StepKey
    line: "QueueLine"
    project: str
    priority: int
    since: datetime
    """When it was queued, as far as this scheduler knows."""
    is_first: bool
    """Whether nobody can have handed it out before."""
    partition: int = -1
    """Of the queue's topic; unknown for what an earlier owner has handed out."""
    handed_out_at: datetime | None = None
    compared_at: datetime | None = None
    """When it was last compared with what is stored, since it was handed out."""
    is_waiting: bool = True
    plugin: str = UNKNOWN_PLUGIN


class _Share:
    """What waits of one project at one priority: its instances take turns."""

    __slots__ = ("instances",)

    def __init__(self) -> None:
        self.instances: OrderedDict[uuid.UUID, dict[str, Entry]] = OrderedDict()

    def add(self, one: Entry) -> None:
        self.instances.setdefault(one.key.instance_id, {})[one.key.node_id] = one

    def prefer(self, one: Entry) -> None:
        """Let a step be the next one."""
        instance_id = one.key.instance_id
        others = self.instances.get(instance_id, {})
        self.instances[instance_id] = {one.key.node_id: one, **others}
        self.instances.move_to_end(instance_id, last=False)

    def pop(self) -> Entry:
        instance_id, waiting = next(iter(self.instances.items()))
        one = waiting.pop(next(iter(waiting)))
        if waiting:
            self.instances.move_to_end(instance_id)
        else:
            del self.instances[instance_id]
        return one

    def remove(self, one: Entry) -> None:
        waiting = self.instances[one.key.instance_id]
        del waiting[one.key.node_id]
        if not waiting:
            del self.instances[one.key.instance_id]


class _Lane:
    """What waits at one priority: the project that has the least out is served next."""

    __slots__ = ("shares", "turns")

    def __init__(self) -> None:
        self.shares: dict[str, _Share] = {}
        self.turns = Turns()

    def share(self, project: str, out: int) -> _Share:
        found = self.shares.get(project)
        if found is None:
            found = self.shares[project] = _Share()
            self.turns.add(project, out)
        return found

    def tidy(self, project: str) -> None:
        if not self.shares[project].instances:
            del self.shares[project]
            self.turns.remove(project)


@dataclass(slots=True, eq=False)
class QueueLine:
    """The steps of one queue."""

    name: str
    window: Window
    lanes: dict[int, _Lane] = field(default_factory=dict)
    """By priority, the highest first; without any that is empty."""
    waiting: dict[str, dict[Entry, None]] = field(default_factory=dict)
    """Waiting steps by project, in the order in which they came."""
    waiting_count: int = 0
    out: dict[str, int] = field(default_factory=dict)
    """Number of handed-out steps by project; those of earlier owners belong to none."""
    unbegun: dict[Entry, None] = field(default_factory=dict)
    """Handed out and not known to run, in the order in which they were handed out."""
    begun: set[Entry] = field(default_factory=set)
    """Handed out and reported as running."""
    outstanding: list[int] = field(default_factory=list)
    """Number of handed-out steps by partition of the topic; empty until that is known."""
    released_total: int = 0
    """How many handed-out steps were ever released; for rates."""
    unheard: dict[str, dict[Entry, None]] = field(default_factory=dict)
    """Steps that are not known to run, by plugin, in the order in which they came."""

    @property
    def handed_out_count(self) -> int:
        """How many steps are handed out and not finished."""
        return len(self.unbegun) + len(self.begun)

    def append(self, one: Entry) -> None:
        """Let a step be the last one of its instance."""
        self._lane(one.priority).share(one.project, self.out.get(one.project, 0)).add(one)
        self._count_waiting(one)

    def put_back(self, one: Entry) -> None:
        """Let a step that was popped be the next one again."""
        lane = self._lane(one.priority)
        lane.share(one.project, self.out.get(one.project, 0)).prefer(one)
        lane.turns.prefer(one.project)
        self._count_waiting(one)

    def pop(self) -> Entry | None:
        """Remove and return the step whose turn it is."""
        for lane in self.lanes.values():
            project = lane.turns.first()
            one = lane.shares[project].pop()
            self._tidy(one)
            return one
        return None

    def remove(self, one: Entry) -> None:
        """Let a step wait no longer."""
        self.lanes[one.priority].shares[one.project].remove(one)
        self._tidy(one)

    def crowd(self, project: str, priority: int) -> int:
        """Return how many instances of a project have steps waiting that go as soon or sooner."""
        return sum(
            len(lane.shares[project].instances)
            for one, lane in self.lanes.items()
            if one >= priority and project in lane.shares
        )

    def hand_out(self, one: Entry) -> None:
        """Count a step as handed out."""
        self.unbegun[one] = None
        if one.partition >= 0:
            self.outstanding[one.partition] += 1
        self._change_out(one.project, 1)

    def take_back(self, one: Entry) -> None:
        """Count a step as handed out no longer."""
        if one in self.begun:
            self.begun.remove(one)
        else:
            del self.unbegun[one]
        if one.partition >= 0:
            self.outstanding[one.partition] -= 1
        self._change_out(one.project, -1)

    def expect(self, one: Entry) -> None:
        """Count a step among those that are not known to run, from its coming on."""
        found = self.unheard.get(one.plugin)
        if found is None:
            found = self.unheard[one.plugin] = {}
        found[one] = None

    def hear(self, one: Entry) -> None:
        """Count a step there no longer: it runs, or is gone."""
        found = self.unheard.get(one.plugin)
        if found is None or one not in found:
            return
        del found[one]
        if not found and len(self.unheard) > MAX_IDLE_PLUGINS:
            del self.unheard[one.plugin]

    def oldest_by_plugin(self) -> dict[str, datetime | None]:
        """Return since when the oldest step of each plugin waits that is not known to run."""
        return {
            plugin: next((one.since for one in found), None)
            for plugin, found in self.unheard.items()
        }

    def oldest_since(self) -> datetime | None:
        """Return since when the oldest step waits that is not known to run."""
        found = [next(iter(waiting)).since for waiting in self.waiting.values()]
        found += [one.since for one in _first(self.unbegun)]
        return min(found, default=None)

    def _change_out(self, project: str, by: int) -> None:
        count = self.out.get(project, 0) + by
        if count:
            self.out[project] = count
        else:
            del self.out[project]
        for lane in self.lanes.values():
            lane.turns.change(project, count)

    def _lane(self, priority: int) -> _Lane:
        lane = self.lanes.get(priority)
        if lane is None:
            lane = self.lanes[priority] = _Lane()
            self.lanes = dict(sorted(self.lanes.items(), reverse=True))
        return lane

    def _count_waiting(self, one: Entry) -> None:
        self.waiting.setdefault(one.project, {})[one] = None
        self.waiting_count += 1

    def _tidy(self, one: Entry) -> None:
        lane = self.lanes[one.priority]
        lane.tidy(one.project)
        if not lane.shares:
            del self.lanes[one.priority]
        waiting = self.waiting[one.project]
        del waiting[one]
        if not waiting:
            del self.waiting[one.project]
        self.waiting_count -= 1


def _first(entries: dict[Entry, None]) -> Iterator[Entry]:
    for one in entries:
        yield one
        return
