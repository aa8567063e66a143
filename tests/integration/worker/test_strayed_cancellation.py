"""A client library that lets a cancellation of its own out must not end the work in silence."""

import asyncio
from datetime import timedelta

import pytest

from flowyard.messaging.local import LocalConsumer
from flowyard.messaging.ports import IncomingRecord
from flowyard_worker import main
from tests.integration.worker.yard import Yard, ready_step
from tests.support.api import eventually


async def test_the_worker_outlives_a_cancellation_that_was_not_meant_for_it(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "FIRST_PAUSE_SECONDS", 0.01)
    poll = LocalConsumer.poll
    own_task = asyncio.current_task()
    is_strayed = False

    async def stray_once(
        self: LocalConsumer, *, max_records: int, wait: timedelta
    ) -> list[IncomingRecord]:
        nonlocal is_strayed
        if not is_strayed and asyncio.current_task() is not own_task:
            is_strayed = True
            raise asyncio.CancelledError
        return await poll(self, max_records=max_records, wait=wait)

    monkeypatch.setattr(LocalConsumer, "poll", stray_once)
    step = ready_step()
    await yard.start()
    await eventually(lambda: is_strayed)
    await yard.publish(step)

    assert (await yard.result_of(step)).outcome == "succeeded"
