from collections.abc import AsyncIterator

import pytest

from flowyard.storage.database import Database
from tests.support.flowyard import Flowyard, running_flowyard


@pytest.fixture
async def flowyard(database: Database) -> AsyncIterator[Flowyard]:
    async with running_flowyard(database) as running:
        yield running
