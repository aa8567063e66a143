"""The state machines of nodes and instances.

Rules: everything that decides whether a status may follow another lives in this
file; nothing here knows about graphs, attempts or storage.

Theory of operation: a node is ``pending`` until a token reaches it. It is
``ready`` while it could be worked on, ``running`` once its plugin is known to
work, ``waiting`` while a timer, a callback, a person or a child instance has to
come first. ``failed`` is not final: a person may retry, skip or cancel. A loop
brings a ``succeeded`` or ``skipped`` node back to ``ready``, a subflow that is started
over its ``cancelled`` ones. ``docs/states.md``
is generated from the tables below.
"""

from enum import StrEnum


class NodeStatus(StrEnum):
    """What a node is doing."""

    PENDING = "pending"
    """No token has reached it yet."""
    READY = "ready"
    """Reached; its plugin has not been seen to work on the present step yet."""
    RUNNING = "running"
    """Its plugin has reported that it works."""
    WAITING = "waiting"
    """Something has to happen first: see its wait reason."""
    SUCCEEDED = "succeeded"
    """Done; its outputs are visible to others."""
    FAILED = "failed"
    """Stopped; a person may retry, skip or cancel."""
    SKIPPED = "skipped"
    """Passed over, by a person or by its options; it has no outputs."""
    CANCELLED = "cancelled"
    """Ended together with its instance, or with its subflow when that was started over."""


class InstanceStatus(StrEnum):
    """What an instance is doing."""

    CREATED = "created"
    """Stored, not started."""
    RUNNING = "running"
    """Something can go on without a person, or waits for one on purpose."""
    PAUSED = "paused"
    """What runs goes on to its end; nothing new starts."""
    FAILED = "failed"
    """Nothing can go on without a person; a retry or a skip brings it back to running."""
    SUCCEEDED = "succeeded"
    """The end was reached."""
    CANCELLED = "cancelled"
    """Ended by a person or by its parent."""


NODE_TRANSITIONS: dict[NodeStatus, frozenset[NodeStatus]] = {
    NodeStatus.PENDING: frozenset({NodeStatus.READY}),
    NodeStatus.READY: frozenset(
        {
            NodeStatus.RUNNING,
            NodeStatus.WAITING,
            NodeStatus.SUCCEEDED,
            NodeStatus.FAILED,
            NodeStatus.SKIPPED,
            NodeStatus.CANCELLED,
        }
    ),
    NodeStatus.RUNNING: frozenset(
        {
            NodeStatus.WAITING,
            NodeStatus.SUCCEEDED,
            NodeStatus.FAILED,
            NodeStatus.SKIPPED,
            NodeStatus.CANCELLED,
        }
    ),
    NodeStatus.WAITING: frozenset(
        {
            NodeStatus.READY,
            NodeStatus.SUCCEEDED,
            NodeStatus.FAILED,
            NodeStatus.SKIPPED,
            NodeStatus.CANCELLED,
        }
    ),
    NodeStatus.SUCCEEDED: frozenset({NodeStatus.READY}),
    NodeStatus.FAILED: frozenset(
        {NodeStatus.READY, NodeStatus.SUCCEEDED, NodeStatus.SKIPPED, NodeStatus.CANCELLED}
    ),
    NodeStatus.SKIPPED: frozenset({NodeStatus.READY}),
    NodeStatus.CANCELLED: frozenset({NodeStatus.READY}),
}
"""Which status may follow which, for nodes."""

INSTANCE_TRANSITIONS: dict[InstanceStatus, frozenset[InstanceStatus]] = {
    InstanceStatus.CREATED: frozenset(
        {InstanceStatus.RUNNING, InstanceStatus.FAILED, InstanceStatus.CANCELLED}
    ),
    InstanceStatus.RUNNING: frozenset(
        {
            InstanceStatus.PAUSED,
            InstanceStatus.FAILED,
            InstanceStatus.SUCCEEDED,
            InstanceStatus.CANCELLED,
        }
    ),
    InstanceStatus.PAUSED: frozenset(
        {InstanceStatus.RUNNING, InstanceStatus.FAILED, InstanceStatus.CANCELLED}
    ),
    InstanceStatus.FAILED: frozenset({InstanceStatus.RUNNING, InstanceStatus.CANCELLED}),
    InstanceStatus.SUCCEEDED: frozenset(),
    InstanceStatus.CANCELLED: frozenset(),
}
"""Which status may follow which, for instances."""

OPEN_NODE_STATUSES = frozenset({NodeStatus.READY, NodeStatus.RUNNING, NodeStatus.WAITING})
"""A node in one of these holds a token that has neither moved on nor failed."""

FINAL_INSTANCE_STATUSES = frozenset({InstanceStatus.SUCCEEDED, InstanceStatus.CANCELLED})
"""An instance in one of these never changes again."""


def may_node_follow(before: NodeStatus, after: NodeStatus) -> bool:
    """Tell whether a node may go from one status to the other."""
    return after in NODE_TRANSITIONS[before]


def may_instance_follow(before: InstanceStatus, after: InstanceStatus) -> bool:
    """Tell whether an instance may go from one status to the other."""
    return after in INSTANCE_TRANSITIONS[before]
