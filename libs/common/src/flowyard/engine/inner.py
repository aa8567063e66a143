"""Inline subflows: nodes of another template within the same instance.

Theory of operation: at publication the nodes of the other template become nodes of the
graph, under the id of their subflow: ``deploy.build``. A token that reaches the subflow
goes on at ``deploy.start``; the one that reaches ``deploy.end`` goes on behind the subflow.
In between the subflow waits, and holds the variables that its nodes see.
"""

from msgspec.structs import replace

from flowyard.engine.attempts import begin
from flowyard.engine.draft import Draft
from flowyard.engine.ending import (
    cancel_dependents,
    close_attempt,
    give_up,
    retry_pause,
    succeed,
)
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.graph import INNER_SEPARATOR, JsonValue, Node, scope_of
from flowyard.engine.inner_scope import inner_states
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import AttemptState, Failure, NodeState, WaitReason


def enter_inline(
    draft: Draft, node: Node, state: NodeState, inputs: dict[str, JsonValue]
) -> tuple[str, ...]:
    """Begin an inline subflow, and return its first node.

    It waits for its concurrency key and for the end of a pause like any other work.
    """
    return begin(draft, node, state, inputs)


def end_inline(draft: Draft, scope_id: str, outputs: dict[str, JsonValue]) -> tuple[str, ...]:
    """End an inline subflow with its outputs, and return where the token goes.

    Raises
    ------
    BrokenInvariantError
        Raised if it does not wait for that.
    """
    state, attempt = _waiting(draft, scope_id)
    closed = replace(attempt, status=NodeStatus.SUCCEEDED, outputs=outputs, closed_at=draft.at)
    draft.change_attempt(scope_id, closed)
    kept = replace(state, attempt=replace(closed, inputs=None, outputs=None))
    return succeed(draft, kept, outputs)


def _waiting(draft: Draft, scope_id: str) -> tuple[NodeState, AttemptState]:
    state = draft.find(scope_id)
    if state is None or state.attempt is None or state.reason is not WaitReason.INNER:
        raise BrokenInvariantError(f"Expected subflow {scope_id} to wait for its end")
    return state, state.attempt


def follow_failures(draft: Draft) -> tuple[str, ...]:
    """End the inline subflows that nothing goes on in, as far as their options say how.

    Where the options say nothing, the failed nodes wait for a person.

    Returns
    -------
    tuple
        Where tokens go; then others may be left to be ended.
    """
    if not draft.failed_count:
        return ()
    for scope_id in _scopes_of_changes(draft):
        state = draft.find(scope_id)
        if state is None or state.reason is not WaitReason.INNER:
            continue
        targets = _give_up(draft, draft.graph.nodes[scope_id], state)
        if targets:
            # Whether something goes on around it shows once they have been followed.
            return targets
    return ()


def _scopes_of_changes(draft: Draft) -> list[str]:
    """Return the inline subflows that changed nodes lie in, the innermost first."""
    found: set[str] = set()
    for node_id in draft.changed:
        scope_id = scope_of(node_id)
        while scope_id and scope_id not in found:
            found.add(scope_id)
            scope_id = scope_of(scope_id)
    return sorted(found, key=lambda one: (-one.count(INNER_SEPARATOR), one))


def _give_up(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    options = node.options
    if not options.ignores_failure and options.retry is None:
        return ()
    failure = _stopped_by(draft, node.node_id)
    if failure is None:
        return ()
    if not options.ignores_failure and retry_pause(draft, options.retry, state, failure) is None:
        return ()
    cancel_dependents(draft, node.node_id)
    attempt = close_attempt(draft, state, NodeStatus.FAILED, failure)
    return give_up(draft, node, replace(state, attempt=attempt), failure)


def _stopped_by(draft: Draft, scope_id: str) -> Failure | None:
    """Return the first failure in an inline subflow that nothing goes on in; else None."""
    first: NodeState | None = None
    for state in inner_states(draft, scope_id):
        if state.is_active:
            return None
        if state.is_stopped and (first is None or _rank(draft, state) < _rank(draft, first)):
            first = state
    if first is None or first.failure is None:
        return None
    name = first.node_id.removeprefix(scope_id + INNER_SEPARATOR)
    return Failure(
        code=first.failure.code,
        message=f"Expected {name} to succeed, but it failed: {first.failure.message}",
    )


def _rank(draft: Draft, state: NodeState) -> tuple[float, str]:
    return ((state.ended_at or draft.at).timestamp(), state.node_id)
