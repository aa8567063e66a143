"""Instances that are to begin: what their owner needs to know before it lets them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from flowyard.storage.queries import load_queries

QUERIES = load_queries("starts")
"""The statements of ``starts.sql`` by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstarted:
    """An instance of which nothing is asked but to start."""

    instance_id: uuid.UUID
    partition: int
    priority: int
    template_id: uuid.UUID
    version: int
    project: str
    """Its name."""
    asked_at: datetime


async def unstarted(
    connection: asyncpg.Connection, instance_ids: Sequence[uuid.UUID]
) -> list[Unstarted]:
    """Return those instances of which nothing is asked but to start, in the order of asking.

    Children are left out: their parents wait for them.
    """
    rows = await connection.fetch(QUERIES["unstarted"], list(instance_ids))
    return [
        Unstarted(**{**row, "instance_id": uuid.UUID(int=row["instance_id"].int)}) for row in rows
    ]


async def open_starts(
    connection: asyncpg.Connection,
    *,
    owned: Sequence[int],
    count: int,
    older_than: timedelta,
    limit: int,
) -> list[uuid.UUID]:
    """Return instances of owned partitions whose start has waited for a while, oldest first."""
    rows = await connection.fetch(QUERIES["open_starts"], owned, count, older_than, limit)
    return [uuid.UUID(int=row["instance_id"].int) for row in rows]


async def count_open_starts(connection: asyncpg.Connection, *, most: int) -> int:
    """Return how many instances wait to be started, counted up to a bound."""
    found: int = await connection.fetchval(QUERIES["count_open_starts"], most)
    return found
