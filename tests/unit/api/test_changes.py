import asyncio
import uuid
from datetime import timedelta

import pytest
from pydantic import ValidationError

from flowyard.contracts.records import InstanceChange, TemplateChange
from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import BrokerUnavailableError, OutgoingRecord
from flowyard.telemetry.metrics import Metrics
from flowyard_api.changes import ChangeFeed
from flowyard_api.doorbells import QUEUE_SIZE, Bell, Doorbells, DraftNews
from tests.support.api import eventually

ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def _change(instance_id: uuid.UUID, status: str = "running") -> bytes:
    change = InstanceChange(
        instance_id=instance_id, project_id=ONE, revision=1, status=status, node_ids=[]
    )
    return change.model_dump_json().encode()


async def _publish(broker: LocalBroker, *records: tuple[bytes | None, bytes]) -> None:
    async with broker.producer() as producer:
        await producer.publish(
            [
                OutgoingRecord(topic=INSTANCE_CHANGE, key=key, value=value, partition=0)
                for key, value in records
            ]
        )


async def _connected(feed: ChangeFeed) -> None:
    await eventually(lambda: feed.is_connected)


async def test_only_who_looks_at_the_changed_instance_is_woken() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(INSTANCE_CHANGE, partitions=1)
        async with ChangeFeed(broker, Metrics("api")) as feed:
            await _connected(feed)
            with feed.subscribe(ONE) as one, feed.subscribe(OTHER) as other:
                await _publish(broker, (b"?", b"junk"), (None, _change(ONE)), (ONE.bytes, b"junk"))

                assert await one.changed(1)
                assert not await one.changed(0)
                assert not await other.changed(0)


async def test_a_viewers_rest_ends_early_for_all_but_a_running_instance() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(INSTANCE_CHANGE, partitions=1)
        async with ChangeFeed(broker, Metrics("api")) as feed:
            await _connected(feed)
            with feed.subscribe(ONE) as one:
                await _publish(broker, (ONE.bytes, _change(ONE)))
                await one.changed(1)
                assert not one._urgent.is_set()

                await _publish(broker, (ONE.bytes, _change(ONE, "failed")))
                async with asyncio.timeout(1):
                    await one.rest(30)


async def test_a_status_of_a_newer_release_wakes_all_the_same() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(INSTANCE_CHANGE, partitions=1)
        async with ChangeFeed(broker, Metrics("api")) as feed:
            await _connected(feed)
            with feed.subscribe(ONE) as one:
                await _publish(broker, (ONE.bytes, _change(ONE, "suspended")))

                assert await one.changed(1)
                assert one.status == "suspended"


async def test_news_of_drafts_reach_those_who_look_at_the_project_and_nobody_else() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(INSTANCE_EVENT, partitions=1)
        await broker.ensure_topic(INSTANCE_CHANGE, partitions=1)
        async with (
            ChangeFeed(broker, Metrics("api")) as feed,
            Doorbells(broker, Metrics("api")) as doorbells,
        ):
            await _connected(feed)
            with (
                feed.subscribe(OTHER) as instance,
                feed.subscribe_project(ONE) as project,
                feed.subscribe_project(OTHER) as elsewhere,
            ):
                doorbells.ring([DraftNews(OTHER, ONE)])

                assert await project.changed(1)
                assert project.take_drafts() == ([OTHER], True)
                assert project.take() == ([], True)
                assert not await elsewhere.changed(0)
                assert not await instance.changed(0)


def test_whoever_knows_nothing_of_drafts_takes_their_news_for_nothing() -> None:
    news = TemplateChange(template_id=ONE, project_id=ONE).model_dump_json()

    with pytest.raises(ValidationError):
        InstanceChange.model_validate_json(news)


async def test_closing_the_feed_closes_all_subscriptions() -> None:
    async with LocalBroker() as broker:
        await broker.ensure_topic(INSTANCE_CHANGE, partitions=1)
        async with ChangeFeed(broker, Metrics("api")) as feed:
            with feed.subscribe(ONE) as before:
                await feed.__aexit__(None, None, None)

                assert before.is_closed
                assert await before.changed(1)
                with feed.subscribe(ONE) as after:
                    assert after.is_closed


async def test_more_doorbells_than_there_is_room_for_are_dropped_and_counted() -> None:
    metrics = Metrics("api")
    doorbells = Doorbells(LocalBroker(), metrics)

    doorbells.ring([Bell(ONE, 0, None)] * (QUEUE_SIZE + 3))

    assert metrics.value("flowyard_api_doorbells_total", outcome="dropped") == 3


async def test_waiting_doorbells_are_rung_before_the_end() -> None:
    metrics = Metrics("api")
    async with LocalBroker() as broker:
        await broker.ensure_topic(INSTANCE_EVENT, partitions=2)
        async with Doorbells(broker, metrics) as doorbells:
            doorbells.ring([Bell(ONE, 0, None), Bell(OTHER, 1, "00-trace")] * 600)
        async with broker.consumer([INSTANCE_EVENT], group="test") as consumer:
            records = await consumer.poll(max_records=2000, wait=timedelta(seconds=1))

    assert len(records) == 1200
    assert metrics.value("flowyard_api_doorbells_total", outcome="rung") == 1200
    assert {record.key for record in records if record.partition == 1} == {OTHER.bytes}


async def test_no_instance_is_placed_before_the_broker_is_known() -> None:
    with pytest.raises(BrokerUnavailableError):
        _ = Doorbells(LocalBroker(), Metrics("api")).partition_count
