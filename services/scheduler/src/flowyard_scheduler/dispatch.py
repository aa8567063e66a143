"""Which queued steps are handed out next, and to which partition of their queue.

A queue's window bounds how many of its steps are handed out and not finished,
so that Kafka's backlog stays shallow and the order among projects is decided at
the last moment: they take turns.
"""

import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from flowyard.storage.advance_store import HeldInstance, StepKey

NodeKey = tuple[uuid.UUID, str]
"""Instance and node."""


@dataclass(slots=True)
class _Line:
    """One queue's steps."""

    waiting: dict[str, deque[StepKey]] = field(default_factory=dict)
    turn: deque[str] = field(default_factory=deque)
    handed_out: dict[NodeKey, tuple[StepKey, int, datetime | None]] = field(default_factory=dict)
    outstanding: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HandOut:
    """A step to be published."""

    key: StepKey
    queue: str
    partition: int
    """Of the queue's topic."""
    project: str


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
        self._queued: dict[NodeKey, StepKey] = {}
        self._by_instance: dict[uuid.UUID, set[str]] = {}
        self._partition_of: dict[uuid.UUID, int] = {}

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues that steps have been for."""
        return tuple(self._lines)

    def waiting_count(self, queue: str) -> int:
        """Return how many steps of a queue wait for room in its window."""
        return sum(len(waiting) for waiting in self._lines[queue].waiting.values())

    def handed_out_count(self, queue: str) -> int:
        """Return how many steps of a queue are handed out and not finished."""
        return len(self._lines[queue].handed_out)

    def enqueue(self, held: HeldInstance, key: StepKey) -> None:
        """Let a step wait for its turn, unless it does so already."""
        node_key = (key.instance_id, key.node_id)
        if self._queued.get(node_key) == key:
            return
        node = held.snapshot.graph.nodes.get(key.node_id)
        activity = None if node is None else node.activity
        if activity is None:
            return
        self.release(key.instance_id, key.node_id)
        queue = activity.queue
        line = self._lines.setdefault(queue, _Line())
        project = held.snapshot.facts.project
        if project not in line.waiting:
            line.waiting[project] = deque()
            line.turn.append(project)
        line.waiting[project].append(key)
        self._queued[node_key] = key
        self._queue_of[node_key] = queue
        self._by_instance.setdefault(key.instance_id, set()).add(key.node_id)
        self._partition_of[key.instance_id] = held.partition

    def is_waiting(self, key: StepKey) -> bool:
        """Tell whether this very step waits for its turn."""
        return self._queued.get((key.instance_id, key.node_id)) == key

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
        self._queued.pop(node_key, None)
        line = self._lines[queue]
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
            while line.turn and len(line.handed_out) < self.window:
                project = line.turn.popleft()
                waiting = line.waiting[project]
                key = waiting.popleft()
                if waiting:
                    line.turn.append(project)
                else:
                    del line.waiting[project]
                node_key = (key.instance_id, key.node_id)
                if self._queued.get(node_key) != key:
                    continue
                del self._queued[node_key]
                partition = line.outstanding.index(min(line.outstanding))
                line.outstanding[partition] += 1
                line.handed_out[node_key] = (key, partition, at)
                found.append(HandOut(key, queue, partition, project))
        return found

    def put_back(self, one: HandOut) -> None:
        """Let a step that could not be published be the next one of its project again."""
        line = self._lines[one.queue]
        node_key = (one.key.instance_id, one.key.node_id)
        del line.handed_out[node_key]
        line.outstanding[one.partition] -= 1
        if one.project not in line.waiting:
            line.waiting[one.project] = deque()
            line.turn.appendleft(one.project)
        line.waiting[one.project].appendleft(one.key)
        self._queued[node_key] = one.key

    def unopened(self) -> tuple[str, ...]:
        """Return the queues whose topics are not known yet."""
        return tuple(queue for queue, line in self._lines.items() if not line.outstanding)

    def set_partitions(self, queue: str, partitions: int) -> None:
        """Take note of how many partitions a queue's topic has."""
        self._lines[queue].outstanding = [0] * partitions
