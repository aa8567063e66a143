from collections.abc import AsyncIterator

import pytest

from flowyard.messaging.local import LocalBroker
from flowyard.storage.database import Database
from flowyard_scheduler import loop
from flowyard_scheduler.settings import Settings
from tests.support.scene import PARTITIONS, Scene


@pytest.fixture(autouse=True)
def quick_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an idle scheduler notice soon that it is told to stop; usually that takes up to 1 s."""
    monkeypatch.setattr(loop, "IDLE_SECONDS", 0.05)


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        yield scene


@pytest.fixture
def settings(database_uri: str) -> Settings:
    return Settings(database_url=database_uri, port=0, partitions=PARTITIONS)
