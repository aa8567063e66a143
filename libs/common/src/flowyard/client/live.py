"""An instance as its stream of events tells it."""

from collections.abc import Mapping
from typing import Any, cast

from flowyard.client.events import ServerEvent
from flowyard.client.models import InstanceView, NodeView

SETTLED = frozenset({"succeeded", "failed", "cancelled"})
"""Statuses of an instance in which nothing goes on by itself."""

FINAL = frozenset({"succeeded", "cancelled"})
"""Statuses that never change again."""


class LiveInstance:
    """Puts what has changed into what is known.

    Attributes
    ----------
    seen
        What to send as ``Last-Event-ID`` for what was missed since; None for
        nothing yet.
    is_over
        Whether the stream has come to its end.
    """

    def __init__(self) -> None:
        self.seen: int | None = None
        self.is_over = False
        self._head: dict[str, Any] = {}
        self._nodes: dict[str, NodeView] = {}

    def take(self, event: ServerEvent) -> InstanceView | None:
        """Return the instance as it is after an event; None where nothing has changed."""
        if event.event == "end":
            self.is_over = True
        if event.event not in {"snapshot", "change"} or not isinstance(event.data, dict):
            return None
        data = cast("dict[str, Any]", event.data)
        if event.event == "snapshot":
            self._nodes = {}
        elif self.seen is None:
            return None
        revision = int(data.get("revision", 0))
        if self.seen is not None and revision <= self.seen and event.event == "change":
            return None
        self.seen = revision
        return self._changed(data)

    def put(self, view: InstanceView) -> None:
        """Go on from what was read otherwise."""
        self.seen = view.revision
        self.is_over = view.status in FINAL
        self._head = view.model_dump(mode="json", exclude={"nodes"})
        self._nodes = {node.node_id: node for node in view.nodes}

    def _changed(self, data: Mapping[str, Any]) -> InstanceView:
        self._head.update(data)
        # Only what has changed is read: an instance may have thousands of nodes.
        for node in map(NodeView.model_validate, data.get("nodes", ())):
            self._nodes[node.node_id] = node
        view = InstanceView.model_validate({**self._head, "nodes": []})
        return view.model_copy(update={"nodes": list(self._nodes.values())})
