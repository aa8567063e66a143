"""Fixtures of the plugin gateway's tests."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import insert

from flowyard.ids import new_id
from flowyard.storage.database import Database
from flowyard.storage.schema import project
from flowyard.storage.secrets import put_secret
from flowyard_plugin_gateway.http_client import new_client
from tests.integration.plugin_gateway.hooks import Hooks
from tests.integration.plugin_gateway.support import SEALER, Gateway, Probe, running_gateway
from tests.support.receiver import receiving


@pytest.fixture
async def probe() -> Probe:
    return Probe()


@pytest.fixture
async def gateway(database: Database, probe: Probe) -> AsyncIterator[Gateway]:
    async with running_gateway(database, probe) as running:
        yield running
    probe.go.set()


@pytest.fixture
async def demo(database: Database) -> UUID:
    """Make the project ``demo`` with a secret ``TOKEN``, and return its id."""
    project_id = new_id()
    async with database.transaction() as connection:
        await connection.execute(insert(project).values(project_id=project_id, name="demo"))
        await put_secret(
            connection, project_id, "TOKEN", sealed=SEALER.seal("open sesame"), actor="ada"
        )
    return project_id


@pytest.fixture
async def hooks(database: Database) -> AsyncIterator[Hooks]:
    async with receiving() as receiver, new_client() as client:
        made = Hooks(database, receiver, client)
        await made.fetch(
            "INSERT INTO project (project_id, name) VALUES ($1, 'shop')", made.project_id
        )
        yield made
