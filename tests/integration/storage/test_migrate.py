import pytest
from alembic import command

from flowyard.storage.database import Database
from flowyard.storage.errors import SchemaMismatchError
from flowyard.storage.migrate import alembic_config, check_schema, upgrade


async def test_the_migrations_lead_to_the_schema_that_the_tables_describe(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        await connection.run_sync(lambda sync: command.check(alembic_config(sync)))


async def test_a_database_that_was_never_migrated_is_refused(empty_database_uri: str) -> None:
    async with Database(empty_database_uri) as database:
        with pytest.raises(SchemaMismatchError) as caught:
            await check_schema(database)

    assert caught.value.found is None


async def test_migrating_twice_changes_nothing(empty_database_uri: str) -> None:
    async with Database(empty_database_uri) as database:
        first = await upgrade(database)
        second = await upgrade(database)
        await check_schema(database)

    assert first == second
