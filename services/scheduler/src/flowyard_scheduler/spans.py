"""What the owner of an instance tells of it in its trace.

Nothing is held open: an attempt, a wait or an instance is recorded once it is over, by
whoever owns the instance then. What that needs to know is stored with the attempt, so
that a restart, or days, between its begin and its end change nothing. Of instances whose
trace is not recorded, nothing here is even looked at.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from flowyard.contracts.topics import node_ready
from flowyard.engine.effects import StartChild
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import Failure, NodeState
from flowyard.storage.advance_store import HeldInstance
from flowyard.storage.postgres_clock import PostgresClock
from flowyard.telemetry.propagation import is_sampled, new_root
from flowyard.telemetry.spans import AttributeValue
from flowyard.telemetry.tracing import Tracing
from flowyard_scheduler.decide import EndedAttempt, EndedWait, Outcome
from flowyard_scheduler.dispatch import HandOut


class Spans:
    """Records what has become of instances.

    Parameters
    ----------
    tracing
        Where spans go.
    clock
        The time by which attempts and waits begin and end.
    """

    def __init__(self, tracing: Tracing, clock: PostgresClock) -> None:
        self._tracing = tracing
        self._clock = clock

    def dispatch(self, held: HeldInstance, one: HandOut) -> str | None:
        """Record that a step goes out, and for how long it has waited; return what it hands on."""
        trace = held.traces.get(one.key.node_id)
        parent = held.traceparent if trace is None else trace.traceparent
        if not is_sampled(parent):
            return parent
        handed_on = self._tracing.event_span(
            "step.dispatch",
            traceparent=parent,
            started_at=_ready_at(held, one),
            ended_at=self._clock.now(),
            attributes={
                **_of_node(held, one.key.node_id, one.key.number),
                "flowyard.step": one.key.step,
                "flowyard.queue": one.queue,
                "messaging.system": "kafka",
                "messaging.operation.type": "send",
                "messaging.destination.name": node_ready(one.queue),
            },
        )
        return handed_on or parent

    def child(self, held: HeldInstance, effect: StartChild, child_id: uuid.UUID) -> str:
        """Begin the trace of a child, linked to the attempt that starts it; return its context."""
        if not is_sampled(held.traceparent):
            return new_root(is_sampled=False)
        trace = held.traces.get(effect.node_id)
        with self._tracing.span(
            "instance.start",
            is_sampled=True,
            attributes={
                "flowyard.project": held.snapshot.facts.project,
                "flowyard.template": effect.template,
                "flowyard.instance": str(child_id),
                "flowyard.parent": str(held.snapshot.facts.instance_id),
            },
            links=() if trace is None else (trace.traceparent,),
        ) as span:
            return span.traceparent

    def follow(self, outcomes: Iterable[Outcome]) -> None:
        """Record what has ended with a stored batch: attempts, waits, instances."""
        for outcome in outcomes:
            held = outcome.write.held
            if not is_sampled(held.traceparent):
                continue
            for attempt in outcome.ended_attempts.values():
                self._attempt(held, attempt)
            for wait in outcome.ended_waits:
                self._wait(held, wait)
            if outcome.write.is_changed and held.snapshot.ended_at is not None:
                self._end(held, held.snapshot.ended_at)

    def batch(self, outcomes: Iterable[Outcome], seconds: float) -> None:
        """Record the commit of a batch, linked to the instances in it whose traces are recorded."""
        links = [one.write.held.traceparent or "" for one in outcomes]
        self._tracing.batch_span(
            "scheduler.batch",
            seconds=seconds,
            ended_at=self._clock.now(),
            links=[one for one in links if is_sampled(one)],
        )

    def _attempt(self, held: HeldInstance, ended: EndedAttempt) -> None:
        attempt = ended.attempt
        if attempt.closed_at is None:
            return
        self._tracing.event_span(
            "node.attempt",
            traceparent=held.traceparent,
            own=ended.trace.traceparent,
            started_at=attempt.opened_at,
            ended_at=attempt.closed_at,
            attributes={
                **_of_node(held, ended.node_id, attempt.number),
                "flowyard.status": attempt.status.value,
            },
            failure=_failure(attempt.failure),
            links=ended.trace.links,
        )

    def _wait(self, held: HeldInstance, ended: EndedWait) -> None:
        node, trace = ended.node, held.traces.get(ended.node.node_id)
        if node.since is None or node.reason is None:
            return
        is_within = node.attempt is not None and node.attempt.is_open
        within = trace.traceparent if is_within and trace is not None else held.traceparent
        self._tracing.event_span(
            "node.wait",
            traceparent=within,
            started_at=node.since,
            ended_at=ended.at,
            attributes={
                **_of_node(held, node.node_id, _number(node)),
                "flowyard.reason": node.reason.value,
            },
            links=() if ended.cause is None else (ended.cause,),
        )

    def _end(self, held: HeldInstance, at: datetime) -> None:
        snapshot = held.snapshot
        self._tracing.event_span(
            "instance.end",
            traceparent=held.traceparent,
            started_at=at,
            ended_at=at,
            attributes={
                **_of_instance(held),
                "flowyard.status": snapshot.status.value,
                "flowyard.succeeded": snapshot.status is InstanceStatus.SUCCEEDED,
            },
            failure=_failure(snapshot.failure),
        )


def _ready_at(held: HeldInstance, one: HandOut) -> datetime:
    """Return since when a step is ready: an attempt's first one with it, before it is stored."""
    node = held.snapshot.nodes.get(one.key.node_id)
    attempt = None if node is None else node.attempt
    is_first = attempt is not None and attempt.number == one.key.number and one.key.step == 0
    return attempt.opened_at if attempt is not None and is_first else one.since


def _failure(failure: Failure | None) -> tuple[str, str] | None:
    return None if failure is None else (failure.code, failure.message)


def _number(node: NodeState) -> int:
    return 0 if node.attempt is None else node.attempt.number


def _of_instance(held: HeldInstance) -> dict[str, AttributeValue]:
    facts = held.snapshot.facts
    return {
        "flowyard.project": facts.project,
        "flowyard.template": facts.template,
        "flowyard.version": held.version,
        "flowyard.instance": str(facts.instance_id),
    }


def _of_node(held: HeldInstance, node_id: str, number: int) -> dict[str, AttributeValue]:
    found = {**_of_instance(held), "flowyard.node": node_id, "flowyard.attempt": number}
    node = held.snapshot.graph.find(node_id)
    activity = None if node is None else node.activity
    if activity is not None:
        found["flowyard.plugin"] = f"{activity.plugin}@{activity.version}"
    return found
