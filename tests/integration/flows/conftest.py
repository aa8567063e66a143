from collections.abc import AsyncIterator

import pytest

from flowyard.storage.database import Database
from flowyard_scheduler import loop
from tests.support.flowyard import Flowyard, running_flowyard


@pytest.fixture(autouse=True)
def quick_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an idle scheduler notice soon that it is told to stop; usually that takes up to 1 s."""
    monkeypatch.setattr(loop, "IDLE_SECONDS", 0.05)


@pytest.fixture
async def flowyard(database: Database) -> AsyncIterator[Flowyard]:
    async with running_flowyard(database) as running:
        yield running
