"""Which statements a cluster's Postgres spends its time on, by ``pg_stat_statements``."""

import asyncio
from collections.abc import Iterator

import asyncpg

from tests.support.cluster import Cluster

SETTINGS = """\
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track_planning = on
"""
"""What its server has to run with; noting each statement costs a few percent."""

MOST = 15
SHOWN_CHARACTERS = 110

NUMBERS = ("total", "mean", "longest", "planning", "rows", "dirtied", "wal")
"""What is told of each statement, beside its calls."""

TOP = """\
SELECT calls, total_exec_time + total_plan_time AS total, mean_exec_time AS mean,
       max_exec_time AS longest, total_plan_time / calls AS planning, rows::float / calls AS rows,
       shared_blks_dirtied::float / calls AS dirtied, wal_bytes::float / calls AS wal,
       regexp_replace(query, '\\s+', ' ', 'g') AS query
  FROM pg_stat_statements WHERE calls > 0 ORDER BY 2 DESC LIMIT $1
"""


def begin(cluster: Cluster) -> None:
    """Count from now on."""
    asyncio.run(_execute(cluster, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"))
    asyncio.run(_execute(cluster, "SELECT pg_stat_statements_reset()"))


def top(cluster: Cluster) -> Iterator[str]:
    """Yield the lines of a Markdown table, the statement that took longest in all first."""
    heads = ("calls", "total ms", "mean ms", "longest ms", "planning ms", "rows")
    yield f"| {' | '.join(heads)} | blocks dirtied | WAL bytes | |"
    yield f"|{' --- |' * (len(heads) + 3)}"
    for row in cluster.rows(TOP, MOST):
        shown = row["query"][:SHOWN_CHARACTERS].replace("|", "\\|")
        numbers = (row[name] for name in NUMBERS)
        cells = " | ".join(f"{number:.3g}" for number in numbers)
        yield f"| {row['calls']} | {cells} | `{shown}` |"


async def _execute(cluster: Cluster, statement: str) -> None:
    connection = await asyncpg.connect(cluster.postgres.url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
