"""Claims: the plugin gateway's record that a step has begun, and what came of it.

A claim is three columns of the attempt's row, which the scheduler wrote before
it published the step. Every function here is one statement over arrays, takes a
driver connection, and commits by itself when the connection is in no transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

import asyncpg

from flowyard.storage.queries import load_queries
from flowyard.storage.runners import DEAD_AFTER

_QUERIES = load_queries("gateway")

RunnerStatus = Literal["alive", "silent", "gone"]
"""``silent``: not renewed for too long; ``gone``: it took its own row away, or never had one."""


class StepKey(NamedTuple):
    """Which step of which attempt; what a claim is unique on."""

    instance_id: UUID
    node_id: str
    number: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """What Postgres knows of a step at the moment of a read."""

    is_open: bool
    """False once the scheduler has closed the attempt."""
    step: int
    """The attempt's present step."""
    claimed_step: int | None
    """The highest step that was ever claimed."""
    runner: UUID | None
    """Boot id of the gateway process that claimed it."""
    runner_status: RunnerStatus
    outcome: str | None
    """The stored result of the step that was asked for, as JSON."""
    is_unknown: bool
    """True when the outcome says that nobody knows it."""
    is_barred: bool
    """True while an earlier attempt of its node still runs somewhere and is being cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOutcome:
    """What became of an outcome that was to be stored."""

    place: int
    """Its place in the sequence that was given."""
    is_late: bool
    """True when the claim had been given up before, so that it is kept as a late outcome."""


def _columns(
    keys: Sequence[StepKey],
) -> tuple[list[UUID], list[str], list[int], list[int]]:
    return (
        [key.instance_id for key in keys],
        [key.node_id for key in keys],
        [key.number for key in keys],
        [key.step for key in keys],
    )


async def claim_steps(
    connection: asyncpg.Connection,
    runner: UUID,
    keys: Sequence[StepKey],
    *,
    bar_dead_after: timedelta = DEAD_AFTER,
) -> set[int]:
    """Claim steps for a runner.

    Parameters
    ----------
    bar_dead_after
        How long a runner must have been silent for its run of an earlier attempt to
        bar the next one no longer.

    Returns
    -------
    set of int
        Places in ``keys`` of the steps that are now the runner's. The others are
        absent, closed, at another step, barred by the attempt before them, or claimed
        before, also by the same runner.
    """
    columns = _columns(keys)
    rows = await connection.fetch(_QUERIES["claim_steps"], runner, *columns, bar_dead_after)
    return {row["place"] for row in rows}


async def read_steps(
    connection: asyncpg.Connection,
    keys: Sequence[StepKey],
    *,
    dead_after: timedelta = DEAD_AFTER,
    bar_dead_after: timedelta = DEAD_AFTER,
) -> dict[int, StepRow]:
    """Return what is known of steps, keyed by place in ``keys``; absent attempts are left out."""
    columns = _columns(keys)
    rows = await connection.fetch(_QUERIES["read_steps"], *columns, dead_after, bar_dead_after)
    return {
        row["place"]: StepRow(
            is_open=row["is_open"],
            step=row["step"],
            claimed_step=row["claimed_step"],
            runner=row["runner"],
            runner_status=row["runner_status"],
            outcome=row["outcome"],
            is_unknown=row["is_unknown"],
            is_barred=row["is_barred"],
        )
        for row in rows
    }


async def store_outcomes(
    connection: asyncpg.Connection,
    runner: UUID,
    outcomes: Sequence[tuple[StepKey, str]],
) -> list[StoredOutcome]:
    """Store results as JSON beside the runner's own claims.

    Storing the same outcome twice changes nothing. Outcomes whose claim is no
    longer the runner's are left out of the answer: a later step was claimed.
    """
    keys = [key for key, _ in outcomes]
    texts = [text for _, text in outcomes]
    rows = await connection.fetch(_QUERIES["store_outcomes"], runner, *_columns(keys), texts)
    return [StoredOutcome(place=row["place"], is_late=row["is_late"]) for row in rows]


async def give_up_claims(
    connection: asyncpg.Connection,
    keys: Sequence[StepKey],
    *,
    dead_after: timedelta = DEAD_AFTER,
) -> set[int]:
    """Declare the outcome of dead runners' claims unknown.

    Returns
    -------
    set of int
        Places in ``keys`` whose outcome this call declared; for the others an
        outcome came in between, the runner came back, or the claim is not there.
    """
    rows = await connection.fetch(_QUERIES["give_up_claims"], *_columns(keys), dead_after)
    return {row["place"] for row in rows}


async def release_claims(
    connection: asyncpg.Connection, runner: UUID, keys: Sequence[StepKey]
) -> None:
    """Take back the runner's claims on steps that it never began and will not begin."""
    await connection.execute(_QUERIES["release_claims"], runner, *_columns(keys))
