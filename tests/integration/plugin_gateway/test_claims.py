"""The claim matrix, row by row, over HTTP and a real Postgres."""

import asyncio

import pytest

from flowyard.contracts.plugin_api import StepFinished, StepJoined, StepRefused
from flowyard.contracts.records import ReadyStep, ResumeData, StepResult
from flowyard.ids import new_id
from flowyard.storage.claims import StepKey, claim_steps
from flowyard.storage.database import Database
from tests.integration.plugin_gateway.support import Gateway, Probe, running_gateway
from tests.support.steps import (
    OPENED_AT,
    attempt_row,
    insert_attempt,
    insert_runner,
    ready_step,
    set_attempt,
    step_key,
)


def probe_step(key: StepKey, *, hold: bool = False) -> ReadyStep:
    return ready_step(key, plugin="probe", inputs={"text": "x", "hold": hold})


async def refusal(gateway: Gateway, step: ReadyStep) -> str:
    [message] = await gateway.messages(step)
    assert isinstance(message, StepRefused), message
    return message.code


async def test_a_free_step_is_claimed_run_and_its_outcome_stored(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)

    result = await gateway.result(probe_step(key))
    await gateway.stored()

    row = await attempt_row(database, key)
    assert (result.outcome, result.outputs) == ("succeeded", {"text": "x"})
    assert result.started_at is not None
    assert len(probe.calls) == 1
    assert row["runner"] == gateway.service.lease.boot_id
    assert StepResult.model_validate(row["outcome"]) == result


async def test_rule_4_absent_closed_older_and_newer_steps_are_stale_and_never_run(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    absent, closed, moved, early = (step_key(node_id=name) for name in "abcd")
    await insert_attempt(database, closed, closed_at=OPENED_AT)
    await insert_attempt(database, moved._replace(step=1))
    await insert_attempt(database, early)
    steps = [absent, closed, moved, early._replace(step=1)]

    messages = await gateway.messages(*[probe_step(key) for key in steps])

    assert [getattr(message, "code", None) for message in messages] == ["stale"] * 4
    assert probe.calls == []


@pytest.mark.parametrize("plugin", ["noop_idempotent", "assign"])
async def test_rule_4_stale_steps_of_idempotent_plugins_are_refused_too(
    database: Database, gateway: Gateway, plugin: str
) -> None:
    key = step_key()
    await insert_attempt(database, key, closed_at=OPENED_AT)

    assert await refusal(gateway, ready_step(key, plugin=plugin)) == "stale"


async def test_a_second_delivery_after_the_end_gets_the_stored_result(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    first = await gateway.result(probe_step(key))
    await gateway.stored()

    again = await gateway.result(probe_step(key))

    assert again == first
    assert len(probe.calls) == 1


async def test_a_second_delivery_while_it_runs_here_joins_and_both_get_the_result(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    first = asyncio.create_task(gateway.messages(probe_step(key, hold=True)))
    await probe.began.wait()

    second = aiter(gateway.stream(probe_step(key, hold=True)))
    joined = await anext(second)
    probe.go.set()

    assert isinstance(joined, StepJoined)
    assert [await anext(second)] == await first
    assert len(probe.calls) == 1


async def test_the_same_step_twice_in_one_batch_runs_once_and_is_answered_twice(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)

    messages = await gateway.messages(probe_step(key), probe_step(key))

    assert [message.type for message in messages] == ["joined", "finished", "finished"]
    assert len(probe.calls) == 1


async def test_rule_5_an_own_claim_without_a_run_in_memory_was_never_begun_and_is_run(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    async with database.hot() as connection:
        await claim_steps(connection, gateway.service.lease.boot_id, [key])

    result = await gateway.result(probe_step(key))

    assert result.outcome == "succeeded"
    assert len(probe.calls) == 1


async def test_a_step_that_runs_in_a_living_gateway_is_joined_until_its_outcome_is_there(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    other_probe = Probe()
    key = step_key()
    await insert_attempt(database, key)
    async with running_gateway(database, other_probe) as other:
        first = asyncio.create_task(other.messages(probe_step(key, hold=True)))
        await other_probe.began.wait()

        second = aiter(gateway.stream(probe_step(key, hold=True)))
        joined = await anext(second)
        other_probe.go.set()

        assert isinstance(joined, StepJoined)
        assert [await anext(second)] == await first
    assert probe.calls == []


async def test_rule_5_a_step_whose_runner_has_gone_fails_as_outcome_unknown(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    async with database.hot() as connection:
        await claim_steps(connection, new_id(), [key])

    first = await gateway.result(probe_step(key))
    again = await gateway.result(probe_step(key))

    assert (first.outcome, first.code) == ("failed", "outcome_unknown")
    assert again == first
    assert probe.calls == []
    assert (await attempt_row(database, key))["outcome"] == {"unknown": True}


async def test_a_claim_that_another_gateway_gives_back_is_taken_over(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key, other = step_key(), new_id()
    await insert_attempt(database, key)
    await insert_runner(database, other)
    async with database.hot() as connection:
        await claim_steps(connection, other, [key])
    messages = aiter(gateway.stream(probe_step(key)))
    assert isinstance(await anext(messages), StepJoined)

    await set_attempt(database, key, runner=None, claimed_step=None)

    assert isinstance(await anext(messages), StepFinished)
    assert len(probe.calls) == 1


async def test_a_watched_step_that_is_closed_meanwhile_is_stale(
    database: Database, gateway: Gateway
) -> None:
    key, other = step_key(), new_id()
    await insert_attempt(database, key)
    await insert_runner(database, other)
    async with database.hot() as connection:
        await claim_steps(connection, other, [key])
    messages = aiter(gateway.stream(probe_step(key)))
    await anext(messages)

    await set_attempt(database, key, closed_at=OPENED_AT)

    last = await anext(messages)
    assert isinstance(last, StepRefused)
    assert last.code == "stale"


async def test_rule_5_a_result_that_comes_after_the_claim_was_given_up_is_kept_as_late(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    running = asyncio.create_task(gateway.messages(probe_step(key, hold=True)))
    await probe.began.wait()
    await set_attempt(database, key, outcome='{"unknown": true}', outcome_step=0)

    probe.go.set()
    await running
    await gateway.stored()

    row = await attempt_row(database, key)
    assert row["outcome"] == {"unknown": True}
    assert row["late_outcome"]["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("resume", "is_claimed"),
    [
        (None, True),
        (ResumeData(kind="callback", data={}), True),
        (ResumeData(kind="approval", data={}), True),
        (ResumeData(kind="timer"), False),
    ],
)
async def test_all_steps_but_polls_are_claimed(
    database: Database,
    gateway: Gateway,
    resume: ResumeData | None,
    is_claimed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    key = step_key(step=1)
    await insert_attempt(database, key)

    await gateway.result(ready_step(key, plugin="probe", resume=resume))
    await gateway.stored()

    row = await attempt_row(database, key)
    assert (row["claimed_step"] == 1) == is_claimed
    assert (row["outcome"] is not None) == is_claimed


async def test_an_idempotent_step_is_run_again_without_a_claim(
    database: Database, gateway: Gateway
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    step = ready_step(key, plugin="noop_idempotent")

    results = [await gateway.result(step), await gateway.result(step)]

    assert [result.outcome for result in results] == ["succeeded", "succeeded"]
    assert (await attempt_row(database, key))["claimed_step"] is None


async def test_rule_12_an_unknown_plugin_is_refused_and_the_others_of_the_batch_run(
    database: Database, gateway: Gateway
) -> None:
    known, unknown = step_key(), step_key()
    await insert_attempt(database, known)
    await insert_attempt(database, unknown)

    messages = await gateway.messages(
        ready_step(unknown, plugin="noop", version="9.9"), ready_step(known)
    )

    assert [(message.type, getattr(message, "code", "")) for message in messages] == [
        ("refused", "unknown_plugin"),
        ("finished", ""),
    ]


async def test_rule_12_a_key_that_postgres_refuses_stops_no_other_step(
    database: Database, gateway: Gateway
) -> None:
    good = step_key()
    await insert_attempt(database, good)
    broken = [step_key(node_id="a\x00b"), step_key(number=2**40)]

    messages = await gateway.messages(*[ready_step(key) for key in (*broken, good)])

    assert [message.type for message in messages] == ["refused", "refused", "finished"]
