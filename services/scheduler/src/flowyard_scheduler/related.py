"""What a decision causes beside its own instance's rows, within the batch's transaction."""

import uuid
from collections.abc import Mapping, Sequence

import asyncpg

from flowyard.contracts.topics import partition_of
from flowyard.engine.effects import (
    AcquireSlot,
    CancelChild,
    Effect,
    NotifyParent,
    ReleaseSlot,
    StartChild,
    WithdrawAttempt,
)
from flowyard.ids import new_id, new_secret
from flowyard.storage import advance_write
from flowyard.storage.advance_store import HeldInstance
from flowyard.storage.advance_write import Address, AttemptRef
from flowyard.storage.slots import SlotRequest, exchange_slots
from flowyard_scheduler.decide import Outcome
from flowyard_scheduler.spans import Spans

_RELATED = (StartChild, CancelChild, NotifyParent, AcquireSlot, ReleaseSlot, WithdrawAttempt)


def related_effects(writing: Mapping[uuid.UUID, Outcome]) -> dict[uuid.UUID, list[Effect]]:
    """Return the effects that belong into the transaction, for the instances that have any."""
    found: dict[uuid.UUID, list[Effect]] = {}
    for instance_id, outcome in writing.items():
        effects: list[Effect] = [one for one in outcome.effects if isinstance(one, _RELATED)]
        if effects:
            found[instance_id] = effects
    return found


async def carry_out(
    connection: asyncpg.Connection,
    related: Sequence[tuple[HeldInstance, Sequence[Effect]]],
    *,
    partitions: int,
    spans: Spans,
) -> list[Address]:
    """Carry out effects within the caller's transaction.

    Parameters
    ----------
    related
        Stored instances with their effects, in the order of their ids.
    partitions
        Number of partitions, for new children.
    spans
        Begins the traces of new children.

    Returns
    -------
    list of Address
        Other instances that were given a command.
    """
    addresses: list[Address] = []
    asked: list[SlotRequest] = []
    given_back: list[AttemptRef] = []
    withdrawn: list[AttemptRef] = []
    for held, effects in related:
        for effect in effects:
            match effect:
                case AcquireSlot():
                    asked.append(_request(held, effect))
                case ReleaseSlot():
                    given_back.append(_ref(held, effect))
                case WithdrawAttempt():
                    withdrawn.append(_ref(held, effect))
                case _:
                    address = await _relate(connection, held, effect, partitions, spans)
                    if address is not None:
                        addresses.append(address)
    if withdrawn:
        await advance_write.request_cancels(connection, withdrawn)
    gone = set(given_back)
    # Asked for and given back by one decision: the attempt has ended before its turn came.
    asked = [one for one in asked if one.slot not in gone]
    addresses += await exchange_slots(connection, asked, given_back)
    return addresses


async def _relate(
    connection: asyncpg.Connection,
    held: HeldInstance,
    effect: Effect,
    partitions: int,
    spans: Spans,
) -> Address | None:
    """Carry out an effect on one other instance."""
    parent = held.snapshot.facts.parent
    match effect:
        case StartChild():
            child_id = new_id()
            child = await advance_write.start_child(
                connection,
                held,
                effect,
                child_id=child_id,
                partition=partition_of(child_id, partitions),
                callback_secret=new_secret(),
                traceparent=spans.child(held, effect, child_id),
            )
            return child or await advance_write.refuse_child(connection, held, effect)
        case CancelChild():
            return await advance_write.cancel_child(connection, held, effect)
        case NotifyParent() if parent is not None:
            return await advance_write.notify_parent(connection, held, parent, effect)
        case _:
            return None


def _ref(held: HeldInstance, effect: AcquireSlot | ReleaseSlot | WithdrawAttempt) -> AttemptRef:
    return AttemptRef(
        instance_id=held.snapshot.facts.instance_id,
        node_id=effect.node_id,
        number=effect.number,
    )


def _request(held: HeldInstance, effect: AcquireSlot) -> SlotRequest:
    return SlotRequest(
        slot=_ref(held, effect),
        project_id=held.project_id,
        key=effect.key,
        limit=effect.limit,
    )
