"""How nodes end: well, badly, or because somebody else says so."""

import zlib
from collections.abc import Iterator, Mapping
from datetime import timedelta

from msgspec.structs import replace

from flowyard.engine.draft import Draft
from flowyard.engine.effects import CancelChild, WithdrawAttempt
from flowyard.engine.expressions import ExpressionError
from flowyard.engine.graph import (
    INNER_SEPARATOR,
    MAX_RETRY_SECONDS,
    SATELLITE_SEPARATOR,
    JsonValue,
    Node,
    NodeKind,
    RetryPolicy,
    scope_of,
)
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.scope import LOOP, RESULT
from flowyard.engine.snapshot import (
    AttemptState,
    Failure,
    NodeMark,
    NodeState,
    Phase,
    WaitReason,
)

REVIEW_CHECK = timedelta(days=1)
"""When a wait for people or other systems is looked at again; nothing is done then but that."""

OUTCOME_UNKNOWN = "outcome_unknown"
"""Failure code of a step whose runner died; retried only by a policy that names it."""


def leave(
    draft: Draft, state: NodeState, status: NodeStatus = NodeStatus.SUCCEEDED
) -> tuple[str, ...]:
    """End a node for good, and return where its token goes next."""
    draft.put(
        replace(state, status=status, reason=None, check_at=None, resume_at=None, ended_at=draft.at)
    )
    return tuple(edge.target for edge in draft.graph.outgoing.get(state.node_id, ()))


def succeed(
    draft: Draft,
    state: NodeState,
    outputs: Mapping[str, JsonValue],
    *,
    mark: NodeMark | None = None,
) -> tuple[str, ...]:
    """End a node with outputs, export them, and return where its token goes next.

    Parameters
    ----------
    state
        With its attempt as it is to be kept in memory.
    """
    export(draft, state, outputs, is_success=True)
    ended = replace(state, outputs=outputs, failure=None, mark=mark)
    return leave(draft, ended)


def export(
    draft: Draft, state: NodeState, outputs: Mapping[str, JsonValue], *, is_success: bool
) -> None:
    """Give the variables that a node exports their new values.

    After a failure only what the node has left is exported, so that a variable that
    another node writes too keeps its value.
    """
    node = draft.graph.find(state.node_id)
    if node is None or not node.exports:
        return
    known = {**outputs, RESULT: is_success, LOOP: state.visits}
    exported = {
        name: known.get(output)
        for name, output in node.exports.items()
        if is_success or output in known
    }
    scope_id = scope_of(state.node_id)
    draft.set_variables_of(scope_id, {**draft.variables_of(scope_id), **exported})


def export_loop(draft: Draft, node: Node, state: NodeState) -> None:
    """Give the variables that tell a node's round their values when the round begins.

    So its own inputs, and conditions behind it, see the round that is under way.
    """
    scope_id = scope_of(state.node_id)
    rounds = {name: state.visits for name, output in node.exports.items() if output == LOOP}
    draft.set_variables_of(scope_id, {**draft.variables_of(scope_id), **rounds})


def fail(draft: Draft, state: NodeState, failure: Failure) -> tuple[str, ...]:
    """Stop a node until a person steps in; its token stays."""
    draft.put(
        replace(
            state,
            status=NodeStatus.FAILED,
            reason=WaitReason.INCIDENT,
            check_at=draft.at + REVIEW_CHECK,
            resume_at=None,
            failure=failure,
            mark=None,
            ended_at=draft.at,
        )
    )
    return ()


def give_up(
    draft: Draft,
    node: Node,
    state: NodeState,
    failure: Failure,
    *,
    outputs: Mapping[str, JsonValue] | None = None,
    may_retry: bool = True,
) -> tuple[str, ...]:
    """End a node whose attempt has failed, as its options say; return where its token goes.

    Parameters
    ----------
    state
        With its closed attempt.
    outputs
        What the plugin has left nevertheless.
    may_retry
        False for failures that another attempt would repeat.
    """
    pause = retry_pause(draft, node.options.retry, state, failure) if may_retry else None
    if pause is not None:
        due_at = draft.at + pause
        draft.put(
            replace(
                state,
                status=NodeStatus.WAITING,
                reason=WaitReason.RETRY,
                check_at=due_at,
                resume_at=due_at,
                retries=state.retries + 1,
                failure=failure,
            )
        )
        return ()
    export(draft, state, outputs or {}, is_success=False)
    if node.options.ignores_failure:
        left = dict(outputs or {})
        ended = replace(state, outputs=left, failure=failure, mark=NodeMark.IGNORED)
        return leave(draft, ended)
    return fail(draft, state, failure)


def retry_pause(
    draft: Draft, policy: RetryPolicy | None, state: NodeState, failure: Failure
) -> timedelta | None:
    """Return how long to wait for the next automatic attempt; None for no such attempt."""
    if policy is None or state.retries >= policy.times:
        return None
    is_listed = failure.code in policy.codes
    if not is_listed and (policy.codes or failure.code == OUTCOME_UNKNOWN):
        return None
    limit = min(policy.limit_seconds or MAX_RETRY_SECONDS, MAX_RETRY_SECONDS)
    seconds = limit
    if policy.factor <= 1 or state.retries < _MAX_DOUBLINGS:
        seconds = min(limit, policy.interval_seconds * policy.factor**state.retries)
    chance = _chance(f"{draft.snapshot.facts.instance_id}/{state.node_id}/{state.retries}")
    return timedelta(seconds=seconds * (1 - policy.jitter * chance))


_MAX_DOUBLINGS = 64
"""After so many the limit counts in any case; keeps the power within what a float holds."""


def _chance(seed: str) -> float:
    """Return a number from 0 to 1 that differs from attempt to attempt and is always the same."""
    return zlib.crc32(seed.encode()) / 0xFFFFFFFF


def close_attempt(
    draft: Draft, state: NodeState, status: NodeStatus, failure: Failure | None
) -> AttemptState | None:
    """Close a node's open attempt from outside, and have its plugin or child told.

    Returns
    -------
    AttemptState or None
        The node's latest attempt, closed; None where it has none.
    """
    attempt = state.attempt
    if attempt is None or not attempt.is_open:
        return attempt
    attempt = replace(
        attempt,
        status=status,
        resume=None,
        wait_until=None,
        failure=failure,
        closed_at=draft.at,
    )
    draft.change_attempt(state.node_id, attempt)
    node = draft.graph.find(state.node_id)
    if state.reason is WaitReason.CHILD:
        draft.effects.append(CancelChild(node_id=state.node_id, number=attempt.number))
    elif node is not None and node.kind is NodeKind.ACTIVITY:
        draft.effects.append(WithdrawAttempt(node_id=state.node_id, number=attempt.number))
    return attempt


def cancel_node(draft: Draft, state: NodeState) -> None:
    """End a node that is open or failed, together with its instance or subflow."""
    attempt = close_attempt(draft, state, NodeStatus.CANCELLED, None)
    draft.put(
        replace(
            state,
            status=NodeStatus.CANCELLED,
            reason=None,
            check_at=None,
            resume_at=None,
            ended_at=draft.at,
            attempt=attempt,
        )
    )


def cancel_dependents(draft: Draft, node_id: str) -> None:
    """End what runs on behalf of a node or within it: items of a map, nodes of a subflow."""
    node = draft.graph.find(node_id)
    if node is not None and node.map is None and not node.is_inline:
        return
    for state in tuple(dependents(draft, node_id)):
        if state.is_open or state.status is NodeStatus.FAILED:
            cancel_node(draft, state)


def dependents(draft: Draft, node_id: str) -> Iterator[NodeState]:
    """Yield the states of what runs on behalf of a node or within it."""
    prefixes = (node_id + SATELLITE_SEPARATOR, node_id + INNER_SEPARATOR)
    for state in draft.states():
        if state.node_id.startswith(prefixes):
            yield state


def revive(draft: Draft) -> None:
    """Take a failed instance up again; settling decides whether it stays so.

    While it is rolled back, its failure is what that began with, and stays.
    """
    if draft.status is InstanceStatus.FAILED:
        if draft.phase is Phase.FORWARD:
            draft.set_failure(None)
        draft.set_status(InstanceStatus.RUNNING)


def expression_failure(error: ExpressionError, where: str) -> Failure:
    """Describe an expression's failure, as the author of the template reads it."""
    known = ", ".join(error.known_names)
    return Failure(
        code=error.code,
        message=f"{error.reason} (in {where}, at position {error.position} of"
        f" ${{{error.expression}}}; known names: {known})",
    )
