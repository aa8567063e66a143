"""How what waits for a person looks, with enough of it to act on it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.engine.graph import JsonValue, Node
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.operations import allowed_on_instance, allowed_on_node
from flowyard.storage.plan_codec import decode_plan
from flowyard.storage.waiting import WaitingRow, WaitKind
from flowyard_api.catalog import Graphs
from flowyard_api.models.shapes import FailureView
from flowyard_api.models.waiting import WaitingView
from flowyard_api.usecases.operating import situation
from flowyard_api.usecases.views import mask

_SAME = tuple(WaitingView.model_fields.keys() & WaitingRow.__dataclass_fields__.keys())


async def waiting_view(
    connection: AsyncConnection, graphs: Graphs, row: WaitingRow, *, actor: str
) -> WaitingView:
    """Return what waits, as this one sees it."""
    graph = await graphs.find_planned(
        connection, row.template_id, row.version, decode_plan(row.plan)
    )
    node = graph.find(row.node_id) if row.node_id else None
    inputs = row.inputs or {}
    approvers = _names(inputs.get("approvers"))
    is_asked = not approvers or actor in approvers
    return WaitingView.model_validate(
        {name: getattr(row, name) for name in _SAME}
        | {
            "node_id": row.node_id or None,
            "node_name": "" if node is None else node.name,
            "node_kind": None if node is None else node.kind,
            "plugin": _plugin(node),
            "attempt": row.number,
            "until_at": min(filter(None, (row.wait_until, row.deadline_at)), default=None),
            "message": _text(mask(inputs.get("message"))),
            "approvers": approvers,
            "is_for_you": is_asked if row.kind is WaitKind.APPROVAL else row.actor == actor,
            "failure": _failure(row),
            "allowed": _allowed(row, node),
        }
    )


def _allowed(row: WaitingRow, node: Node | None) -> list[str]:
    if not row.node_id:
        return list(allowed_on_instance(InstanceStatus(row.instance_status)))
    if node is None:
        return []
    has_stop = row.node_id in row.breakpoints
    return list(
        allowed_on_node(
            situation(row.instance_status, node, row.status, row.reason, has_stop=has_stop)
        )
    )


def _plugin(node: Node | None) -> str | None:
    if node is None or node.activity is None:
        return None
    return f"{node.activity.plugin}@{node.activity.version}"


def _failure(row: WaitingRow) -> FailureView | None:
    if row.failure is None or row.kind is WaitKind.APPROVAL:
        return None
    return FailureView(code=row.failure["code"], message=row.failure["message"])


def _names(value: JsonValue) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""
