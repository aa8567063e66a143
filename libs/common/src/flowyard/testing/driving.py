"""Drive one instance through the engine, as an owner would, without any storage."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flowyard.engine.advance import advance
from flowyard.engine.apply import apply_changes
from flowyard.engine.effects import Decision, DispatchStep, Effect, StartChild
from flowyard.engine.events import (
    AttemptKey,
    DeadlinePassed,
    Event,
    RetryDue,
    StartInstance,
    StepFailed,
    StepSucceeded,
    StepWaited,
    TimerElapsed,
)
from flowyard.engine.graph import Graph, JsonValue
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import (
    NO_PLAN,
    InstanceFacts,
    ParentLink,
    Plan,
    Snapshot,
    WaitReason,
)

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""When every driven instance begins."""


def snapshot_of(
    graph: Graph,
    given: Mapping[str, JsonValue] | None = None,
    *,
    parent: ParentLink | None = None,
    plan: Plan = NO_PLAN,
) -> Snapshot:
    """Return a new instance of a graph."""
    facts = InstanceFacts(
        instance_id=uuid.UUID(int=1),
        project="example",
        name="test",
        actor="tester",
        callback_secret="",
        parent=parent,
        plan=plan,
    )
    return Snapshot(facts=facts, graph=graph, given=given or {})


class Driver:
    """One instance, its queue of dispatched steps, and a clock that moves on by a second an event.

    Parameters
    ----------
    graph
        What it runs.
    given
        Its inputs.
    plan
        How it was asked to run.
    """

    def __init__(
        self,
        graph: Graph,
        given: Mapping[str, JsonValue] | None = None,
        *,
        parent: ParentLink | None = None,
        plan: Plan = NO_PLAN,
    ) -> None:
        self.snapshot = snapshot_of(graph, given, parent=parent, plan=plan)
        self.at = EPOCH
        self.dispatched: list[DispatchStep] = []
        self.children: list[StartChild] = []
        self.effects: list[Effect] = []
        self.events: list[Event] = []

    def send(self, event: Event) -> Decision:
        """Offer an event and apply what follows."""
        decision = advance(self.snapshot, event)
        apply_changes(self.snapshot, decision.changes)
        self.events.append(event)
        self.effects.extend(decision.effects)
        for effect in decision.effects:
            if isinstance(effect, DispatchStep):
                self.dispatched.append(effect)
            elif isinstance(effect, StartChild):
                self.children.append(effect)
        return decision

    def tick(self) -> datetime:
        """Move the clock on, and return the new instant."""
        self.at += timedelta(seconds=1)
        return self.at

    def start(self) -> Decision:
        """Start the instance."""
        return self.send(StartInstance(at=self.tick()))

    def key(self, node_id: str) -> AttemptKey:
        """Return the present step of a node."""
        attempt = self.snapshot.nodes[node_id].attempt
        if attempt is None:
            raise LookupError(node_id)
        return AttemptKey(node_id=node_id, number=attempt.number, step=attempt.step)

    def succeed(self, node_id: str, outputs: Mapping[str, JsonValue] | None = None) -> Decision:
        """Report that a node's present step has succeeded."""
        return self.send(
            StepSucceeded(key=self.key(node_id), at=self.tick(), outputs=outputs or {})
        )

    def fail(self, node_id: str, code: str = "broken") -> Decision:
        """Report that a node's present step has failed."""
        return self.send(
            StepFailed(key=self.key(node_id), at=self.tick(), code=code, message="It broke")
        )

    def wait(
        self,
        node_id: str,
        reason: WaitReason = WaitReason.TIMER,
        after: timedelta | None = timedelta(seconds=10),
        state: JsonValue = None,
    ) -> Decision:
        """Report that a node's present step waits."""
        return self.send(
            StepWaited(
                key=self.key(node_id),
                at=self.tick(),
                reason=reason,  # type: ignore[arg-type]  # callers pass one of the three
                after=after,
                state=state,
            )
        )

    def elapse(self, node_id: str) -> Decision:
        """Let the present wait of a node end by itself."""
        attempt = self.snapshot.nodes[node_id].attempt
        if attempt is None or attempt.wait_until is None:
            raise LookupError(node_id)
        self.at = max(self.at, attempt.wait_until)
        return self.send(TimerElapsed(key=self.key(node_id), at=self.at))

    def come_due(self, node_id: str) -> Decision:
        """Let the pause before a node's automatic attempt be over."""
        state = self.snapshot.nodes[node_id]
        if state.resume_at is None or state.attempt is None:
            raise LookupError(node_id)
        self.at = max(self.at, state.resume_at)
        return self.send(RetryDue(node_id=node_id, number=state.attempt.number, at=self.at))

    def pass_deadline(self, node_id: str) -> Decision:
        """Let a node's present attempt take too long."""
        state = self.snapshot.nodes[node_id]
        if state.deadline_at is None or state.attempt is None:
            raise LookupError(node_id)
        self.at = max(self.at, state.deadline_at)
        return self.send(DeadlinePassed(node_id=node_id, number=state.attempt.number, at=self.at))

    def statuses(self) -> dict[str, NodeStatus]:
        """Return the status of every reached node."""
        return {node_id: node.status for node_id, node in self.snapshot.nodes.items()}

    def status(self, node_id: str) -> NodeStatus:
        """Return the status of a node."""
        node = self.snapshot.nodes.get(node_id)
        return NodeStatus.PENDING if node is None else node.status

    def instance_status(self) -> InstanceStatus:
        """Return the status of the instance."""
        return self.snapshot.status

    def reason(self, node_id: str) -> WaitReason | None:
        """Return why a node does not go on by itself."""
        return self.snapshot.nodes[node_id].reason

    def ready(self) -> list[str]:
        """Return the nodes whose steps a worker could run now, in a fixed order."""
        return [
            node_id
            for node_id, node in self.snapshot.nodes.items()
            if node.status in (NodeStatus.READY, NodeStatus.RUNNING)
            and node.reason in (WaitReason.QUEUED, WaitReason.RUNNING)
        ]
