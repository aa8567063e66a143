"""Answers of writes, kept for a repeated ``Idempotency-Key``.

Theory of operation: a writer takes an advisory lock on the key for its
transaction, looks for a kept answer, does the work and keeps its answer, all in
one transaction. Whoever finds the lock taken knows that the first one is still
in flight; a work that failed leaves nothing behind and may be tried again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.errors import ConflictError
from flowyard.storage.schema import idempotency


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """What makes a repeated request the same one."""

    actor: str
    project: str
    """Empty outside projects."""
    method: str
    path: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """The answer to the first request with a key."""

    request_hash: str
    status: int
    response: Mapping[str, Any]


async def claim_key(connection: AsyncConnection, key: IdempotencyKey) -> KeptAnswer | None:
    """Reserve a key for this transaction, or return the answer that is kept for it.

    Raises
    ------
    ConflictError
        Raised if another transaction works under the key right now.
    """
    lock = func.pg_try_advisory_xact_lock(_lock_number(key))
    if not await connection.scalar(select(lock)):
        raise ConflictError("Expected the first request with this key to be done, but it is not")
    rows = await connection.execute(
        select(idempotency.c.request_hash, idempotency.c.status, idempotency.c.response).where(
            idempotency.c.actor == key.actor,
            idempotency.c.project == key.project,
            idempotency.c.method == key.method,
            idempotency.c.path == key.path,
            idempotency.c.key == key.key,
        )
    )
    row = rows.mappings().one_or_none()
    return None if row is None else KeptAnswer(**row)


async def keep_answer(connection: AsyncConnection, key: IdempotencyKey, answer: KeptAnswer) -> None:
    """Keep the answer under a key that was claimed in this transaction."""
    await connection.execute(
        insert(idempotency).values(
            actor=key.actor,
            project=key.project,
            method=key.method,
            path=key.path,
            key=key.key,
            request_hash=answer.request_hash,
            status=answer.status,
            response=answer.response,
        )
    )


async def forget_answers(connection: AsyncConnection, *, older_than: timedelta, limit: int) -> int:
    """Delete at most ``limit`` answers of that age, and return how many there were."""
    ripe = (
        select(idempotency.c.actor, idempotency.c.project, idempotency.c.method)
        .add_columns(idempotency.c.path, idempotency.c.key)
        .where(idempotency.c.created_at < func.now() - older_than)
        .order_by(idempotency.c.created_at)
        .limit(literal(limit, Integer))
        .with_for_update(skip_locked=True)
        .cte("ripe")
    )
    gone = await connection.execute(
        delete(idempotency)
        .where(*(idempotency.c[column.name] == column for column in ripe.c))
        .returning(idempotency.c.created_at)
    )
    return len(gone.all())


def _lock_number(key: IdempotencyKey) -> int:
    seed = hashlib.sha256("\n".join(astuple(key)).encode()).digest()
    return int.from_bytes(seed[:8], signed=True)
