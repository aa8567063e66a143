"""What happens when an attempt has taken as long as it may."""

from datetime import datetime

from msgspec.structs import replace

from flowyard.engine.attempts import QUEUED_CHECK, begin, fail_attempt
from flowyard.engine.draft import Draft
from flowyard.engine.ending import (
    REVIEW_CHECK,
    cancel_dependents,
    close_attempt,
    give_up,
    leave,
)
from flowyard.engine.graph import NOTICE, SATELLITE_SEPARATOR, Deadline, DeadlineAction, Node
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.rendering import rendered
from flowyard.engine.snapshot import Failure, NodeMark, NodeState, WaitReason

DEADLINE = "deadline"
"""Failure code of an attempt that has taken too long."""

_LOOKED_AT_SOON = frozenset(
    {WaitReason.QUEUED, WaitReason.RUNNING, WaitReason.CHILD, WaitReason.CONCURRENCY}
)
"""Reasons whose end may have been lost, and is found by looking."""


def pass_deadline(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    """Do what a node's options say about its passed deadline; return where its token goes."""
    deadline = node.options.deadline
    if deadline is None:
        return ()
    if deadline.action is DeadlineAction.NOTIFY:
        draft.put(replace(state, deadline_at=None, check_at=_next_look(draft, state)))
        return _notify(draft, state)
    failure = _failure(deadline)
    cancel_dependents(draft, state.node_id)
    attempt = close_attempt(draft, state, NodeStatus.FAILED, failure)
    state = replace(state, attempt=attempt)
    if deadline.action is DeadlineAction.SKIP:
        skipped = replace(state, failure=failure, mark=NodeMark.DEADLINE)
        return leave(draft, skipped, NodeStatus.SKIPPED)
    return give_up(draft, node, state, failure)


def _next_look(draft: Draft, state: NodeState) -> datetime:
    """Return when a node is to be looked at that was so far by its deadline."""
    wait_until = None if state.attempt is None else state.attempt.wait_until
    pause = QUEUED_CHECK if state.reason in _LOOKED_AT_SOON else REVIEW_CHECK
    return wait_until or draft.at + pause


def _failure(deadline: Deadline) -> Failure:
    return Failure(
        code=DEADLINE,
        message=f"Expected an end within {deadline.seconds:g} s, but the node took longer",
    )


def _notify(draft: Draft, state: NodeState) -> tuple[str, ...]:
    """Have somebody told, beside the graph; whether that works out holds nothing back."""
    notice = draft.graph.find(f"{state.node_id}{SATELLITE_SEPARATOR}{NOTICE}")
    if notice is None or notice.activity is None:
        return ()
    before = draft.find(notice.node_id)
    if before is not None and before.is_open:
        return ()
    told = NodeState(
        node_id=notice.node_id,
        status=NodeStatus.READY,
        visits=1 if before is None else before.visits + 1,
        reason=WaitReason.QUEUED,
        check_at=draft.at,
        attempt=None if before is None else before.attempt,
        reached_at=draft.at,
    )
    draft.put(told)
    inputs = rendered(draft, told, notice.activity.inputs, notice.activity.verbatim)
    if isinstance(inputs, Failure):
        return fail_attempt(draft, notice, told, inputs)
    return begin(draft, notice, told, inputs)
