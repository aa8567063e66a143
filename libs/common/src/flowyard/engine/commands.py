"""What follows from a command: applied, rejected with a reason, or kept for later."""

from typing import assert_never

from msgspec.structs import replace

from flowyard.engine import node_commands
from flowyard.engine.draft import Draft
from flowyard.engine.effects import Decision, NotifyParent
from flowyard.engine.ending import REVIEW_CHECK, cancel_node
from flowyard.engine.entering import move
from flowyard.engine.events import (
    CancelInstance,
    ChooseBranches,
    Command,
    DecideApproval,
    DeliverCallback,
    ForceFail,
    ForceSucceed,
    PauseInstance,
    PauseNode,
    ResetTimer,
    RestartSubflow,
    ResumeInstance,
    ResumeNode,
    RetryNode,
    SetPriority,
    SetVariables,
    SkipNode,
    StartInstance,
)
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.node_commands import let_in, reject
from flowyard.engine.operations import (
    MAX_PRIORITY,
    Situation,
    refusal_on_instance,
    refusal_on_node,
)
from flowyard.engine.rollback import begin_rollback
from flowyard.engine.settling import settle
from flowyard.engine.snapshot import Snapshot, WaitReason
from flowyard.engine.variable_commands import set_variables

_InstanceCommand = (
    StartInstance | PauseInstance | ResumeInstance | CancelInstance | SetVariables | SetPriority
)
_NodeCommand = (
    RetryNode
    | SkipNode
    | ForceFail
    | ForceSucceed
    | PauseNode
    | ResumeNode
    | ChooseBranches
    | ResetTimer
    | RestartSubflow
    | DecideApproval
)

_VERBS: dict[type[Command], str] = {
    StartInstance: "start",
    PauseInstance: "pause",
    ResumeInstance: "resume",
    CancelInstance: "cancel",
    SetVariables: "set-variables",
    SetPriority: "set-priority",
    RetryNode: "retry",
    SkipNode: "skip",
    ForceFail: "force-fail",
    ForceSucceed: "force-succeed",
    PauseNode: "pause",
    ResumeNode: "resume",
    ChooseBranches: "choose",
    ResetTimer: "reset-timer",
    RestartSubflow: "restart",
}


def decide_command(snapshot: Snapshot, command: Command) -> Decision:
    """Decide what follows from a command; see :func:`flowyard.engine.advance.advance`."""
    match command:
        case DeliverCallback():
            return node_commands.callback(snapshot, command)
        case (
            StartInstance()
            | PauseInstance()
            | ResumeInstance()
            | CancelInstance()
            | SetVariables()
            | SetPriority()
        ):
            refusal = refusal_on_instance(_VERBS[type(command)], snapshot.status)
            if refusal is not None:
                return Decision(rejection=refusal)
            return _operate(snapshot, command)
        case _:
            return _refused_at_node(snapshot, command) or _operate_on_node(snapshot, command)


def _refused_at_node(snapshot: Snapshot, command: _NodeCommand) -> Decision | None:
    node_id = command.node_id
    node = snapshot.graph.find(node_id)
    if node is None:
        return reject("unknown_node", f"Expected a node of the graph, but {node_id} is none")
    state = snapshot.nodes.get(node_id)
    situation = Situation(
        instance=snapshot.status,
        node=node,
        status=NodeStatus.PENDING if state is None else state.status,
        reason=None if state is None else state.reason,
        has_stop=node_id in snapshot.breakpoints,
    )
    refusal = refusal_on_node(_verb(command), situation)
    return None if refusal is None else Decision(rejection=refusal)


def _verb(command: _NodeCommand) -> str:
    if isinstance(command, DecideApproval):
        return "approve" if command.approved else "reject"
    return _VERBS[type(command)]


def _operate(snapshot: Snapshot, command: _InstanceCommand) -> Decision:
    match command:
        case StartInstance():
            return _start(snapshot, command)
        case PauseInstance():
            return _pause(snapshot, command)
        case ResumeInstance():
            return _resume(snapshot, command)
        case CancelInstance():
            return _cancel(snapshot, command)
        case SetVariables():
            return set_variables(snapshot, command)
        case SetPriority():
            return _set_priority(snapshot, command)
        case _:
            assert_never(command)


def _operate_on_node(snapshot: Snapshot, command: _NodeCommand) -> Decision:
    match command:
        case PauseNode():
            return node_commands.pause(snapshot, command)
        case ResumeNode():
            return node_commands.resume(snapshot, command)
        case ChooseBranches():
            return node_commands.choose(snapshot, command)
        case ResetTimer():
            return node_commands.reset_timer(snapshot, command)
        case DecideApproval():
            return node_commands.approval(snapshot, command)
        case _:
            return _end_or_repeat(snapshot, command)


def _end_or_repeat(
    snapshot: Snapshot, command: RetryNode | SkipNode | ForceFail | ForceSucceed | RestartSubflow
) -> Decision:
    match command:
        case RetryNode():
            return node_commands.retry(snapshot, command)
        case SkipNode():
            return node_commands.skip(snapshot, command)
        case ForceFail():
            return node_commands.force_fail(snapshot, command)
        case ForceSucceed():
            return node_commands.force_succeed(snapshot, command)
        case RestartSubflow():
            return node_commands.restart(snapshot, command)
        case _:
            assert_never(command)


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
            is_begun = node.attempt is not None and node.attempt.step > 0
            draft.put(
                replace(
                    node,
                    reason=WaitReason.PAUSED,
                    check_at=command.at + REVIEW_CHECK,
                    # What was not begun has not taken any time yet.
                    deadline_at=node.deadline_at if is_begun else None,
                )
            )
    return draft.decide()


def _resume(snapshot: Snapshot, command: ResumeInstance) -> Decision:
    draft = Draft(snapshot, command.at)
    draft.set_status(InstanceStatus.RUNNING)
    for node_id, node in snapshot.nodes.items():
        if node.reason is WaitReason.PAUSED:
            # As changed by what was let in before it.
            state = draft.find(node_id)
            if state is not None and state.reason is WaitReason.PAUSED:
                let_in(draft, state)
    return settle(draft)


def _cancel(snapshot: Snapshot, command: CancelInstance) -> Decision:
    draft = Draft(snapshot, command.at)
    if command.is_rollback and snapshot.status is not InstanceStatus.CREATED:
        begin_rollback(draft, None)
        return settle(draft)
    for node in snapshot.nodes.values():
        if node.is_open or node.status is NodeStatus.FAILED:
            cancel_node(draft, node)
    draft.ended_at = command.at
    draft.set_status(InstanceStatus.CANCELLED)
    if snapshot.facts.parent is not None:
        draft.effects.append(NotifyParent(succeeded=False, outputs={}))
    return draft.decide()


def _set_priority(snapshot: Snapshot, command: SetPriority) -> Decision:
    if not 0 <= command.priority <= MAX_PRIORITY:
        return reject(
            "invalid_priority",
            f"Expected a priority from 0 to {MAX_PRIORITY}, but it is {command.priority}",
        )
    draft = Draft(snapshot, command.at)
    draft.set_priority(command.priority)
    return draft.decide()
