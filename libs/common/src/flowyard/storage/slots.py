"""Concurrency keys: who may work, and who stands in line.

Rules: a slot belongs to an open attempt and is given back in the transaction
that closes it; where that was done from outside, once its plugin has stopped. Lines
are changed under a lock of their key, which is taken before any row of the line: all
keys of a transaction in one order, after the instances' own rows.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from flowyard.storage.advance_write import Address, AttemptRef
from flowyard.storage.queries import load_queries

QUERIES = load_queries("slots")
"""The statements of ``slots.sql`` by name."""

ACTOR = "scheduler"
"""Who grants slots, in the audit record."""

_Line = tuple[uuid.UUID, str]
"""Project and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRequest:
    """An attempt that asks for a slot."""

    slot: AttemptRef
    project_id: uuid.UUID
    key: str
    limit: int


async def exchange_slots(
    connection: asyncpg.Connection,
    asked: Sequence[SlotRequest],
    given_back: Sequence[AttemptRef],
) -> list[Address]:
    """Take slots back, put attempts in line, and tell those that may work now.

    Runs within the caller's transaction.

    Returns
    -------
    list of Address
        Instances that were given a command.
    """
    lines = await _lock_lines(connection, [(one.project_id, one.key) for one in asked], given_back)
    if given_back and lines:
        await connection.execute(QUERIES["hold_back_slots"], *_columns(given_back))
        await connection.execute(QUERIES["give_back_slots"], *_columns(given_back))
    granted: list[AttemptRef] = []
    if asked:
        rows = await connection.fetch(
            QUERIES["ask_slots"],
            *_columns([one.slot for one in asked]),
            [one.project_id for one in asked],
            [one.key for one in asked],
            [one.limit for one in asked],
        )
        granted = [_slot(row) for row in rows if row["is_granted"]]
    return await _grant(connection, lines, granted)


async def look_at_slots(
    connection: asyncpg.Connection, slots: Sequence[AttemptRef]
) -> list[Address]:
    """See to it that lines which stand still go on; runs in a transaction of its own.

    Attempts that ended without giving their slots back lose them, and attempts whose
    grants were lost are told again.

    Parameters
    ----------
    slots
        Attempts that stand in the lines. Each line takes a lock of the server's, of which
        there are some thousands: no more than some hundreds at once.
    """
    async with connection.transaction():
        lines = await _lock_lines(connection, (), slots)
        if not lines:
            return []
        columns = [line[0] for line in lines], [line[1] for line in lines]
        await connection.execute(QUERIES["give_back_orphans"], *columns)
        rows = await connection.fetch(QUERIES["granted_slots"], *_columns(slots))
        return await _grant(connection, lines, [_slot(row) for row in rows])


async def finish_releases(
    connection: asyncpg.Connection, *, owned: Sequence[int], count: int, limit: int
) -> tuple[list[Address], bool]:
    """Free the slots of closed attempts whose plugins have stopped by now.

    Parameters
    ----------
    owned, count
        Partitions, modulo their count.
    limit
        Most slots to look at.

    Returns
    -------
    tuple
        Instances that were given a command, and whether other slots still wait.
    """
    rows = await connection.fetch(QUERIES["releasing_slots"], owned, count, limit)
    free = [_slot(row) for row in rows if row["is_free"]]
    if not free:
        return [], bool(rows)
    async with connection.transaction():
        lines = await _lock_lines(connection, (), free)
        await connection.execute(QUERIES["drop_slots"], *_columns(free))
        return await _grant(connection, lines, []), len(free) < len(rows)


async def _lock_lines(
    connection: asyncpg.Connection, keys: Sequence[_Line], slots: Sequence[AttemptRef]
) -> list[_Line]:
    """Lock the lines of keys, and those that attempts stand in, and return them."""
    if not keys and not slots:
        return []
    columns = [key[0] for key in keys], [key[1] for key in keys]
    rows = await connection.fetch(QUERIES["lock_lines"], *columns, *_columns(slots))
    return [(row["project_id"], row["key"]) for row in rows]


async def _grant(
    connection: asyncpg.Connection, lines: Sequence[_Line], granted: list[AttemptRef]
) -> list[Address]:
    if not lines:
        return []
    columns = [line[0] for line in lines], [line[1] for line in lines]
    rows = await connection.fetch(QUERIES["grant_slots"], *columns)
    told = [*granted, *(_slot(row) for row in rows)]
    if not told:
        return []
    rows = await connection.fetch(QUERIES["tell_granted"], *_columns(told), ACTOR)
    return [
        Address(instance_id=uuid.UUID(int=row["instance_id"].int), partition=row["partition"])
        for row in rows
    ]


def _slot(row: asyncpg.Record) -> AttemptRef:
    return AttemptRef(
        instance_id=uuid.UUID(int=row["instance_id"].int),
        node_id=row["node_id"],
        number=row["number"],
    )


def _columns(slots: Sequence[AttemptRef]) -> tuple[list[uuid.UUID], list[str], list[int]]:
    return (
        [slot.instance_id for slot in slots],
        [slot.node_id for slot in slots],
        [slot.number for slot in slots],
    )
