"""What webhooks are told of a decision: which of its changes is which event.

A status that is passed through within one decision counts as reached; what a run that only
tries something out does is told to nobody.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from flowyard.contracts.webhooks import WebhookEvent
from flowyard.engine.effects import Change, InstanceChanged, NodeChanged
from flowyard.engine.graph import WORK_KINDS, JsonValue
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import Failure, NodeState, Phase, Snapshot, WaitReason
from flowyard.storage.webhook_events import HookEvent, Subscription

_ENDS = {
    InstanceStatus.PAUSED: WebhookEvent.INSTANCE_PAUSED,
    InstanceStatus.FAILED: WebhookEvent.INSTANCE_FAILED,
    InstanceStatus.SUCCEEDED: WebhookEvent.INSTANCE_SUCCEEDED,
    InstanceStatus.CANCELLED: WebhookEvent.INSTANCE_CANCELLED,
}
_ON_AGAIN = {
    InstanceStatus.PAUSED: WebhookEvent.INSTANCE_RESUMED,
    InstanceStatus.FAILED: WebhookEvent.INSTANCE_RECOVERED,
}
_OF_WAITS = {
    WaitReason.APPROVAL: WebhookEvent.NODE_WAITING_FOR_APPROVAL,
    WaitReason.CALLBACK: WebhookEvent.NODE_WAITING_FOR_CALLBACK,
    WaitReason.RETRY: WebhookEvent.NODE_RETRYING,
    WaitReason.INCIDENT: WebhookEvent.NODE_FAILED,
}
_OF_WORK = {
    NodeStatus.SUCCEEDED: WebhookEvent.NODE_SUCCEEDED,
    NodeStatus.SKIPPED: WebhookEvent.NODE_SKIPPED,
    NodeStatus.CANCELLED: WebhookEvent.NODE_CANCELLED,
}


def hook_events(
    snapshot: Snapshot,
    changes: Sequence[Change],
    at: datetime,
    *,
    hooks: Sequence[Subscription],
    sequence: int,
) -> list[HookEvent]:
    """Return what webhooks are told of a decision, in the order in which it happened.

    Parameters
    ----------
    snapshot
        As it was before the decision.
    hooks
        The webhooks of the instance's project.
    sequence
        How many events the same revision has had before.
    """
    facts = snapshot.facts
    if facts.plan.is_mocked or facts.plan.is_node_test:
        return []
    instance = _instance(snapshot, changes)
    found: list[HookEvent] = []
    for event, node in _events(snapshot, changes):
        wanted = tuple(one.webhook_id for one in hooks if one.wants(event, facts.template))
        if not wanted:
            continue
        data: dict[str, JsonValue] = {
            "project": facts.project,
            "revision": snapshot.revision + 1,
            "sequence": sequence + len(found),
            "instance": instance,
        }
        if node is not None:
            data["node"] = _node(snapshot, node)
        found.append(
            HookEvent(
                event=event.value,
                instance_id=facts.instance_id,
                at=at,
                data=data,
                webhook_ids=wanted,
            )
        )
    return found


def _events(
    snapshot: Snapshot, changes: Sequence[Change]
) -> Iterator[tuple[WebhookEvent, NodeState | None]]:
    """Yield events with their nodes: what an instance begins, its nodes, what it comes to."""
    status, phase = snapshot.status, snapshot.phase
    states: dict[str, NodeState] = {}
    nodes: list[tuple[WebhookEvent, NodeState]] = []
    ends: list[WebhookEvent] = []
    for change in changes:
        match change:
            case InstanceChanged():
                for event in _begins(status, change.status):
                    yield event, None
                if phase is Phase.FORWARD and change.phase is Phase.ROLLBACK:
                    yield WebhookEvent.INSTANCE_ROLLBACK_STARTED, None
                if change.status is not status and change.status in _ENDS:
                    ends.append(_ENDS[change.status])
                status, phase = change.status, change.phase
            case NodeChanged(node=node):
                before = states.get(node.node_id) or snapshot.nodes.get(node.node_id)
                states[node.node_id] = node
                nodes += [(event, node) for event in _of_node(snapshot, before, node)]
            case _:
                pass
    yield from nodes
    for event in ends:
        yield event, None


def _begins(before: InstanceStatus, after: InstanceStatus) -> Iterator[WebhookEvent]:
    if after is before:
        return
    if before is InstanceStatus.CREATED and after is not InstanceStatus.CANCELLED:
        yield WebhookEvent.INSTANCE_STARTED
    if after is InstanceStatus.RUNNING and before in _ON_AGAIN:
        yield _ON_AGAIN[before]


def _of_node(
    snapshot: Snapshot, before: NodeState | None, after: NodeState
) -> Iterator[WebhookEvent]:
    node = snapshot.graph.find(after.node_id)
    is_work = node is not None and node.kind in WORK_KINDS
    number = _begun(after)
    is_another = number is not None and number != _begun(before)
    if is_work and is_another:
        yield WebhookEvent.NODE_STARTED
    if before is not None and not is_another and _state(before) == _state(after):
        return
    if after.reason in _OF_WAITS:
        yield _OF_WAITS[after.reason]
    elif is_work and after.status in _OF_WORK:
        yield _OF_WORK[after.status]


def _begun(node: NodeState | None) -> int | None:
    """Return the number of a node's latest attempt, unless it stands in line for its key."""
    if node is None or node.attempt is None or node.reason is WaitReason.CONCURRENCY:
        return None
    return node.attempt.number


def _state(node: NodeState) -> tuple[NodeStatus, WaitReason | None, int]:
    return node.status, node.reason, node.visits


def _instance(snapshot: Snapshot, changes: Sequence[Change]) -> dict[str, JsonValue]:
    """Return how an instance stands after a decision."""
    facts = snapshot.facts
    last = next((one for one in reversed(changes) if isinstance(one, InstanceChanged)), snapshot)
    return {
        "instance_id": str(facts.instance_id),
        "name": facts.name,
        "url": facts.url or None,
        "template": facts.template,
        "status": last.status.value,
        "actor": facts.actor,
        "parent_instance_id": None if facts.parent is None else str(facts.parent.instance_id),
        "failure": _failure(last.failure),
        "started_at": _instant(last.started_at),
        "ended_at": _instant(last.ended_at),
    }


def _node(snapshot: Snapshot, state: NodeState) -> dict[str, JsonValue]:
    node = snapshot.graph.find(state.node_id)
    activity = None if node is None else node.activity
    return {
        "node_id": state.node_id,
        "name": "" if node is None else node.name,
        "kind": None if node is None else node.kind.value,
        "plugin": None if activity is None else f"{activity.plugin}@{activity.version}",
        "status": state.status.value,
        "attempt": None if state.attempt is None else state.attempt.number,
        "failure": _failure(state.failure),
        "retry_at": _instant(state.resume_at),
    }


def _failure(failure: Failure | None) -> JsonValue:
    return None if failure is None else {"code": failure.code, "message": failure.message}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
