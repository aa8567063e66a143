"""Which queued steps are handed out next, and to which partition of their queue.

A queue's window bounds how many of its steps are handed out and not finished,
so that Kafka's backlog stays shallow and the order among projects is decided at
the last moment: those of a higher priority go first, and among equals they take turns.
"""

import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from flowyard.engine.graph import Node
from flowyard.storage.advance_store import HeldInstance, StepKey

NodeKey = tuple[uuid.UUID, str]
"""Instance and node."""


@dataclass(slots=True)
class _Lane:
    """One queue's waiting steps of one priority; what waits no longer is not kept."""

    projects: OrderedDict[str, OrderedDict[StepKey, None]] = field(default_factory=OrderedDict)
    """Steps by project, both in the order of their turns."""

    def append(self, project: str, key: StepKey) -> None:
        """Let a step be the last one of its project."""
        self.projects.setdefault(project, OrderedDict())[key] = None

    def put_back(self, project: str, key: StepKey) -> None:
        """Let a step be the first one of its project, and the project the next one."""
        self.append(project, key)
        self.projects[project].move_to_end(key, last=False)
        self.projects.move_to_end(project, last=False)

    def pop(self) -> tuple[str, StepKey]:
        """Remove and return the next step with its project; projects take turns."""
        project, waiting = next(iter(self.projects.items()))
        key, _ = waiting.popitem(last=False)
        if waiting:
            self.projects.move_to_end(project)
        else:
            del self.projects[project]
        return project, key

    def remove(self, project: str, key: StepKey) -> None:
        """Let a step wait no longer."""
        waiting = self.projects[project]
        del waiting[key]
        if not waiting:
            del self.projects[project]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a step waits."""

    key: StepKey
    priority: int
    project: str


@dataclass(slots=True)
class _Line:
    """One queue's steps."""

    lanes: dict[int, _Lane] = field(default_factory=dict)
    """By priority."""
    handed_out: dict[NodeKey, tuple[StepKey, int, datetime | None]] = field(default_factory=dict)
    outstanding: list[int] = field(default_factory=list)

    def lane(self, priority: int) -> _Lane:
        """Return the lane of a priority, which comes into being with its first step."""
        if priority not in self.lanes:
            self.lanes[priority] = _Lane()
        return self.lanes[priority]

    def pop(self) -> tuple[int, str, StepKey] | None:
        """Remove and return the next step with its priority and project."""
        for priority in sorted(self.lanes, reverse=True):
            lane = self.lanes[priority]
            if lane.projects:
                return (priority, *lane.pop())
        return None


@dataclass(frozen=True, slots=True)
class HandOut:
    """A step to be published."""

    key: StepKey
    queue: str
    partition: int
    """Of the queue's topic."""
    project: str
    priority: int


class Dispatcher:
    """Queued and handed-out steps of the owned partitions.

    Parameters
    ----------
    window
        Most handed-out steps of one queue, for this scheduler's share of it.
    """

    def __init__(self, window: int) -> None:
        self.window = window
        self._lines: dict[str, _Line] = {}
        self._queue_of: dict[NodeKey, str] = {}
        self._queued: dict[NodeKey, _Place] = {}
        self._by_instance: dict[uuid.UUID, set[str]] = {}
        self._partition_of: dict[uuid.UUID, int] = {}

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues that steps have been for."""
        return tuple(self._lines)

    def waiting_count(self, queue: str) -> int:
        """Return how many steps of a queue wait for room in its window."""
        lanes = self._lines[queue].lanes.values()
        return sum(len(waiting) for lane in lanes for waiting in lane.projects.values())

    def handed_out_count(self, queue: str) -> int:
        """Return how many steps of a queue are handed out and not finished."""
        return len(self._lines[queue].handed_out)

    def enqueue(self, held: HeldInstance, key: StepKey) -> None:
        """Let a step wait for its turn, unless it does so already."""
        node_key = (key.instance_id, key.node_id)
        if self.is_waiting(key):
            return
        node = held.snapshot.graph.find(key.node_id)
        activity = None if node is None else node.activity
        if node is None or activity is None:
            return
        self.release(key.instance_id, key.node_id)
        queue = activity.queue
        place = _Place(key, _priority(held, node), held.snapshot.facts.project)
        lane = self._lines.setdefault(queue, _Line()).lane(place.priority)
        lane.append(place.project, key)
        self._queued[node_key] = place
        self._queue_of[node_key] = queue
        self._by_instance.setdefault(key.instance_id, set()).add(key.node_id)
        self._partition_of[key.instance_id] = held.partition

    def reorder(self, held: HeldInstance) -> None:
        """Let an instance's waiting steps wait by its present priority."""
        instance_id = held.snapshot.facts.instance_id
        for node_id in tuple(self._by_instance.get(instance_id, ())):
            place = self._queued.get((instance_id, node_id))
            node = held.snapshot.graph.find(node_id)
            if place is None or node is None:
                continue
            if place.priority != _priority(held, node):
                self.release(instance_id, node_id)
                self.enqueue(held, place.key)

    def is_waiting(self, key: StepKey) -> bool:
        """Tell whether this very step waits for its turn."""
        place = self._queued.get((key.instance_id, key.node_id))
        return place is not None and place.key == key

    def has_handed_out(self, key: StepKey) -> bool:
        """Tell whether this very step is handed out already."""
        found = self._handed_out(key)
        return found is not None and found[0] == key

    def handed_out_at(self, key: StepKey) -> datetime | None:
        """Return when this very step was handed out; None if it was not, or by an earlier owner."""
        found = self._handed_out(key)
        return found[2] if found is not None and found[0] == key else None

    def _handed_out(self, key: StepKey) -> tuple[StepKey, int, datetime | None] | None:
        node_key = (key.instance_id, key.node_id)
        queue = self._queue_of.get(node_key)
        return None if queue is None else self._lines[queue].handed_out.get(node_key)

    def note_handed_out(self, key: StepKey, queue: str, partition: int) -> None:
        """Count a step that was handed out before this scheduler owned it."""
        line = self._lines.setdefault(queue, _Line())
        node_key = (key.instance_id, key.node_id)
        self.release(*node_key)
        line.handed_out[node_key] = (key, -1, None)
        self._queue_of[node_key] = queue
        self._by_instance.setdefault(key.instance_id, set()).add(key.node_id)
        self._partition_of[key.instance_id] = partition

    def release(self, instance_id: uuid.UUID, node_id: str) -> None:
        """Stop counting a node's step: it is finished, waits, or was taken back."""
        node_key = (instance_id, node_id)
        queue = self._queue_of.pop(node_key, None)
        if queue is None:
            return
        line = self._lines[queue]
        place = self._queued.pop(node_key, None)
        if place is not None:
            line.lane(place.priority).remove(place.project, place.key)
        _, partition, _ = line.handed_out.pop(node_key, (None, -1, None))
        if partition >= 0:
            line.outstanding[partition] -= 1
        nodes = self._by_instance[instance_id]
        nodes.discard(node_id)
        if not nodes:
            del self._by_instance[instance_id]
            del self._partition_of[instance_id]

    def withdraw(self, instance_id: uuid.UUID) -> frozenset[str]:
        """Take back an instance's steps that are not handed out; return their nodes."""
        nodes = frozenset(
            node_id
            for node_id in self._by_instance.get(instance_id, ())
            if (instance_id, node_id) in self._queued
        )
        for node_id in nodes:
            self.release(instance_id, node_id)
        return nodes

    def forget(self, instance_id: uuid.UUID) -> None:
        """Stop counting anything of an instance."""
        for node_id in tuple(self._by_instance.get(instance_id, ())):
            self.release(instance_id, node_id)

    def forget_partitions(self, partitions: frozenset[int], count: int) -> None:
        """Stop counting anything of the instances of partitions, modulo their count."""
        gone = [one for one, at in self._partition_of.items() if at % count in partitions]
        for instance_id in gone:
            self.forget(instance_id)

    def take(self, at: datetime) -> list[HandOut]:
        """Hand out as many steps as the windows admit, projects taking turns."""
        found: list[HandOut] = []
        for queue, line in self._lines.items():
            if not line.outstanding:
                continue
            while len(line.handed_out) < self.window and (following := line.pop()):
                priority, project, key = following
                node_key = (key.instance_id, key.node_id)
                del self._queued[node_key]
                partition = line.outstanding.index(min(line.outstanding))
                line.outstanding[partition] += 1
                line.handed_out[node_key] = (key, partition, at)
                found.append(HandOut(key, queue, partition, project, priority))
        return found

    def put_back(self, one: HandOut) -> None:
        """Let a step that could not be published be the next one of its project again."""
        line = self._lines[one.queue]
        node_key = (one.key.instance_id, one.key.node_id)
        del line.handed_out[node_key]
        line.outstanding[one.partition] -= 1
        line.lane(one.priority).put_back(one.project, one.key)
        self._queued[node_key] = _Place(one.key, one.priority, one.project)

    def unopened(self) -> tuple[str, ...]:
        """Return the queues whose topics are not known yet."""
        return tuple(queue for queue, line in self._lines.items() if not line.outstanding)

    def set_partitions(self, queue: str, partitions: int) -> None:
        """Take note of how many partitions a queue's topic has."""
        self._lines[queue].outstanding = [0] * partitions


def _priority(held: HeldInstance, node: Node) -> int:
    own = node.options.priority
    return held.snapshot.priority if own is None else own
