"""From events of one instance to what has to be written and done: the third of the six steps."""

from collections.abc import Callable, Sequence
from datetime import datetime

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
from flowyard.storage.advance_store import HeldInstance, InstanceWrite, Settlement, StoredCommand

EventAt = Callable[[datetime], Event | Rejection]
"""Makes an event of the instant at which its batch is decided."""


class Item(Struct, frozen=True):
    """One thing that may change an instance."""

    event_at: EventAt
    command: StoredCommand | None = None


class Outcome(Struct):
    """What follows for one instance from a batch."""

    write: InstanceWrite
    effects: list[Effect] = field(default_factory=list)
    stale_count: int = 0
    deferred_count: int = 0
    rejected_count: int = 0

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to store."""
        write = self.write
        return not (write.nodes or write.changed or write.is_changed or write.settlements)


def decide(held: HeldInstance, items: Sequence[Item], at: datetime, *, is_fresh: bool) -> Outcome:
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

    Raises
    ------
    UnknownAttemptError
        Raised if an event is about something newer than the snapshot, which may
        be old.
    """
    outcome = Outcome(write=InstanceWrite(held=held))
    for item in items:
        event = item.event_at(at)
        if isinstance(event, Rejection):
            decision = Decision(rejection=event)
        elif isinstance(event, PauseInstance):
            decision = _paused(outcome, event)
        else:
            decision = _advanced(held, event, is_fresh=is_fresh)
        _take_over(outcome, item, decision)
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


def broken(held: HeldInstance, items: Sequence[Item], code: str, at: datetime) -> Outcome:
    """Make an incident of an instance that the engine cannot advance.

    Its open commands are rejected; the events are not repeated.
    """
    outcome = Outcome(write=InstanceWrite(held=held))
    message = "Expected to advance this instance, but the engine failed on it"
    decision = advance(held.snapshot, AdvanceBroken(at=at, code=code, message=message))
    _take_over(outcome, Item(lambda _: Rejection(code=code, message=message)), decision)
    outcome.write.settlements.extend(
        Settlement(
            command_id=item.command.command_id, rejection=Rejection(code=code, message=message)
        )
        for item in items
        if item.command is not None
    )
    return outcome


def _take_over(outcome: Outcome, item: Item, decision: Decision) -> None:
    outcome.stale_count += decision.is_stale and item.command is None
    outcome.deferred_count += decision.is_deferred
    outcome.rejected_count += decision.rejection is not None
    if item.command is not None and not decision.is_deferred:
        outcome.write.settlements.append(
            Settlement(command_id=item.command.command_id, rejection=decision.rejection)
        )
    if not decision.changes:
        return
    apply_changes(outcome.write.held.snapshot, decision.changes)
    _collect(outcome.write, decision)
    outcome.effects.extend(decision.effects)


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
