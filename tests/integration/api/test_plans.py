"""What is asked on every start must not read more the more there is."""

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.versions import QUERIES


async def _plan(connection: AsyncConnection, statement: str, **parameters: Any) -> str:
    # Tables in tests are so small that reading them whole is the cheapest, unless forbidden.
    await connection.execute(text("SET LOCAL enable_seqscan = off"))
    rows = await connection.execute(text(f"EXPLAIN {statement}"), parameters)
    return "\n".join(row[0] for row in rows)


async def test_templates_and_versions_are_found_by_index(database: Database) -> None:
    async with database.transaction() as connection:
        plan = await _plan(
            connection,
            QUERIES["runnable_versions"],
            keys=["release", None],
            ids=[None, new_id()],
            homes=[None, None],
            numbers=[None, 1],
            project="shop",
            project_id=None,
        )

    assert "Index Cond: ((project_id = project.project_id) AND (key = wanted.key))" in plan
    assert "template_pkey" in plan
    assert "template_version_pkey" in plan
    assert "Seq Scan" not in plan


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
