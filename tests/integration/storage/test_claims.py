import asyncio
from datetime import timedelta

import pytest

from flowyard.ids import new_id
from flowyard.storage.claims import (
    StepKey,
    StepRow,
    claim_steps,
    give_up_claims,
    read_steps,
    release_claims,
    store_outcomes,
)
from flowyard.storage.database import Database
from flowyard.storage.queries import load_queries
from tests.support.steps import (
    OPENED_AT,
    attempt_row,
    insert_attempt,
    insert_runner,
    set_attempt,
    step_key,
)

ME = new_id()
OTHER = new_id()


async def claim(database: Database, *keys: StepKey, runner: object = ME) -> set[int]:
    async with database.hot() as connection:
        return await claim_steps(connection, runner, keys)  # type: ignore[arg-type]


async def read(database: Database, key: StepKey) -> StepRow | None:
    async with database.hot() as connection:
        return (await read_steps(connection, [key])).get(0)


async def test_an_open_step_that_nobody_has_claimed_is_claimed_once(database: Database) -> None:
    key = step_key()
    await insert_attempt(database, key)

    first = await claim(database, key)
    again = await claim(database, key)
    other = await claim(database, key, runner=OTHER)

    assert (first, again, other) == ({0}, set(), set())
    assert (await attempt_row(database, key))["runner"] == ME


async def test_rule_4_absent_closed_older_and_newer_steps_are_not_claimed(
    database: Database,
) -> None:
    absent, closed, moved, early = (step_key(node_id=name) for name in "abcd")
    await insert_attempt(database, closed, closed_at=OPENED_AT)
    await insert_attempt(database, moved._replace(step=1))
    await insert_attempt(database, early)

    claimed = await claim(database, absent, closed, moved, early._replace(step=1))

    assert claimed == set()


async def test_a_claim_of_an_earlier_step_does_not_keep_a_later_one_from_being_claimed(
    database: Database,
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await claim(database, key, runner=OTHER)
    await set_attempt(database, key, step=1)

    assert await claim(database, key._replace(step=1)) == {0}
    assert await claim(database, key) == set()


async def test_of_two_gateways_that_claim_the_same_steps_at_once_each_step_has_one(
    database: Database,
) -> None:
    keys = [step_key(node_id=f"n{place}") for place in range(50)]
    for key in keys:
        await insert_attempt(database, key)

    mine, others = await asyncio.gather(
        claim(database, *keys), claim(database, *reversed(keys), runner=OTHER)
    )

    taken_elsewhere = {len(keys) - 1 - place for place in others}
    assert mine | taken_elsewhere == set(range(50))
    assert mine & taken_elsewhere == set()


async def test_a_read_tells_an_absent_attempt_from_a_closed_one(database: Database) -> None:
    closed = step_key()
    await insert_attempt(database, closed, closed_at=OPENED_AT)

    assert await read(database, step_key()) is None
    row = await read(database, closed)
    assert row is not None
    assert not row.is_open


@pytest.mark.parametrize(
    ("silent_seconds", "status"), [(0, "alive"), (4, "alive"), (6, "silent"), (None, "gone")]
)
async def test_rule_5_a_runner_is_dead_five_seconds_after_its_last_renewal(
    database: Database, silent_seconds: float | None, status: str
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await claim(database, key, runner=OTHER)
    if silent_seconds is not None:
        await insert_runner(database, OTHER, silent_seconds=silent_seconds)

    row = await read(database, key)

    assert row is not None
    assert row.runner_status == status


async def test_rule_5_claims_and_outcomes_are_on_disk_once_they_are_stored(
    database: Database,
) -> None:
    # A claim of a living runner without an outcome reads as never begun, and its step is run.
    key = step_key()
    await insert_attempt(database, key)

    async with database.hot() as connection, connection.transaction():
        await claim_steps(connection, ME, [key])
        await store_outcomes(connection, ME, [(key, '{"outcome": "succeeded"}')])

        assert await connection.fetchval("SHOW synchronous_commit") == "on"


async def test_an_outcome_is_stored_beside_the_own_claim_and_read_back(database: Database) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await claim(database, key)

    async with database.hot() as connection:
        stored = await store_outcomes(connection, ME, [(key, '{"outcome": "succeeded"}')])

    row = await read(database, key)
    assert [(one.place, one.is_late) for one in stored] == [(0, False)]
    assert row is not None
    assert (row.outcome, row.is_unknown) == ('{"outcome": "succeeded"}', False)


async def test_storing_an_outcome_twice_changes_nothing(database: Database) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await claim(database, key)

    async with database.hot() as connection:
        await store_outcomes(connection, ME, [(key, '{"a": 1}')])
        await store_outcomes(connection, ME, [(key, '{"a": 2}')])

    row = await attempt_row(database, key)
    assert row["outcome"] == {"a": 1}
    assert row["late_outcome"] is None


async def test_an_outcome_of_an_earlier_step_is_not_taken_for_the_present_one(
    database: Database,
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await claim(database, key)
    async with database.hot() as connection:
        await store_outcomes(connection, ME, [(key, '{"a": 1}')])
    await set_attempt(database, key, step=1)
    later = key._replace(step=1)

    await claim(database, later)

    row = await read(database, later)
    assert row is not None
    assert row.outcome is None
    async with database.hot() as connection:
        assert await store_outcomes(connection, ME, [(key, '{"a": 2}')]) == []
        await store_outcomes(connection, ME, [(later, '{"a": 3}')])
    assert (await attempt_row(database, key))["outcome"] == {"a": 3}


async def test_another_runner_cannot_store_an_outcome(database: Database) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await claim(database, key)

    async with database.hot() as connection:
        stored = await store_outcomes(connection, OTHER, [(key, '{"a": 1}')])

    assert stored == []
    assert (await attempt_row(database, key))["outcome"] is None


async def test_rule_5_outcome_unknown_is_a_compare_and_set_on_a_dead_runners_claim(
    database: Database,
) -> None:
    alive, dead, ended = (step_key(node_id=name) for name in ("alive", "dead", "ended"))
    await insert_runner(database, ME)
    await insert_runner(database, OTHER, silent_seconds=6)
    for key, runner in ((alive, ME), (dead, OTHER), (ended, OTHER)):
        await insert_attempt(database, key)
        await claim(database, key, runner=runner)
    async with database.hot() as connection:
        await store_outcomes(connection, OTHER, [(ended, '{"a": 1}')])
        first = await give_up_claims(connection, [alive, dead, ended])
        again = await give_up_claims(connection, [alive, dead, ended])

    assert (first, again) == ({1}, set())
    row = await read(database, dead)
    assert row is not None
    assert row.is_unknown


async def test_rule_5_an_outcome_that_comes_after_the_claim_was_given_up_is_kept_as_late(
    database: Database,
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await claim(database, key)
    async with database.hot() as connection:
        await give_up_claims(connection, [key])
        stored = await store_outcomes(connection, ME, [(key, '{"a": 1}')])

    row = await attempt_row(database, key)
    assert [one.is_late for one in stored] == [True]
    assert (row["outcome"], row["late_outcome"]) == ({"unknown": True}, {"a": 1})


async def test_a_claim_is_not_given_up_when_the_runner_is_dead_only_for_others(
    database: Database,
) -> None:
    key = step_key()
    await insert_runner(database, OTHER, silent_seconds=6)
    await insert_attempt(database, key)
    await claim(database, key, runner=OTHER)

    async with database.hot() as connection:
        given_up = await give_up_claims(connection, [key], dead_after=timedelta(seconds=60))

    assert given_up == set()


async def test_a_released_claim_is_free_again_and_an_ended_one_is_not_released(
    database: Database,
) -> None:
    free, ended = step_key(), step_key()
    for key in (free, ended):
        await insert_attempt(database, key)
    await claim(database, free, ended)
    async with database.hot() as connection:
        await store_outcomes(connection, ME, [(ended, '{"a": 1}')])
        await release_claims(connection, ME, [free, ended])

    assert await claim(database, free, ended, runner=OTHER) == {0}


@pytest.mark.parametrize("name", ["claim_steps", "store_outcomes", "release_claims"])
async def test_hot_statements_find_rows_by_the_primary_key(database: Database, name: str) -> None:
    key = step_key()
    async with database.hot() as connection:
        await connection.execute(
            "INSERT INTO attempt (instance_id, node_id, number, step, status, opened_at)"
            " SELECT gen_random_uuid(), 'n', 1, 0, 'running', now()"
            " FROM generate_series(1, 5000)"
        )
        await connection.execute("ANALYZE attempt")
        columns: list[object] = [ME, [key.instance_id], ["build"], [1], [0]]
        if name == "store_outcomes":
            columns.append(["{}"])
        if name == "claim_steps":
            columns.append(timedelta(seconds=5))
        rows = await connection.fetch(f"EXPLAIN {load_queries('gateway')[name]}", *columns)

    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan on attempt" not in plan
