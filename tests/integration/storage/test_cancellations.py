"""What looking for cancellations costs, and that claims of first attempts do not pay for them."""

from datetime import timedelta

import pytest

from flowyard.ids import new_id
from flowyard.storage.cancellations import (
    AttemptKey,
    confirm_cancellations,
    open_cancellations,
    take_cancellations,
)
from flowyard.storage.claims import StepKey, claim_steps, store_outcomes
from flowyard.storage.database import Database
from flowyard.storage.queries import load_queries
from tests.support.steps import OPENED_AT, insert_attempt, insert_runner, set_attempt, step_key

QUERIES = load_queries("gateway")
ME = new_id()
SECOND = timedelta(seconds=1)
FILL = """
INSERT INTO attempt (instance_id, node_id, number, step, status, opened_at, closed_at,
                     cancel_requested_at, cancel_confirmed_at)
SELECT gen_random_uuid(), 'n', 1, 0, 'cancelled', now(), now(), now(), now()
FROM generate_series(1, 20000);
ANALYZE attempt;
"""


async def plan(database: Database, name: str, *parameters: object, options: str = "") -> str:
    async with database.hot() as connection:
        await connection.execute(FILL)
        rows = await connection.fetch(f"EXPLAIN {options} {QUERIES[name]}", *parameters)
    return "\n".join(row[0] for row in rows)


def columns(*keys: StepKey) -> list[list[object]]:
    return [list(column) for column in zip(*keys, strict=True)]


async def test_rule_8_a_look_for_cancellations_costs_what_is_open_not_what_exists(
    database: Database,
) -> None:
    found = await plan(
        database, "open_cancellations", ME, ["noop@1.0"], 5 * SECOND, 5, 300 * SECOND, 500
    )

    assert "attempt_cancel_idx" in found
    assert "Seq Scan on attempt" not in found


@pytest.mark.parametrize("name", ["take_cancellations", "confirm_cancellations"])
async def test_what_is_found_is_changed_by_the_primary_key(database: Database, name: str) -> None:
    keys = columns(step_key())[:3]
    more = [SECOND] if name == "take_cancellations" else []

    found = await plan(database, name, *keys, *more)

    assert "attempt_pkey" in found or "attempt_cancel_idx" in found
    assert "Seq Scan on attempt" not in found


@pytest.mark.parametrize(
    ("number", "step", "is_looked_at"), [(1, 0, False), (2, 1, False), (2, 0, True)]
)
async def test_rule_4_only_the_first_step_of_a_further_attempt_looks_at_the_one_before(
    database: Database,
    number: int,
    step: int,
    is_looked_at: bool,  # noqa: FBT001 - a column of the table
) -> None:
    key = step_key(number=number, step=step)
    await insert_attempt(database, key)

    found = await plan(
        database, "claim_steps", ME, *columns(key), 5 * SECOND, options="(ANALYZE, TIMING OFF)"
    )

    lines = found.splitlines()
    [earlier] = [line for line in lines if " on attempt p " in line]
    [cancelled] = [line for line in lines if " on attempt p_1 " in line]
    assert ("never executed" not in earlier) == is_looked_at
    assert "never executed" in cancelled, "only a rollback looks at the whole instance"
    assert "Seq Scan on attempt" not in found


async def test_nothing_is_confirmed_while_a_claim_is_open(database: Database) -> None:
    key = step_key()
    await insert_attempt(database, key)
    async with database.hot() as connection:
        await claim_steps(connection, ME, [key])
    await set_attempt(database, key, closed_at=OPENED_AT, cancel_requested_at=OPENED_AT)

    async with database.hot() as connection:
        early = await confirm_cancellations(connection, [AttemptKey(*key[:3])])
        await store_outcomes(connection, ME, [(key, "{}")])
        late = await confirm_cancellations(connection, [AttemptKey(*key[:3])])
        again = await confirm_cancellations(connection, [AttemptKey(*key[:3])])

    assert (early, late, again) == (set(), {0}, set())


async def test_an_open_attempt_is_never_found_or_confirmed(database: Database) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await set_attempt(database, key, cancel_requested_at=OPENED_AT)

    async with database.hot() as connection:
        found = await open_cancellations(
            connection,
            ME,
            [],
            dead_after=SECOND,
            most_tries=5,
            given_up_after=SECOND,
            limit=10,
        )
        confirmed = await confirm_cancellations(connection, [AttemptKey(*key[:3])])

    assert (found, confirmed) == ([], set())


async def test_a_cancellation_is_taken_by_one_for_as_long_as_it_said(database: Database) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await set_attempt(
        database, key, closed_at=OPENED_AT, cancel_requested_at=OPENED_AT, state='{"plugin": "a"}'
    )
    attempt = [AttemptKey(*key[:3])]

    async with database.hot() as connection:
        first = await take_cancellations(connection, attempt, kept_for=60 * SECOND)
        second = await take_cancellations(connection, attempt, kept_for=60 * SECOND)
        await connection.execute("UPDATE attempt SET cancel_retry_at = now()")
        third = await take_cancellations(connection, attempt, kept_for=60 * SECOND)

    assert [one.tries for one in (*first, *second, *third)] == [1, 2]
    assert second == []
    assert first[0].state == {"plugin": "a"}


@pytest.mark.parametrize(("silent_seconds", "kinds"), [(0, []), (10, ["dead"])])
async def test_rule_5_only_the_claim_of_a_silent_runner_is_anybody_elses_business(
    database: Database, silent_seconds: float, kinds: list[str]
) -> None:
    key, other = step_key(), new_id()
    await insert_runner(database, other, silent_seconds=silent_seconds)
    await insert_attempt(database, key)
    async with database.hot() as connection:
        await claim_steps(connection, other, [key])
    await set_attempt(database, key, closed_at=OPENED_AT, cancel_requested_at=OPENED_AT)

    async with database.hot() as connection:
        found = await open_cancellations(
            connection,
            ME,
            [],
            dead_after=5 * SECOND,
            most_tries=5,
            given_up_after=SECOND,
            limit=10,
        )

    assert [one.kind for one in found] == kinds
