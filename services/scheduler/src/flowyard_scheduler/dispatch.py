"""Which queued steps are handed out next, and to which partition of their queue.

A queue's window bounds how many of its steps are handed out and not finished,
so that Kafka's backlog stays shallow and the order is decided at the last moment.
What is known to run stands in no line, so beside it a few more may always go: steps
that run for hours leave no slot idle, however narrow the window.

Steps of a higher priority go first; among equals the project goes first that has the
fewest steps out, however many it has waiting; and within a project its instances take
turns. Every operation takes the same time however many steps wait.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from flowyard.engine.graph import Node
from flowyard.storage.advance_store import HeldInstance, StepKey
from flowyard_scheduler.hops import Hops
from flowyard_scheduler.queue_line import Entry, QueueLine
from flowyard_scheduler.window import FIRST_SIZE, LEAST_SIZE, Window

WINDOW_SECONDS = 0.1
"""How long a step may lie in line once it is handed out, unless the settings say otherwise.

Long enough for a thousand steps in batches on a busy machine, short enough to change the order.
"""

MAX_CROWD = 4
"""How many instances of a project may wait in a full queue before no more of them are started."""


@dataclass(slots=True)
class _Known:
    """What is known of one instance's steps."""

    partition: int
    entries: dict[str, Entry] = field(default_factory=dict)
    """By node."""


class HandOut(Struct, frozen=True):
    """A step to be published."""

    key: StepKey
    queue: str
    partition: int
    """Of the queue's topic."""
    project: str
    priority: int
    since: datetime
    """When it was queued, as far as this scheduler knows."""


class Dispatcher:
    """Queued and handed-out steps of the owned partitions.

    Parameters
    ----------
    window
        Most handed-out steps of one queue, for this scheduler's share of it.
    window_seconds
        How long a step may lie in line once it is handed out.
    """

    def __init__(self, window: int, window_seconds: float = WINDOW_SECONDS) -> None:
        self.window = window
        self._window_seconds = window_seconds
        self._lines: dict[str, QueueLine] = {}
        self._known: dict[uuid.UUID, _Known] = {}
        self.hops = Hops()
        """How long steps have waited on their way."""

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues that steps have been for."""
        return tuple(self._lines)

    @property
    def lines(self) -> Iterator[QueueLine]:
        """What stands in each queue; to be read only."""
        return iter(self._lines.values())

    @property
    def node_count(self) -> int:
        """How many nodes have a step that waits or is handed out."""
        return sum(len(known.entries) for known in self._known.values())

    @property
    def is_crowded(self) -> bool:
        """Tell whether steps of some queue wait for room in its window."""
        return any(line.waiting_count for line in self._lines.values())

    def waiting_count(self, queue: str) -> int:
        """Return how many steps of a queue wait for room in its window."""
        return self._lines[queue].waiting_count

    def handed_out_count(self, queue: str) -> int:
        """Return how many steps of a queue are handed out and not finished."""
        return self._lines[queue].handed_out_count

    def window_of(self, queue: str) -> int:
        """Return how many steps of a queue may be handed out now."""
        return min(self._lines[queue].window.size, self.window)

    def free(self, queue: str) -> int:
        """Return how many more steps of a queue would go out at once."""
        line = self._lines.get(queue)
        if line is None:
            return min(FIRST_SIZE, self.window)
        return max(0, self._room(line) - line.waiting_count)

    def crowd(self, queue: str, project: str, priority: int) -> int:
        """Return how many instances of a project wait in a queue that go as soon or sooner."""
        line = self._lines.get(queue)
        return 0 if line is None else line.crowd(project, priority)

    def enqueue(
        self, held: HeldInstance, key: StepKey, at: datetime, *, is_first: bool = False
    ) -> None:
        """Let a step wait for its turn, unless it does so already.

        Parameters
        ----------
        at
            Since when it waits.
        is_first
            Whether nobody can have handed it out before: only such steps tell how long those
            that are handed out lie in line.
        """
        if self.is_waiting(key):
            return
        node = held.snapshot.graph.find(key.node_id)
        activity = None if node is None else node.activity
        if node is None or activity is None:
            return
        self.release(key.instance_id, key.node_id)
        line = self._line(activity.queue)
        project = held.snapshot.facts.project
        one = Entry(key, line, project, _priority(held, node), at, is_first, plugin=activity.plugin)
        line.append(one)
        self._note(one, held.partition)

    def reorder(self, held: HeldInstance) -> None:
        """Let an instance's steps wait by its present priority, if they wait."""
        known = self._known.get(held.snapshot.facts.instance_id)
        if known is None:
            return
        for one in known.entries.values():
            node = held.snapshot.graph.find(one.key.node_id)
            if node is None or one.priority == _priority(held, node):
                continue
            if one.is_waiting:
                one.line.remove(one)
            one.priority = _priority(held, node)
            if one.is_waiting:
                one.line.append(one)

    def is_waiting(self, key: StepKey) -> bool:
        """Tell whether this very step waits for its turn."""
        one = self._find(key)
        return one is not None and one.is_waiting

    def has_handed_out(self, key: StepKey) -> bool:
        """Tell whether this very step is handed out already."""
        one = self._find(key)
        return one is not None and not one.is_waiting

    def handed_out_at(self, key: StepKey) -> datetime | None:
        """Return when this very step was handed out; None if it was not, or by an earlier owner."""
        one = self._find(key)
        return None if one is None else one.handed_out_at

    def take_silent(self, before: datetime, at: datetime) -> list[StepKey]:
        """Return the steps that are handed out, and were not looked at, since before an instant.

        Parameters
        ----------
        at
            The present time: these count as looked at now.
        """
        found: list[StepKey] = []
        for known in self._known.values():
            for one in known.entries.values():
                if one.is_waiting or (one.compared_at or one.handed_out_at or one.since) >= before:
                    continue
                one.compared_at = at
                found.append(one.key)
        return found

    def note_handed_out(self, key: StepKey, queue: str, partition: int, at: datetime) -> None:
        """Count a step that was handed out before this scheduler owned it."""
        self.release(key.instance_id, key.node_id)
        one = Entry(key, self._line(queue), "", 0, at, is_first=False, is_waiting=False)
        one.line.hand_out(one)
        self._note(one, partition)

    def note_begun(
        self, instance_id: uuid.UUID, node_id: str, began_at: datetime | None, at: datetime
    ) -> None:
        """Take note that a node's step has begun, and since when, whether it still runs or not.

        Parameters
        ----------
        began_at
            By the clock of who ran it; None if it is not known.
        at
            The present time.
        """
        one = self._entry(instance_id, node_id)
        if one is None or one.is_waiting or one in one.line.begun:
            return
        self._judge(one, began_at, at)
        one.line.hear(one)
        del one.line.unbegun[one]
        one.line.begun.add(one)

    def release(self, instance_id: uuid.UUID, node_id: str) -> None:
        """Stop counting a node's step: it is finished, waits, or was taken back."""
        known = self._known.get(instance_id)
        one = None if known is None else known.entries.pop(node_id, None)
        if known is None or one is None:
            return
        if not known.entries:
            del self._known[instance_id]
        one.line.hear(one)
        if one.is_waiting:
            one.line.remove(one)
            return
        one.line.take_back(one)
        one.line.released_total += 1

    def withdraw(self, instance_id: uuid.UUID) -> frozenset[str]:
        """Take back an instance's steps that are not handed out; return their nodes."""
        known = self._known.get(instance_id)
        if known is None:
            return frozenset()
        nodes = frozenset(node_id for node_id, one in known.entries.items() if one.is_waiting)
        for node_id in nodes:
            self.release(instance_id, node_id)
        return nodes

    def forget(self, instance_id: uuid.UUID) -> None:
        """Stop counting anything of an instance."""
        known = self._known.get(instance_id)
        for node_id in () if known is None else tuple(known.entries):
            self.release(instance_id, node_id)

    def forget_partitions(self, partitions: frozenset[int], count: int) -> None:
        """Stop counting anything of the instances of partitions, modulo their count."""
        gone = [one for one, known in self._known.items() if known.partition % count in partitions]
        for instance_id in gone:
            self.forget(instance_id)

    def take(self, at: datetime) -> list[HandOut]:
        """Hand out as many steps as the windows admit, each to the partition with the fewest."""
        found: list[HandOut] = []
        for line in self._lines.values():
            if not line.outstanding or not line.waiting_count:
                continue
            line.window.limit(self.window)
            for _ in range(min(self._room(line), line.waiting_count)):
                one = line.pop()
                if one is None:
                    break
                one.is_waiting = False
                one.handed_out_at = at
                one.partition = line.outstanding.index(min(line.outstanding))
                line.hand_out(one)
                found.append(
                    HandOut(one.key, line.name, one.partition, one.project, one.priority, one.since)
                )
            line.window.hand_out(at, is_full=bool(line.waiting_count))
        return found

    def put_back(self, handed_out: HandOut) -> None:
        """Let a step that could not be published be the next one again."""
        one = self._entry(handed_out.key.instance_id, handed_out.key.node_id)
        if one is None or one.is_waiting:
            return
        one.line.take_back(one)
        one.is_waiting = True
        one.handed_out_at = one.compared_at = None
        one.partition = -1
        one.line.put_back(one)

    def unopened(self) -> tuple[str, ...]:
        """Return the queues whose topics are not known yet."""
        return tuple(queue for queue, line in self._lines.items() if not line.outstanding)

    def set_partitions(self, queue: str, partitions: int) -> None:
        """Take note of how many partitions a queue's topic has."""
        self._lines[queue].outstanding = [0] * partitions

    def _room(self, line: QueueLine) -> int:
        most = max(
            line.window.size - line.handed_out_count,
            LEAST_SIZE - len(line.unbegun),
        )
        return min(most, self.window - line.handed_out_count)

    def _line(self, queue: str) -> QueueLine:
        line = self._lines.get(queue)
        if line is None:
            line = self._lines[queue] = QueueLine(queue, Window(self._window_seconds))
        return line

    def _note(self, one: Entry, partition: int) -> None:
        instance_id = one.key.instance_id
        known = self._known.get(instance_id)
        if known is None:
            known = self._known[instance_id] = _Known(partition)
        known.entries[one.key.node_id] = one
        one.line.expect(one)

    def _entry(self, instance_id: uuid.UUID, node_id: str) -> Entry | None:
        known = self._known.get(instance_id)
        return None if known is None else known.entries.get(node_id)

    def _find(self, key: StepKey) -> Entry | None:
        """Return what is known of this very step."""
        one = self._entry(key.instance_id, key.node_id)
        return one if one is not None and one.key == key else None

    def _judge(self, one: Entry, began_at: datetime | None, at: datetime) -> None:
        # The time at which an attempt began is that of its first step.
        if one.is_first and one.key.step == 0 and began_at and one.handed_out_at:
            one.line.window.begin(one.handed_out_at, began_at, at)
            self.hops.started(one.line.name, (began_at - one.handed_out_at).total_seconds())


def _priority(held: HeldInstance, node: Node) -> int:
    own = node.options.priority
    return held.snapshot.priority if own is None else own
