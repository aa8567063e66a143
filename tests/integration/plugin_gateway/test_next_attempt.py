"""A further attempt does not begin while the one before it still runs and is being cancelled."""

import asyncio
from uuid import UUID

import pytest

from flowyard.contracts.plugin_api import StepFinished, StepJoined, StepRefused
from flowyard.ids import new_id
from flowyard.storage.claims import StepKey, claim_steps
from flowyard.storage.database import Database
from tests.integration.plugin_gateway.cancelling import close, probe_step
from tests.integration.plugin_gateway.support import Gateway, Probe, running_gateway
from tests.support.steps import (
    attempt_row,
    insert_attempt,
    insert_runner,
    ready_step,
    set_attempt,
    step_key,
)


async def barred(database: Database) -> tuple[StepKey, StepKey, UUID]:
    """Make an attempt that another gateway runs and that is being cancelled, and the next one."""
    first, other = step_key(), new_id()
    second = first._replace(number=2)
    await insert_runner(database, other)
    await insert_attempt(database, first)
    async with database.hot() as connection:
        await claim_steps(connection, other, [first])
    await close(database, first)
    await insert_attempt(database, second)
    return first, second, other


@pytest.mark.parametrize("plugin", ["probe", "noop_idempotent"])
async def test_rule_4_a_further_attempt_waits_until_the_one_before_has_its_outcome(
    database: Database, gateway: Gateway, plugin: str
) -> None:
    first, second, other = await barred(database)
    answer = aiter(gateway.stream(ready_step(second, plugin=plugin)))

    waiting = await anext(answer)
    row = await attempt_row(database, second)
    await set_attempt(database, first, outcome="{}", outcome_step=0)
    ended = await anext(answer)

    assert isinstance(waiting, StepJoined)
    assert row["claimed_step"] is None
    assert isinstance(ended, StepFinished)
    assert ended.result.outcome == "succeeded"
    assert (await attempt_row(database, first))["runner"] == other


@pytest.mark.parametrize("plugin", ["probe", "noop_idempotent"])
async def test_rule_4_an_attempt_that_never_began_lets_the_next_one_not_slip_by(
    database: Database, gateway: Gateway, plugin: str
) -> None:
    first, second, _ = await barred(database)
    third = first._replace(number=3)
    await close(database, second)
    await insert_attempt(database, third)
    answer = aiter(gateway.stream(ready_step(third, plugin=plugin)))

    waiting = await anext(answer)
    row = await attempt_row(database, third)
    await set_attempt(database, first, outcome="{}", outcome_step=0)

    assert isinstance(waiting, StepJoined)
    assert row["claimed_step"] is None
    assert isinstance(await anext(answer), StepFinished)


async def test_rule_4_a_further_attempt_starts_when_the_runner_of_the_one_before_is_dead(
    database: Database, gateway: Gateway
) -> None:
    _, second, other = await barred(database)
    answer = aiter(gateway.stream(probe_step(second)))

    waiting = await anext(answer)
    async with database.hot() as connection:
        await connection.execute("DELETE FROM runner WHERE boot_id = $1", other)

    assert isinstance(waiting, StepJoined)
    assert isinstance(await anext(answer), StepFinished)


async def test_rule_4_a_further_attempt_starts_at_once_when_nothing_is_asked_to_stop(
    database: Database, gateway: Gateway
) -> None:
    first, second, _ = await barred(database)
    await set_attempt(database, first, cancel_requested_at=None)

    messages = await gateway.messages(probe_step(second))

    assert [message.type for message in messages] == ["finished"]


async def test_a_further_attempt_that_waits_is_refused_when_the_gateway_drains(
    database: Database, probe: Probe
) -> None:
    _, second, _ = await barred(database)
    async with running_gateway(database, probe) as gateway:
        answer = aiter(gateway.stream(probe_step(second)))
        await anext(answer)

        stopping = asyncio.create_task(gateway.service.__aexit__(None, None, None))
        refused = await anext(answer)
        await stopping

    assert isinstance(refused, StepRefused)
    assert refused.code == "draining"
    assert probe.calls == []


@pytest.mark.parametrize("plugin", ["probe", "noop_idempotent"])
async def test_rule_4_a_compensation_waits_until_nothing_of_its_instance_is_being_cancelled(
    database: Database, gateway: Gateway, plugin: str
) -> None:
    first, _, _ = await barred(database)
    undo = first._replace(node_id="prepare:rollback")
    await insert_attempt(database, undo)
    answer = aiter(gateway.stream(ready_step(undo, plugin=plugin)))

    waiting = await anext(answer)
    row = await attempt_row(database, undo)
    await set_attempt(database, first, outcome="{}", outcome_step=0)

    assert isinstance(waiting, StepJoined)
    assert row["claimed_step"] is None
    assert isinstance(await anext(answer), StepFinished)


async def test_a_compensation_waits_for_nothing_of_another_instance(
    database: Database, gateway: Gateway
) -> None:
    await barred(database)
    undo = step_key(node_id="prepare:rollback")
    await insert_attempt(database, undo)

    messages = await gateway.messages(probe_step(undo))

    assert [message.type for message in messages] == ["finished"]
