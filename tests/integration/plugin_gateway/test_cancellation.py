"""What becomes of attempts that are closed from outside, over HTTP and a real Postgres."""

import asyncio
from uuid import UUID

import orjson
import pytest

from flowyard.contracts.plugin_api import StepRefused
from flowyard.contracts.records import ResumeData, StepResult
from flowyard.ids import attempt_id, new_id
from flowyard.storage.claims import claim_steps
from flowyard.storage.database import Database
from flowyard_plugin_gateway import cancel_call, cancellation, execution
from tests.integration.plugin_gateway.cancelling import (
    cancel_row,
    close,
    confirmed,
    counted,
    insert_instance,
    kept,
    looked,
    probe_step,
)
from tests.integration.plugin_gateway.support import Gateway, Probe, running_gateway, until
from tests.support.steps import (
    OPENED_AT,
    attempt_row,
    insert_attempt,
    insert_runner,
    ready_step,
    set_attempt,
    step_key,
)


@pytest.fixture(autouse=True)
def _no_pause_between_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancellation, "LOOK_SECONDS", 0.02)


async def test_a_running_step_is_stopped_its_outcome_is_cancelled_and_that_is_confirmed(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    running = asyncio.create_task(gateway.result(probe_step(key, hold=True)))
    await probe.began.wait()

    await close(database, key)

    result = await running
    await confirmed(database, key)
    stored = StepResult.model_validate((await attempt_row(database, key))["outcome"])
    assert (result.outcome, result.code) == ("failed", "cancelled")
    assert stored == result
    assert [counted(gateway, name) for name in ("stopped", "confirmed")] == [1, 1]


async def test_a_plugin_may_clean_up_and_what_it_returns_nevertheless_is_its_outcome(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    running = asyncio.create_task(gateway.result(probe_step(key, say="finish")))
    await probe.began.wait()

    await close(database, key)

    assert (await running).outcome == "succeeded"
    await confirmed(database, key)
    assert (await attempt_row(database, key))["outcome"]["outcome"] == "succeeded"


async def test_a_plugin_that_ignores_its_end_is_given_up_after_a_moment(
    database: Database, gateway: Gateway, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "STOP_SECONDS", 0.05)
    key = step_key()
    await insert_attempt(database, key)
    running = asyncio.create_task(gateway.result(probe_step(key, say="ignore_cancel")))
    await probe.began.wait()

    await close(database, key)

    assert (await running).code == "cancelled"
    await confirmed(database, key)


async def test_what_was_never_begun_is_confirmed_and_can_never_be_begun_afterwards(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await close(database, key)
    await confirmed(database, key)

    [claimed] = await gateway.messages(probe_step(key))
    [unclaimed] = await gateway.messages(ready_step(key, plugin="noop_idempotent"))

    assert isinstance(claimed, StepRefused)
    assert isinstance(unclaimed, StepRefused)
    assert (claimed.code, unclaimed.code) == ("stale", "stale")
    assert probe.calls == []


async def test_a_run_without_a_claim_is_stopped_too(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key(step=1)
    await insert_attempt(database, key)
    step = probe_step(key, hold=True).model_copy(update={"resume": ResumeData(kind="timer")})
    running = asyncio.create_task(gateway.result(step))
    await probe.began.wait()

    await close(database, key)

    assert (await running).code == "cancelled"
    assert (await attempt_row(database, key))["claimed_step"] is None


async def test_rule_5_the_claim_of_a_dead_runner_becomes_unknown_and_is_confirmed(
    database: Database, gateway: Gateway
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    async with database.hot() as connection:
        await claim_steps(connection, new_id(), [key])

    await close(database, key)

    await confirmed(database, key)
    assert (await attempt_row(database, key))["outcome"] == {"unknown": True}
    assert counted(gateway, "confirmed") == 1


async def test_rule_5_the_claim_of_a_living_runner_is_left_to_it(
    database: Database, gateway: Gateway
) -> None:
    key, other = step_key(), new_id()
    await insert_runner(database, other)
    await insert_attempt(database, key)
    async with database.hot() as connection:
        await claim_steps(connection, other, [key])

    await close(database, key)
    await looked(database, gateway)

    assert not (await cancel_row(database, key))["is_confirmed"]
    assert (await attempt_row(database, key))["outcome"] is None


async def test_an_own_claim_that_was_never_begun_is_taken_back_and_confirmed(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    async with database.hot() as connection:
        await claim_steps(connection, gateway.service.lease.boot_id, [key])

    await close(database, key)

    await confirmed(database, key)
    assert (await attempt_row(database, key))["claimed_step"] is None
    assert probe.calls == []


async def test_the_plugin_of_a_wait_is_asked_with_what_it_kept_and_opened_secrets(
    database: Database, gateway: Gateway, probe: Probe, demo: UUID
) -> None:
    key = step_key()
    await insert_instance(database, demo, key.instance_id)
    await insert_attempt(database, key)
    inputs = orjson.dumps({"text": {"$secret": "TOKEN"}}).decode()

    await close(database, key, state=kept(state={"job": 7}), inputs=inputs)

    row = await confirmed(database, key)
    [(context, given)] = probe.cancels
    assert (given.text, context.state, context.project) == ("open sesame", {"job": 7}, "demo")
    assert context.attempt_id == attempt_id(key.instance_id, key.node_id, key.number)
    assert f"/{key.instance_id}/build/1/" in context.callback_url
    assert context.actor == "ann"
    assert row["state"] is None
    assert [counted(gateway, name) for name in ("asked", "confirmed")] == [1, 1]


async def test_rule_11_what_a_plugin_says_while_it_stops_is_logged_without_secrets(
    database: Database, gateway: Gateway, demo: UUID
) -> None:
    key = step_key()
    await insert_instance(database, demo, key.instance_id)
    await insert_attempt(database, key)
    inputs = orjson.dumps({"text": {"$secret": "TOKEN"}}).decode()

    await close(database, key, state=kept(), inputs=inputs)

    await confirmed(database, key)
    assert gateway.service.lease.is_held()
    async with database.hot() as connection:
        assert await connection.fetchval("SELECT text FROM log_line") == "stopping ***"


async def test_a_wait_that_the_scheduler_has_not_heard_of_is_cancelled_with_its_stored_state(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    result = await gateway.result(probe_step(key, say="wait"))
    await gateway.stored()

    await close(database, key, inputs='{"text": "x"}')

    await confirmed(database, key)
    [(context, _)] = probe.cancels
    assert result.outcome == "waiting"
    assert context.state == {"page": 2}


async def test_a_wait_that_kept_nothing_is_confirmed_without_asking(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)

    await close(database, key)

    await confirmed(database, key)
    assert probe.cancels == []
    assert counted(gateway, "asked") == 0


async def test_of_several_gateways_only_one_asks_the_plugin(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    keys = [step_key(node_id=f"n{place}") for place in range(20)]
    for key in keys:
        await insert_attempt(database, key)
    async with running_gateway(database, probe) as other:
        for key in keys:
            await close(database, key, state=kept(), inputs='{"text": "x"}')

        for key in keys:
            await confirmed(database, key)

        assert sorted(context.node_id for context, _ in probe.cancels) == sorted(
            key.node_id for key in keys
        )
        assert counted(gateway, "asked") + counted(other, "asked") == 20


@pytest.mark.parametrize("say", ["raise", "exit"])
async def test_rule_12_a_plugin_that_cannot_stop_is_asked_again_and_then_given_up(
    database: Database,
    gateway: Gateway,
    probe: Probe,
    say: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancellation, "MAX_TRIES", 2)
    monkeypatch.setattr(cancellation, "TAKEN_SECONDS", 0)
    key = step_key()
    await insert_attempt(database, key)

    await close(database, key, state=kept(), inputs=orjson.dumps({"say": say}).decode())

    assert (await confirmed(database, key))["cancel_tries"] == 2
    assert len(probe.cancels) == 2
    assert [counted(gateway, name) for name in ("failed", "given_up", "confirmed")] == [2, 1, 1]


async def test_a_plugin_that_hangs_while_it_stops_holds_up_nobody_for_long(
    database: Database, gateway: Gateway, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway.service._cancellations._call, "_seconds", 0.05)
    monkeypatch.setattr(cancellation, "MAX_TRIES", 1)
    key = step_key()
    await insert_attempt(database, key)

    await close(database, key, state=kept(), inputs='{"hold": true}')

    await confirmed(database, key)
    assert len(probe.cancels) == 1
    assert counted(gateway, "failed") == 1


async def test_inputs_that_cannot_be_opened_count_as_a_failure_to_ask(
    database: Database, gateway: Gateway, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancellation, "MAX_TRIES", 1)
    key = step_key()
    await insert_attempt(database, key)

    await close(database, key, state=kept(), inputs='{"text": {"$secret": "GONE"}}')

    await confirmed(database, key)
    assert probe.cancels == []
    assert counted(gateway, "failed") == 1


async def test_a_plugin_that_is_hosted_elsewhere_is_left_to_those_who_host_it_for_some_time(
    database: Database, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await close(database, key, state=kept("elsewhere"), inputs="{}")

    await looked(database, gateway)
    before = await cancel_row(database, key)
    monkeypatch.setattr(cancellation, "GIVEN_UP_SECONDS", 0)
    await confirmed(database, key)

    assert not before["is_confirmed"]
    assert counted(gateway, "given_up") == 1


async def test_a_cancellation_reaches_what_runs_while_the_gateway_drains(
    database: Database, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    async with running_gateway(database, probe) as gateway:
        running = asyncio.create_task(gateway.result(probe_step(key, hold=True)))
        await probe.began.wait()
        stopping = asyncio.create_task(gateway.service.__aexit__(None, None, None))
        await until(lambda: not gateway.service.intake.is_accepting)

        await close(database, key)

        assert (await running).code == "cancelled"
        await stopping

    assert (await attempt_row(database, key))["outcome"]["code"] == "cancelled"


async def test_a_closed_attempt_that_nobody_asked_to_stop_is_none_of_the_gateways_business(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    running = asyncio.create_task(gateway.result(probe_step(key, hold=True)))
    await probe.began.wait()

    await set_attempt(database, key, closed_at=OPENED_AT)
    await looked(database, gateway)
    probe.go.set()

    assert (await running).outcome == "succeeded"
    assert counted(gateway, "stopped") == 0


def test_a_plugin_is_not_asked_by_another_while_it_may_still_be_answering() -> None:
    assert cancellation.TAKEN_SECONDS > cancel_call.CALL_SECONDS
