from datetime import timedelta

from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.runners import forget_runners, remove_runner, renew_runner
from tests.support.steps import insert_runner


async def runners(database: Database) -> set[object]:
    async with database.hot() as connection:
        return {row["boot_id"] for row in await connection.fetch("SELECT boot_id FROM runner")}


async def test_renewing_makes_the_row_and_moves_its_time(database: Database) -> None:
    boot_id = new_id()
    await insert_runner(database, boot_id, silent_seconds=60)

    async with database.hot() as connection:
        await renew_runner(connection, boot_id, "here")
        silent = await connection.fetchval("SELECT now() - renewed_at FROM runner")

    assert silent < timedelta(seconds=5)


async def test_removing_takes_the_own_row_away_alone(database: Database) -> None:
    mine, other = new_id(), new_id()
    await insert_runner(database, mine)
    await insert_runner(database, other)

    async with database.hot() as connection:
        await remove_runner(connection, mine)

    assert await runners(database) == {other}


async def test_only_runners_that_died_long_ago_are_forgotten(database: Database) -> None:
    lately, long_ago = new_id(), new_id()
    await insert_runner(database, lately, silent_seconds=60)
    await insert_runner(database, long_ago, silent_seconds=7200)

    async with database.hot() as connection:
        await forget_runners(connection)

    assert await runners(database) == {lately}
