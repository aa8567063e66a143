"""What an operator does on the database itself: tokens and secrets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from uuid import UUID

from flowyard.storage.database import Database
from flowyard.storage.migrate import check_schema
from flowyard.storage.projects import find_project
from flowyard.storage.secrets import delete_secret, list_secrets
from flowyard.storage.tokens import create_token, list_tokens, revoke_token
from flowyard_cli.data_folder import DataFolder
from flowyard_cli.errors import FolderInUseError, NoServerError, UsageError
from flowyard_cli.settings import OperatorSettings
from flowyard_cli.terminal import JsonObject

PAGE = 100
"""Rows read at a time."""


@asynccontextmanager
async def open_database(
    settings: OperatorSettings, folder: DataFolder | None
) -> AsyncIterator[Database]:
    """Open the database of ``FLOWYARD_DATABASE_URL``, else the data folder's embedded one.

    An embedded server that runs is shared with whoever runs it; one that is
    down is started for the command and stopped behind it.

    Raises
    ------
    NoServerError
        Raised if neither is there.
    """
    async with AsyncExitStack() as stack:
        url = settings.database_url or await _embedded(stack, folder)
        database = await stack.enter_async_context(Database(url))
        await check_schema(database)
        yield database


async def _embedded(stack: AsyncExitStack, folder: DataFolder | None) -> str:
    if folder is None or not folder.postgres.is_dir():
        raise NoServerError(
            "Expected a database, but none is named: set FLOWYARD_DATABASE_URL, or work in the"
            " folder of a 'flowyard dev' or name its data folder with --data"
        )
    from flowyard_cli.dev.lock import folder_lock  # noqa: PLC0415
    from flowyard_cli.dev.postgres import EmbeddedPostgres  # noqa: PLC0415

    is_ours = True
    try:
        stack.enter_context(folder_lock(folder, patience_seconds=0))
    except FolderInUseError:
        is_ours = False
    postgres = EmbeddedPostgres(folder.postgres, stop_on_exit=is_ours)
    await asyncio.to_thread(postgres.__enter__)
    stack.push(postgres.__exit__)
    return postgres.url


async def create_token_of(
    settings: OperatorSettings, folder: DataFolder | None, *, actor: str
) -> JsonObject:
    """Make a token for an actor and return it, with its text."""
    async with open_database(settings, folder) as database, database.transaction() as connection:
        issued = await create_token(connection, actor=actor)
    return {"token_id": str(issued.token_id), "actor": issued.actor, "token": issued.text}


async def all_tokens(settings: OperatorSettings, folder: DataFolder | None) -> list[JsonObject]:
    """Return what is known of every token."""
    found: list[JsonObject] = []
    after: UUID | None = None
    async with open_database(settings, folder) as database, database.transaction() as connection:
        while page := await list_tokens(connection, after=after, limit=PAGE):
            found += [
                {
                    "token_id": str(token.token_id),
                    "actor": token.actor,
                    "created_at": token.created_at,
                    "revoked_at": token.revoked_at,
                }
                for token in page
            ]
            after = page[-1].token_id
    return found


async def revoke_token_of(
    settings: OperatorSettings, folder: DataFolder | None, token_id: UUID
) -> None:
    """Make a token worthless.

    Raises
    ------
    UsageError
        Raised if there is no such valid token.
    """
    async with open_database(settings, folder) as database, database.transaction() as connection:
        is_done = await revoke_token(connection, token_id)
    if not is_done:
        raise UsageError(f"Expected a valid token {token_id}, but there is none")


async def all_secrets(
    settings: OperatorSettings, folder: DataFolder | None, *, project: str
) -> list[JsonObject]:
    """Return what may be shown of every secret of a project."""
    found: list[JsonObject] = []
    after = ""
    async with open_database(settings, folder) as database, database.transaction() as connection:
        owner = await find_project(connection, project)
        while page := await list_secrets(connection, owner.project_id, after=after, limit=PAGE):
            found += [asdict(info) for info in page]
            after = page[-1].name
    return found


async def remove_secret(
    settings: OperatorSettings, folder: DataFolder | None, *, project: str, name: str
) -> None:
    """Take a secret away; raises ``NotFoundError`` if there is none of that name."""
    async with open_database(settings, folder) as database, database.transaction() as connection:
        owner = await find_project(connection, project)
        await delete_secret(connection, owner.project_id, name)
