"""What the scheduler asks must cost what is open, not what exists."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from flowyard.messaging.local import LocalBroker
from flowyard.storage import advance_write
from flowyard.storage.advance_store import QUERIES
from flowyard.storage.census import QUERIES as CENSUS
from flowyard.storage.database import Database
from flowyard.testing.graphs import chain
from tests.support.scene import PARTITIONS, Scene

BIG_TABLES = ("attempt", "command", "instance", "node")

FILL = """
INSERT INTO instance (instance_id, project_id, template_id, version, name, partition, given, actor,
                      callback_secret, status, started_at, ended_at)
SELECT gen_random_uuid(), project_id, template_id, 1, 'old', n % 4, '{}', 'ann', '',
       'succeeded', now(), now()
FROM template, generate_series(1, 20000) AS n;
INSERT INTO node (instance_id, node_id, partition, status, revision, visits, number, reached_at,
                  ended_at)
SELECT instance_id, 'a1', partition, 'succeeded', 1, 1, 1, now(), now() FROM instance;
INSERT INTO attempt (instance_id, node_id, number, step, status, queue, opened_at, closed_at)
SELECT instance_id, 'a1', 1, 0, 'succeeded', 'default', now(), now() FROM instance;
INSERT INTO command (instance_id, partition, kind, actor, outcome, settled_at)
SELECT instance_id, partition, 'start', 'ann', 'applied', now() FROM instance;
ANALYZE;
"""

ONE = uuid.UUID(int=1)
OWNED = [0, 1]
PARAMETERS: dict[str, tuple[Any, ...]] = {
    "load_instances": ([ONE],),
    "load_nodes": ([ONE],),
    "open_commands": ([ONE],),
    "instances_with_commands": (OWNED, PARTITIONS, timedelta(seconds=3), 100),
    "due_nodes": (OWNED, PARTITIONS, timedelta(seconds=60), 100),
    "reasonless_nodes": (OWNED, PARTITIONS, 10),
    "open_steps": (OWNED, PARTITIONS),
    "partitions_of": ([ONE],),
    "ended_child": (ONE, "a1", 1),
    "cancel_child": (ONE, "a1", 1, "ann"),
    "notify_parent": (ONE, "a1", "{}", "ann"),
    "start_child": (ONE, 0, "", ONE, "flow", 1, "a1", 1, "start", "{}", None, [], ""),
    "mark_dispatched": ([ONE], ["a1"], [1], [0]),
    "request_cancels": ([ONE], ["a1"], [1]),
    "count_waiting": (OWNED, PARTITIONS),
    "count_live": (OWNED, PARTITIONS),
}
ALL = {**QUERIES, **CENSUS}


@pytest.fixture
async def filled(database: Database) -> AsyncIterator[Database]:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        await scene.publish_template(chain(1))
        await scene.execute(FILL)
        yield database


async def test_no_statement_reads_a_big_table_whole(filled: Database) -> None:
    statements = {**PARAMETERS, "write_batch": tuple(advance_write._parameters([], []))}
    whole: list[str] = []

    async with filled.hot() as connection:
        for name, parameters in statements.items():
            rows = await connection.fetch(f"EXPLAIN {ALL[name]}", *parameters)
            plan = "\n".join(row[0] for row in rows)
            whole += [name for table in BIG_TABLES if f"Seq Scan on {table} " in plan]

    assert whole == []


def test_every_statement_that_names_a_big_table_is_looked_at() -> None:
    named = {
        name
        for name, statement in ALL.items()
        if any(f" {table} " in f" {' '.join(statement.split())} " for table in BIG_TABLES)
    }

    assert named <= PARAMETERS.keys() | {"write_batch"}
