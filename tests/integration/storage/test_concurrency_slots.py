"""Lines of concurrency keys: who may work, whatever several schedulers do with them at once."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from flowyard.messaging.local import LocalBroker
from flowyard.storage.advance_write import AttemptRef
from flowyard.storage.database import Database
from flowyard.storage.slots import QUERIES, SlotRequest, exchange_slots, look_at_slots
from flowyard.testing.graphs import chain
from tests.support.scene import Scene

KEY = "db"
WAITERS = "SELECT count(*) FROM pg_locks WHERE NOT granted"

FILL = """
INSERT INTO concurrency_slot
    (instance_id, node_id, number, project_id, key, "limit", granted_at)
SELECT gen_random_uuid(), 'a1', 1, $1, 'key ' || n % 10, 100, CASE WHEN n <= 1000 THEN now() END
FROM generate_series(1, 100000) AS n
"""

ONE = uuid.UUID(int=1)
SLOTS = ([ONE], ["a1"], [1])
PARAMETERS = {
    "ask_slots": (*SLOTS, [ONE], [KEY], [1]),
    "hold_back_slots": SLOTS,
    "releasing_slots": ([0], 4, 100),
    "drop_slots": SLOTS,
    "give_back_slots": SLOTS,
    "give_back_orphans": ([ONE], [KEY]),
    "granted_slots": SLOTS,
    "lock_lines": ([ONE], [KEY], *SLOTS),
    "grant_slots": ([ONE], [KEY]),
    "tell_granted": (*SLOTS, "scheduler"),
}


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        yield scene


async def in_line(scene: Scene, count: int, *, limit: int = 1) -> list[AttemptRef]:
    """Let the attempts of some instances ask for slots, one after the other."""
    template = await scene.publish_template(chain(1))
    slots: list[AttemptRef] = []
    for _ in range(count):
        created = await scene.create(template, start=False)
        slot = AttemptRef(instance_id=created.instance_id, node_id="a1", number=1)
        asked = SlotRequest(slot=slot, project_id=scene.project_id, key=KEY, limit=limit)
        async with scene.database.hot() as connection, connection.transaction():
            await exchange_slots(connection, [asked], ())
        slots.append(slot)
    return slots


async def granted(scene: Scene) -> list[object]:
    rows = await scene.fetch(
        "SELECT instance_id FROM concurrency_slot WHERE granted_at IS NOT NULL ORDER BY position"
    )
    return [row["instance_id"] for row in rows]


async def open_attempt(scene: Scene, slot: AttemptRef) -> None:
    await scene.execute(
        "INSERT INTO attempt (instance_id, node_id, number, step, status, opened_at)"
        " VALUES ($1, $2, $3, 0, 'waiting', now())",
        slot.instance_id,
        slot.node_id,
        slot.number,
    )


async def give_back(connection: asyncpg.Connection, slot: AttemptRef) -> None:
    async with connection.transaction():
        await exchange_slots(connection, (), [slot])


async def several_wait(connection: asyncpg.Connection, count: int) -> None:
    while await connection.fetchval(WAITERS) < count:  # noqa: ASYNC110  # the answer lies in Postgres
        await asyncio.sleep(0.01)


async def test_slots_are_granted_in_the_order_in_which_they_were_asked_for(scene: Scene) -> None:
    slots = await in_line(scene, 4, limit=2)

    async with scene.database.hot() as connection:
        await give_back(connection, slots[0])

    assert await granted(scene) == [slots[1].instance_id, slots[2].instance_id]


async def test_rule_12_leaving_a_line_and_being_let_in_at_once_is_no_deadlock(scene: Scene) -> None:
    working, waiting = await in_line(scene, 2)

    async with (
        scene.database.hot() as judge,
        scene.database.hot() as one,
        scene.database.hot() as other,
    ):
        async with judge.transaction():
            await judge.fetch(QUERIES["lock_lines"], [scene.project_id], [KEY], [], [], [])
            ending = asyncio.create_task(give_back(one, working))
            await several_wait(judge, 1)
            leaving = asyncio.create_task(give_back(other, waiting))
            await several_wait(judge, 2)
        await asyncio.gather(ending, leaving)

    assert await scene.fetch("SELECT * FROM concurrency_slot") == []


async def test_lines_are_looked_at_together_and_lose_what_no_attempt_holds(scene: Scene) -> None:
    slots = await in_line(scene, 3)

    async with scene.database.hot() as connection:
        told = await look_at_slots(connection, slots[1:])
        await open_attempt(scene, slots[1])
        again = await look_at_slots(connection, slots[1:])

    assert [one.instance_id for one in told] == [slots[1].instance_id]
    assert [one.instance_id for one in again] == [slots[1].instance_id]
    assert await granted(scene) == [slots[1].instance_id]


async def test_no_statement_reads_all_lines(scene: Scene) -> None:
    await scene.execute(FILL, scene.project_id)
    await scene.execute("ANALYZE concurrency_slot")
    whole: list[str] = []

    async with scene.database.hot() as connection:
        for name, parameters in PARAMETERS.items():
            rows = await connection.fetch(f"EXPLAIN {QUERIES[name]}", *parameters)
            plan = "\n".join(row[0] for row in rows)
            whole += [name] * ("Seq Scan on concurrency_slot" in plan)

    assert PARAMETERS.keys() == QUERIES.keys()
    assert whole == []
