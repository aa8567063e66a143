import pytest

from flowyard.messaging.local import LocalBroker
from flowyard.storage.database import Database
from flowyard.storage.migrate import check_schema
from flowyard_cli.errors import UsageError
from flowyard_cli.migrating import migrate_all
from flowyard_cli.settings import OperatorSettings
from flowyard_cli.topics import TOPICS, ensure_topics


async def test_an_empty_database_is_brought_to_this_releases_schema(
    empty_database_uri: str,
) -> None:
    settings = OperatorSettings(database_url=empty_database_uri, kafka_servers=None)

    await migrate_all(settings)
    await migrate_all(settings)

    async with Database(empty_database_uri) as database:
        await check_schema(database)


async def test_without_a_database_nothing_is_migrated() -> None:
    with pytest.raises(UsageError, match="FLOWYARD_DATABASE_URL"):
        await migrate_all(OperatorSettings(database_url=None))


async def test_topics_are_created_once_and_keep_their_partitions() -> None:
    async with LocalBroker() as broker:
        await ensure_topics(broker, partitions=4)
        await ensure_topics(broker, partitions=8)

        assert [await broker.partition_count(topic) for topic in TOPICS] == [4, 4, 4]
