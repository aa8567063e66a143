import asyncio
from uuid import UUID

import pytest
from sqlalchemy import insert

from flowyard.engine.graph import JsonValue
from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.errors import NotFoundError
from flowyard.storage.project_variables import (
    TooManyVariablesError,
    delete_variable,
    list_variables,
    put_variable,
    read_variables,
)
from flowyard.storage.schema import project


async def new_project(database: Database, name: str = "demo") -> UUID:
    project_id = new_id()
    async with database.transaction() as connection:
        await connection.execute(insert(project).values(project_id=project_id, name=name))
    return project_id


async def put(database: Database, project_id: UUID, name: str, value: JsonValue) -> None:
    async with database.transaction() as connection:
        await put_variable(connection, project_id, name, value=value, description="", actor="ada")


async def read(database: Database, *project_ids: UUID) -> dict[UUID, dict[str, JsonValue]]:
    async with database.transaction() as connection:
        return await read_variables(connection, set(project_ids))


async def test_the_variables_of_several_projects_are_read_together(database: Database) -> None:
    demo, other = await new_project(database), await new_project(database, "other")
    empty = await new_project(database, "empty")
    await put(database, demo, "region", "eu")
    await put(database, demo, "size", 3)
    await put(database, other, "region", None)

    assert await read(database, demo, other, empty) == {
        demo: {"region": "eu", "size": 3},
        other: {"region": None},
    }
    assert await read(database) == {}


async def test_a_variable_may_be_null_and_stays_so(database: Database) -> None:
    demo = await new_project(database)
    await put(database, demo, "region", "eu")
    await put(database, demo, "region", None)

    async with database.transaction() as connection:
        (found,) = await list_variables(connection, demo)
    assert (found.name, found.value, found.actor) == ("region", None, "ada")


async def test_a_variable_is_taken_away_in_its_own_project_only(database: Database) -> None:
    demo, other = await new_project(database), await new_project(database, "other")
    await put(database, demo, "region", "eu")
    await put(database, other, "region", "us")

    async with database.transaction() as connection:
        deleted = await delete_variable(connection, demo, "region")

    assert deleted.value == "eu"
    assert await read(database, demo, other) == {other: {"region": "us"}}
    async with database.transaction() as connection:
        with pytest.raises(NotFoundError):
            await delete_variable(connection, demo, "region")


async def test_two_writers_at_once_do_not_pass_the_bound_together(database: Database) -> None:
    demo = await new_project(database)

    results = await asyncio.gather(
        *(put(database, demo, name, "x" * 40_000) for name in ("a", "b")), return_exceptions=True
    )

    assert [type(one) for one in results if one is not None] == [TooManyVariablesError]
    assert len((await read(database, demo))[demo]) == 1
