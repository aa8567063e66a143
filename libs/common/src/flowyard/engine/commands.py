"""What follows from a command: applied, rejected with a reason, or kept for later."""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from flowyard.engine.attempts import (
    QUEUED_CHECK,
    REVIEW_CHECK,
    begin_attempt,
    begin_child,
    leave,
    next_step,
    park,
    start_child,
)
from flowyard.engine.draft import Draft
from flowyard.engine.effects import (
    CancelChild,
    Decision,
    DispatchStep,
    NotifyParent,
    Rejection,
    WithdrawAttempt,
)
from flowyard.engine.entering import enter, finish, move
from flowyard.engine.events import (
    CancelInstance,
    Command,
    DecideApproval,
    DeliverCallback,
    PauseInstance,
    ResumeInstance,
    RetryNode,
    SkipNode,
    StartInstance,
)
from flowyard.engine.graph import JsonValue, Node, NodeKind
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.operations import (
    INSTANCE_OPERATIONS,
    NODE_OPERATIONS,
    NODE_OPERATIONS_NEED,
    allowed_on_instance,
    allowed_on_node,
)
from flowyard.engine.settling import revive, settle
from flowyard.engine.snapshot import NodeState, Resume, ResumeKind, Snapshot, WaitReason

_SKIPPABLE = frozenset({NodeKind.ACTIVITY, NodeKind.SUBFLOW, NodeKind.END})
"""Kinds with one way on; a branching gateway cannot be passed over without choosing a branch."""


def decide_command(snapshot: Snapshot, command: Command) -> Decision:
    """Decide what follows from a command; see :func:`flowyard.engine.advance.advance`."""
    match command:
        case StartInstance():
            return _refused(snapshot, "start") or _start(snapshot, command)
        case PauseInstance():
            return _refused(snapshot, "pause") or _pause(snapshot, command)
        case ResumeInstance():
            return _refused(snapshot, "resume") or _resume(snapshot, command)
        case CancelInstance():
            return _refused(snapshot, "cancel") or _cancel(snapshot, command)
        case RetryNode():
            return _refused_at_node(snapshot, "retry", command.node_id) or _retry(snapshot, command)
        case SkipNode():
            return _refused_at_node(snapshot, "skip", command.node_id) or _skip(snapshot, command)
        case DecideApproval():
            verb = "approve" if command.approved else "reject"
            return _refused_at_node(snapshot, verb, command.node_id) or _approval(snapshot, command)
        case DeliverCallback():
            return _callback(snapshot, command)
        case _:
            assert_never(command)


def _reject(code: str, message: str) -> Decision:
    return Decision(rejection=Rejection(code=code, message=message))


def _refused(snapshot: Snapshot, verb: str) -> Decision | None:
    if snapshot.status in INSTANCE_OPERATIONS[verb]:
        return None
    allowed = ", ".join(allowed_on_instance(snapshot.status)) or "nothing"
    return _reject(
        "forbidden_operation",
        f"Expected an instance that allows {verb}, but it is {snapshot.status}: {allowed} allowed",
    )


def _refused_at_node(snapshot: Snapshot, verb: str, node_id: str) -> Decision | None:
    if node_id not in snapshot.graph.nodes:
        return _reject("unknown_node", f"Expected a node of the graph, but {node_id} is none")
    node = snapshot.nodes.get(node_id)
    status = NodeStatus.PENDING if node is None else node.status
    if snapshot.status in NODE_OPERATIONS_NEED and status in NODE_OPERATIONS[verb]:
        return None
    allowed = ", ".join(allowed_on_node(snapshot.status, status)) or "nothing"
    return _reject(
        "forbidden_operation",
        f"Expected a node that allows {verb}, but {node_id} is {status}"
        f" in an instance that is {snapshot.status}: {allowed} allowed",
    )


def _start(snapshot: Snapshot, command: StartInstance) -> Decision:
    draft = Draft(snapshot, command.at)
    draft.started_at = command.at
    draft.set_status(InstanceStatus.RUNNING)
    move(draft, (snapshot.graph.start_id,))
    return settle(draft)


def _pause(snapshot: Snapshot, command: PauseInstance) -> Decision:
    draft = Draft(snapshot, command.at)
    draft.set_status(InstanceStatus.PAUSED)
    for node_id in sorted(command.withdrawn):
        node = snapshot.nodes[node_id]
        if node.status is NodeStatus.READY and node.reason is WaitReason.QUEUED:
            draft.put(replace(node, reason=WaitReason.PAUSED, check_at=command.at + REVIEW_CHECK))
    return draft.decide()


def _resume(snapshot: Snapshot, command: ResumeInstance) -> Decision:
    draft = Draft(snapshot, command.at)
    draft.set_status(InstanceStatus.RUNNING)
    parked = [node for node in snapshot.nodes.values() if node.reason is WaitReason.PAUSED]
    for node in parked:
        if node.attempt is not None and node.attempt.is_open:
            _release(draft, node)
        else:
            move(draft, enter(draft, snapshot.graph.nodes[node.node_id], is_new_visit=True))
    return settle(draft)


def _release(draft: Draft, node: NodeState) -> None:
    """Dispatch an attempt that was kept back by the pause, or start its child."""
    attempt = node.attempt
    if attempt is None:
        return
    content = draft.graph.nodes[node.node_id]
    if content.kind is NodeKind.SUBFLOW:
        start_child(draft, content, node, attempt)
        return
    draft.put(replace(node, reason=WaitReason.QUEUED, check_at=draft.at + QUEUED_CHECK))
    draft.effects.append(
        DispatchStep(node_id=node.node_id, number=attempt.number, step=attempt.step)
    )


def _cancel(snapshot: Snapshot, command: CancelInstance) -> Decision:
    draft = Draft(snapshot, command.at)
    for node in snapshot.nodes.values():
        if node.is_open or node.status is NodeStatus.FAILED:
            _cancel_node(draft, node)
    draft.ended_at = command.at
    draft.set_status(InstanceStatus.CANCELLED)
    if snapshot.facts.parent is not None:
        draft.effects.append(NotifyParent(succeeded=False, outputs={}))
    return draft.decide()


def _cancel_node(draft: Draft, node: NodeState) -> None:
    attempt = node.attempt
    if attempt is not None and attempt.is_open:
        attempt = replace(
            attempt,
            status=NodeStatus.CANCELLED,
            state=None,
            resume=None,
            wait_until=None,
            closed_at=draft.at,
        )
        draft.change_attempt(node.node_id, attempt)
        kind = CancelChild if node.reason is WaitReason.CHILD else WithdrawAttempt
        draft.effects.append(kind(node_id=node.node_id, number=attempt.number))
    draft.put(
        replace(
            node,
            status=NodeStatus.CANCELLED,
            reason=None,
            check_at=None,
            ended_at=draft.at,
            attempt=attempt,
        )
    )


def _retry(snapshot: Snapshot, command: RetryNode) -> Decision:
    node = snapshot.graph.nodes[command.node_id]
    state = snapshot.nodes[command.node_id]
    takes_inputs = node.kind in (NodeKind.ACTIVITY, NodeKind.SUBFLOW)
    if command.inputs is not None and not takes_inputs:
        return _reject(
            "inputs_not_accepted", f"Expected no inputs, but {node.node_id} is {node.kind}"
        )
    draft = Draft(snapshot, command.at)
    revive(draft)
    inputs = command.inputs
    if inputs is None and state.attempt is not None:
        inputs = state.attempt.inputs
    if takes_inputs and inputs is not None:
        _repeat(draft, node, state, inputs)
    elif draft.status is InstanceStatus.PAUSED and not takes_inputs:
        draft.put(replace(state, status=NodeStatus.READY, visits=state.visits - 1))
        park(draft, node)
    else:
        move(draft, enter(draft, node, is_new_visit=False))
    return settle(draft)


def _repeat(draft: Draft, node: Node, state: NodeState, inputs: Mapping[str, JsonValue]) -> None:
    """Open a further attempt with inputs that are rendered already."""
    ready = replace(
        state,
        status=NodeStatus.READY,
        reason=WaitReason.QUEUED,
        check_at=draft.at + QUEUED_CHECK,
        failure=None,
        ended_at=None,
    )
    draft.put(ready)
    if node.kind is NodeKind.ACTIVITY:
        begin_attempt(draft, ready, inputs)
    else:
        begin_child(draft, node, ready, dict(inputs))


def _skip(snapshot: Snapshot, command: SkipNode) -> Decision:
    node = snapshot.graph.nodes[command.node_id]
    if node.kind not in _SKIPPABLE:
        return _reject(
            "forbidden_operation",
            f"Expected a node with one way on, but {node.node_id} is {node.kind}: retry allowed",
        )
    state = snapshot.nodes[command.node_id]
    attempt = None if state.attempt is None else replace(state.attempt, inputs=None)
    draft = Draft(snapshot, command.at)
    targets = leave(draft, replace(state, attempt=attempt), NodeStatus.SKIPPED)
    if node.kind is NodeKind.END and draft.status is InstanceStatus.PAUSED:
        draft.set_status(InstanceStatus.RUNNING)
    revive(draft)
    if node.kind is NodeKind.END:
        finish(draft, {})
    else:
        move(draft, targets)
    return settle(draft)


def _approval(snapshot: Snapshot, command: DecideApproval) -> Decision:
    node = snapshot.nodes[command.node_id]
    if node.reason is not WaitReason.APPROVAL or node.attempt is None:
        return _reject(
            "forbidden_operation",
            "Expected a node that waits for an approval,"
            f" but {node.node_id} waits for {node.reason}",
        )
    draft = Draft(snapshot, command.at)
    data: dict[str, JsonValue] = {
        "approved": command.approved,
        "comment": command.comment,
        "actor": command.actor,
    }
    next_step(draft, node, node.attempt, Resume(kind=ResumeKind.APPROVAL, data=data))
    return draft.decide()


def _callback(snapshot: Snapshot, command: DeliverCallback) -> Decision:
    node = snapshot.nodes.get(command.node_id)
    attempt = None if node is None else node.attempt
    if node is None or attempt is None or command.number > attempt.number:
        return _reject("unknown_attempt", "Expected a known attempt, but there is none")
    if command.number < attempt.number or not attempt.is_open:
        return _reject("attempt_closed", "Expected an open attempt, but it has ended")
    if node.reason is not WaitReason.CALLBACK:
        return Decision(is_deferred=True)
    draft = Draft(snapshot, command.at)
    next_step(draft, node, attempt, Resume(kind=ResumeKind.CALLBACK, data=command.data))
    return draft.decide()
