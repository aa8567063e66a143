"""What the client reads of the API's answers; everything else in them is passed over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

SETTLED_STATUSES = frozenset({"succeeded", "failed", "cancelled"})
"""Instance statuses in which nothing goes on by itself."""

FINAL_STATUSES = frozenset({"succeeded", "cancelled"})
"""Instance statuses that never change again."""


class View(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class FailureView(View):
    """Why something stopped."""

    code: str
    message: str


class AttemptView(View):
    """One attempt of a node."""

    number: int
    status: str
    opened_at: datetime
    started_at: datetime | None = None
    closed_at: datetime | None = None
    failure: FailureView | None = None


class NodeView(View):
    """One node of an instance."""

    node_id: str
    name: str | None = None
    kind: str = "activity"
    plugin: str | None = None
    status: str
    reason: str | None = None
    check_at: datetime | None = None
    outputs: Any = None
    failure: FailureView | None = None
    reached_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: tuple[AttemptView, ...] = ()

    @property
    def is_activity(self) -> bool:
        """Tell whether it does something, in contrast to a node that only routes."""
        return self.kind in {"activity", "subflow"}

    @property
    def needs_decision(self) -> bool:
        """Tell whether a person has to say yes or no."""
        return self.status == "waiting" and self.reason == "approval"


class InstanceHead(View):
    """What changes of an instance besides its nodes."""

    status: str
    revision: int = 0
    outputs: Any = None
    failure: FailureView | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


class InstanceView(InstanceHead):
    """One instance with all its nodes, in the order of the definition."""

    instance_id: str
    name: str
    template: str = ""
    version: int = 0
    created_at: datetime | None = None
    nodes: tuple[NodeView, ...] = ()

    @property
    def is_final(self) -> bool:
        """Tell whether it never changes again."""
        return self.status in FINAL_STATUSES

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing goes on without a person."""
        return self.status in SETTLED_STATUSES

    def changed_by(self, change: Mapping[str, Any]) -> "InstanceView":
        """Return it as it is after a change that carries the changed nodes whole."""
        fresh = {
            node.node_id: node for node in map(NodeView.model_validate, change.get("nodes", ()))
        }
        kept = [fresh.pop(node.node_id, node) for node in self.nodes]
        head = InstanceHead.model_validate(change)
        return self.model_copy(update={**dict(head), "nodes": (*kept, *fresh.values())})
