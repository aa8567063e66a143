"""Plans are kept as long as their connections: they must serve whatever the tables become."""

from flowyard.storage.advance_store import QUERIES
from flowyard.storage.database import Database
from flowyard.storage.queries import load_queries

EXPLAIN = """
CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN RETURN QUERY EXECUTE 'EXPLAIN (GENERIC_PLAN) ' || statement; END $$
"""
FILL = """
INSERT INTO project (project_id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'old');
INSERT INTO template (template_id, project_id, key)
SELECT project_id, project_id, 'old' FROM project;
INSERT INTO template_version (template_id, number, source, document, graph, content_hash, actor)
SELECT template_id, 1, '', '{}', '{}', '', '' FROM template;
INSERT INTO instance (instance_id, project_id, template_id, version, name, partition, given, actor,
                      callback_secret)
SELECT gen_random_uuid(), template_id, template_id, 1, '', 0, '{}', '', ''
FROM template, generate_series(1, 20000);
INSERT INTO attempt (instance_id, node_id, number, step, status, opened_at)
SELECT instance_id, 'a1', 1, 0, 'succeeded', now() FROM instance;
INSERT INTO command (instance_id, partition, kind, actor, outcome, settled_at)
SELECT instance_id, partition, 'start', 'ann', 'applied', now() FROM instance;
ANALYZE;
"""
BIG_TABLES = ("attempt", "command", "instance", "node")


async def plans(database: Database) -> dict[str, str]:
    statements = {**QUERIES, **load_queries("gateway")}
    found: dict[str, str] = {}
    async with database.hot() as connection:
        await connection.execute(EXPLAIN)
        for name, statement in statements.items():
            rows = await connection.fetch("SELECT pg_temp.plan_of($1)", statement.rstrip(";"))
            found[name] = "\n".join(row[0] for row in rows)
    return found


async def test_a_plan_that_is_made_while_the_tables_are_empty_reads_none_of_them_whole(
    database: Database,
) -> None:
    found = await plans(database)

    assert [
        (name, table)
        for name, plan in found.items()
        for table in BIG_TABLES
        if f"Seq Scan on {table} " in plan
    ] == []


async def test_a_table_that_is_read_whole_all_the_same_is_not_compiled_for_it(
    database: Database,
) -> None:
    # Up to PostgreSQL 17, such a plan costs 10,000,000,000 more, and 100,000 are enough for that.
    async with database.hot() as connection:
        assert await connection.fetchval("SHOW enable_seqscan") == "off"
        assert await connection.fetchval("SHOW jit") == "off"


async def test_a_batch_is_not_compared_row_by_row_with_itself(database: Database) -> None:
    async with database.hot() as connection:
        await connection.execute(FILL)

    plan = (await plans(database))["write_batch"]

    assert "Join Filter" not in plan
    assert plan.count("hashed SubPlan") == 5
