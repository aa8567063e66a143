"""What plugins return, and what becomes of plugins that do not behave."""

import asyncio
from uuid import UUID

import pytest

from flowyard.contracts.plugin_api import StepFinished
from flowyard.contracts.records import ReadyStep, StepResult
from flowyard.storage.database import Database
from tests.integration.plugin_gateway.support import SEALER, Gateway, Probe
from tests.support.steps import attempt_row, insert_attempt, ready_step, step_key


async def run(database: Database, gateway: Gateway, **facts: object) -> StepResult:
    key = step_key()
    await insert_attempt(database, key)
    step: ReadyStep = ready_step(key, **{"plugin": "probe", **facts})  # type: ignore[arg-type]
    return await gateway.result(step)


@pytest.mark.parametrize(
    ("say", "code"),
    [
        ("raise", "plugin_error"),
        ("exit", "plugin_error"),
        ("junk", "invalid_outputs"),
        ("surrogate", "invalid_outputs"),
        ("wait_without_time", "invalid_outputs"),
        ("nul", "nul_byte"),
        ("dollar", "reserved_key"),
        ("large", "output_too_large"),
        ("failed", "no_luck"),
    ],
)
async def test_rule_12_a_plugin_that_misbehaves_fails_its_own_step_alone(
    database: Database, gateway: Gateway, say: str, code: str
) -> None:
    bad, good = step_key(), step_key()
    await insert_attempt(database, bad)
    await insert_attempt(database, good)

    messages = await gateway.messages(
        ready_step(bad, plugin="probe", inputs={"say": say}), ready_step(good)
    )

    codes = {
        message.result.ref.instance_id: message.result.code
        for message in messages
        if isinstance(message, StepFinished)
    }
    assert codes == {bad.instance_id: code, good.instance_id: None}


async def test_text_that_only_looks_like_a_nul_byte_is_let_through(
    database: Database, gateway: Gateway
) -> None:
    result = await run(database, gateway, inputs={"say": "escaped_nul"})

    assert result.outputs == {"text": "\\u0000"}


async def test_outputs_that_the_schema_does_not_allow_are_invalid(
    database: Database, gateway: Gateway
) -> None:
    result = await run(database, gateway, plugin="untrue")

    assert (result.outcome, result.code) == ("failed", "invalid_outputs")


async def test_wrong_inputs_are_named_without_their_values_and_nothing_is_claimed(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)

    result = await gateway.result(
        ready_step(key, plugin="probe", inputs={"hold": "hunter2", "color": "red"})
    )

    assert result.code == "invalid_inputs"
    assert "hold" in (result.message or "")
    assert "color" in (result.message or "")
    assert "hunter2" not in (result.message or "")
    assert probe.calls == []
    assert (await attempt_row(database, key))["claimed_step"] is None


async def test_a_step_that_takes_too_long_is_stopped_and_the_others_go_on(
    database: Database, gateway: Gateway
) -> None:
    slow, fast = step_key(), step_key()
    await insert_attempt(database, slow)
    await insert_attempt(database, fast)

    messages = await gateway.messages(
        ready_step(slow, plugin="probe", inputs={"hold": True}, timeout_seconds=0.1),
        ready_step(fast, plugin="probe"),
    )

    results = [message.result for message in messages if isinstance(message, StepFinished)]
    assert [(result.outcome, result.code) for result in results] == [
        ("succeeded", None),
        ("failed", "timeout"),
    ]


async def test_a_plugin_that_ignores_its_cancellation_is_left_behind(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    result = await run(database, gateway, inputs={"say": "ignore_cancel"}, timeout_seconds=0.05)
    await gateway.stored()

    assert result.code == "timeout"
    probe.go.set()
    assert (await run(database, gateway)).outcome == "succeeded"


async def test_a_slow_step_does_not_hold_back_the_results_of_the_others(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    slow, fast = step_key(), step_key()
    await insert_attempt(database, slow)
    await insert_attempt(database, fast)

    messages = aiter(
        gateway.stream(
            ready_step(slow, plugin="probe", inputs={"hold": True}),
            ready_step(fast, plugin="probe"),
        )
    )
    first = await anext(messages)
    probe.go.set()
    second = await anext(messages)

    assert isinstance(first, StepFinished)
    assert isinstance(second, StepFinished)
    assert [first.result.ref.instance_id, second.result.ref.instance_id] == [
        fast.instance_id,
        slow.instance_id,
    ]


async def test_rule_11_the_state_of_a_wait_leaves_sealed_and_comes_back_open(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    result = await run(database, gateway, inputs={"say": "wait"})
    key = step_key(step=1)
    await insert_attempt(database, key)

    await gateway.result(ready_step(key, plugin="probe", state=result.state))

    assert (result.outcome, result.wait_for, result.after_seconds) == ("waiting", "timer", 7)
    assert result.state == {
        "$sealed": result.state["$sealed"],
        "plugin": "probe",
        "version": "1.0",
    }
    assert probe.calls[-1][0].state == {"page": 2}


async def test_rule_11_secrets_are_opened_for_the_plugin_and_for_nobody_else(
    database: Database, gateway: Gateway, probe: Probe, demo: UUID
) -> None:
    del demo
    reference = {"$concat": ["Bearer ", {"$secret": "TOKEN"}]}

    result = await run(database, gateway, inputs={"text": reference})

    assert probe.calls[0][1].text == "Bearer open sesame"
    assert "open sesame" not in result.model_dump_json()
    assert result.outputs is not None
    assert SEALER.unseal(result.outputs["text"]["$sealed"]) == "Bearer open sesame"


@pytest.mark.parametrize("say", ["failed", "raise"])
async def test_rule_11_failures_do_not_repeat_secrets(
    database: Database,
    gateway: Gateway,
    demo: UUID,
    say: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    del demo

    result = await run(database, gateway, inputs={"text": {"$secret": "TOKEN"}, "say": say})

    assert result.outcome == "failed"
    assert "sesame" not in result.model_dump_json()
    assert "sesame" not in "".join(str(vars(record)) for record in caplog.records)


async def test_rule_11_outputs_that_are_declared_secret_travel_as_references_that_resolve(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    first = await run(
        database, gateway, inputs={"text": "minted"}, secret_outputs=("text", "absent")
    )
    assert first.outputs is not None
    await run(database, gateway, inputs={"text": first.outputs["text"]})

    assert set(first.outputs["text"]) == {"$sealed"}
    assert probe.calls[-1][1].text == "minted"


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ({"$secret": "ABSENT"}, "unknown_secret"),
        ({"$sealed": "nonsense"}, "invalid_reference"),
        ({"$other": 1}, "reserved_key"),
    ],
)
async def test_a_reference_that_leads_nowhere_fails_the_step(
    database: Database, gateway: Gateway, demo: UUID, reference: object, code: str
) -> None:
    del demo

    assert (await run(database, gateway, inputs={"text": reference})).code == code


async def test_the_plugin_is_told_where_to_call_back(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key(node_id="a b")
    await insert_attempt(database, key)

    await gateway.result(ready_step(key, plugin="probe"))

    url = f"https://flowyard.example.com/api/v1/callbacks/{key.instance_id}/a%20b/1/token"
    assert probe.calls[0][0].callback_url == url


async def test_a_client_that_goes_away_stops_no_step(
    database: Database, gateway: Gateway, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    request = asyncio.create_task(
        gateway.messages(ready_step(key, plugin="probe", inputs={"hold": True}))
    )
    await probe.began.wait()

    request.cancel()
    await asyncio.wait([request])
    probe.go.set()
    await gateway.stored()

    assert (await attempt_row(database, key))["outcome"]["outcome"] == "succeeded"
