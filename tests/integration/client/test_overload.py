"""The client against an API that refuses new work for a while."""

import asyncio
import uuid
from datetime import timedelta

import httpx
import pytest

from flowyard.client import AsyncFlowyard, Retries, TooManyRequestsError
from flowyard.storage import loads
from flowyard.storage.database import Database
from flowyard.storage.loads import Load, StartsLoad, report_load
from tests.support.api import Api, running_api

LINE = Load(
    starts=[
        StartsLoad(project="shop", queues=["default"], waiting=200, rate=100.0, oldest_seconds=2.0)
    ],
    queues=[],
)


async def tell(api: Api, load: Load) -> None:
    async with api.database.hot() as connection:
        await report_load(connection, uuid.UUID(int=1), load)
    await api.service.context.admission.refresh()


async def test_a_start_that_is_refused_is_tried_again_when_the_server_wants(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loads, "FRESH", timedelta(hours=1))
    refused = asyncio.Event()

    async def look(response: httpx.Response) -> None:
        if response.status_code == 429:
            refused.set()

    async with (
        running_api(database) as api,
        httpx.AsyncClient(event_hooks={"response": [look]}) as http,
        AsyncFlowyard(api.service.url, api.token, http=http) as flowyard,
    ):
        await api.publish()
        await tell(api, LINE)
        impatient = AsyncFlowyard(
            api.service.url, api.token, http=http, retries=Retries(patience_seconds=0.5)
        )

        with pytest.raises(TooManyRequestsError) as caught:
            await impatient.instances.create("shop", template="release")
        refused.clear()
        start = asyncio.create_task(flowyard.instances.create("shop", template="release"))
        await refused.wait()
        await tell(api, Load(starts=[], queues=[]))

        created = await start
        assert caught.value.code == "overloaded"
        assert caught.value.retry_after == 2.0
        assert [one.instance_id async for one in flowyard.instances.list("shop")] == [
            created.instance_id
        ]
