"""A client library that lets a cancellation of its own out must not end the work in silence."""

import asyncio
from datetime import timedelta

import pytest

from flowyard.messaging.local import LocalConsumer
from flowyard.messaging.ports import IncomingRecord
from flowyard.testing.graphs import chain
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.api import eventually
from tests.support.scene import Scene


async def test_the_loop_outlives_a_cancellation_that_was_not_meant_for_it(
    scene: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = await scene.publish_template(chain(1))
    poll = LocalConsumer.poll
    strayed = 0

    async def stray_once(
        self: LocalConsumer, *, max_records: int, wait: timedelta
    ) -> list[IncomingRecord]:
        nonlocal strayed
        strayed += 1
        if strayed == 1:
            raise asyncio.CancelledError
        return await poll(self, max_records=max_records, wait=wait)

    monkeypatch.setattr(LocalConsumer, "poll", stray_once)
    async with SchedulerService(settings=settings, broker=scene.broker):
        await eventually(lambda: strayed)
        created = await scene.create(template)
        await scene.until_status(created, "running")
