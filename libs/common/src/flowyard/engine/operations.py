"""Which operation people may ask for in which status.

The API checks these tables first and answers 409; the engine checks them again,
and its answer counts. ``docs/instance-operations.md`` is generated from them.
"""

from dataclasses import dataclass

from flowyard.engine.effects import Rejection
from flowyard.engine.graph import SATELLITE_SEPARATOR, WORK_KINDS, Node, NodeKind
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import WaitReason

FORBIDDEN = "forbidden_operation"
"""Code of a refusal that another status, kind or reason would not have met."""

MAX_PRIORITY = 9
"""The priority whose steps are dispatched first; 0 comes last."""

_UNENDED = frozenset(
    {
        InstanceStatus.CREATED,
        InstanceStatus.RUNNING,
        InstanceStatus.PAUSED,
        InstanceStatus.FAILED,
    }
)
_BEGUN = _UNENDED - {InstanceStatus.CREATED}
_SETTLED = frozenset({InstanceStatus.FAILED, InstanceStatus.SUCCEEDED, InstanceStatus.CANCELLED})

INSTANCE_OPERATIONS: dict[str, frozenset[InstanceStatus]] = {
    "start": frozenset({InstanceStatus.CREATED}),
    "pause": frozenset({InstanceStatus.RUNNING}),
    "resume": frozenset({InstanceStatus.PAUSED}),
    "cancel": _UNENDED,
    "set-variables": _BEGUN,
    "set-priority": _UNENDED,
    "clone": frozenset(InstanceStatus),
    "rerun": _SETTLED,
}
"""Operations on an instance, and the statuses that allow them."""

COPYING = frozenset({"clone", "rerun"})
"""Operations that leave the instance alone: they create another one like it."""

NODE_OPERATIONS: dict[str, frozenset[NodeStatus]] = {
    "retry": frozenset({NodeStatus.FAILED}),
    "skip": frozenset({NodeStatus.FAILED}),
    "force-fail": frozenset({NodeStatus.READY, NodeStatus.RUNNING, NodeStatus.WAITING}),
    "force-succeed": frozenset(
        {NodeStatus.READY, NodeStatus.RUNNING, NodeStatus.WAITING, NodeStatus.FAILED}
    ),
    "pause": frozenset(
        {
            NodeStatus.PENDING,
            NodeStatus.READY,
            NodeStatus.WAITING,
            NodeStatus.SUCCEEDED,
            NodeStatus.SKIPPED,
            NodeStatus.CANCELLED,
        }
    ),
    "resume": frozenset(
        {
            NodeStatus.PENDING,
            NodeStatus.READY,
            NodeStatus.WAITING,
            NodeStatus.SUCCEEDED,
            NodeStatus.SKIPPED,
            NodeStatus.CANCELLED,
        }
    ),
    "choose": frozenset({NodeStatus.FAILED}),
    "reset-timer": frozenset({NodeStatus.WAITING}),
    "restart": frozenset({NodeStatus.WAITING, NodeStatus.FAILED}),
    "approve": frozenset({NodeStatus.WAITING}),
    "reject": frozenset({NodeStatus.WAITING}),
}
"""Operations on a node, and the statuses that allow them."""

NODE_OPERATIONS_NEED = _BEGUN
"""The statuses of an instance in which its nodes may be operated on at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What an operation on a node needs beside the node's status."""

    instances: frozenset[InstanceStatus] = NODE_OPERATIONS_NEED
    """Statuses of the instance."""
    kinds: frozenset[NodeKind] = frozenset(NodeKind)
    reasons: frozenset[WaitReason] = frozenset(WaitReason)
    """Why the node may stand still; without meaning for a node that has no reason."""
    has_stop: bool | None = None
    """Whether a person has asked for a stop at the node; None where that is all one."""
    is_of_graph: bool = False
    """True where what runs on behalf of a node cannot take it."""
    option: str | None = None
    """Which option of the node has to be on."""
    code: str = FORBIDDEN
    """What a refusal because of the option is called."""


_STOPPABLE = frozenset(
    {WaitReason.PAUSED, WaitReason.BRANCHES, WaitReason.BREAKPOINT, WaitReason.INNER}
)
_STOP_NEEDS = _UNENDED
_CAN_STOP = frozenset(NodeKind) - {NodeKind.START}
_DECISIONS = Condition(
    kinds=frozenset({NodeKind.ACTIVITY}), reasons=frozenset({WaitReason.APPROVAL})
)

NODE_CONDITIONS: dict[str, Condition] = {
    "retry": Condition(option="is_retryable", code="not_retryable"),
    "skip": Condition(
        kinds=WORK_KINDS | {NodeKind.END}, option="is_skippable", code="not_skippable"
    ),
    "force-fail": Condition(kinds=WORK_KINDS),
    "force-succeed": Condition(kinds=WORK_KINDS),
    "pause": Condition(
        instances=_STOP_NEEDS,
        kinds=_CAN_STOP,
        reasons=_STOPPABLE,
        has_stop=False,
        is_of_graph=True,
    ),
    "resume": Condition(
        instances=_STOP_NEEDS,
        kinds=_CAN_STOP,
        reasons=_STOPPABLE,
        has_stop=True,
        is_of_graph=True,
    ),
    "choose": Condition(kinds=frozenset({NodeKind.EXCLUSIVE, NodeKind.CONDITIONAL_PARALLEL})),
    "reset-timer": Condition(reasons=frozenset({WaitReason.TIMER, WaitReason.RETRY})),
    "restart": Condition(
        kinds=frozenset({NodeKind.SUBFLOW}),
        reasons=frozenset(
            {WaitReason.CHILD, WaitReason.INNER, WaitReason.RETRY, WaitReason.INCIDENT}
        ),
    ),
    "approve": _DECISIONS,
    "reject": _DECISIONS,
}
"""What operations on nodes need beside the status, by operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How a node stands, as far as operations depend on it."""

    instance: InstanceStatus
    node: Node
    """What the node is."""
    status: NodeStatus = NodeStatus.PENDING
    reason: WaitReason | None = None
    has_stop: bool = False
    """Whether a person has asked for a stop at it."""


def allowed_on_instance(status: InstanceStatus) -> tuple[str, ...]:
    """Return the operations that an instance's status allows, in a fixed order."""
    return tuple(verb for verb, statuses in INSTANCE_OPERATIONS.items() if status in statuses)


def allowed_on_node(situation: Situation) -> tuple[str, ...]:
    """Return the operations that a node allows as it stands, in a fixed order."""
    return tuple(verb for verb in NODE_OPERATIONS if _refusal(verb, situation) is None)


def refusal_on_instance(verb: str, status: InstanceStatus) -> Rejection | None:
    """Return why an instance does not take an operation; None where it does."""
    if status in INSTANCE_OPERATIONS[verb]:
        return None
    allowed = ", ".join(allowed_on_instance(status)) or "nothing"
    return Rejection(
        code=FORBIDDEN,
        message=f"Expected an instance that allows {verb}, but it is {status}: {allowed} allowed",
    )


def refusal_on_node(verb: str, situation: Situation) -> Rejection | None:
    """Return why a node does not take an operation as it stands; None where it does."""
    refusal = _refusal(verb, situation)
    if refusal is None:
        return None
    allowed = ", ".join(allowed_on_node(situation)) or "nothing"
    return Rejection(code=refusal.code, message=f"{refusal.message}: {allowed} allowed")


def _refusal(verb: str, situation: Situation) -> Rejection | None:
    need = NODE_CONDITIONS[verb]
    node, reason = situation.node, situation.reason
    is_status_right = situation.status in NODE_OPERATIONS[verb]
    if situation.instance not in need.instances or not is_status_right:
        found = f"is {situation.status} in an instance that is {situation.instance}"
        return _forbidden(f"a node that allows {verb}", f"{node.node_id} {found}")
    if node.kind not in need.kinds:
        kinds = " or ".join(kind for kind in NodeKind if kind in need.kinds)
        return _forbidden(f"a node of kind {kinds}", f"{node.node_id} is {node.kind}")
    if reason is not None and reason not in need.reasons:
        reasons = " or ".join(one for one in WaitReason if one in need.reasons)
        return _forbidden(
            f"a node that stands still for {reasons}", f"{node.node_id} does for {reason}"
        )
    if need.is_of_graph and SATELLITE_SEPARATOR in node.node_id:
        return _forbidden("a node of the graph", f"{node.node_id} runs on behalf of one")
    if need.has_stop is not None and need.has_stop is not situation.has_stop:
        wanted, found = ("a", "none") if need.has_stop else ("no", "one")
        return _forbidden(f"{wanted} stop at {node.node_id}", f"there is {found}")
    if need.option is not None and not getattr(node.options, need.option):
        return Rejection(
            code=need.code,
            message=f"Expected a node whose options allow {verb}, but those of"
            f" {node.node_id} do not",
        )
    return None


def _forbidden(wanted: str, found: str) -> Rejection:
    return Rejection(code=FORBIDDEN, message=f"Expected {wanted}, but {found}")
