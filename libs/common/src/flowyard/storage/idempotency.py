"""Answers of writes, kept for a repeated ``Idempotency-Key``.

Theory of operation: a writer takes an advisory lock on the key for its
transaction, looks for a kept answer, does the work and keeps its answer, all in
one transaction. Whoever finds the lock taken knows that the first one is still
in flight, and so does who finds an answer at the end that was not there at the
beginning; a work that failed leaves nothing behind and may be tried again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.database import driver_of, dump_json
from flowyard.storage.errors import ConflictError
from flowyard.storage.queries import load_queries
from flowyard.storage.schema import idempotency

QUERIES = load_queries("api")
"""The statements of ``api.sql`` by name."""

_KEPT = "INSERT 0 1"


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
    # Through SQLAlchemy, which opens the transaction with it.
    rows = await connection.exec_driver_sql(
        QUERIES["claim_key"], (_lock_number(key), *_columns(key))
    )
    row = rows.one()
    if not row.is_claimed:
        raise ConflictError("Expected the first request with this key to be done, but it is not")
    if row.request_hash is None:
        return None
    return KeptAnswer(request_hash=row.request_hash, status=row.status, response=row.response)


async def keep_answer(connection: AsyncConnection, key: IdempotencyKey, answer: KeptAnswer) -> None:
    """Keep the answer under a key that was claimed in this transaction.

    Raises
    ------
    ConflictError
        Raised if another transaction has kept one meanwhile.
    """
    driver = await driver_of(connection)
    done = await driver.execute(
        QUERIES["keep_answer"],
        *_columns(key),
        answer.request_hash,
        answer.status,
        dump_json(answer.response),
    )
    if done != _KEPT:
        raise ConflictError("Expected no answer under this key yet, but there is one")


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
    seed = hashlib.sha256("\n".join(_columns(key)).encode()).digest()
    return int.from_bytes(seed[:8], signed=True)


def _columns(key: IdempotencyKey) -> tuple[str, str, str, str, str]:
    return key.actor, key.project, key.method, key.path, key.key
