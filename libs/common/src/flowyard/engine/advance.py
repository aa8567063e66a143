"""Decide what follows from one event about one instance.

Rules: no clock, no randomness, no await; the same snapshot and event give the
same decision. Facts about closed attempts or older steps are stale and change
nothing. Mistakes of a template's author end as failures of a node, never as
exceptions.
"""

from datetime import timedelta

from msgspec.structs import replace

from flowyard.engine.commands import decide_command
from flowyard.engine.draft import Draft
from flowyard.engine.due import content_of, current_step, decide_due, latest_attempt
from flowyard.engine.effects import Decision
from flowyard.engine.ending import REVIEW_CHECK, give_up, succeed
from flowyard.engine.entering import move
from flowyard.engine.errors import UnknownAttemptError
from flowyard.engine.events import (
    AdvanceBroken,
    AttemptKey,
    CheckPostponed,
    ChildEnded,
    DeadlinePassed,
    Event,
    RetryDue,
    SlotGranted,
    StepFailed,
    StepStarted,
    StepSucceeded,
    StepWaited,
    TimerElapsed,
)
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus, NodeStatus
from flowyard.engine.settling import settle
from flowyard.engine.snapshot import (
    AttemptState,
    Failure,
    NodeState,
    Snapshot,
    WaitReason,
)

RUNNING_CHECK = timedelta(seconds=90)
"""When a step that was reported as running is looked at again: three missed reports."""

MAX_WAIT = timedelta(days=3660)
"""Longest wait for a timer; more is a mistake, and soon beyond what calendars hold."""

_STALE = Decision(is_stale=True)


def advance(snapshot: Snapshot, event: Event) -> Decision:
    """Decide what follows from one event about one instance.

    Parameters
    ----------
    snapshot
        The instance as it stands; not changed.
    event
        A fact or a command. A stale or repeated fact changes nothing.

    Returns
    -------
    Decision
        Changes in the order they must be stored, and the effects to carry out
        after the transaction.

    Raises
    ------
    UnknownAttemptError
        Raised if the fact is about an attempt or step that the snapshot does
        not know yet: the caller reloads and asks again.
    IllegalTransitionError, BrokenInvariantError
        Raised for defects of the engine; the caller makes it an incident.
    """
    match event:
        case StepStarted():
            return _started(snapshot, event)
        case StepSucceeded():
            return _succeeded(snapshot, event)
        case StepFailed():
            return _failed(snapshot, event)
        case StepWaited():
            return _waited(snapshot, event)
        case TimerElapsed() | RetryDue() | DeadlinePassed() | SlotGranted():
            return decide_due(snapshot, event)
        case ChildEnded():
            return _child_ended(snapshot, event)
        case AdvanceBroken():
            return _broken(snapshot, event)
        case CheckPostponed():
            return _postponed(snapshot, event)
        case _:
            return decide_command(snapshot, event)


def _dispatched_step(snapshot: Snapshot, key: AttemptKey) -> tuple[NodeState, AttemptState] | None:
    """Return the node and attempt whose step a result is about, or None when it is stale.

    Raises
    ------
    UnknownAttemptError
        Raised if the snapshot is older than the result: as far as it knows, the step was
        never handed out.
    """
    found = current_step(snapshot, key)
    if found is None:
        return None
    node, _ = found
    if node.status in (NodeStatus.READY, NodeStatus.RUNNING):
        return found
    if node.reason is WaitReason.CONCURRENCY:
        raise UnknownAttemptError(node_id=key.node_id, number=key.number, step=key.step)
    return None


def _started(snapshot: Snapshot, event: StepStarted) -> Decision:
    found = _dispatched_step(snapshot, event.key)
    if found is None:
        return _STALE
    node, attempt = found
    draft = Draft(snapshot, event.at)
    if attempt.status is not NodeStatus.RUNNING:
        attempt = replace(
            attempt,
            status=NodeStatus.RUNNING,
            started_at=attempt.started_at or event.started_at or event.at,
        )
        draft.change_attempt(node.node_id, attempt)
    draft.put(
        replace(
            node,
            status=NodeStatus.RUNNING,
            reason=WaitReason.RUNNING,
            check_at=event.at + RUNNING_CHECK,
            attempt=attempt,
        )
    )
    return draft.decide()


def _succeeded(snapshot: Snapshot, event: StepSucceeded) -> Decision:
    found = _dispatched_step(snapshot, event.key)
    if found is None:
        return _STALE
    node, attempt = found
    draft = Draft(snapshot, event.at)
    closed = replace(
        attempt,
        status=NodeStatus.SUCCEEDED,
        state=None,
        resume=None,
        outputs=event.outputs,
        started_at=attempt.started_at or event.started_at or event.at,
        closed_at=event.at,
    )
    kept = replace(node, attempt=replace(closed, inputs=None, outputs=None))
    draft.change_attempt(node.node_id, closed)
    move(draft, succeed(draft, kept, dict(event.outputs)))
    return settle(draft)


def _failed(snapshot: Snapshot, event: StepFailed) -> Decision:
    found = _dispatched_step(snapshot, event.key)
    if found is None:
        return _STALE
    node, attempt = found
    draft = Draft(snapshot, event.at)
    failure = Failure(code=event.code, message=event.message)
    outputs = event.outputs or attempt.outputs
    closed = replace(
        attempt,
        status=NodeStatus.FAILED,
        state=None,
        resume=None,
        outputs=outputs,
        failure=failure,
        started_at=attempt.started_at or event.started_at,
        closed_at=event.at,
    )
    draft.change_attempt(node.node_id, closed)
    state = replace(node, attempt=replace(closed, outputs=None))
    move(draft, give_up(draft, content_of(draft, node), state, failure, outputs=outputs))
    return settle(draft)


def _waited(snapshot: Snapshot, event: StepWaited) -> Decision:
    found = _dispatched_step(snapshot, event.key)
    if found is None:
        return _STALE
    if event.after is not None and event.after > MAX_WAIT:
        return _failed(snapshot, _overlong(event))
    node, attempt = found
    draft = Draft(snapshot, event.at)
    until = None if event.after is None else event.at + event.after
    attempt = replace(
        attempt,
        status=NodeStatus.WAITING,
        state=event.state,
        resume=None,
        wait_until=until,
        outputs=event.outputs or attempt.outputs,
        started_at=attempt.started_at or event.started_at or event.at,
    )
    draft.change_attempt(node.node_id, attempt)
    draft.put(
        replace(
            node,
            status=NodeStatus.WAITING,
            reason=event.reason,
            check_at=until or event.at + REVIEW_CHECK,
            attempt=attempt,
        )
    )
    return draft.decide()


def _overlong(event: StepWaited) -> StepFailed:
    return StepFailed(
        key=event.key,
        at=event.at,
        code="wait_too_long",
        message=f"Expected a wait of at most {MAX_WAIT.days} days, but it is longer",
        started_at=event.started_at,
    )


def _child_ended(snapshot: Snapshot, event: ChildEnded) -> Decision:
    found = latest_attempt(snapshot, event.node_id, event.number)
    if found is None or found[0].reason is not WaitReason.CHILD:
        return _STALE
    node, attempt = found
    draft = Draft(snapshot, event.at)
    if event.succeeded:
        closed = replace(
            attempt, status=NodeStatus.SUCCEEDED, outputs=event.outputs, closed_at=event.at
        )
        kept = replace(node, attempt=replace(closed, inputs=None, outputs=None))
        draft.change_attempt(node.node_id, closed)
        move(draft, succeed(draft, kept, dict(event.outputs)))
        return settle(draft)
    failure = event.failure or Failure(
        code="child_cancelled", message="Expected the child to succeed, but it was cancelled"
    )
    closed = replace(attempt, status=NodeStatus.FAILED, failure=failure, closed_at=event.at)
    draft.change_attempt(node.node_id, closed)
    state = replace(node, attempt=closed)
    move(draft, give_up(draft, content_of(draft, node), state, failure))
    return settle(draft)


def _broken(snapshot: Snapshot, event: AdvanceBroken) -> Decision:
    if snapshot.status in FINAL_INSTANCE_STATUSES:
        return _STALE
    draft = Draft(snapshot, event.at)
    draft.set_failure(Failure(code=event.code, message=event.message))
    for node in snapshot.nodes.values():
        if node.check_at is not None and node.check_at <= event.at:
            draft.put(replace(node, check_at=event.at + REVIEW_CHECK))
    if snapshot.status is not InstanceStatus.FAILED:
        draft.set_status(InstanceStatus.FAILED)
    return draft.decide()


def _postponed(snapshot: Snapshot, event: CheckPostponed) -> Decision:
    node = snapshot.nodes.get(event.node_id)
    if node is None or node.reason is None or node.check_at is None:
        return _STALE
    if node.check_at > event.at:
        return _STALE
    draft = Draft(snapshot, event.at)
    draft.put(replace(node, check_at=event.check_at))
    return draft.decide()
