"""How far a map has come, and what it makes of its items."""

from collections.abc import Sequence

from msgspec import Struct

from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.graph import JsonValue, MapSpec
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import Failure, NodeState

MAX_TOLD = 3
"""How many failures of items a map's own failure quotes."""

UNDONE = frozenset({NodeStatus.FAILED, NodeStatus.CANCELLED})
"""Statuses of items that count against the tolerance and run again when the map is retried."""


class Progress(Struct, kw_only=True):
    """How far a map has come."""

    next: int = 0
    """Index of the item to be looked at next."""
    begun: int = 0
    """How many items have begun on this visit; more than ``next`` while they are run again."""
    open: int = 0
    """How many items are under way."""
    undone: int = 0
    """How many items have failed or were cancelled."""
    left: int = 0
    """How many of these stand at ``next`` or behind: they are to be run again."""

    @classmethod
    def of(cls, state: NodeState) -> "Progress":
        """Return what a map's state says."""
        return cls(**{name: _count(value) for name, value in state.variables.items()})

    def note(self, index: int, before: NodeState | None, after: NodeState) -> None:
        """Take in that an item has changed."""
        if index >= self.begun:
            before = None
        was_undone = before is not None and before.status in UNDONE
        is_undone = after.status in UNDONE
        self.open += after.is_open - (before is not None and before.is_open)
        self.undone += is_undone - was_undone
        if self.next <= index < self.begun:
            self.left += is_undone - was_undone

    def pass_by(self, state: NodeState) -> None:
        """Go on to the following item."""
        if self.next < self.begun and state.status in UNDONE:
            self.left -= 1
        self.next += 1
        self.begun = max(self.begun, self.next)


def _count(value: JsonValue) -> int:
    if not isinstance(value, int):
        raise BrokenInvariantError("Expected a map to keep counts as its variables")
    return value


def tolerated_of(spec: MapSpec, count: int) -> float:
    """Return how many of a map's items may fail."""
    return max(spec.tolerated, (spec.tolerated_percent or 0) * count / 100)


def outputs_of(items: Sequence[NodeState | None]) -> dict[str, JsonValue]:
    """Return what a map yields.

    Parameters
    ----------
    items
        In order; None for those that were never begun.
    """
    statuses = [NodeStatus.PENDING if item is None else item.status for item in items]
    results: list[JsonValue] = [
        dict(item.outputs) if item is not None and item.status is NodeStatus.SUCCEEDED else None
        for item in items
    ]
    failed: list[JsonValue] = [index for index, status in enumerate(statuses) if status in UNDONE]
    return {
        "results": results,
        "statuses": [status.value for status in statuses],
        "failed": failed,
        "count": len(items),
        "succeeded": statuses.count(NodeStatus.SUCCEEDED),
    }


def items_failed(items: Sequence[NodeState | None], tolerated: int) -> Failure:
    """Return why a map has failed of whose items too many have."""
    undone = [item for item in items if item is not None and item.status in UNDONE]
    told = "; ".join(
        f"{item.node_id}: {item.failure.message if item.failure else item.status}"
        for item in undone[:MAX_TOLD]
    )
    return Failure(
        code="items_failed",
        message=f"Expected at most {tolerated} of {len(items)} items to fail,"
        f" but {len(undone)} did ({told}{'; ...' if len(undone) > MAX_TOLD else ''})",
    )
