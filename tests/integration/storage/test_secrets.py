from uuid import UUID

import pytest
from sqlalchemy import insert

from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.errors import NotFoundError
from flowyard.storage.schema import project
from flowyard.storage.secrets import delete_secret, fetch_secrets, list_secrets, put_secret


async def new_project(database: Database, name: str = "demo") -> UUID:
    project_id = new_id()
    async with database.transaction() as connection:
        await connection.execute(insert(project).values(project_id=project_id, name=name))
    return project_id


async def put(database: Database, project_id: UUID, name: str, sealed: str = "sealed") -> None:
    async with database.transaction() as connection:
        await put_secret(connection, project_id, name, sealed=sealed, actor="ada")


async def test_a_secret_is_fetched_by_the_names_of_its_project_and_its_own(
    database: Database,
) -> None:
    demo, other = await new_project(database), await new_project(database, "other")
    await put(database, demo, "TOKEN", "one")
    await put(database, other, "TOKEN", "two")

    async with database.hot() as connection:
        found = await fetch_secrets(connection, [("demo", "TOKEN"), ("demo", "ABSENT")])

    assert found == {("demo", "TOKEN"): "one"}


async def test_writing_again_replaces_the_value(database: Database) -> None:
    demo = await new_project(database)
    await put(database, demo, "TOKEN", "old")
    await put(database, demo, "TOKEN", "new")

    async with database.hot() as connection:
        assert await fetch_secrets(connection, [("demo", "TOKEN")]) == {("demo", "TOKEN"): "new"}


async def test_secrets_are_listed_by_name_in_pages_without_values(database: Database) -> None:
    demo = await new_project(database)
    for name in ("C", "A", "B"):
        await put(database, demo, name)

    async with database.transaction() as connection:
        first = await list_secrets(connection, demo, limit=2)
        rest = await list_secrets(connection, demo, after=first[-1].name)

    assert [info.name for info in (*first, *rest)] == ["A", "B", "C"]
    assert first[0].actor == "ada"


async def test_a_secret_that_is_taken_away_is_gone_and_taking_it_again_is_refused(
    database: Database,
) -> None:
    demo = await new_project(database)
    await put(database, demo, "TOKEN")

    async with database.transaction() as connection:
        await delete_secret(connection, demo, "TOKEN")
        with pytest.raises(NotFoundError):
            await delete_secret(connection, demo, "TOKEN")
