"""How an instance looks to people: every node of its graph, with what may be done."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from flowyard.engine.graph import (
    SATELLITE_SEPARATOR,
    Graph,
    JsonValue,
    Node,
    Subflow,
    owner_of,
    scope_of,
)
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.operations import allowed_on_instance, allowed_on_node
from flowyard.engine.snapshot import WaitReason
from flowyard.ids import attempt_id
from flowyard.storage.instances import ChildInstance, InstanceCopy, InstanceDetail, InstanceSummary
from flowyard.storage.nodes import AttemptRow, NodeRow
from flowyard.storage.plan_codec import decode_plan
from flowyard.telemetry.propagation import TraceContext, parse
from flowyard_api.models.instances import (
    AttemptView,
    ChildView,
    ClaimView,
    CopyView,
    InstanceChangeView,
    InstanceSummaryView,
    InstanceView,
    ItemView,
    NodeView,
    OriginView,
    ParentView,
)
from flowyard_api.models.shapes import FailureView, Link
from flowyard_api.settings import TRACE_ID
from flowyard_api.usecases.operating import situation

SEALED_KEY = "$sealed"
"""Key of the object that stands for a sealed value."""

MASK = "***"
"""What is shown of a sealed value."""

DISPATCHED = "dispatched"
"""Shown for a queued step that was handed out: it is on its way to a worker."""

Children = Mapping[tuple[str, int], ChildInstance]
"""Child instances by node id and number of the attempt that started them."""

Maps = Mapping[str, Mapping[str, int]]
"""How many items of each map have begun, by status."""


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
    left_out: list[str],
    nodes: Iterable[NodeRow],
    attempts: Iterable[AttemptRow],
    *,
    children: Children,
    copies: Iterable[InstanceCopy],
    maps: Maps,
    trace_url: str | None,
    archived_at: datetime | None,
) -> InstanceView:
    """Return an instance with every node of its graph, those not reached as pending.

    Parameters
    ----------
    graph
        Without the nodes that are left out.
    trace_url
        Where people find a trace, with ``{trace_id}`` in it.
    """
    context = parse(row.traceparent)
    plan = decode_plan(row.plan)
    reached = {node.node_id: node for node in nodes}
    tried = _by_node(attempts)
    return InstanceView(
        **_summary(row),
        inputs=_masked(row.given) or {},
        schemes=list(plan.schemes),
        excluded=sorted(plan.excluded),
        left_out=left_out,
        phase=row.phase,
        priority=row.priority,
        breakpoints=list(row.breakpoints),
        variables=_masked(row.variables),
        outputs=_masked(row.outputs),
        failure=_failure(row.failure),
        parent=_parent(row),
        origin=_origin(row),
        copies=[
            CopyView(instance_id=one.instance_id, kind=one.origin, status=one.status)
            for one in copies
        ],
        maps=_plain(maps),
        trace_id=_trace_id(context),
        trace_url=_trace_url(context, trace_url),
        archived_at=archived_at,
        nodes=[
            node_view(row, node, reached.get(node_id), tried.get(node_id, ()), children)
            for node_id, node in _with_satellites(graph, reached)
        ],
    )


def _trace_id(context: TraceContext | None) -> str | None:
    return None if context is None else f"{context.trace_id:032x}"


def _trace_url(context: TraceContext | None, template: str | None) -> str | None:
    # A trace that is not recorded is nowhere to be seen.
    if template is None or context is None or not context.is_sampled:
        return None
    return template.replace(TRACE_ID, f"{context.trace_id:032x}")


def _with_satellites(graph: Graph, reached: Iterable[str]) -> Iterator[tuple[str, Node]]:
    """Yield the nodes of a graph, each followed by what has run on its behalf."""
    satellites: dict[str, list[str]] = {}
    for node_id in reached:
        if node_id not in graph.nodes:
            owner_id, _, _ = node_id.partition(SATELLITE_SEPARATOR)
            satellites.setdefault(owner_id, []).append(node_id)
    for owner_id, node in graph.nodes.items():
        yield owner_id, node
        for node_id in satellites.get(owner_id, ()):
            found = graph.find(node_id)
            if found is not None:
                yield node_id, found


def change_view(
    row: InstanceDetail,
    graph: Graph,
    nodes: Iterable[NodeRow],
    attempts: Iterable[AttemptRow],
    *,
    children: Children,
    maps: Maps,
) -> InstanceChangeView:
    """Return what has changed of an instance, with the changed nodes only."""
    tried = _by_node(attempts)
    return InstanceChangeView(
        revision=row.revision,
        phase=row.phase,
        priority=row.priority,
        breakpoints=list(row.breakpoints),
        status=row.status,
        allowed=list(allowed_on_instance(InstanceStatus(row.status))),
        outputs=_masked(row.outputs),
        failure=_failure(row.failure),
        started_at=row.started_at,
        ended_at=row.ended_at,
        maps=_plain(maps),
        nodes=[
            node_view(row, content, node, tried.get(node.node_id, ()), children)
            for node in nodes
            if (content := graph.find(node.node_id)) is not None
        ],
    )


def _plain(maps: Maps) -> dict[str, dict[str, int]]:
    return {node_id: dict(counts) for node_id, counts in maps.items()}


def item_view(instance: InstanceDetail, node: Node, row: NodeRow) -> ItemView:
    """Return one item of a map."""
    standing = situation(
        instance.status, node, row.status, row.reason, has_stop=row.node_id in instance.breakpoints
    )
    return ItemView(
        index=int(row.node_id.rpartition(SATELLITE_SEPARATOR)[2]),
        node_id=row.node_id,
        status=standing.status,
        mark=row.mark,
        reason=row.reason,
        failure=_failure(row.failure),
        reached_at=row.reached_at,
        ended_at=row.ended_at,
        allowed=list(allowed_on_node(standing)),
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
    standing = situation(
        instance.status,
        node,
        None if row is None else row.status,
        None if row is None else row.reason,
        has_stop=node.node_id in instance.breakpoints,
    )
    return NodeView(
        node_id=node.node_id,
        kind=node.kind,
        name=node.name,
        plugin=None if node.activity is None else f"{node.activity.plugin}@{node.activity.version}",
        subflow=None if node.subflow is None else _subflow(node.subflow),
        parent=owner_of(node.node_id) or scope_of(node.node_id) or None,
        status=standing.status,
        mark=None if row is None else row.mark,
        reason=None if row is None else _reason(row, shown),
        check_at=None if row is None else row.check_at,
        visits=0 if row is None else row.visits,
        outputs=None if row is None else _masked(row.outputs),
        variables=_masked(row.variables) if row is not None and node.is_inline else None,
        failure=None if row is None else _failure(row.failure),
        reached_at=None if row is None else row.reached_at,
        ended_at=None if row is None else row.ended_at,
        retries=0 if row is None else row.retries,
        resume_at=None if row is None else row.resume_at,
        deadline_at=None if row is None else row.deadline_at,
        has_breakpoint=standing.has_stop,
        allowed=list(allowed_on_node(standing)),
        attempts=[attempt_view(instance.instance_id, one, children) for one in shown],
    )


def _subflow(subflow: Subflow) -> str:
    return f"{subflow.template}@{'latest' if subflow.is_latest else subflow.version}"


def attempt_view(instance_id: uuid.UUID, row: AttemptRow, children: Children) -> AttemptView:
    """Return one attempt; what its plugin keeps between steps is never shown."""
    child = children.get((row.node_id, row.number))
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
        visit=row.visit,
        actor=row.actor,
        wait_until=row.wait_until,
        started_at=row.started_at,
        closed_at=row.closed_at,
        claim=_claim(row),
        has_late_outcome=row.late_outcome is not None,
        cancel_requested_at=row.cancel_requested_at,
        cancel_confirmed_at=row.cancel_confirmed_at,
        child_instance_id=None if child is None else child.instance_id,
        child=None
        if child is None
        else ChildView(instance_id=child.instance_id, status=child.status),
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
        "is_mock": row.is_mock,
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


def _origin(row: InstanceDetail) -> OriginView | None:
    if row.origin_instance_id is None or row.origin is None:
        return None
    return OriginView(instance_id=row.origin_instance_id, kind=row.origin)


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
