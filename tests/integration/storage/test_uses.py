"""Rows of uses: filled for what was there before them, and found by index."""

from typing import Any

from alembic import command
from sqlalchemy import text

from flowyard.ids import new_id
from flowyard.storage.database import Database, dump_json
from flowyard.storage.migrate import alembic_config, upgrade
from flowyard.storage.uses import QUERIES

GRAPH = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "build", "kind": "activity", "activity": {"plugin": "noop", "version": "1.0"}},
        {"id": "child", "kind": "subflow", "subflow": {"template": "other", "version": 3}},
    ]
}
DOCUMENT = {"nodes": [{"id": "build", "plugin": "noop@1.0"}, {"id": "child", "subflow": "other"}]}
USES = text("SELECT number, node_id, kind, target, version FROM template_use ORDER BY 1, 2")


async def test_the_migration_fills_the_uses_of_versions_and_of_drafts_that_are_published(
    empty_database_uri: str,
) -> None:
    async with Database(empty_database_uri) as database:
        async with database.transaction() as connection:
            await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0003"))
            await _publish(connection)

        await upgrade(database)

        async with database.transaction() as connection:
            found = [tuple(row) for row in await connection.execute(USES)]
    assert found == [
        (0, "build", "plugin", "noop", "1.0"),
        (0, "child", "subflow", "shop/other", ""),
        (1, "build", "plugin", "noop", "1.0"),
        (1, "child", "subflow", "shop/other", "3"),
    ]


async def _publish(connection: Any) -> None:
    template_id, project_id = new_id(), new_id()
    await connection.execute(
        text("INSERT INTO project (project_id, name) VALUES (:id, 'shop')"), {"id": project_id}
    )
    await connection.execute(
        text(
            "INSERT INTO template (template_id, project_id, key, draft, latest_version)"
            " VALUES (:id, :project, 'release', 'as it is', 1)"
        ),
        {"id": template_id, "project": project_id},
    )
    await connection.execute(
        text(
            "INSERT INTO template_version"
            " (template_id, number, source, document, graph, content_hash, actor)"
            " VALUES (:id, 1, 'as it is', CAST(:document AS jsonb), CAST(:graph AS jsonb), '', '')"
        ),
        {"id": template_id, "document": dump_json(DOCUMENT), "graph": dump_json(GRAPH)},
    )


async def test_uses_are_found_by_index_and_open_instances_by_theirs(database: Database) -> None:
    asked = {
        "kind": "plugin",
        "target": "noop",
        "version": "1.0",
        "project": None,
        "limit": 51,
        "template_id": new_id(),
        "number": 0,
        "node_id": "",
        "after_version": "",
    }
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        rows = await connection.execute(text(f"EXPLAIN {QUERIES['uses']}"), asked)
        plan = "\n".join(row[0] for row in rows)

    assert "template_use_target_idx" in plan or "template_use_pkey" in plan
    assert "instance_open_idx" in plan
    assert "Seq Scan" not in plan
