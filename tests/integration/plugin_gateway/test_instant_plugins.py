"""Plugins that answer at once are held to the same rules as all others."""

import pytest

from flowyard.contracts.plugin_api import StepFinished
from flowyard.storage.database import Database
from tests.integration.plugin_gateway.support import Gateway
from tests.integration.plugin_gateway.test_log_lines import said
from tests.support.steps import attempt_row, insert_attempt, ready_step, step_key


@pytest.mark.parametrize("plugin", ["prompt", "pensive"])
@pytest.mark.parametrize(
    ("say", "outcome", "code"),
    [
        ("done", "succeeded", None),
        ("wait", "waiting", None),
        ("failed", "failed", "no_luck"),
        ("raise", "failed", "plugin_error"),
        ("exit", "failed", "plugin_error"),
        ("cancel", "failed", "plugin_error"),
    ],
)
async def test_an_answer_is_the_same_whether_it_is_awaited_or_not(
    database: Database,
    gateway: Gateway,
    *,
    plugin: str,
    say: str,
    outcome: str,
    code: str | None,
) -> None:
    key, other = step_key(), step_key()
    await insert_attempt(database, key)
    await insert_attempt(database, other)

    messages = await gateway.messages(
        ready_step(key, plugin=plugin, inputs={"text": "x", "say": say}),
        ready_step(other, plugin=plugin, inputs={"text": "y"}),
    )
    await gateway.stored()

    results = {
        message.result.ref.instance_id: message.result
        for message in messages
        if isinstance(message, StepFinished)
    }
    result = results[key.instance_id]
    assert (result.outcome, result.code) == (outcome, code)
    assert result.started_at is not None
    assert results[other.instance_id].outputs == {"text": "y"}
    assert (await attempt_row(database, key))["outcome"]["outcome"] == outcome
    assert await said(database, key) == [(1, f"saying {say}")]
    observed = gateway.service.metrics.value("flowyard_plugin_gateway_step_seconds", plugin=plugin)
    assert observed >= 1


async def test_rule_4_a_stale_step_is_not_run_at_once_either(
    database: Database, gateway: Gateway
) -> None:
    key = step_key()

    [message] = await gateway.messages(ready_step(key, plugin="prompt"))

    assert message.type == "refused"
    assert await said(database, key) == []
