"""Which instances are only to be started, at what cost."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from flowyard.ids import new_id
from flowyard.messaging.local import LocalBroker
from flowyard.storage.database import Database
from flowyard.storage.starts import QUERIES, count_open_starts, open_starts, unstarted
from flowyard.testing.graphs import chain
from tests.support.scene import PARTITIONS, Scene

OWNED = list(range(PARTITIONS))
BIG_TABLES = ("command", "instance", "project")


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        yield scene


async def test_only_those_of_which_nothing_else_is_asked_are_unstarted(scene: Scene) -> None:
    template = await scene.publish_template(chain(1))
    late, early = [await scene.create(template, start=False) for _ in range(2)]
    await scene.command(early, "start")
    await scene.command(late, "start")
    silent = await scene.create(template, start=False)
    cancelled = await scene.create(template)
    await scene.command(cancelled, "cancel")
    child = await scene.create(template)
    await scene.execute(
        "UPDATE instance SET parent_instance_id = $2, parent_node_id = 'a', parent_number = 1"
        " WHERE instance_id = $1",
        child.instance_id,
        early.instance_id,
    )
    asked = [one.instance_id for one in (late, early, silent, cancelled, child)]

    async with scene.database.hot() as connection:
        found = await unstarted(connection, asked)

    assert [one.instance_id for one in found] == [early.instance_id, late.instance_id]
    assert {one.project for one in found} == {"example"}


async def test_open_starts_are_found_oldest_first_and_counted_up_to_a_bound(scene: Scene) -> None:
    template = await scene.publish_template(chain(1))
    created = [await scene.create(template) for _ in range(4)]

    async with scene.database.hot() as connection:
        found = await open_starts(
            connection, owned=OWNED, count=PARTITIONS, older_than=timedelta(0), limit=3
        )
        young = await open_starts(
            connection, owned=OWNED, count=PARTITIONS, older_than=timedelta(hours=1), limit=3
        )
        counts = [await count_open_starts(connection, most=most) for most in (3, 100)]

    assert found == [one.instance_id for one in created[:3]]
    assert young == []
    assert counts == [3, 4]


async def test_no_statement_about_starts_reads_a_table_whole(scene: Scene) -> None:
    parameters = {
        "unstarted": ([new_id()],),
        "open_starts": (OWNED, PARTITIONS, timedelta(seconds=3), 100),
        "count_open_starts": (100,),
    }
    assert parameters.keys() == QUERIES.keys()

    async with scene.database.hot() as connection:
        for name, values in parameters.items():
            rows = await connection.fetch(f"EXPLAIN {QUERIES[name]}", *values)
            plan = "\n".join(row[0] for row in rows)
            assert not [table for table in BIG_TABLES if f"Seq Scan on {table} " in plan], plan
