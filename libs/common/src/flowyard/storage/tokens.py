"""Bearer tokens: named after who acts with them, stored as digests only."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.ids import digest, new_id, new_secret
from flowyard.storage.schema import token

TOKEN_PREFIX = "flowyard_"  # noqa: S105 - a mark that secret scanners can look for, no secret
"""What every token begins with, so that a leaked one is recognized."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A new token, the only time that its text is known."""

    token_id: uuid.UUID
    actor: str
    text: str
    """What the bearer sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is stored."""

    token_id: uuid.UUID
    actor: str
    created_at: datetime
    revoked_at: datetime | None


async def create_token(connection: AsyncConnection, *, actor: str) -> IssuedToken:
    """Mint a token for an actor, who may have several."""
    issued = IssuedToken(token_id=new_id(), actor=actor, text=f"{TOKEN_PREFIX}{new_secret()}")
    await connection.execute(
        insert(token).values(token_id=issued.token_id, actor=actor, digest=digest(issued.text))
    )
    return issued


async def find_token(connection: AsyncConnection, text: str) -> Token | None:
    """Return the valid token of that text; None when it is unknown or revoked."""
    rows = await connection.execute(
        select(token.c.token_id, token.c.actor, token.c.created_at, token.c.revoked_at).where(
            token.c.digest == digest(text), token.c.revoked_at.is_(None)
        )
    )
    row = rows.mappings().one_or_none()
    return None if row is None else Token(**row)


async def list_tokens(
    connection: AsyncConnection, *, after: uuid.UUID | None, limit: int
) -> list[Token]:
    """Return tokens, revoked ones too, in order of creation, from behind ``after`` on."""
    statement = (
        select(token.c.token_id, token.c.actor, token.c.created_at, token.c.revoked_at)
        .order_by(token.c.token_id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(token.c.token_id > after)
    rows = await connection.execute(statement)
    return [Token(**row) for row in rows.mappings()]


async def revoke_token(connection: AsyncConnection, token_id: uuid.UUID) -> bool:
    """Make a token worthless; False when it is unknown or was revoked before."""
    rows = await connection.execute(
        update(token)
        .where(token.c.token_id == token_id, token.c.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(token.c.token_id)
    )
    return rows.one_or_none() is not None
