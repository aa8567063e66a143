"""Errors of the server that pass are told from those that what was given is to blame for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError


def _response(code: str, message: str) -> bytes:
    """Return an ``ErrorResponse`` as a server sends it that ends the connection."""
    fields = f"SFATAL\0VFATAL\0C{code}\0M{message}\0\0".encode()
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


GOODBYE = _response("57P01", "terminating connection due to administrator command")
NO_ROOM = _response("XX000", "could not write init file")


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


async def _after_a_goodbye(database: Database) -> None:
    async with database.transaction() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        raw.driver_connection._protocol.data_received(GOODBYE)
        await connection.execute(text("SELECT 1"))


async def _hot_after_a_goodbye(database: Database) -> None:
    async with database.hot() as connection:
        connection._protocol.data_received(GOODBYE)
        await connection.execute("SELECT 1")


async def test_a_connection_on_which_the_server_said_goodbye_is_a_fault_that_passes(
    database: Database,
) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await _after_a_goodbye(database)

    with pytest.raises(DatabaseUnavailableError):
        await _hot_after_a_goodbye(database)


@pytest.fixture
async def full_server() -> AsyncIterator[Database]:
    """A server whose disk is so full that no session can begin."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(NO_ROOM)
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"postgresql://me@127.0.0.1:{port}/x?sslmode=disable"
    async with server, Database(url) as database:
        yield database


async def test_a_server_that_can_begin_no_session_has_a_fault_that_passes(
    full_server: Database,
) -> None:
    with pytest.raises(DatabaseUnavailableError, match="could not write init file"):
        async with full_server.transaction():
            pass

    with pytest.raises(DatabaseUnavailableError, match="could not write init file"):
        async with full_server.hot():
            pass
