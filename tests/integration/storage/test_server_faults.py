"""Errors of the server that pass are told from those that what was given is to blame for."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError


def _raising(code: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'it was so' USING ERRCODE = '{code}'; END $$"


@pytest.mark.parametrize("code", ["57P03", "57014", "53300", "40001", "58030"])
async def test_a_fault_of_the_server_is_one_that_passes(database: Database, code: str) -> None:
    with pytest.raises(DatabaseUnavailableError):
        async with database.transaction() as connection:
            await connection.execute(text(_raising(code)))

    with pytest.raises(DatabaseUnavailableError):
        async with database.hot() as connection:
            await connection.execute(_raising(code))


async def test_a_statement_that_is_wrong_is_no_fault_of_the_server(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.transaction() as connection:
            await connection.execute(text(_raising("22P02")))
