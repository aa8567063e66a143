"""How much lives and waits in partitions, counted from rows: true whatever was restarted."""

from collections.abc import Sequence

import asyncpg

from flowyard.storage.queries import load_queries

QUERIES = load_queries("census")
"""The statements of ``census.sql`` by name."""


async def count_waiting(
    connection: asyncpg.Connection, *, owned: Sequence[int], count: int
) -> dict[str, int]:
    """Return how many nodes of owned partitions wait, by reason; it costs what waits.

    Parameters
    ----------
    count
        Number of all partitions: one beyond it wraps around.
    """
    rows = await connection.fetch(QUERIES["count_waiting"], owned, count)
    return {row["reason"]: row["nodes"] for row in rows}


async def count_live(
    connection: asyncpg.Connection, *, owned: Sequence[int], count: int
) -> dict[str, int]:
    """Return how many instances of owned partitions have not ended, by status."""
    rows = await connection.fetch(QUERIES["count_live"], owned, count)
    return {row["status"]: row["instances"] for row in rows}
