"""Which operation people may ask for in which status.

The API checks these tables first and answers 409; the engine checks them again,
and its answer counts.
"""

from flowyard.engine.lifecycle import InstanceStatus, NodeStatus

INSTANCE_OPERATIONS: dict[str, frozenset[InstanceStatus]] = {
    "start": frozenset({InstanceStatus.CREATED}),
    "pause": frozenset({InstanceStatus.RUNNING}),
    "resume": frozenset({InstanceStatus.PAUSED}),
    "cancel": frozenset(
        {
            InstanceStatus.CREATED,
            InstanceStatus.RUNNING,
            InstanceStatus.PAUSED,
            InstanceStatus.FAILED,
        }
    ),
}
"""Operations on an instance, and the statuses that allow them."""

NODE_OPERATIONS: dict[str, frozenset[NodeStatus]] = {
    "retry": frozenset({NodeStatus.FAILED}),
    "skip": frozenset({NodeStatus.FAILED}),
    "approve": frozenset({NodeStatus.WAITING}),
    "reject": frozenset({NodeStatus.WAITING}),
}
"""Operations on a node, and the statuses that allow them."""

NODE_OPERATIONS_NEED = frozenset(
    {InstanceStatus.RUNNING, InstanceStatus.PAUSED, InstanceStatus.FAILED}
)
"""The statuses of an instance in which its nodes may be operated on at all."""


def allowed_on_instance(status: InstanceStatus) -> tuple[str, ...]:
    """Return the operations that an instance's status allows, in a fixed order."""
    return tuple(verb for verb, statuses in INSTANCE_OPERATIONS.items() if status in statuses)


def allowed_on_node(instance: InstanceStatus, node: NodeStatus) -> tuple[str, ...]:
    """Return the operations that the statuses of a node and its instance allow."""
    if instance not in NODE_OPERATIONS_NEED:
        return ()
    return tuple(verb for verb, statuses in NODE_OPERATIONS.items() if node in statuses)
