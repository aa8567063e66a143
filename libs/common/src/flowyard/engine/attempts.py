"""How the attempts of nodes begin, go on and are kept back."""

from collections.abc import Mapping
from datetime import timedelta

from msgspec.structs import replace

from flowyard.engine.draft import Draft
from flowyard.engine.effects import AcquireSlot, DispatchStep, StartChild
from flowyard.engine.ending import REVIEW_CHECK, expression_failure, give_up
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.expressions import ExpressionError, render
from flowyard.engine.graph import ConcurrencyKey, JsonValue, Node, NodeKind
from flowyard.engine.inner_scope import open_scope
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.mocking import play
from flowyard.engine.snapshot import AttemptState, Failure, NodeState, Resume, WaitReason

QUEUED_CHECK = timedelta(seconds=60)
"""When a step that was handed out and has not been heard of is looked at again.

Longer than a worker's death takes to be noticed by the broker (10 s), so that repair
stays the exception. See docs/decisions/0006-repair-times.md.
"""

MAX_DEPTH = 20
"""How many instances may lie above a child; deeper nesting is a subflow that runs itself."""


def park(draft: Draft, node: Node, reason: WaitReason = WaitReason.PAUSED) -> None:
    """Keep a token at a node until the instance, or the node, is resumed."""
    before = draft.find(node.node_id)
    state = before or NodeState(node_id=node.node_id, status=NodeStatus.READY)
    draft.put(
        replace(
            state,
            status=NodeStatus.READY,
            reason=reason,
            check_at=draft.at + REVIEW_CHECK,
            reached_at=draft.at,
            ended_at=None,
            failure=None,
            mark=None,
        )
    )


def open_attempt(
    draft: Draft,
    state: NodeState,
    inputs: Mapping[str, JsonValue] | None,
    actor: str | None = None,
) -> AttemptState:
    """Add an attempt to a node that has been entered, and return it."""
    number = 1 if state.attempt is None else state.attempt.number + 1
    attempt = AttemptState(
        number=number,
        status=NodeStatus.READY,
        inputs=inputs,
        opened_at=draft.at,
        actor=actor,
        visit=state.visits,
    )
    draft.open_attempt(state.node_id, attempt)
    return attempt


def begin(
    draft: Draft, node: Node, state: NodeState, inputs: Mapping[str, JsonValue]
) -> tuple[str, ...]:
    """Open an attempt and let it work, wait for its turn, or be kept back while paused.

    Parameters
    ----------
    state
        Ready, as entered.

    Returns
    -------
    tuple
        Where a token goes at once: nowhere, unless the node is mocked or its failure is
        ignored.
    """
    try:
        actor = _actor(draft, node, state)
    except ExpressionError as error:
        return fail_attempt(draft, node, state, expression_failure(error, "run_as"))
    attempt = open_attempt(draft, state, inputs, actor)
    played = play(draft, node, state, attempt)
    if played is not None:
        return played
    if draft.status is InstanceStatus.PAUSED:
        draft.put(
            replace(
                state,
                attempt=attempt,
                reason=WaitReason.PAUSED,
                check_at=draft.at + REVIEW_CHECK,
            )
        )
        return ()
    return admit(draft, node, state, attempt)


def _actor(draft: Draft, node: Node, state: NodeState) -> str | None:
    if node.options.run_as is None:
        return None
    return str(render(node.options.run_as, draft.scope(state)))


def admit(draft: Draft, node: Node, state: NodeState, attempt: AttemptState) -> tuple[str, ...]:
    """Let an open attempt work, or have it wait for its concurrency key."""
    wanted = node.options.concurrency
    if wanted is None:
        return launch(draft, node, state, attempt)
    try:
        key = str(render(wanted.key, draft.scope(state)))
    except ExpressionError as error:
        failure = expression_failure(error, "the concurrency key")
        closed = replace(attempt, status=NodeStatus.FAILED, failure=failure, closed_at=draft.at)
        draft.change_attempt(state.node_id, closed)
        return give_up(draft, node, replace(state, attempt=closed), failure, may_retry=False)
    _wait_for_slot(draft, state, attempt, key, wanted)
    return ()


def _wait_for_slot(
    draft: Draft, state: NodeState, attempt: AttemptState, key: str, wanted: ConcurrencyKey
) -> None:
    attempt = replace(attempt, status=NodeStatus.WAITING)
    draft.change_attempt(state.node_id, attempt)
    draft.put(
        replace(
            state,
            status=NodeStatus.WAITING,
            reason=WaitReason.CONCURRENCY,
            check_at=draft.at + QUEUED_CHECK,
            attempt=attempt,
        )
    )
    draft.effects.append(
        AcquireSlot(node_id=state.node_id, number=attempt.number, key=key, limit=wanted.limit)
    )


def launch(draft: Draft, node: Node, state: NodeState, attempt: AttemptState) -> tuple[str, ...]:
    """Let an attempt work that has whatever it needs: dispatch its step or start its subflow.

    Returns
    -------
    tuple
        Where a token goes at once: into an inline subflow, or on where it could not begin.
    """
    deadline = node.options.deadline
    if deadline is not None:
        state = replace(state, deadline_at=draft.at + timedelta(seconds=deadline.seconds))
    if node.is_inline:
        return open_scope(draft, node, state, attempt)
    if node.kind is NodeKind.SUBFLOW:
        return _start_child(draft, node, state, attempt)
    if attempt.status is not NodeStatus.READY:
        attempt = replace(attempt, status=NodeStatus.READY)
        draft.change_attempt(state.node_id, attempt)
    dispatch(draft, state, attempt)
    return ()


def dispatch(draft: Draft, state: NodeState, attempt: AttemptState) -> None:
    """Have the present step of an open attempt handed out."""
    draft.put(
        replace(
            state,
            status=NodeStatus.READY,
            reason=WaitReason.QUEUED,
            check_at=draft.at + QUEUED_CHECK,
            attempt=attempt,
        )
    )
    draft.effects.append(
        DispatchStep(node_id=state.node_id, number=attempt.number, step=attempt.step)
    )


def _start_child(
    draft: Draft, node: Node, state: NodeState, attempt: AttemptState
) -> tuple[str, ...]:
    subflow = node.subflow
    if subflow is None or (subflow.version is None and not subflow.is_latest):
        raise BrokenInvariantError(f"Expected a pinned subflow at node {node.node_id}")
    if draft.snapshot.facts.plan.depth >= MAX_DEPTH:
        return _refuse_child(draft, node, state, attempt)
    attempt = replace(attempt, status=NodeStatus.WAITING)
    draft.change_attempt(node.node_id, attempt)
    draft.put(
        replace(
            state,
            status=NodeStatus.WAITING,
            reason=WaitReason.CHILD,
            check_at=draft.at + QUEUED_CHECK,
            attempt=attempt,
        )
    )
    draft.effects.append(
        StartChild(
            node_id=node.node_id,
            number=attempt.number,
            template=subflow.template,
            version=subflow.version,
            inputs=attempt.inputs or {},
            schemes=subflow.schemes,
        )
    )
    return ()


def _refuse_child(
    draft: Draft, node: Node, state: NodeState, attempt: AttemptState
) -> tuple[str, ...]:
    failure = Failure(
        code="nesting_limit",
        message=f"Expected at most {MAX_DEPTH} instances above a child, but there are more",
    )
    closed = replace(attempt, status=NodeStatus.FAILED, failure=failure, closed_at=draft.at)
    draft.change_attempt(state.node_id, closed)
    return give_up(draft, node, replace(state, attempt=closed), failure, may_retry=False)


def fail_attempt(draft: Draft, node: Node, state: NodeState, failure: Failure) -> tuple[str, ...]:
    """Record an attempt that ended before it could be dispatched."""
    attempt = replace(
        open_attempt(draft, state, None),
        status=NodeStatus.FAILED,
        failure=failure,
        closed_at=draft.at,
    )
    draft.change_attempt(state.node_id, attempt)
    return give_up(draft, node, replace(state, attempt=attempt), failure, may_retry=False)


def repeat(
    draft: Draft, node: Node, state: NodeState, inputs: Mapping[str, JsonValue]
) -> tuple[str, ...]:
    """Open a further attempt of a node with inputs that are rendered already."""
    ready = replace(
        state,
        status=NodeStatus.READY,
        reason=WaitReason.QUEUED,
        check_at=draft.at + QUEUED_CHECK,
        resume_at=None,
        deadline_at=None,
        failure=None,
        mark=None,
        ended_at=None,
    )
    draft.put(ready)
    return begin(draft, node, ready, inputs)


def next_step(draft: Draft, node: NodeState, attempt: AttemptState, resume: Resume) -> None:
    """End a wait: dispatch the next step of the same attempt.

    It goes out even while the instance is paused: what runs goes on to its end.
    """
    attempt = replace(
        attempt,
        status=NodeStatus.READY,
        step=attempt.step + 1,
        resume=resume,
        wait_until=None,
    )
    draft.change_attempt(node.node_id, attempt)
    dispatch(draft, node, attempt)
