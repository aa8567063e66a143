"""From events of one instance to what has to be written and done: the third of the six steps."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeGuard

from msgspec import Struct, field
from msgspec.structs import replace

from flowyard.engine.advance import advance
from flowyard.engine.apply import apply_changes
from flowyard.engine.effects import (
    AttemptChanged,
    AttemptOpened,
    Decision,
    DispatchStep,
    Effect,
    InstanceChanged,
    NodeChanged,
    Rejection,
)
from flowyard.engine.errors import UnknownAttemptError
from flowyard.engine.events import AdvanceBroken, Event, PauseInstance
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import AttemptState, NodeState
from flowyard.storage.advance_store import (
    AttemptTrace,
    HeldInstance,
    InstanceWrite,
    Settlement,
    StoredCommand,
)
from flowyard.storage.webhook_events import HookEvent, Subscription
from flowyard.telemetry.propagation import is_sampled, new_child
from flowyard_scheduler.hook_events import hook_events
from flowyard_scheduler.repetition import repeats

EventAt = Callable[[datetime], Event | Rejection]
"""Makes an event of the instant at which its batch is decided."""


class Item(Struct, frozen=True):
    """One thing that may change an instance."""

    event_at: EventAt
    command: StoredCommand | None = None
    at: float = 0.0
    """When what it tells was reported, in seconds since 1970; 0 for what nobody reports."""


class EndedAttempt(Struct, frozen=True):
    """An attempt that is closed now, of an instance whose trace is recorded."""

    node_id: str
    attempt: AttemptState
    trace: AttemptTrace


class EndedWait(Struct, frozen=True):
    """A node as it waited, of an instance whose trace is recorded."""

    node: NodeState
    at: datetime
    """When that was over."""
    cause: str | None
    """The request that ended it, as ``traceparent``."""


class Outcome(Struct):
    """What follows for one instance from a batch."""

    write: InstanceWrite
    effects: list[Effect] = field(default_factory=list)
    ended_attempts: dict[tuple[str, int], EndedAttempt] = field(default_factory=dict)
    ended_waits: list[EndedWait] = field(default_factory=list)
    hooks: Sequence[Subscription] = ()
    """The webhooks of its project."""
    hook_events: list[HookEvent] = field(default_factory=list)
    """What they are told."""
    stale_count: int = 0
    deferred_count: int = 0
    rejected_count: int = 0
    duplicate_count: int = 0
    """Stale facts that only say again what is stored."""
    before: InstanceStatus | None = None
    """The instance's status before the batch."""
    readied: list[float] = field(default_factory=list)
    """When those results were reported that have made further steps ready."""

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to store."""
        write = self.write
        return not (write.nodes or write.changed or write.is_changed or write.settlements)


def decide(
    held: HeldInstance,
    items: Sequence[Item],
    at: datetime,
    *,
    is_fresh: bool,
    hooks: Sequence[Subscription] = (),
) -> Outcome:
    """Apply events to an instance in memory, and return what has to be stored.

    The snapshot is changed even if this raises: the caller drops it then.

    Parameters
    ----------
    held
        The instance, as it is stored.
    items
        In the order in which they count.
    at
        The instant at which they count, by Postgres' clock.
    is_fresh
        Whether the instance has just been loaded: then an event about something
        that it does not know is about something that never was.
    hooks
        The webhooks of its project.

    Raises
    ------
    UnknownAttemptError
        Raised if an event is about something newer than the snapshot, which may
        be old.
    """
    outcome = Outcome(write=InstanceWrite(held=held), before=held.snapshot.status, hooks=hooks)
    for item in items:
        event = item.event_at(at)
        if isinstance(event, Rejection):
            decision = Decision(rejection=event)
        elif isinstance(event, PauseInstance):
            decision = _paused(outcome, event)
        else:
            decision = _advanced(held, event, is_fresh=is_fresh)
            if decision.is_stale and repeats(held.snapshot, event):
                outcome.duplicate_count += 1
        _take_over(outcome, item, decision, at)
    return outcome


def _paused(outcome: Outcome, event: PauseInstance) -> Decision:
    """Decide a pause; steps that the same batch has made ready are not queued at all."""
    ready = [effect for effect in outcome.effects if isinstance(effect, DispatchStep)]
    withdrawn = event.withdrawn.union(effect.node_id for effect in ready)
    decision = advance(outcome.write.held.snapshot, replace(event, withdrawn=withdrawn))
    if decision.rejection is None:
        outcome.effects = [one for one in outcome.effects if one not in ready]
    return decision


def _advanced(held: HeldInstance, event: Event, *, is_fresh: bool) -> Decision:
    try:
        return advance(held.snapshot, event)
    except UnknownAttemptError:
        if is_fresh:
            return Decision(is_stale=True)
        raise


def broken(
    held: HeldInstance,
    items: Sequence[Item],
    code: str,
    at: datetime,
    hooks: Sequence[Subscription] = (),
) -> Outcome:
    """Make an incident of an instance that the engine cannot advance.

    Its open commands are rejected; the events are not repeated.
    """
    outcome = Outcome(write=InstanceWrite(held=held), before=held.snapshot.status, hooks=hooks)
    message = "Expected to advance this instance, but the engine failed on it"
    decision = advance(held.snapshot, AdvanceBroken(at=at, code=code, message=message))
    _take_over(outcome, Item(lambda _: Rejection(code=code, message=message)), decision, at)
    outcome.write.settlements.extend(
        Settlement(
            command_id=item.command.command_id, rejection=Rejection(code=code, message=message)
        )
        for item in items
        if item.command is not None
    )
    return outcome


def _take_over(outcome: Outcome, item: Item, decision: Decision, at: datetime) -> None:
    outcome.stale_count += decision.is_stale and item.command is None
    outcome.deferred_count += decision.is_deferred
    outcome.rejected_count += decision.rejection is not None
    if item.command is not None and not decision.is_deferred:
        outcome.write.settlements.append(
            Settlement(command_id=item.command.command_id, rejection=decision.rejection)
        )
    if not decision.changes:
        return
    if is_sampled(outcome.write.held.traceparent):
        _note_trace(outcome, item, decision, at)
    if outcome.hooks:
        outcome.hook_events += hook_events(
            outcome.write.held.snapshot,
            decision.changes,
            at,
            hooks=outcome.hooks,
            sequence=len(outcome.hook_events),
        )
    apply_changes(outcome.write.held.snapshot, decision.changes)
    _collect(outcome.write, decision)
    outcome.effects.extend(decision.effects)
    if item.at:
        for effect in decision.effects:
            if type(effect) is DispatchStep:
                outcome.readied.append(item.at)
                break


def _note_trace(outcome: Outcome, item: Item, decision: Decision, at: datetime) -> None:
    """Note what a decision begins and ends; the snapshot still is as it was before."""
    held = outcome.write.held
    cause = None if item.command is None else item.command.traceparent
    for change in decision.changes:
        match change:
            case NodeChanged(node=node):
                before = held.snapshot.nodes.get(node.node_id)
                if _has_waited(before, node):
                    outcome.ended_waits.append(EndedWait(before, at, cause))
            case AttemptOpened(node_id=node_id, attempt=attempt):
                _open_trace(held, node_id, attempt, cause)
                _end_attempt(outcome, node_id, attempt)
            case AttemptChanged(node_id=node_id, attempt=attempt):
                _end_attempt(outcome, node_id, attempt)
            case _:
                pass


def _has_waited(before: NodeState | None, node: NodeState) -> TypeGuard[NodeState]:
    """Tell whether a wait is over with a node's new state."""
    if before is None or before.since is None:
        return False
    return node.reason is not before.reason or node.since != before.since


def _open_trace(held: HeldInstance, node_id: str, attempt: AttemptState, cause: str | None) -> None:
    before = held.traces.get(node_id)
    links = [cause, None if before is None else before.traceparent]
    held.traces[node_id] = AttemptTrace(
        number=attempt.number,
        traceparent=new_child(held.traceparent or ""),
        links=tuple(one for one in links if one is not None),
    )


def _end_attempt(outcome: Outcome, node_id: str, attempt: AttemptState) -> None:
    trace = outcome.write.held.traces.get(node_id)
    if attempt.closed_at is None or trace is None or trace.number != attempt.number:
        return
    key = (node_id, attempt.number)
    outcome.ended_attempts[key] = EndedAttempt(node_id, attempt, trace)


def _collect(write: InstanceWrite, decision: Decision) -> None:
    for change in decision.changes:
        match change:
            case InstanceChanged():
                write.is_changed = True
            case NodeChanged(node=node):
                write.nodes[node.node_id] = node
            case AttemptOpened(node_id=node_id, attempt=attempt):
                write.opened[node_id, attempt.number] = attempt
            case AttemptChanged(node_id=node_id, attempt=attempt):
                key = (node_id, attempt.number)
                target = write.opened if key in write.opened else write.changed
                target[key] = attempt
