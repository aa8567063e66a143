"""Cancellations: attempts that were closed from outside, until nothing of them goes on.

The scheduler requests one in the transaction that closes the attempt; from then on
no step of it can be claimed. The plugin gateways confirm it. Every function here is
one statement, takes a driver connection, and commits by itself when the connection
is in no transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from flowyard.storage.queries import load_queries

_QUERIES = load_queries("gateway")

CancellationKind = Literal["own", "dead", "waiting", "over", "given_up"]
"""``own``: the asking runner's claim is open; ``dead``: a dead one's is; ``waiting``: its plugin
is to be asked to stop; ``over``: nothing of it goes on; ``given_up``: it was tried long enough."""


class AttemptKey(NamedTuple):
    """Which attempt of which node."""

    instance_id: UUID
    node_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCancellation:
    """A cancellation that is not confirmed, and what can be done about it."""

    key: AttemptKey
    claimed_step: int | None
    kind: CancellationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenCancellation:
    """What a plugin has to be asked with to stop what goes on elsewhere."""

    key: AttemptKey
    step: int
    tries: int
    """How often it was asked, this time included."""
    inputs: dict[str, Any]
    """As the scheduler rendered them: secrets are references."""
    state: Any
    """As it was kept with the last wait: sealed."""
    actor: str
    callback_secret: str
    traceparent: str | None
    project: str


def _columns(keys: Sequence[AttemptKey]) -> tuple[list[UUID], list[str], list[int]]:
    return (
        [key.instance_id for key in keys],
        [key.node_id for key in keys],
        [key.number for key in keys],
    )


def _key(row: asyncpg.Record) -> AttemptKey:
    return AttemptKey(row["instance_id"], row["node_id"], row["number"])


async def open_cancellations(
    connection: asyncpg.Connection,
    runner: UUID,
    plugins: Sequence[str],
    *,
    dead_after: timedelta,
    most_tries: int,
    given_up_after: timedelta,
    limit: int,
) -> list[OpenCancellation]:
    """Return the cancellations that a runner can do something about, the oldest first.

    Parameters
    ----------
    runner
        Who asks.
    plugins
        What it hosts, each as ``name@version``.
    dead_after
        How long another runner must have been silent to count as dead.
    most_tries, given_up_after
        When asking a plugin is given up: after so many tries, or so long.
    limit
        Most of them.
    """
    rows = await connection.fetch(
        _QUERIES["open_cancellations"],
        runner,
        list(plugins),
        dead_after,
        most_tries,
        given_up_after,
        limit,
    )
    return [
        OpenCancellation(key=_key(row), claimed_step=row["claimed_step"], kind=row["kind"])
        for row in rows
    ]


async def take_cancellations(
    connection: asyncpg.Connection, keys: Sequence[AttemptKey], *, kept_for: timedelta
) -> list[TakenCancellation]:
    """Take cancellations to ask their plugins, so that nobody else does for some time.

    Those that another runner has taken, or that are confirmed, are left out.
    """
    rows = await connection.fetch(_QUERIES["take_cancellations"], *_columns(keys), kept_for)
    return [
        TakenCancellation(
            key=_key(row),
            step=row["step"],
            tries=row["tries"],
            inputs=orjson.loads(row["inputs"]),
            state=None if row["state"] is None else orjson.loads(row["state"]),
            actor=row["actor"],
            callback_secret=row["callback_secret"],
            traceparent=row["traceparent"],
            project=row["project"],
        )
        for row in rows
    ]


async def confirm_cancellations(
    connection: asyncpg.Connection, keys: Sequence[AttemptKey]
) -> set[int]:
    """Say that nothing of these attempts goes on, and forget what they kept.

    Returns
    -------
    set of int
        Places in ``keys`` of those that this call confirmed; for the others a claim is
        open, or they are confirmed.
    """
    rows = await connection.fetch(_QUERIES["confirm_cancellations"], *_columns(keys))
    return {row["place"] for row in rows}


async def find_cancelled(connection: asyncpg.Connection, keys: Sequence[AttemptKey]) -> set[int]:
    """Return the places in ``keys`` of the attempts that are closed and were asked to stop."""
    rows = await connection.fetch(_QUERIES["cancelled_steps"], *_columns(keys))
    return {row["place"] for row in rows}
