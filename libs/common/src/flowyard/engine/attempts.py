"""How nodes end, and how their attempts begin, go on and are kept back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from flowyard.engine.draft import Draft
from flowyard.engine.effects import DispatchStep, StartChild
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.expressions import ExpressionError
from flowyard.engine.graph import JsonValue, Node
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import AttemptState, Failure, NodeState, Resume, WaitReason

QUEUED_CHECK = timedelta(seconds=60)
"""When a step that was handed out and has not been heard of is looked at again.

Longer than a worker's death takes to be noticed by the broker (10 s), so that repair
stays the exception. See docs/decisions/0006-repair-times.md.
"""

REVIEW_CHECK = timedelta(days=1)
"""When a wait for people or other systems is looked at again; nothing is done then but that."""


def leave(
    draft: Draft, state: NodeState, status: NodeStatus = NodeStatus.SUCCEEDED
) -> tuple[str, ...]:
    """End a node for good, and return where its token goes next."""
    draft.put(replace(state, status=status, reason=None, check_at=None, ended_at=draft.at))
    return tuple(edge.target for edge in draft.graph.outgoing[state.node_id])


def fail(draft: Draft, state: NodeState, failure: Failure) -> tuple[str, ...]:
    """Stop a node until a person steps in; its token stays."""
    draft.put(
        replace(
            state,
            status=NodeStatus.FAILED,
            reason=WaitReason.INCIDENT,
            check_at=draft.at + REVIEW_CHECK,
            failure=failure,
            ended_at=draft.at,
        )
    )
    return ()


def park(draft: Draft, node: Node) -> None:
    """Keep a token at a node until the instance is resumed."""
    before = draft.find(node.node_id)
    state = before or NodeState(node_id=node.node_id, status=NodeStatus.READY)
    draft.put(
        replace(
            state,
            status=NodeStatus.READY,
            reason=WaitReason.PAUSED,
            check_at=draft.at + REVIEW_CHECK,
            reached_at=draft.at,
            ended_at=None,
            failure=None,
        )
    )


def open_attempt(
    draft: Draft, state: NodeState, inputs: Mapping[str, JsonValue] | None
) -> AttemptState:
    """Add an attempt to a node that has been entered, and return it."""
    number = 1 if state.attempt is None else state.attempt.number + 1
    attempt = AttemptState(
        number=number, status=NodeStatus.READY, inputs=inputs, opened_at=draft.at
    )
    draft.open_attempt(state.node_id, attempt)
    return attempt


def begin_attempt(draft: Draft, state: NodeState, inputs: Mapping[str, JsonValue]) -> None:
    """Open an attempt and dispatch its first step, or keep it back while paused."""
    attempt = open_attempt(draft, state, inputs)
    if draft.status is InstanceStatus.PAUSED:
        _keep_back(draft, state, attempt)
        return
    draft.put(replace(state, attempt=attempt))
    draft.effects.append(
        DispatchStep(node_id=state.node_id, number=attempt.number, step=attempt.step)
    )


def _keep_back(draft: Draft, state: NodeState, attempt: AttemptState) -> None:
    draft.put(
        replace(state, attempt=attempt, reason=WaitReason.PAUSED, check_at=draft.at + REVIEW_CHECK)
    )


def begin_child(draft: Draft, node: Node, state: NodeState, inputs: dict[str, JsonValue]) -> None:
    """Open an attempt of a subflow and have its child started, or keep it back while paused."""
    attempt = open_attempt(draft, state, inputs)
    if draft.status is InstanceStatus.PAUSED:
        _keep_back(draft, state, attempt)
    else:
        start_child(draft, node, state, attempt)


def start_child(draft: Draft, node: Node, state: NodeState, attempt: AttemptState) -> None:
    """Have the child of a subflow's open attempt started.

    Raises
    ------
    BrokenInvariantError
        Raised if the node is no subflow of an exact version.
    """
    subflow = node.subflow
    if subflow is None or subflow.version is None:
        raise BrokenInvariantError(f"Expected a pinned subflow at node {node.node_id}")
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
        )
    )


def fail_attempt(draft: Draft, state: NodeState, failure: Failure) -> tuple[str, ...]:
    """Record an attempt that ended before it could be dispatched."""
    attempt = replace(
        open_attempt(draft, state, None),
        status=NodeStatus.FAILED,
        failure=failure,
        closed_at=draft.at,
    )
    draft.change_attempt(state.node_id, attempt)
    return fail(draft, replace(state, attempt=attempt), failure)


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
    draft.put(
        replace(
            node,
            status=NodeStatus.READY,
            reason=WaitReason.QUEUED,
            check_at=draft.at + QUEUED_CHECK,
            attempt=attempt,
        )
    )
    draft.effects.append(
        DispatchStep(node_id=node.node_id, number=attempt.number, step=attempt.step)
    )


def expression_failure(error: ExpressionError, where: str) -> Failure:
    """Describe an expression's failure, as the author of the template reads it."""
    known = ", ".join(error.known_names)
    return Failure(
        code=error.code,
        message=f"{error.reason} (in {where}, at position {error.position} of"
        f" ${{{error.expression}}}; known names: {known})",
    )
