"""The one way in which a snapshot changes: by the changes of a decision."""

from collections.abc import Iterable
from typing import assert_never

from flowyard.engine.effects import (
    AttemptChanged,
    AttemptOpened,
    Change,
    InstanceChanged,
    NodeChanged,
)
from flowyard.engine.snapshot import Snapshot


def apply_changes(snapshot: Snapshot, changes: Iterable[Change]) -> None:
    """Bring a snapshot to the state that a decision describes.

    The revision stays: it counts stored batches and belongs to the caller.

    Parameters
    ----------
    snapshot
        Changed in place.
    changes
        In the order of the decision.
    """
    for change in changes:
        match change:
            case NodeChanged(node=node):
                before = snapshot.nodes.get(node.node_id)
                snapshot.active_count += node.is_active - (before is not None and before.is_active)
                snapshot.failed_count += node.is_stopped - (
                    before is not None and before.is_stopped
                )
                snapshot.nodes[node.node_id] = node
            case InstanceChanged():
                snapshot.status = change.status
                snapshot.variables = change.variables
                snapshot.outputs = change.outputs
                snapshot.failure = change.failure
                snapshot.started_at = change.started_at
                snapshot.ended_at = change.ended_at
                snapshot.phase = change.phase
                snapshot.breakpoints = change.breakpoints
                snapshot.priority = change.priority
            case AttemptOpened() | AttemptChanged():
                pass  # the latest attempt stands in its node's state; older ones only in storage
            case _:
                assert_never(change)
