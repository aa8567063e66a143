"""What a long history costs: the bench on a fresh database, then with a million finished instances.

``make bench-finished``; what stands behind the script's own options goes to
``flowyard bench``. The history is made by set-based SQL out of an instance that
has really run: the same rows with ids, times and labels of their own. Not a test.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg

from flowyard_cli.bench.documents import chain
from flowyard_cli.bench.processes import Processes
from flowyard_cli.bench.stand import Stand
from flowyard_cli.client import Client
from flowyard_cli.target import Target
from tests.bench.stand import bench_options, process_ids, running_cluster
from tests.support.cluster import Cluster
from tests.support.processes import command_line

INSTANCES = 1_000_000
NODES = 3
CHUNK = 20_000
TABLES = ("instance", "node", "attempt", "command")
TOLD_EVERY = 10
"""Chunks between two lines about how far it is."""

# One instance every ten seconds until a day ago. Ids are of version 7, like real ones: they
# begin with the time, which decides where they stand in every index.
PLACES = """\
CREATE TEMPORARY TABLE place ON COMMIT DROP AS
SELECT n,
       (n % 16)::smallint AS partition,
       make_interval(days => 1, secs => 10.0 * ($3 - n)) AS ago,
       (lpad(to_hex((extract(epoch FROM now() - make_interval(days => 1, secs => 10.0 * ($3 - n)))
                     * 1000)::bigint), 12, '0')
        || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS id,
       jsonb_build_object('bench', md5((n / 200)::text)) AS labels
  FROM generate_series($1::int, $2::int) AS n
"""

# Those of keys stay, so that a row that stands there twice is noticed.
INDEXES = """\
SELECT indexname, indexdef FROM pg_indexes
 WHERE schemaname = 'public' AND tablename = ANY($1)
   AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""

COLUMNS = """\
SELECT column_name, data_type FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name = $1 AND is_identity = 'NO'
 ORDER BY ordinal_position
"""


async def fill(url: str, model: uuid.UUID, instances: int) -> None:
    """Store so many copies of an instance that has ended.

    Parameters
    ----------
    url
        Address of the database.
    model
        The instance that is copied.
    """
    connection = await asyncpg.connect(url)
    try:
        statements = [await _copy(connection, table) for table in TABLES]
        await connection.execute("SET synchronous_commit = off")
        # The copies refer to what their model refers to, which is there.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        indexes = await connection.fetch(INDEXES, list(TABLES))
        for name, _ in indexes:
            await connection.execute(f'DROP INDEX "{name}"')
        begun = time.monotonic()
        for chunk, (first, last) in enumerate(_chunks(instances), 1):
            async with connection.transaction():
                await connection.execute(PLACES, first, last, instances)
                for statement in statements:
                    await connection.execute(statement, model)
            if chunk % TOLD_EVERY == 0:
                sys.stderr.write(f"{last} instances after {time.monotonic() - begun:.0f} s\n")
        for _, definition in indexes:
            await connection.execute(definition)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _chunks(instances: int) -> Iterator[tuple[int, int]]:
    for first in range(1, instances + 1, CHUNK):
        yield first, min(first + CHUNK - 1, instances)


async def _copy(connection: asyncpg.Connection, table: str) -> str:
    """Return the statement that copies the model's rows of a table to every place."""
    columns = [(row[0], row[1]) for row in await connection.fetch(COLUMNS, table)]
    names = ", ".join(f'"{name}"' for name, _ in columns)
    values = ", ".join(_value(name, kind) for name, kind in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS model, place"  # noqa: S608
        " WHERE model.instance_id = $1"
    )


def _value(column: str, kind: str) -> str:
    match column:
        case "instance_id":
            return "place.id"
        case "partition" | "labels":
            return f"place.{column}"
        case _ if kind == "timestamp with time zone":
            return f'model."{column}" - place.ago'
        case _:
            return f'model."{column}"'


def run_model(cluster: Cluster, nodes: int) -> uuid.UUID:
    """Run an instance to its end, and return its id."""
    api = cluster.api
    with Client(Target(server=api.address, token=api.token)) as client:
        stand = Stand(client, Processes(process_ids(cluster)))
        stand.prepare()
        batch = stand.start_many(stand.publish(chain("bench-finished", nodes)), 1, nodes=nodes)
        stand.await_settled(batch)
        return uuid.UUID(stand.ended(batch).views[0].instance_id)


def _bench(cluster: Cluster, options: Sequence[str]) -> None:
    command = command_line("bench", *bench_options(cluster), *options)
    subprocess.run(command, check=True)  # noqa: S603  # our own command


def main() -> int:
    """Measure before and after."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=INSTANCES)
    parser.add_argument("--nodes", type=int, default=NODES, help="Nodes of each of them.")
    arguments, options = parser.parse_known_args()
    with running_cluster() as cluster, tempfile.TemporaryDirectory() as scratch:
        before = Path(scratch) / "before.json"
        _bench(cluster, [*options, "--save", str(before), "--condition", "finished_instances=0"])
        model = run_model(cluster, arguments.nodes)
        asyncio.run(fill(cluster.postgres.url, model, arguments.instances))
        after = f"finished_instances={arguments.instances}"
        _bench(cluster, [*options, "--compare", str(before), "--condition", after])
    return 0


if __name__ == "__main__":
    sys.exit(main())
