from collections.abc import AsyncIterator

import pytest

from flowyard.storage.database import Database
from flowyard.storage.webhook_claims import announce_key
from tests.integration.api.webhooks import BOXES
from tests.support.api import Api, running_api


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        yield running


@pytest.fixture
async def hooks(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as api:
        async with database.hot() as connection:
            await announce_key(connection, BOXES.public_key)
        await api.client.post("/api/v1/projects", json={"name": "shop"})
        yield api
