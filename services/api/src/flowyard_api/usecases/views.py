"""How an instance looks to people: every node of its graph, with what may be done."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from flowyard.engine.graph import Graph, JsonValue, Node
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.operations import allowed_on_instance
from flowyard.engine.snapshot import WaitReason
from flowyard.ids import attempt_id
from flowyard.storage.instances import AttemptRow, InstanceDetail, InstanceSummary, NodeRow
from flowyard.telemetry.propagation import parse
from flowyard_api.models.instances import (
    AttemptView,
    ClaimView,
    InstanceChangeView,
    InstanceSummaryView,
    InstanceView,
    NodeView,
    ParentView,
)
from flowyard_api.models.shapes import FailureView, Link
from flowyard_api.usecases.operating import allowed_at_node

SEALED_KEY = "$sealed"
"""Key of the object that stands for a sealed value."""

MASK = "***"
"""What is shown of a sealed value."""

DISPATCHED = "dispatched"
"""Shown for a queued step that was handed out: it is on its way to a worker."""

Children = Mapping[tuple[str, int], uuid.UUID]
"""Child instances by node id and number of the attempt that started them."""


def mask(value: JsonValue) -> JsonValue:
    """Return a value without what is sealed in it."""
    if isinstance(value, dict):
        if SEALED_KEY in value:
            return {SEALED_KEY: MASK}
        return {name: mask(below) for name, below in value.items()}
    if isinstance(value, list):
        return [mask(below) for below in value]
    return value


def summary_view(row: InstanceSummary) -> InstanceSummaryView:
    """Return an instance as it stands in a list."""
    return InstanceSummaryView(**_summary(row))


def instance_view(
    row: InstanceDetail,
    graph: Graph,
    nodes: Iterable[NodeRow],
    attempts: Iterable[AttemptRow],
    children: Children,
) -> InstanceView:
    """Return an instance with every node of its graph, those not reached as pending."""
    context = parse(row.traceparent)
    reached = {node.node_id: node for node in nodes}
    tried = _by_node(attempts)
    return InstanceView(
        **_summary(row),
        inputs=_masked(row.given) or {},
        variables=_masked(row.variables),
        outputs=_masked(row.outputs),
        failure=_failure(row.failure),
        parent=_parent(row),
        trace_id=None if context is None else f"{context.trace_id:032x}",
        nodes=[
            node_view(row, node, reached.get(node_id), tried.get(node_id, ()), children)
            for node_id, node in graph.nodes.items()
        ],
    )


def change_view(
    row: InstanceDetail,
    graph: Graph,
    nodes: Iterable[NodeRow],
    attempts: Iterable[AttemptRow],
    children: Children,
) -> InstanceChangeView:
    """Return what has changed of an instance, with the changed nodes only."""
    tried = _by_node(attempts)
    return InstanceChangeView(
        revision=row.revision,
        status=row.status,
        allowed=list(allowed_on_instance(InstanceStatus(row.status))),
        outputs=_masked(row.outputs),
        failure=_failure(row.failure),
        started_at=row.started_at,
        ended_at=row.ended_at,
        nodes=[
            node_view(row, graph.nodes[node.node_id], node, tried.get(node.node_id, ()), children)
            for node in nodes
        ],
    )


def node_view(
    instance: InstanceDetail,
    node: Node,
    row: NodeRow | None,
    attempts: Iterable[AttemptRow],
    children: Children,
) -> NodeView:
    """Return one node of an instance."""
    shown = list(attempts)
    status = NodeStatus.PENDING.value if row is None else row.status
    reason = None if row is None else _reason(row, shown)
    return NodeView(
        node_id=node.node_id,
        kind=node.kind,
        name=node.name,
        plugin=None if node.activity is None else f"{node.activity.plugin}@{node.activity.version}",
        subflow=None if node.subflow is None else f"{node.subflow.template}@{node.subflow.version}",
        status=status,
        reason=reason,
        check_at=None if row is None else row.check_at,
        visits=0 if row is None else row.visits,
        outputs=None if row is None else _masked(row.outputs),
        failure=None if row is None else _failure(row.failure),
        reached_at=None if row is None else row.reached_at,
        ended_at=None if row is None else row.ended_at,
        allowed=list(allowed_at_node(instance.status, status, reason)),
        attempts=[attempt_view(instance.instance_id, one, children) for one in shown],
    )


def attempt_view(instance_id: uuid.UUID, row: AttemptRow, children: Children) -> AttemptView:
    """Return one attempt; what its plugin keeps between steps is never shown."""
    return AttemptView(
        number=row.number,
        attempt_id=attempt_id(instance_id, row.node_id, row.number),
        step=row.step,
        status=row.status,
        inputs=_masked(row.inputs),
        outputs=_masked(row.outputs),
        failure=_failure(row.failure),
        opened_at=row.opened_at,
        dispatched_at=row.dispatched_at,
        started_at=row.started_at,
        closed_at=row.closed_at,
        claim=_claim(row),
        has_late_outcome=row.late_outcome is not None,
        child_instance_id=children.get((row.node_id, row.number)),
    )


def _summary(row: InstanceSummary) -> dict[str, Any]:
    return {
        "instance_id": row.instance_id,
        "project_id": row.project_id,
        "project": row.project,
        "template_id": row.template_id,
        "template": row.template_key,
        "template_title": row.template_title,
        "version": row.version,
        "name": row.name,
        "status": row.status,
        "revision": row.revision,
        "allowed": list(allowed_on_instance(InstanceStatus(row.status))),
        "labels": dict(row.labels),
        "links": [Link.model_validate(link) for link in row.links],
        "actor": row.actor,
        "parent_instance_id": row.parent_instance_id,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
    }


def _by_node(attempts: Iterable[AttemptRow]) -> dict[str, list[AttemptRow]]:
    found: dict[str, list[AttemptRow]] = {}
    for attempt in attempts:
        found.setdefault(attempt.node_id, []).append(attempt)
    return found


def _parent(row: InstanceDetail) -> ParentView | None:
    if row.parent_instance_id is None or row.parent_node_id is None or row.parent_number is None:
        return None
    return ParentView(
        instance_id=row.parent_instance_id, node_id=row.parent_node_id, number=row.parent_number
    )


def _reason(row: NodeRow, attempts: list[AttemptRow]) -> str | None:
    if row.reason != WaitReason.QUEUED:
        return row.reason
    latest = next((one for one in attempts if one.number == row.number), None)
    if latest is None or latest.dispatched_step is None or latest.dispatched_step < latest.step:
        return row.reason
    return DISPATCHED


def _claim(row: AttemptRow) -> ClaimView | None:
    if row.runner is None or row.claimed_step is None:
        return None
    outcome = row.outcome
    return ClaimView(
        runner=row.runner,
        step=row.claimed_step,
        claimed_at=row.claimed_at,
        outcome="open" if outcome is None else "unknown" if outcome.get("unknown") else "known",
    )


def _masked(value: Mapping[str, Any] | None) -> dict[str, JsonValue] | None:
    return None if value is None else {name: mask(below) for name, below in value.items()}


def _failure(value: Mapping[str, Any] | None) -> FailureView | None:
    return None if value is None else FailureView(code=value["code"], message=value["message"])
