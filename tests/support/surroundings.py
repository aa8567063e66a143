"""What an instance holds outside of itself, and what must hold of it whatever comes."""

from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from flowyard.engine.effects import (
    AcquireSlot,
    AttemptChanged,
    AttemptOpened,
    CancelChild,
    Decision,
    DispatchStep,
    InstanceChanged,
    NodeChanged,
    NotifyParent,
    ReleaseSlot,
    StartChild,
    WithdrawAttempt,
)
from flowyard.engine.graph import SATELLITE_SEPARATOR
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, NodeStatus
from flowyard.engine.map_progress import UNDONE, Progress
from flowyard.engine.snapshot import NodeState, Phase, Snapshot, WaitReason
from tests.support.playing import reloaded

HANDED_OUT = (WaitReason.QUEUED, WaitReason.RUNNING)
"""Reasons of a node whose step a worker may be given."""

WAITS = (WaitReason.TIMER, WaitReason.CALLBACK, WaitReason.APPROVAL)
"""Reasons of a node whose plugin waits."""

Attempt = tuple[str, int]
"""Node id and number."""


@dataclass
class World:
    """What an instance holds outside of itself, as its effects say."""

    slots: set[Attempt] = field(default_factory=set)
    children: set[Attempt] = field(default_factory=set)
    at_work: set[Attempt] = field(default_factory=set)
    """Attempts of which a step was dispatched and that have not ended or been withdrawn."""
    ends_told: int = 0

    def follow(self, decision: Decision) -> None:
        """Carry out effects in their order."""
        for effect in decision.effects:
            match effect:
                case AcquireSlot():
                    self.slots.add((effect.node_id, effect.number))
                case ReleaseSlot():
                    self.slots.discard((effect.node_id, effect.number))
                case StartChild():
                    self.children.add((effect.node_id, effect.number))
                case CancelChild():
                    self.children.remove((effect.node_id, effect.number))
                case DispatchStep():
                    self.at_work.add((effect.node_id, effect.number))
                case WithdrawAttempt():
                    self.at_work.discard((effect.node_id, effect.number))
                case NotifyParent():
                    self.ends_told += 1


def times_of(state: NodeState) -> list[datetime]:
    """Return the times at which something happens at a node by itself."""
    wait_until = None if state.attempt is None else state.attempt.wait_until
    return [one for one in (state.deadline_at, state.resume_at, wait_until) if one is not None]


def as_loaded(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot with no more of its attempts than is loaded of their rows."""
    loaded = reloaded(snapshot)
    for node_id, state in snapshot.nodes.items():
        attempt = state.attempt
        if attempt is None or attempt.is_open:
            continue
        keeps_inputs = state.status is NodeStatus.FAILED or state.reason is WaitReason.RETRY
        kept = replace(
            attempt, inputs=attempt.inputs if keeps_inputs else None, state=None, outputs=None
        )
        loaded.nodes[node_id] = replace(state, attempt=kept)
    return loaded


def outline(decision: Decision) -> list[object]:
    """Return a decision but for the contents of closed attempts."""
    found: list[object] = [decision.effects, decision.rejection, decision.is_stale]
    for change in decision.changes:
        match change:
            case NodeChanged(node=node):
                found.append((node.node_id, replace(node, attempt=None)))
            case AttemptOpened(attempt=attempt) | AttemptChanged(attempt=attempt):
                found.append((change.node_id, attempt if attempt.is_open else attempt.status))
            case InstanceChanged():
                found.append(change)
    return found


def check_world(snapshot: Snapshot, world: World) -> None:
    """What an instance holds outside of itself belongs to open attempts."""
    opened = {
        (key, one.attempt.number): one
        for key, one in snapshot.nodes.items()
        if one.attempt is not None and one.attempt.is_open
    }
    assert world.slots <= opened.keys()
    assert world.children == {key for key, one in opened.items() if one.reason is WaitReason.CHILD}
    assert world.at_work <= opened.keys()
    for state in snapshot.nodes.values():
        _check_times(state)
        if state.reason is WaitReason.ITEMS:
            _check_counts(snapshot, state)
    is_over = snapshot.status in FINAL_INSTANCE_STATUSES
    if snapshot.facts.parent is not None:
        assert world.ends_told == is_over


def check_looks(decision: Decision, at: datetime) -> None:
    """Nothing that was just looked at has to be looked at again, but for what is due."""
    for change in decision.changes:
        if isinstance(change, NodeChanged) and change.node.check_at is not None:
            due = [one for one in times_of(change.node) if one <= at]
            assert change.node.check_at > at or due, change


def _check_times(state: NodeState) -> None:
    is_open = state.attempt is not None and state.attempt.is_open
    assert (state.resume_at is not None) == (state.reason is WaitReason.RETRY), state
    assert state.deadline_at is None or is_open, state
    if state.deadline_at is not None and state.check_at is not None:
        assert state.check_at <= state.deadline_at, state
    if state.reason in (*HANDED_OUT, WaitReason.CONCURRENCY, WaitReason.CHILD, *WAITS):
        assert is_open, state
    if state.reason is WaitReason.CONCURRENCY:
        assert state.deadline_at is None, "its time runs from the dispatch on"


def _check_counts(snapshot: Snapshot, state: NodeState) -> None:
    progress = Progress.of(state)
    prefix = state.node_id + SATELLITE_SEPARATOR
    items = [snapshot.nodes[f"{prefix}{index}"] for index in range(progress.begun)]
    assert progress.open == sum(item.is_open for item in items)
    assert progress.undone == sum(item.status in UNDONE for item in items)
    assert progress.left == sum(item.status in UNDONE for item in items[progress.next :])
    assert progress.open or snapshot.phase is Phase.ROLLBACK
