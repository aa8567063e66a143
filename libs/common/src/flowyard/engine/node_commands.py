"""What people's commands make of one node.

Rules: every function here is called once the tables of
:mod:`flowyard.engine.operations` allow the command; what it still refuses depends
on what the command brings along.
"""

import json
from datetime import timedelta

from msgspec.structs import replace

from flowyard.engine.attempts import admit, dispatch, next_step, open_attempt, park, repeat
from flowyard.engine.binding import has_reserved_key
from flowyard.engine.draft import Draft
from flowyard.engine.effects import Decision, Rejection
from flowyard.engine.ending import (
    REVIEW_CHECK,
    cancel_dependents,
    close_attempt,
    dependents,
    fail,
    leave,
    revive,
    succeed,
)
from flowyard.engine.entering import enter, finish, is_stopped, move, reach
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.events import (
    ChooseBranches,
    DecideApproval,
    DeliverCallback,
    ForceFail,
    ForceSucceed,
    PauseNode,
    ResetTimer,
    RestartSubflow,
    ResumeNode,
    RetryNode,
    SkipNode,
)
from flowyard.engine.gateways import split
from flowyard.engine.graph import Edge, JsonValue, Node, NodeKind, scope_of
from flowyard.engine.inner import end_inline
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.mapping import retry_items
from flowyard.engine.rendering import MAX_INPUT_BYTES
from flowyard.engine.settling import settle
from flowyard.engine.snapshot import (
    AttemptState,
    Failure,
    NodeMark,
    NodeState,
    Resume,
    ResumeKind,
    Snapshot,
    WaitReason,
)

FORCED_FAILURE = "forced_failure"
"""Failure code of a node that a person has stopped."""

MAX_TIMER = timedelta(days=3660)
"""Longest time that a wait can be set to; as long as a plugin may wait."""

_TAKES_INPUTS = frozenset({NodeKind.ACTIVITY, NodeKind.SUBFLOW})


def reject(code: str, message: str) -> Decision:
    """Return the refusal of a command."""
    return Decision(rejection=Rejection(code=code, message=message))


def content(snapshot: Snapshot, node_id: str) -> Node:
    """Return what a node is.

    Raises
    ------
    BrokenInvariantError
        Raised if the graph does not have it.
    """
    node = snapshot.graph.find(node_id)
    if node is None:
        raise BrokenInvariantError(f"Expected a node of the graph, but {node_id} is none")
    return node


def let_in(draft: Draft, state: NodeState) -> None:
    """Let go on what was kept back at a node: its attempt, or a token in front of it."""
    node = content(draft.snapshot, state.node_id)
    attempt = state.attempt
    if attempt is None or not attempt.is_open:
        move(draft, reach(draft, node))
    elif draft.status is InstanceStatus.PAUSED:
        draft.put(replace(state, reason=WaitReason.PAUSED, check_at=draft.at + REVIEW_CHECK))
    elif attempt.step:
        dispatch(draft, state, attempt)
    else:
        move(draft, admit(draft, node, state, attempt))


def retry(snapshot: Snapshot, command: RetryNode) -> Decision:
    """Have a failed node begin once more."""
    node = content(snapshot, command.node_id)
    state = snapshot.nodes[command.node_id]
    takes_inputs = node.kind in _TAKES_INPUTS
    if command.inputs is not None and not takes_inputs:
        return reject(
            "inputs_not_accepted", f"Expected no inputs, but {node.node_id} is {node.kind}"
        )
    draft = Draft(snapshot, command.at)
    revive(draft)
    inputs = command.inputs
    if inputs is None and state.attempt is not None:
        inputs = state.attempt.inputs
    if node.map is not None:
        move(draft, retry_items(draft, node, state))
    elif takes_inputs and inputs is not None:
        move(draft, repeat(draft, node, replace(state, retries=0), inputs))
    elif draft.status is InstanceStatus.PAUSED and not takes_inputs:
        draft.put(replace(state, status=NodeStatus.READY, visits=state.visits - 1))
        park(draft, node)
    else:
        move(draft, enter(draft, node, is_new_visit=False))
    return settle(draft)


def restart(snapshot: Snapshot, command: RestartSubflow) -> Decision:
    """Begin a subflow once more from its start, whether it has failed or is under way.

    A child of its own goes on being cancelled while the new one begins: it is another
    instance, and what it still reports is about a closed attempt.
    """
    node = content(snapshot, command.node_id)
    draft = Draft(snapshot, command.at)
    revive(draft)
    cancel_dependents(draft, node.node_id)
    state = snapshot.nodes[command.node_id]
    attempt = close_attempt(draft, state, NodeStatus.CANCELLED, None)
    state = replace(state, attempt=attempt, retries=0)
    inputs = command.inputs
    if inputs is None and attempt is not None:
        inputs = attempt.inputs
    if inputs is None:
        draft.put(state)
        move(draft, enter(draft, node, is_new_visit=False))
    else:
        move(draft, repeat(draft, node, state, inputs))
    return settle(draft)


def skip(snapshot: Snapshot, command: SkipNode) -> Decision:
    """Pass over a failed node."""
    node = content(snapshot, command.node_id)
    draft = Draft(snapshot, command.at)
    cancel_dependents(draft, node.node_id)
    targets = leave(draft, _forgotten(snapshot.nodes[command.node_id]), NodeStatus.SKIPPED)
    scope_id = scope_of(node.node_id)
    is_last = node.kind is NodeKind.END and not scope_id
    if is_last and draft.status is InstanceStatus.PAUSED:
        draft.set_status(InstanceStatus.RUNNING)
    revive(draft)
    if is_last:
        finish(draft, {})
    elif node.kind is NodeKind.END:
        move(draft, end_inline(draft, scope_id, {}))
    else:
        move(draft, targets)
    return settle(draft)


def _forgotten(state: NodeState) -> NodeState:
    """Return a state whose attempt no longer keeps inputs for a retry."""
    attempt = state.attempt
    return state if attempt is None else replace(state, attempt=replace(attempt, inputs=None))


def force_fail(snapshot: Snapshot, command: ForceFail) -> Decision:
    """Stop a node that works or waits; no policy is asked, and its plugin is told."""
    draft = Draft(snapshot, command.at)
    message = command.message or "Expected the node to go on, but a person has stopped it"
    failure = Failure(code=FORCED_FAILURE, message=message)
    state = _entered(draft, snapshot.nodes[command.node_id])
    cancel_dependents(draft, command.node_id)
    attempt = close_attempt(draft, state, NodeStatus.FAILED, failure)
    fail(draft, replace(state, attempt=attempt), failure)
    return settle(draft)


def force_succeed(snapshot: Snapshot, command: ForceSucceed) -> Decision:
    """Let a node count as succeeded with outputs that a person gives."""
    node = content(snapshot, command.node_id)
    refusal = _refused_outputs(node, dict(command.outputs))
    if refusal is not None:
        return refusal
    draft = Draft(snapshot, command.at)
    state = _entered(draft, snapshot.nodes[command.node_id])
    cancel_dependents(draft, command.node_id)
    attempt = close_attempt(draft, state, NodeStatus.CANCELLED, None)
    revive(draft)
    forced = _forgotten(replace(state, attempt=attempt))
    move(draft, succeed(draft, forced, dict(command.outputs), mark=NodeMark.FORCED))
    return settle(draft)


def _refused_outputs(node: Node, outputs: dict[str, JsonValue]) -> Decision | None:
    if has_reserved_key(outputs):
        return reject(
            "reserved_key", "Expected no key that begins with $ in outputs, but there is one"
        )
    secret = node.activity.secret_outputs & outputs.keys() if node.activity else frozenset()
    if secret:
        return reject(
            "secret_output",
            f"Expected no value for outputs that {node.node_id} keeps sealed,"
            f" but {', '.join(sorted(secret))} has one",
        )
    size = len(json.dumps(outputs, ensure_ascii=False).encode())
    if size > MAX_INPUT_BYTES:
        return reject(
            "output_too_large",
            f"Expected outputs of at most {MAX_INPUT_BYTES} bytes, but they take {size}",
        )
    return None


def _entered(draft: Draft, state: NodeState) -> NodeState:
    """Return a node's state with its visit begun; a token in front of it was not let in yet."""
    is_parked = state.reason in (WaitReason.PAUSED, WaitReason.BREAKPOINT)
    if state.node_id in draft.breakpoints:
        draft.set_breakpoints(draft.breakpoints - {state.node_id})
    if not is_parked or (state.attempt is not None and state.attempt.is_open):
        return state
    state = replace(state, visits=state.visits + 1, retries=0)
    return replace(state, attempt=open_attempt(draft, state, None))


def pause(snapshot: Snapshot, command: PauseNode) -> Decision:
    """Have the next token stop at a node, or one that is kept back there stay."""
    draft = Draft(snapshot, command.at)
    draft.set_breakpoints(draft.breakpoints | {command.node_id})
    state = snapshot.nodes.get(command.node_id)
    if state is not None and state.reason is WaitReason.PAUSED:
        # Resuming the instance must not let it in any more.
        draft.put(replace(state, reason=WaitReason.BREAKPOINT))
    return draft.decide()


def resume(snapshot: Snapshot, command: ResumeNode) -> Decision:
    """Take a stop back, and let in the tokens that wait at it, or within a stopped subflow."""
    draft = Draft(snapshot, command.at)
    draft.set_breakpoints(draft.breakpoints - {command.node_id})
    state = snapshot.nodes.get(command.node_id)
    stopped = [] if state is None else [state, *dependents(draft, command.node_id)]
    for one in stopped:
        if one.reason is WaitReason.BREAKPOINT and not is_stopped(draft, one.node_id):
            let_in(draft, one)
    return settle(draft)


def choose(snapshot: Snapshot, command: ChooseBranches) -> Decision:
    """Send a token the way that a person says, where a gateway has found none."""
    node = content(snapshot, command.node_id)
    state = snapshot.nodes[command.node_id]
    edges = {edge.target: edge for edge in reversed(snapshot.graph.outgoing[node.node_id])}
    refusal = _refused_choice(node, state, edges, command.targets)
    if refusal is not None:
        return refusal
    draft = Draft(snapshot, command.at)
    revive(draft)
    chosen = replace(state, failure=None, mark=NodeMark.FORCED)
    if node.kind is NodeKind.EXCLUSIVE:
        leave(draft, chosen)
        move(draft, command.targets)
    else:
        move(draft, split(draft, chosen, tuple(edges[one] for one in command.targets)))
    return settle(draft)


def _refused_choice(
    node: Node, state: NodeState, edges: dict[str, Edge], targets: tuple[str, ...]
) -> Decision | None:
    unknown = [one for one in targets if one not in edges]
    if unknown:
        known = ", ".join(sorted(edges))
        return reject(
            "unknown_branch",
            f"Expected branches of {node.node_id}, which lead to {known},"
            f" but none leads to {', '.join(unknown)}",
        )
    is_exclusive = node.kind is NodeKind.EXCLUSIVE
    if not targets or (is_exclusive and len(targets) > 1) or len(set(targets)) < len(targets):
        wanted = "exactly one branch" if is_exclusive else "one or more different branches"
        return reject("invalid_choice", f"Expected {wanted}, but got {len(targets)}")
    if is_exclusive and edges[targets[0]].is_back and state.visits > node.loop_limit:
        return reject(
            "loop_limit",
            f"Expected at most {node.loop_limit} rounds, but this is round {state.visits}",
        )
    return None


def reset_timer(snapshot: Snapshot, command: ResetTimer) -> Decision:
    """Have a wait for a time end at another one."""
    if not timedelta() <= command.after <= MAX_TIMER:
        return reject(
            "invalid_time",
            f"Expected a time within {MAX_TIMER.days} days from now, but it is not",
        )
    state = snapshot.nodes[command.node_id]
    draft = Draft(snapshot, command.at)
    if state.reason is WaitReason.RETRY:
        _reset_retry(draft, state, command.after)
        return settle(draft)
    attempt = _attempt(state)
    if not command.after:
        next_step(draft, state, attempt, Resume(kind=ResumeKind.TIMER))
        return draft.decide()
    due_at = draft.at + command.after
    attempt = replace(attempt, wait_until=due_at)
    draft.change_attempt(state.node_id, attempt)
    draft.put(replace(state, attempt=attempt, check_at=due_at))
    return draft.decide()


def _reset_retry(draft: Draft, state: NodeState, after: timedelta) -> None:
    if after:
        due_at = draft.at + after
        draft.put(replace(state, resume_at=due_at, check_at=due_at))
        return
    node = content(draft.snapshot, state.node_id)
    move(draft, repeat(draft, node, state, _attempt(state).inputs or {}))


def _attempt(state: NodeState) -> AttemptState:
    if state.attempt is None:
        raise BrokenInvariantError(f"Expected an attempt of node {state.node_id}")
    return state.attempt


def approval(snapshot: Snapshot, command: DecideApproval) -> Decision:
    """Hand a yes or no to the node that waits for it."""
    state = snapshot.nodes[command.node_id]
    draft = Draft(snapshot, command.at)
    data: dict[str, JsonValue] = {
        "approved": command.approved,
        "comment": command.comment,
        "actor": command.actor,
    }
    next_step(draft, state, _attempt(state), Resume(kind=ResumeKind.APPROVAL, data=data))
    return draft.decide()


def callback(snapshot: Snapshot, command: DeliverCallback) -> Decision:
    """Hand a callback to its attempt; one that comes before its wait is kept."""
    node = snapshot.nodes.get(command.node_id)
    attempt = None if node is None else node.attempt
    if node is None or attempt is None or command.number > attempt.number:
        return reject("unknown_attempt", "Expected a known attempt, but there is none")
    if command.number < attempt.number or not attempt.is_open:
        return reject("attempt_closed", "Expected an open attempt, but it has ended")
    if node.reason is not WaitReason.CALLBACK:
        return Decision(is_deferred=True)
    draft = Draft(snapshot, command.at)
    next_step(draft, node, attempt, Resume(kind=ResumeKind.CALLBACK, data=command.data))
    return draft.decide()
