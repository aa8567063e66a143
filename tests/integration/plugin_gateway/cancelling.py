"""Attempts that are closed from outside, and what the gateway has made of it."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from flowyard.contracts.records import ReadyStep
from flowyard.ids import new_id
from flowyard.storage.claims import StepKey
from flowyard.storage.database import Database
from flowyard.telemetry.metrics import MetricName
from tests.integration.plugin_gateway.support import SEALER, Gateway
from tests.support.steps import insert_attempt, ready_step, set_attempt, step_key

COUNTER: MetricName = "flowyard_plugin_gateway_cancellations_total"


def probe_step(key: StepKey, **inputs: Any) -> ReadyStep:
    return ready_step(key, plugin="probe", inputs={"text": "x", **inputs})


def kept(plugin: str = "probe", state: object = None) -> str:
    sealed = {"$sealed": SEALER.seal(state), "plugin": plugin, "version": "1.0"}
    return orjson.dumps(sealed).decode()


async def close(database: Database, key: StepKey, **columns: Any) -> None:
    """Close an attempt from outside, as the scheduler does."""
    await set_attempt(database, key, status="cancelled", **columns)
    async with database.hot() as connection:
        await connection.execute(
            "UPDATE attempt SET closed_at = now(), cancel_requested_at = now()"
            " WHERE instance_id = $1 AND node_id = $2 AND number = $3",
            *key[:3],
        )


async def cancel_row(database: Database, key: StepKey) -> asyncpg.Record:
    async with database.hot() as connection:
        return await connection.fetchrow(
            "SELECT cancel_confirmed_at IS NOT NULL AS is_confirmed, cancel_tries, state::text"
            " FROM attempt WHERE instance_id = $1 AND node_id = $2 AND number = $3",
            *key[:3],
        )


async def confirmed(database: Database, key: StepKey) -> asyncpg.Record:
    """Return an attempt's row once its cancellation is confirmed."""
    async with asyncio.timeout(10):
        while not (row := await cancel_row(database, key))["is_confirmed"]:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)
    return row


async def looked(database: Database, gateway: Gateway) -> None:
    """Return after the gateway has looked at everything that was asked for before."""
    marker = step_key(node_id="marker")
    await insert_attempt(database, marker)
    await close(database, marker)
    await confirmed(database, marker)
    assert gateway.service.lease.is_held()


def counted(gateway: Gateway, result: str) -> float:
    return gateway.service.metrics.value(COUNTER, result=result)


async def insert_instance(database: Database, project_id: UUID, instance_id: UUID) -> None:
    template_id = new_id()
    async with database.hot() as connection:
        await connection.execute(
            "INSERT INTO template (template_id, project_id, key) VALUES ($1, $2, 'flow')",
            template_id,
            project_id,
        )
        await connection.execute(
            "INSERT INTO template_version (template_id, number, source, document, graph,"
            " content_hash, actor) VALUES ($1, 1, '', '{}', '{}', '', 'ann')",
            template_id,
        )
        await connection.execute(
            "INSERT INTO instance (instance_id, project_id, template_id, version, name, partition,"
            " given, actor, callback_secret) VALUES ($1, $2, $3, 1, 'run', 0, '{}', 'ann', 's')",
            instance_id,
            project_id,
            template_id,
        )
