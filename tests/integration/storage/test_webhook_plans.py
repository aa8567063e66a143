"""However much webhooks were told, their statements read by an index."""

from datetime import timedelta
from typing import Any

import pytest

from flowyard.ids import new_id
from flowyard.storage import webhook_events
from flowyard.storage.database import Database
from flowyard.storage.webhook_claims import QUERIES

ONE = new_id()
BIG = ("webhook_delivery", "webhook_attempt", "instance", "webhook_change")
HOUR = timedelta(hours=1)
PARAMETERS: dict[str, tuple[Any, ...]] = {
    "claim_deliveries": (64, 8, ONE, HOUR),
    "settle_deliveries": tuple([] for _ in range(9)),
    "measure_webhooks": (1000, HOUR),
    "forget_deliveries": (HOUR, 100),
    "forget_orphans": (100,),
    "disable_webhook": (ONE, "gone", "flowyard"),
}
EVENTS: dict[str, tuple[Any, ...]] = {"record_events": tuple([] for _ in range(6))}
FILL = """
INSERT INTO webhook_delivery (delivery_id, webhook_id, event, data, occurred_at)
SELECT gen_random_uuid(), gen_random_uuid(), 'node.failed', '{}', now()
FROM generate_series(1, 3000)
"""


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.hot() as connection:
        await connection.execute(FILL)
        await connection.execute("ANALYZE webhook_delivery")
    return database


@pytest.mark.parametrize(
    ("name", "statement", "parameters"),
    [
        *((name, QUERIES[name], given) for name, given in PARAMETERS.items()),
        *((name, webhook_events.QUERIES[name], given) for name, given in EVENTS.items()),
    ],
)
async def test_a_statement_reads_no_big_table_whole(
    filled: Database, name: str, statement: str, parameters: tuple[Any, ...]
) -> None:
    async with filled.hot() as connection:
        rows = await connection.fetch(f"EXPLAIN {statement}", *parameters)

    plan = "\n".join(row[0] for row in rows)
    assert [table for table in BIG if f"Seq Scan on {table} " in plan] == [], f"{name}\n{plan}"


def test_every_statement_that_names_a_big_table_is_looked_at() -> None:
    named = {
        name
        for name, statement in {**QUERIES, **webhook_events.QUERIES}.items()
        if any(f" {table} " in f" {' '.join(statement.split())} " for table in BIG)
    }

    assert named <= PARAMETERS.keys() | EVENTS.keys()
