"""Secrets: sealed values by project and name; nothing here can open them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import NotFoundError
from flowyard.storage.queries import load_queries
from flowyard.storage.schema import secret

_QUERIES = load_queries("gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretInfo:
    """What may be shown of a secret."""

    name: str
    actor: str
    """Who wrote it last."""
    updated_at: datetime


async def put_secret(
    connection: AsyncConnection, project_id: UUID, name: str, *, sealed: str, actor: str
) -> None:
    """Write a secret, new or in place of the old value.

    Parameters
    ----------
    connection
        Within the caller's transaction.
    project_id, name
        Which secret.
    sealed
        The text, sealed by :class:`flowyard.storage.sealing.Sealer`.
    actor
        Who writes it.
    """
    written = {"sealed": sealed, "actor": actor, "updated_at": func.now()}
    await connection.execute(
        insert(secret)
        .values(project_id=project_id, name=name, **written)
        .on_conflict_do_update(index_elements=["project_id", "name"], set_=written)
    )


async def list_secrets(
    connection: AsyncConnection, project_id: UUID, *, after: str = "", limit: int = 100
) -> list[SecretInfo]:
    """Return a page of a project's secrets in order of their names, without values."""
    rows = await connection.execute(
        select(secret.c.name, secret.c.actor, secret.c.updated_at)
        .where(secret.c.project_id == project_id, secret.c.name > after)
        .order_by(secret.c.name)
        .limit(limit)
    )
    return [SecretInfo(name=row.name, actor=row.actor, updated_at=row.updated_at) for row in rows]


async def known_secrets(
    connection: AsyncConnection, project_id: UUID, names: Iterable[str]
) -> set[str]:
    """Return those of the names that a project has secrets of."""
    rows = await connection.execute(
        select(secret.c.name).where(secret.c.project_id == project_id, secret.c.name.in_(names))
    )
    return {row.name for row in rows}


async def delete_secret(connection: AsyncConnection, project_id: UUID, name: str) -> None:
    """Take a secret away.

    Raises
    ------
    NotFoundError
        Raised if there is none of that name.
    """
    result = await connection.execute(
        delete(secret).where(secret.c.project_id == project_id, secret.c.name == name)
    )
    if result.rowcount == 0:
        raise NotFoundError("secret", name)


async def fetch_secrets(
    connection: asyncpg.Connection, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return sealed secrets, keyed by project name and secret name; absent ones are left out."""
    pairs = list(wanted)
    rows = await connection.fetch(
        _QUERIES["fetch_secrets"], [project for project, _ in pairs], [name for _, name in pairs]
    )
    return {(row["project"], row["name"]): row["sealed"] for row in rows}
