"""The service as a whole: its lease, its drain, its HTTP interface."""

import asyncio
from datetime import datetime
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from typing_extensions import override

from flowyard.clock import SystemClock
from flowyard.contracts.plugin_api import PLUGINS_PATH, STEPS_PATH, PluginInfo, StepRefused
from flowyard.ids import new_id
from flowyard.storage.claims import claim_steps
from flowyard.storage.database import Database
from flowyard.storage.errors import SchemaMismatchError
from flowyard_plugin_gateway.main import PluginGatewayService
from flowyard_plugin_gateway.registry import PluginRegistry
from tests.integration.plugin_gateway.support import (
    Gateway,
    Probe,
    plain_client,
    running_gateway,
    settings,
    until,
)
from tests.support.steps import attempt_row, insert_attempt, insert_runner, ready_step, step_key


class SteppingClock(SystemClock):
    """The machine's clock, with a monotonic side that a test can push forward."""

    def __init__(self) -> None:
        self.pushed = 0.0

    @override
    def monotonic(self) -> float:
        return super().monotonic() + self.pushed

    @override
    def now(self) -> datetime:
        return super().now()


async def runner_rows(database: Database) -> list[Any]:
    async with database.hot() as connection:
        return [row["boot_id"] for row in await connection.fetch("SELECT boot_id FROM runner")]


async def test_rule_5_a_gateway_has_a_row_while_it_lives_and_none_after_it_went(
    database: Database, probe: Probe
) -> None:
    async with running_gateway(database, probe) as running:
        assert await runner_rows(database) == [running.service.lease.boot_id]

    assert await runner_rows(database) == []


async def test_rule_5_with_a_lapsed_lease_nothing_is_begun(database: Database) -> None:
    key = step_key()
    await insert_attempt(database, key)
    clock = SteppingClock()
    async with PluginGatewayService(settings(database), clock=clock) as service:
        clock.pushed = 4.6
        async with plain_client(service.url) as client:
            gateway = Gateway(service, client)
            [message] = await gateway.messages(ready_step(key))
            readiness = await client.get("/readyz")

    assert isinstance(message, StepRefused)
    assert message.code == "draining"
    assert readiness.json()["checks"]["lease"] is False
    assert (await attempt_row(database, key))["claimed_step"] is None


async def test_rule_5_a_lease_that_lapses_after_the_claim_gives_the_claim_back(
    database: Database,
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    clock = SteppingClock()
    async with PluginGatewayService(settings(database), clock=clock) as service:
        stalled = await claim_blocked(database, key)
        async with plain_client(service.url) as client:
            gateway = Gateway(service, client)
            messages = asyncio.create_task(gateway.messages(ready_step(key)))
            await until(lambda: bool(service.intake._held))
            clock.pushed = 4.6
            await stalled.commit()
            [message] = await messages
            await gateway.stored()

    assert isinstance(message, StepRefused)
    assert (await attempt_row(database, key))["claimed_step"] is None


class Stalled:
    """Holds an attempt's row in an open transaction, as a busy scheduler does."""

    def __init__(self, borrowed: Any, transaction: Any) -> None:
        self._borrowed = borrowed
        self._transaction = transaction

    async def commit(self) -> None:
        await self._transaction.commit()
        await self._borrowed.__aexit__(None, None, None)


async def claim_blocked(database: Database, key: Any) -> Stalled:
    borrowed = database.hot()
    connection = await borrowed.__aenter__()
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(
        "SELECT FROM attempt WHERE instance_id = $1 FOR UPDATE", key.instance_id
    )
    return Stalled(borrowed, transaction)


async def test_rule_5_after_an_outage_of_postgres_nobody_is_called_dead_at_once(
    database: Database, gateway: Gateway
) -> None:
    key, other = step_key(), new_id()
    await insert_attempt(database, key)
    await insert_runner(database, other, silent_seconds=6)
    async with database.hot() as connection:
        await claim_steps(connection, other, [key])

    first = await anext(aiter(gateway.stream(ready_step(key))))

    assert not gateway.service.lease.may_judge()
    assert first.type == "joined"


async def test_rule_5_a_silent_runner_is_called_dead_by_a_gateway_with_a_steady_lease(
    database: Database,
) -> None:
    key, other = step_key(), new_id()
    await insert_attempt(database, key)
    await insert_runner(database, other, silent_seconds=6)
    async with database.hot() as connection:
        await claim_steps(connection, other, [key])
    clock = SteppingClock()
    async with PluginGatewayService(settings(database), clock=clock) as service:
        for _ in range(4):
            clock.pushed += 1.3
            await service.lease.renew()
        async with plain_client(service.url) as client:
            result = await Gateway(service, client).result(ready_step(key))

    assert result.code == "outcome_unknown"


async def test_rule_5_a_gateway_that_stops_ends_what_runs_and_takes_nothing_new(
    database: Database, probe: Probe
) -> None:
    running_key, late_key = step_key(), step_key()
    await insert_attempt(database, running_key)
    await insert_attempt(database, late_key)
    step = ready_step(running_key, plugin="probe", inputs={"hold": True})
    async with running_gateway(database, probe) as gateway:
        running = asyncio.create_task(gateway.messages(step))
        await probe.began.wait()
        stopping = asyncio.create_task(gateway.service.__aexit__(None, None, None))
        await asyncio.sleep(0)

        [refused] = await gateway.messages(ready_step(late_key))
        probe.go.set()
        [finished] = await running
        await stopping

    assert isinstance(refused, StepRefused)
    assert refused.code == "draining"
    assert finished.type == "finished"
    assert (await attempt_row(database, running_key))["outcome"]["outcome"] == "succeeded"
    assert await runner_rows(database) == []


async def test_a_step_that_outlasts_the_drain_is_not_answered_and_reads_as_unknown(
    database: Database, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    step = ready_step(key, plugin="probe", inputs={"hold": True})
    async with running_gateway(database, probe, drain_seconds=0.05) as gateway:
        running = asyncio.create_task(gateway.messages(step))
        await probe.began.wait()
        await gateway.service.__aexit__(None, None, None)

        assert await running == []
    async with running_gateway(database, Probe()) as gateway:
        assert (await gateway.result(step)).code == "outcome_unknown"


async def test_rule_10_over_its_capacity_a_gateway_refuses(
    database: Database, probe: Probe
) -> None:
    first, second = step_key(), step_key()
    await insert_attempt(database, first)
    await insert_attempt(database, second)
    async with running_gateway(database, probe, capacity=1) as gateway:
        messages = await gateway.messages(ready_step(first), ready_step(second))

    assert [message.type for message in messages] == ["refused", "finished"]


async def test_a_database_of_an_older_schema_is_refused(empty_database_uri: str) -> None:
    async with Database(empty_database_uri) as database:
        service = PluginGatewayService(settings(database))

        with pytest.raises(SchemaMismatchError):
            await service.__aenter__()


async def test_while_postgres_is_absent_the_gateway_lives_but_is_not_ready() -> None:
    absent = Database("postgresql://nobody@127.0.0.1:1/absent")
    service = PluginGatewayService(settings(absent))
    starting = asyncio.create_task(service.__aenter__())
    async with plain_client() as client:
        await until(lambda: not service.url.endswith(":0"))
        healthz = await client.get(f"{service.url}/healthz")
        readyz = await client.get(f"{service.url}/readyz")
        client.base_url = httpx.URL(service.url)
        refused = await Gateway(service, client).messages(ready_step(step_key()))
    starting.cancel()
    await asyncio.wait([starting])

    assert (healthz.status_code, readyz.status_code) == (200, 503)
    assert [getattr(message, "code", "") for message in refused] == ["draining"]


async def test_plugins_are_listed_with_their_schemas(gateway: Gateway) -> None:
    response = await gateway.client.get(PLUGINS_PATH)

    infos = {info["name"]: PluginInfo.model_validate(info) for info in response.json()}
    assert {"approval", "assign", "fail", "http_request", "noop", "sleep"} <= set(infos)
    assert infos["http_request"].idempotency == "by_inputs"
    assert infos["fail"].inputs_schema["properties"]["code"]["type"] == "string"


@pytest.mark.parametrize("body", ["", "{}", '{"steps": [{"ref": 1}]}', "\x00"])
async def test_a_body_that_is_no_batch_is_refused_with_its_problems(
    gateway: Gateway, body: str
) -> None:
    response = await gateway.client.post(STEPS_PATH, content=body)

    assert response.status_code == 422
    assert response.json()["code"] == "invalid_batch"


async def test_metrics_count_steps_by_how_they_were_taken(
    database: Database, gateway: Gateway
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    await gateway.result(ready_step(key))
    await gateway.stored()

    metrics = gateway.service.metrics
    assert metrics.value("flowyard_plugin_gateway_steps_total", result="claimed") == 1
    assert metrics.value("flowyard_plugin_gateway_outcomes_total", result="stored") == 1
    assert metrics.value("flowyard_plugin_gateway_step_seconds", plugin="noop") == 1


async def test_a_step_is_given_back_when_postgres_breaks_off_and_runs_when_offered_again(
    database: Database, database_uri: str, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    step = ready_step(key, plugin="probe")
    async with running_gateway(database, probe) as gateway, Database(database_uri) as other:
        stalled = await claim_blocked(other, key)
        first = asyncio.create_task(gateway.messages(step))
        await claim_waits_in(other)
        await break_connections(other)
        [refused] = await first
        await stalled.commit()
        await gateway.stored()

        again = await gateway.messages(step)

    assert (refused.type, [message.type for message in again]) == ("refused", ["finished"])
    assert len(probe.calls) == 1


async def claim_waits_in(database: Database) -> None:
    """Return once a claim waits for a row's lock."""
    async with asyncio.timeout(10), database.hot() as connection:
        while not await connection.fetchval(  # noqa: ASYNC110 - Postgres announces no waits
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ):
            await asyncio.sleep(0.005)


async def break_connections(database: Database) -> None:
    """Cut every connection that waits for a lock, as a failing server would."""
    async with database.hot() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )


async def test_outcomes_are_kept_until_postgres_takes_them(
    database: Database, database_uri: str, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    step = ready_step(key, plugin="probe", inputs={"hold": True})
    async with running_gateway(database, probe) as gateway, Database(database_uri) as other:
        running = asyncio.create_task(gateway.messages(step))
        await probe.began.wait()
        stalled = await claim_blocked(other, key)
        probe.go.set()
        await running
        await claim_waits_in(other)
        again = await gateway.result(step)
        await break_connections(other)
        await stalled.commit()
        await gateway.stored()

    assert again.outcome == "succeeded"
    assert (await attempt_row(database, key))["outcome"]["outcome"] == "succeeded"
    assert len(probe.calls) == 1


async def test_a_worker_that_dies_while_it_sends_a_batch_is_no_error_of_the_gateway(
    database: Database, probe: Probe, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"POST {STEPS_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n"
    async with running_gateway(database, probe) as gateway:
        url = httpx.URL(gateway.service.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(f"{head}\r\n".encode())
        # The handler reads the batch by then.
        assert b"100 Continue" in await reader.readline()
        writer.close()
        await writer.wait_closed()

    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_step_is_a_span_under_its_record_s_and_hands_its_own_on(
    database: Database, probe: Probe
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    exporter = InMemorySpanExporter()
    registry = PluginRegistry([probe])
    async with (
        PluginGatewayService(settings(database), registry=registry, exporter=exporter) as service,
        plain_client(service.url) as client,
    ):
        await Gateway(service, client).result(
            ready_step(
                key, plugin="probe", inputs={"say": "failed", "text": "x"}, traceparent=parent
            )
        )

    [span] = exporter.get_finished_spans()
    assert span.name == "plugin.execute"
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert span.attributes is not None
    assert span.attributes["error.type"] == "no_luck"
    handed_on = probe.calls[0][0].traceparent or ""
    assert handed_on.split("-")[1:3] == [
        f"{span.context.trace_id:032x}",
        f"{span.context.span_id:016x}",
    ]
