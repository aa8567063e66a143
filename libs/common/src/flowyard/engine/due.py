"""What follows when something that an attempt waited for has come: a time, or a free slot."""

from typing import assert_never

from msgspec.structs import replace

from flowyard.engine.attempts import launch, next_step, repeat
from flowyard.engine.deadlines import pass_deadline
from flowyard.engine.draft import Draft
from flowyard.engine.effects import Decision
from flowyard.engine.ending import REVIEW_CHECK
from flowyard.engine.entering import move
from flowyard.engine.errors import BrokenInvariantError, UnknownAttemptError
from flowyard.engine.events import (
    AttemptKey,
    DeadlinePassed,
    RetryDue,
    SlotGranted,
    TimerElapsed,
)
from flowyard.engine.graph import Node
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.settling import settle
from flowyard.engine.snapshot import (
    AttemptState,
    NodeState,
    Resume,
    ResumeKind,
    Snapshot,
    WaitReason,
)

_STALE = Decision(is_stale=True)


def decide_due(
    snapshot: Snapshot, event: TimerElapsed | RetryDue | DeadlinePassed | SlotGranted
) -> Decision:
    """Decide what follows; see :func:`flowyard.engine.advance.advance`."""
    match event:
        case TimerElapsed():
            return _elapsed(snapshot, event)
        case RetryDue():
            return _retry_due(snapshot, event)
        case DeadlinePassed():
            return _deadline(snapshot, event)
        case SlotGranted():
            return _granted(snapshot, event)
        case _:
            assert_never(event)


def current_step(snapshot: Snapshot, key: AttemptKey) -> tuple[NodeState, AttemptState] | None:
    """Return the node and attempt that a fact is about, or None when the fact is stale.

    Raises
    ------
    UnknownAttemptError
        Raised if the snapshot is older than the fact.
    """
    node = snapshot.nodes.get(key.node_id)
    attempt = None if node is None else node.attempt
    if node is None or attempt is None or key.number > attempt.number:
        raise UnknownAttemptError(node_id=key.node_id, number=key.number, step=key.step)
    if key.number < attempt.number or not attempt.is_open or key.step < attempt.step:
        return None
    if key.step > attempt.step:
        raise UnknownAttemptError(node_id=key.node_id, number=key.number, step=key.step)
    return node, attempt


def latest_attempt(
    snapshot: Snapshot, node_id: str, number: int
) -> tuple[NodeState, AttemptState] | None:
    """Return a node with its latest attempt, or None when a fact is about an earlier one.

    Raises
    ------
    UnknownAttemptError
        Raised if the snapshot is older than the fact.
    """
    node = snapshot.nodes.get(node_id)
    attempt = None if node is None else node.attempt
    if node is None or attempt is None or number > attempt.number:
        raise UnknownAttemptError(node_id=node_id, number=number, step=0)
    return None if number < attempt.number else (node, attempt)


def content_of(draft: Draft, state: NodeState) -> Node:
    """Return what a reached node is.

    Raises
    ------
    BrokenInvariantError
        Raised if the graph does not have it.
    """
    node = draft.graph.find(state.node_id)
    if node is None:
        raise BrokenInvariantError(f"Expected a node of the graph, but {state.node_id} is none")
    return node


def _elapsed(snapshot: Snapshot, event: TimerElapsed) -> Decision:
    found = current_step(snapshot, event.key)
    if found is None:
        return _STALE
    node, attempt = found
    is_due = attempt.wait_until is not None and attempt.wait_until <= event.at
    if node.status is not NodeStatus.WAITING or not is_due:
        return _STALE
    draft = Draft(snapshot, event.at)
    next_step(draft, node, attempt, Resume(kind=ResumeKind.TIMER))
    return draft.decide()


def _retry_due(snapshot: Snapshot, event: RetryDue) -> Decision:
    found = latest_attempt(snapshot, event.node_id, event.number)
    if found is None:
        return _STALE
    node, attempt = found
    is_due = node.resume_at is not None and node.resume_at <= event.at
    if node.reason is not WaitReason.RETRY or not is_due:
        return _STALE
    draft = Draft(snapshot, event.at)
    move(draft, repeat(draft, content_of(draft, node), node, attempt.inputs or {}))
    return settle(draft)


def _deadline(snapshot: Snapshot, event: DeadlinePassed) -> Decision:
    found = latest_attempt(snapshot, event.node_id, event.number)
    if found is None:
        return _STALE
    node, attempt = found
    is_due = node.deadline_at is not None and node.deadline_at <= event.at
    if not attempt.is_open or not is_due:
        return _STALE
    draft = Draft(snapshot, event.at)
    move(draft, pass_deadline(draft, content_of(draft, node), node))
    return settle(draft)


def _granted(snapshot: Snapshot, event: SlotGranted) -> Decision:
    found = latest_attempt(snapshot, event.node_id, event.number)
    if found is None:
        return _STALE
    node, attempt = found
    if node.reason is not WaitReason.CONCURRENCY:
        return _STALE
    draft = Draft(snapshot, event.at)
    if draft.status is InstanceStatus.PAUSED:
        draft.put(
            replace(
                node,
                status=NodeStatus.READY,
                reason=WaitReason.PAUSED,
                check_at=event.at + REVIEW_CHECK,
            )
        )
        return draft.decide()
    move(draft, launch(draft, content_of(draft, node), node, attempt))
    return settle(draft)
