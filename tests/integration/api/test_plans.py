"""What is asked on every start must not read more the more there is."""

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.ids import new_id
from flowyard.storage.database import Database, driver_of
from flowyard.storage.versions import QUERIES

_BY_INDEX = "SET LOCAL enable_seqscan = off"
"""Tables in tests are so small that reading them whole is the cheapest, unless forbidden."""


async def _plan(connection: AsyncConnection, statement: str, **parameters: Any) -> str:
    await connection.execute(text(_BY_INDEX))
    rows = await connection.execute(text(f"EXPLAIN {statement}"), parameters)
    return "\n".join(row[0] for row in rows)


async def test_templates_and_versions_are_found_by_index(database: Database) -> None:
    async with database.transaction() as connection:
        driver = await driver_of(connection)
        await driver.execute(_BY_INDEX)
        rows = await driver.fetch(
            f"EXPLAIN {QUERIES['runnable_versions']}",
            ["release", None],
            [None, new_id()],
            [None, None],
            [None, 1],
            "shop",
            None,
        )
        plan = "\n".join(row[0] for row in rows)

    assert "Index Cond: ((project_id = project.project_id) AND (key = wanted.key))" in plan
    assert "template_pkey" in plan
    assert "template_version_pkey" in plan
    assert "Seq Scan" not in plan


async def test_the_plan_for_a_template_named_by_its_key_is_made_once(database: Database) -> None:
    async with database.transaction() as connection:
        driver = await driver_of(connection)
        await driver.execute(_BY_INDEX)
        statement = await driver.prepare(QUERIES["runnable_by_key"])
        for _ in range(7):
            await statement.fetch("release", None, "shop", None)
        made = await driver.fetchrow(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = $1",
            statement.get_name(),
        )
        plan = await driver.fetch(
            f"EXPLAIN {QUERIES['runnable_by_key']}", "release", None, "shop", None
        )
    said = "\n".join(row[0] for row in plan)

    # Postgres tries the other way five times before it decides.
    assert tuple(made) == (2, 5)
    assert "template_version_pkey" in said
    assert "Seq Scan" not in said


async def test_a_page_of_instances_and_the_open_commands_are_read_by_index(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        page = await _plan(
            connection,
            "SELECT instance_id FROM instance WHERE project_id = CAST(:project AS uuid)"
            " AND instance_id < CAST(:before AS uuid) ORDER BY instance_id DESC LIMIT 51",
            project=uuid.UUID(int=1),
            before=uuid.UUID(int=2),
        )
        commands = await _plan(
            connection,
            "SELECT count(*) FROM command WHERE partition = 1"
            " AND instance_id = CAST(:instance AS uuid) AND outcome IS NULL",
            instance=uuid.UUID(int=1),
        )

    assert "instance_project_idx" in page
    assert "Sort" not in page
    assert "command_open_idx" in commands
