from collections.abc import AsyncIterator

import pytest

from flowyard.storage.database import Database
from tests.support.api import Api, running_api


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        yield running
