from collections.abc import AsyncIterator

import pytest

from flowyard.messaging.local import LocalBroker
from flowyard.storage.database import Database
from flowyard_scheduler.settings import Settings
from tests.support.scene import PARTITIONS, Scene


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with LocalBroker() as broker, broker.producer() as producer:
        scene = Scene(database, broker, producer)
        await scene.set_up()
        yield scene


@pytest.fixture
def settings(database_uri: str) -> Settings:
    return Settings(database_url=database_uri, port=0, partitions=PARTITIONS)
