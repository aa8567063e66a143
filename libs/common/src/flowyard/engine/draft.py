"""Changes that are being decided, laid over a snapshot that stays as it is."""

from collections.abc import Mapping
from datetime import datetime

from flowyard.engine.effects import (
    AttemptChanged,
    AttemptOpened,
    Change,
    Decision,
    Effect,
    InstanceChanged,
    NodeChanged,
)
from flowyard.engine.errors import IllegalTransitionError
from flowyard.engine.graph import Graph, JsonValue
from flowyard.engine.lifecycle import (
    InstanceStatus,
    NodeStatus,
    may_instance_follow,
    may_node_follow,
)
from flowyard.engine.scope import Scope
from flowyard.engine.snapshot import AttemptState, Failure, NodeState, Snapshot


class Draft:
    """One decision in the making.

    Reads see the changes made so far; every status is checked against the
    lifecycle tables when it is put.

    Parameters
    ----------
    snapshot
        The instance before the event; never changed here.
    at
        When the event counts.
    """

    def __init__(self, snapshot: Snapshot, at: datetime) -> None:
        self.snapshot = snapshot
        self.at = at
        self.status = snapshot.status
        self.variables: Mapping[str, JsonValue] = snapshot.variables
        self.outputs = snapshot.outputs
        self.failure = snapshot.failure
        self.started_at = snapshot.started_at
        self.ended_at = snapshot.ended_at
        self.active_count = snapshot.active_count
        self.failed_count = snapshot.failed_count
        self.effects: list[Effect] = []
        self._nodes: dict[str, NodeState] = {}
        self._attempts: dict[tuple[str, int], AttemptOpened | AttemptChanged] = {}
        self._is_instance_changed = False

    @property
    def graph(self) -> Graph:
        """The graph of the instance's version."""
        return self.snapshot.graph

    def find(self, node_id: str) -> NodeState | None:
        """Return the state of a node, or None while it is pending."""
        return self._nodes.get(node_id) or self.snapshot.nodes.get(node_id)

    def scope(self, loop: int) -> Scope:
        """Return the names that an expression may use at a node on its given visit."""
        return Scope(
            variables=self.variables,
            layers=(self._nodes, self.snapshot.nodes),
            facts=self.snapshot.facts,
            started_at=None if self.started_at is None else self.started_at.isoformat(),
            loop=loop,
        )

    def put(self, node: NodeState) -> None:
        """Give a node its new state.

        Raises
        ------
        IllegalTransitionError
            Raised if its status may not follow the present one.
        """
        before = self.find(node.node_id)
        status = NodeStatus.PENDING if before is None else before.status
        if node.status is not status and not may_node_follow(status, node.status):
            raise IllegalTransitionError(
                subject=f"node {node.node_id}", before=status, after=node.status
            )
        self.active_count += node.is_active - (before is not None and before.is_active)
        self.failed_count += (node.status is NodeStatus.FAILED) - (status is NodeStatus.FAILED)
        self._nodes[node.node_id] = node

    def open_attempt(self, node_id: str, attempt: AttemptState) -> None:
        """Add a further attempt of a node."""
        self._attempts[node_id, attempt.number] = AttemptOpened(node_id=node_id, attempt=attempt)

    def change_attempt(self, node_id: str, attempt: AttemptState) -> None:
        """Give an attempt its new state; one opened by this decision stays new."""
        key = (node_id, attempt.number)
        kind = type(self._attempts[key]) if key in self._attempts else AttemptChanged
        self._attempts[key] = kind(node_id=node_id, attempt=attempt)

    def set_status(self, status: InstanceStatus) -> None:
        """Give the instance its new status.

        Raises
        ------
        IllegalTransitionError
            Raised if it may not follow the present one.
        """
        if status is self.status:
            return
        if not may_instance_follow(self.status, status):
            raise IllegalTransitionError(subject="instance", before=self.status, after=status)
        self.status = status
        self._is_instance_changed = True

    def set_variables(self, variables: Mapping[str, JsonValue]) -> None:
        """Give the instance its new variables."""
        self.variables = variables
        self._is_instance_changed = True

    def set_failure(self, failure: Failure | None) -> None:
        """Note why the instance as a whole could not be advanced."""
        self.failure = failure
        self._is_instance_changed = True

    def decide(self) -> Decision:
        """Return what was put, as a decision."""
        changes: list[Change] = []
        if self._is_instance_changed:
            changes.append(
                InstanceChanged(
                    status=self.status,
                    variables=self.variables,
                    outputs=self.outputs,
                    failure=self.failure,
                    started_at=self.started_at,
                    ended_at=self.ended_at,
                )
            )
        changes.extend(self._attempts.values())
        changes.extend(NodeChanged(node=node) for node in self._nodes.values())
        return Decision(changes=tuple(changes), effects=tuple(self.effects))
