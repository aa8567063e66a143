"""Steps as the scheduler leaves them: an attempt's row, and the record that was published."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from flowyard.contracts.records import ReadyStep, ResumeData, StepRef
from flowyard.ids import attempt_id, new_id
from flowyard.storage.claims import StepKey
from flowyard.storage.database import Database

OPENED_AT = datetime(2031, 5, 1, 8, 0, tzinfo=UTC)


def step_key(*, node_id: str = "build", number: int = 1, step: int = 0) -> StepKey:
    return StepKey(new_id(), node_id, number, step)


def ready_step(
    key: StepKey,
    *,
    plugin: str = "noop",
    version: str = "1.0",
    inputs: dict[str, Any] | None = None,
    timeout_seconds: float = 30,
    resume: ResumeData | None = None,
    state: Any = None,
    secret_outputs: tuple[str, ...] = (),
    traceparent: str | None = None,
) -> ReadyStep:
    return ReadyStep(
        ref=StepRef(
            instance_id=key.instance_id,
            partition=3,
            node_id=key.node_id,
            number=key.number,
            step=key.step,
        ),
        attempt_id=attempt_id(key.instance_id, key.node_id, key.number),
        project="demo",
        plugin=plugin,
        version=version,
        inputs=inputs or {},
        timeout_seconds=timeout_seconds,
        state=state,
        resume=resume,
        callback_token="token",  # noqa: S106 - a name, not a credential
        secret_outputs=list(secret_outputs),
        traceparent=traceparent,
    )


async def insert_attempt(
    database: Database, key: StepKey, *, closed_at: datetime | None = None
) -> None:
    async with database.hot() as connection:
        await connection.execute(
            "INSERT INTO attempt (instance_id, node_id, number, step, status, opened_at,"
            " closed_at) VALUES ($1, $2, $3, $4, 'running', $5, $6)",
            *key,
            OPENED_AT,
            closed_at,
        )


async def insert_runner(database: Database, boot_id: UUID, *, silent_seconds: float = 0) -> None:
    async with database.hot() as connection:
        await connection.execute(
            "INSERT INTO runner (boot_id, host, renewed_at)"
            " VALUES ($1, 'elsewhere', now() - make_interval(secs => $2))",
            boot_id,
            silent_seconds,
        )


async def set_attempt(database: Database, key: StepKey, **columns: object) -> None:
    """Set columns of an attempt's row; JSON columns take text."""
    names = list(columns)
    assignments = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, start=4))
    async with database.hot() as connection:
        await connection.execute(
            f"UPDATE attempt SET {assignments}"  # noqa: S608 - names of columns from the tests
            " WHERE instance_id = $1 AND node_id = $2 AND number = $3",
            *key[:3],
            *columns.values(),
        )


async def attempt_row(database: Database, key: StepKey) -> dict[str, Any]:
    async with database.hot() as connection:
        row = await connection.fetchrow(
            "SELECT runner, claimed_step, outcome::text, outcome_step, late_outcome::text"
            " FROM attempt WHERE instance_id = $1 AND node_id = $2 AND number = $3",
            *key[:3],
        )
    found = dict(row)
    for name in ("outcome", "late_outcome"):
        found[name] = None if found[name] is None else orjson.loads(found[name])
    return found
