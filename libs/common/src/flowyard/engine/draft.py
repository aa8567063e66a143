"""Changes that are being decided, laid over a snapshot that stays as it is."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from flowyard.engine.effects import (
    AttemptChanged,
    AttemptOpened,
    Change,
    Decision,
    Effect,
    InstanceChanged,
    NodeChanged,
    ReleaseSlot,
)
from flowyard.engine.errors import IllegalTransitionError
from flowyard.engine.expressions import Budget
from flowyard.engine.graph import SATELLITE_SEPARATOR, Graph, JsonValue, owner_of, scope_of
from flowyard.engine.lifecycle import (
    InstanceStatus,
    NodeStatus,
    may_instance_follow,
    may_node_follow,
)
from flowyard.engine.scope import Scope
from flowyard.engine.snapshot import AT_WORK, AttemptState, Failure, NodeState, Phase, Snapshot


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
        self.phase = snapshot.phase
        self.breakpoints = snapshot.breakpoints
        self.priority = snapshot.priority
        self.effects: list[Effect] = []
        self.entered_count = 0
        self._budget = Budget()
        self._nodes: dict[str, NodeState] = {}
        self._attempts: dict[tuple[str, int], AttemptOpened | AttemptChanged] = {}
        self._touched: dict[str, dict[str, NodeState | None]] = {}
        self._is_instance_changed = False

    @property
    def graph(self) -> Graph:
        """The graph of the instance's version."""
        return self.snapshot.graph

    def find(self, node_id: str) -> NodeState | None:
        """Return the state of a node, or None while it is pending."""
        return self._nodes.get(node_id) or self.snapshot.nodes.get(node_id)

    def states(self) -> Iterator[NodeState]:
        """Yield the states of all reached nodes, as changed so far."""
        for node_id, state in self.snapshot.nodes.items():
            yield self._nodes.get(node_id, state)
        for node_id, state in self._nodes.items():
            if node_id not in self.snapshot.nodes:
                yield state

    @property
    def changed(self) -> Mapping[str, NodeState]:
        """The nodes that this decision has changed so far, by id."""
        return self._nodes

    def scope(self, state: NodeState) -> Scope:
        """Return the names that an expression may use at a node, on the visit of its state."""
        scope_id = scope_of(state.node_id)
        variables = self.variables_of(scope_id)
        item = self._item(state.node_id)
        return Scope(
            variables={**variables, **item} if item else variables,
            scope_id=scope_id,
            layers=(self._nodes, self.snapshot.nodes),
            facts=self.snapshot.facts,
            started_at=None if self.started_at is None else self.started_at.isoformat(),
            loop=state.visits,
            lazy=self.graph.lazy_of(scope_id),
            budget=self._budget,
        )

    def _item(self, node_id: str) -> Mapping[str, JsonValue]:
        """Return what an item of a map knows beyond the map: itself, and its place."""
        map_id, _, role = node_id.partition(SATELLITE_SEPARATOR)
        index = role.partition(SATELLITE_SEPARATOR)[0]
        state = self.find(map_id) if index.isdecimal() else None
        if state is None or state.attempt is None or state.attempt.inputs is None:
            return {}
        items = state.attempt.inputs.get("items")
        if not isinstance(items, list) or int(index) >= len(items):
            return {}
        return {"item": items[int(index)], "index": int(index)}

    def variables_of(self, scope_id: str) -> Mapping[str, JsonValue]:
        """Return the variables of an inline subflow; those of the instance for an empty id."""
        if not scope_id:
            return self.variables
        state = self.find(scope_id)
        return {} if state is None else state.variables

    def set_variables_of(self, scope_id: str, variables: Mapping[str, JsonValue]) -> None:
        """Give an inline subflow, or for an empty id the instance, its new variables."""
        state = self.find(scope_id) if scope_id else None
        if state is None:
            self.set_variables(variables)
        else:
            self.put(replace(state, variables=variables))

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
        node = _timed(_bounded(node), before, self.at)
        self.active_count += node.is_active - (before is not None and before.is_active)
        self.failed_count += node.is_stopped - (before is not None and before.is_stopped)
        self._nodes[node.node_id] = node
        owner_id = owner_of(node.node_id)
        if owner_id is not None:
            self._touched.setdefault(owner_id, {}).setdefault(node.node_id, before)

    @property
    def touched_owners(self) -> tuple[str, ...]:
        """The nodes on whose behalf something was put since it was last taken."""
        return tuple(self._touched)

    def take_touched(self, owner_id: str) -> Mapping[str, NodeState | None]:
        """Return what was put on a node's behalf since this was last asked, as it was before."""
        return self._touched.pop(owner_id, {})

    def open_attempt(self, node_id: str, attempt: AttemptState) -> None:
        """Add a further attempt of a node."""
        self._attempts[node_id, attempt.number] = AttemptOpened(node_id=node_id, attempt=attempt)

    def change_attempt(self, node_id: str, attempt: AttemptState) -> None:
        """Give an attempt its new state; one opened by this decision stays new."""
        key = (node_id, attempt.number)
        if attempt.closed_at is not None:
            self._release(node_id, attempt.number)
        kind = type(self._attempts[key]) if key in self._attempts else AttemptChanged
        self._attempts[key] = kind(node_id=node_id, attempt=attempt)

    def _release(self, node_id: str, number: int) -> None:
        node = self.graph.find(node_id)
        if node is not None and node.options.concurrency is not None:
            self.effects.append(ReleaseSlot(node_id=node_id, number=number))

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

    def set_phase(self, phase: Phase) -> None:
        """Have the instance go the other way."""
        self.phase = phase
        self._is_instance_changed = True

    def set_breakpoints(self, breakpoints: frozenset[str]) -> None:
        """Give the instance its new breakpoints."""
        self.breakpoints = breakpoints
        self._is_instance_changed = True

    def set_priority(self, priority: int) -> None:
        """Give the instance its new priority."""
        self.priority = priority
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
                    phase=self.phase,
                    breakpoints=self.breakpoints,
                    priority=self.priority,
                )
            )
        changes.extend(self._attempts.values())
        changes.extend(NodeChanged(node=node) for node in self._nodes.values())
        return Decision(changes=tuple(changes), effects=tuple(self.effects))


def _timed(node: NodeState, before: NodeState | None, at: datetime) -> NodeState:
    """Return a node that knows since when it waits."""
    since = None
    if node.reason is not None and node.reason not in AT_WORK:
        is_same = before is not None and before.reason is node.reason
        since = before.since if is_same and before is not None else at
    return node if node.since is since else replace(node, since=since)


def _bounded(node: NodeState) -> NodeState:
    """Return a state with its deadline gone with its attempt, and looked at by then."""
    if node.deadline_at is None:
        return node
    if node.reason is None or node.attempt is None or not node.attempt.is_open:
        return replace(node, deadline_at=None)
    if node.check_at is not None and node.check_at > node.deadline_at:
        return replace(node, check_at=node.deadline_at)
    return node
