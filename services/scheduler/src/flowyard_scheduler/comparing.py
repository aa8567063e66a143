"""Comparing what is handed out with what is stored, where nothing was heard for long.

An owner that was here before may go on with an instance after its new owner has read it: its
last batch was under way, or its process stood still. The guard lets it, as nobody else has
changed the instance. The new owner then waits for a step that nobody works on any more, and
nothing of it is overdue in Postgres, so that only its own memory can tell.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from flowyard.engine.attempts import QUEUED_CHECK
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.storage.advance_store import DueNode, HeldInstance, StepKey
from flowyard_scheduler.batch import BatchRunner
from flowyard_scheduler.memory import Memory

SILENCE = QUEUED_CHECK + timedelta(seconds=15)
"""How long nothing is heard of a step before it is compared: what is overdue is found sooner."""


async def compare_silent(
    connection: asyncpg.Connection, runner: BatchRunner, memory: Memory
) -> None:
    """Stop counting steps as handed out that are not any more, and forget what has ended."""
    now = memory.clock.now()
    silent = memory.dispatcher.take_silent(now - SILENCE, now)
    if not silent:
        return
    instance_ids = dict.fromkeys(key.instance_id for key in silent)
    memory.holding.drop(instance_ids)
    found = await runner.hold(connection, instance_ids)
    for key in silent:
        if not _is_out(found.get(key.instance_id), key):
            memory.dispatcher.release(key.instance_id, key.node_id)
    memory.holding.drop(
        instance_id
        for instance_id, held in found.items()
        if held.snapshot.status in FINAL_INSTANCE_STATUSES
    )


async def hold_as_stored(
    connection: asyncpg.Connection, runner: BatchRunner, memory: Memory, due: Sequence[DueNode]
) -> dict[uuid.UUID, HeldInstance]:
    """Return the instances of nodes that were just read, and load those again that are old.

    What is decided about a node that the memory does not know is stale, and would be for ever.
    """
    found = await runner.hold(connection, {one.instance_id for one in due})
    old = {one.instance_id for one in due if not _knows(found.get(one.instance_id), one)}
    if not old:
        return found
    memory.holding.drop(old)
    return found | await runner.hold(connection, old)


def _knows(held: HeldInstance | None, one: DueNode) -> bool:
    """Tell whether an instance in memory is as far as its node is in Postgres."""
    node = None if held is None else held.snapshot.nodes.get(one.node_id)
    if node is None or node.reason is not one.reason:
        return False
    attempt = node.attempt
    return attempt is None or (attempt.number, attempt.step) == (one.number, one.step)


def _is_out(held: HeldInstance | None, key: StepKey) -> bool:
    """Tell whether a step is the present one of an open attempt."""
    node = None if held is None else held.snapshot.nodes.get(key.node_id)
    attempt = None if node is None else node.attempt
    if attempt is None or not attempt.is_open:
        return False
    return (attempt.number, attempt.step) == (key.number, key.step)
