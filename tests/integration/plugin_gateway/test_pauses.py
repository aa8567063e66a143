"""A gateway that stood still, and a Postgres that refuses for a while."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from typing_extensions import override

from flowyard.clock import SystemClock
from flowyard.contracts.plugin_api import StepRefused
from flowyard.storage.claims import StepKey, claim_steps, give_up_claims
from flowyard.storage.database import Database
from flowyard_plugin_gateway import intake, outcomes
from flowyard_plugin_gateway.main import PluginGatewayService
from flowyard_plugin_gateway.registry import PluginRegistry
from tests.integration.plugin_gateway.support import (
    Gateway,
    Probe,
    plain_client,
    settings,
)
from tests.support.steps import attempt_row, insert_attempt, ready_step, step_key

TROUBLE = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('refusals');
    RAISE EXCEPTION 'not now';
END $$;
CREATE TRIGGER refuse BEFORE UPDATE OF outcome ON attempt FOR EACH ROW EXECUTE FUNCTION refuse();
"""


class SteppingClock(SystemClock):
    """The machine's clock, and the time that this process is made to believe it slept."""

    def __init__(self) -> None:
        self.slept_seconds = 0.0

    @override
    def monotonic(self) -> float:
        return super().monotonic() + self.slept_seconds


async def test_rule_5_a_step_claimed_before_a_lapse_of_the_lease_is_not_begun_after_it(
    database: Database, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    clock = SteppingClock()
    service = PluginGatewayService(
        settings(database), registry=PluginRegistry([probe]), clock=clock
    )

    async def claim_and_stand_still(
        connection: asyncpg.Connection, runner: UUID, keys: Sequence[StepKey]
    ) -> set[int]:
        places = await claim_steps(connection, runner, keys)
        clock.slept_seconds += 10
        async with database.hot() as of_another:
            await give_up_claims(of_another, keys, dead_after=timedelta(0))
        await service.lease.renew()
        return places

    monkeypatch.setattr(intake, "claim_steps", claim_and_stand_still)
    async with service, plain_client(service.url) as client:
        [message] = await Gateway(service, client).messages(ready_step(key, plugin="probe"))

    assert isinstance(message, StepRefused)
    assert probe.calls == []


async def test_outcomes_are_stored_once_postgres_takes_them_again(
    database: Database, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "RETRY_SECONDS", 0.01)
    key = step_key()
    await insert_attempt(database, key)
    async with database.hot() as connection:
        await connection.execute(TROUBLE)
        await gateway.result(ready_step(key, plugin="probe"))

        async with asyncio.timeout(10):
            while await connection.fetchval("SELECT last_value FROM refusals") < 6:  # noqa: ASYNC110  # the answer lies in Postgres
                await asyncio.sleep(0.01)
        await connection.execute("DROP TRIGGER refuse ON attempt")
    async with asyncio.timeout(10):
        await gateway.stored()

    assert (await attempt_row(database, key))["outcome_step"] == 0
