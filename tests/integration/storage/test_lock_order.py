"""The scheduler and others write the same rows, and do not get into each other's way."""

import asyncio

import asyncpg
import pytest

from flowyard.engine.events import AttemptKey, StartInstance, StepSucceeded
from flowyard.messaging.local import LocalBroker
from flowyard.storage.advance_load import load_instances
from flowyard.storage.advance_store import StepKey, mark_dispatched
from flowyard.storage.advance_write import write_batch
from flowyard.storage.database import Database
from flowyard.testing.driving import EPOCH
from flowyard.testing.graphs import split_join
from flowyard_scheduler.decide import Item, decide
from tests.support.scene import Scene

LOCK = "SELECT FROM attempt WHERE instance_id = $1 AND node_id = $2 FOR NO KEY UPDATE"
WAITERS = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def somebody_waits(connection: asyncpg.Connection) -> None:
    while not await connection.fetchval(WAITERS):  # noqa: ASYNC110  # the answer lies in Postgres
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(("ended", "published"), [("b1-1", "b2-1"), ("b2-1", "b1-1")])
async def test_rule_12_a_batch_locks_attempts_in_the_order_of_their_keys(
    database: Database, ended: str, published: str
) -> None:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        created = await scene.create(await scene.publish_template(split_join(2)))
        mark = StepKey(instance_id=created.instance_id, node_id=published, number=1, step=0)
        async with database.hot() as scheduler, database.hot() as gateway, database.hot() as judge:
            held = (await load_instances(scheduler, [created.instance_id], {}))[created.instance_id]
            start = Item(lambda at: StartInstance(at=at))
            await write_batch(scheduler, [decide(held, [start], EPOCH, is_fresh=True).write])
            held.snapshot.revision += 1
            end = Item(
                lambda at: StepSucceeded(
                    key=AttemptKey(node_id=ended, number=1, step=0), at=at, outputs={}
                )
            )
            write = decide(held, [end], EPOCH, is_fresh=True).write

            async with gateway.transaction():
                await gateway.execute(LOCK, created.instance_id, "b1-1")
                writing = asyncio.create_task(write_batch(scheduler, [write], [mark]))
                await somebody_waits(judge)
                await gateway.execute(LOCK, created.instance_id, "b2-1")
            stored, _ = await writing

    assert stored == {created.instance_id}


@pytest.mark.parametrize("published", [("b1-1", "b2-1"), ("b2-1", "b1-1")])
async def test_rule_12_published_steps_are_noted_in_the_order_of_their_keys(
    database: Database, published: tuple[str, str]
) -> None:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        created = await scene.create(await scene.publish_template(split_join(2)))
        marks = [
            StepKey(instance_id=created.instance_id, node_id=node_id, number=1, step=0)
            for node_id in published
        ]
        async with database.hot() as scheduler, database.hot() as gateway, database.hot() as judge:
            held = (await load_instances(scheduler, [created.instance_id], {}))[created.instance_id]
            start = Item(lambda at: StartInstance(at=at))
            await write_batch(scheduler, [decide(held, [start], EPOCH, is_fresh=True).write])

            async with gateway.transaction():
                await gateway.execute(LOCK, created.instance_id, "b1-1")
                noting = asyncio.create_task(mark_dispatched(scheduler, marks))
                await somebody_waits(judge)
                await gateway.execute(LOCK, created.instance_id, "b2-1")
            await noting
        rows = await scene.fetch("SELECT dispatched_step FROM attempt")

    assert rows == [{"dispatched_step": 0}] * 2


async def test_rule_1_what_others_write_of_an_instance_meanwhile_keeps_no_batch_out(
    database: Database,
) -> None:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        created = await scene.create(await scene.publish_template(split_join(2)))
        async with database.hot() as scheduler, database.hot() as other, database.hot() as judge:
            held = (await load_instances(scheduler, [created.instance_id], {}))[created.instance_id]
            start = Item(lambda at: StartInstance(at=at))
            write = decide(held, [start], EPOCH, is_fresh=True).write
            async with other.transaction():
                await other.execute("UPDATE instance SET name = 'renamed'")
                writing = asyncio.create_task(write_batch(scheduler, [write]))
                await somebody_waits(judge)
            stored, _ = await writing
        rows = await scene.fetch("SELECT name, revision, status FROM instance")
        nodes = await scene.nodes(created)

    assert stored == {created.instance_id}
    assert rows == [{"name": "renamed", "revision": 1, "status": "running"}]
    assert {row["revision"] for row in nodes.values()} == {1}
