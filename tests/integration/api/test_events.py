import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from flowyard.ids import new_id
from flowyard.storage.database import Database
from tests.support.api import MAPPED, Api, Scheduler, eventually, running_api


class Stream:
    """Reads server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, int, dict[str, Any]]:
        """Return name, id and data of the next event; comments come as ``comment``."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                if not line and fields:
                    break
                name, _, value = line.partition(":")
                fields[name or "comment"] = value.strip()
        if "comment" in fields:
            return "comment", 0, {}
        return fields["event"], int(fields["id"]), orjson.loads(fields["data"])

    async def is_over(self) -> bool:
        async with asyncio.timeout(10):
            return [line async for line in self._lines if line] == []


@asynccontextmanager
async def _follow(
    api: Api, instance_id: uuid.UUID, query: str = "", **headers: str
) -> AsyncIterator[Stream]:
    async with api.client.stream(
        "GET", f"/api/v1/instances/{instance_id}/events{query}", headers=headers
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


async def _running(api: Api) -> Scheduler:
    await api.publish()
    scheduler = Scheduler(database=api.database, instance_id=await api.start())
    await scheduler.advance("running", {"start": {"status": "succeeded"}})
    return scheduler


async def test_a_stream_shows_all_then_what_changes_then_ends(api: Api) -> None:
    scheduler = await _running(api)
    async with _follow(api, scheduler.instance_id) as stream:
        first = await stream.next()

        await scheduler.open_attempt("prepare")
        await scheduler.advance(
            "running", {"prepare": {"status": "ready", "reason": "queued", "number": 1}}
        )
        await api.tell(scheduler.instance_id, 2)
        second = await stream.next()

        await scheduler.advance("succeeded", {"prepare": {"status": "succeeded", "reason": None}})
        await api.tell(scheduler.instance_id, 3)
        third = await stream.next()
        end = await stream.next()

        assert first[:2] == ("snapshot", 1)
        assert [node["node_id"] for node in first[2]["nodes"]] == ["start", "prepare", "ask", "end"]
        assert second[:2] == ("change", 2)
        assert [node["node_id"] for node in second[2]["nodes"]] == ["prepare"]
        assert second[2]["nodes"][0]["attempts"][0]["number"] == 1
        assert third[:2] == ("change", 3)
        assert third[2]["status"] == "succeeded"
        assert end == ("end", 3, {"status": "succeeded"})
        assert await stream.is_over()


async def test_a_reconnect_begins_with_what_was_missed(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.advance("running", {"prepare": {"status": "ready", "reason": "queued"}})
    await scheduler.advance("running", {"ask": {"status": "ready", "reason": "queued"}})

    async with _follow(api, scheduler.instance_id, **{"Last-Event-ID": "2"}) as stream:
        name, revision, data = await stream.next()

    assert (name, revision) == ("change", 3)
    assert [node["node_id"] for node in data["nodes"]] == ["ask"]


async def test_a_revision_that_is_not_there_gives_everything(api: Api) -> None:
    scheduler = await _running(api)

    async with _follow(api, scheduler.instance_id, **{"Last-Event-ID": "99"}) as stream:
        assert (await stream.next())[:2] == ("snapshot", 1)


async def test_items_that_a_stream_leaves_out_are_counted_all_the_same(api: Api) -> None:
    await api.publish(MAPPED)
    scheduler = Scheduler(database=api.database, instance_id=await api.start())
    await scheduler.advance(
        "running",
        {
            "deploy": {"status": "waiting", "reason": "items"},
            "deploy:0": {"status": "succeeded"},
        },
    )

    async with _follow(api, scheduler.instance_id, "?items_below=1") as stream:
        await stream.next()
        await scheduler.advance("running", {"deploy:1": {"status": "succeeded"}})
        await api.tell(scheduler.instance_id, 2)
        name, revision, change = await stream.next()

    assert (name, revision, change["nodes"]) == ("change", 2, [])
    assert change["maps"] == {"deploy": {"succeeded": 2}}


async def test_a_finished_instance_is_shown_and_ended(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.advance("cancelled")

    async with _follow(api, scheduler.instance_id) as stream:
        assert (await stream.next())[0] == "snapshot"
        assert (await stream.next())[0] == "end"


async def test_a_lost_record_is_found_by_the_heartbeat(database: Database) -> None:
    async with running_api(database, heartbeat_seconds=0.1) as api:
        scheduler = await _running(api)
        async with _follow(api, scheduler.instance_id) as stream:
            await stream.next()
            quiet = await stream.next()
            await scheduler.advance("paused")
            found = quiet
            while found[0] == "comment":
                found = await stream.next()

    assert quiet[0] == "comment"
    assert (found[0], found[2]["status"]) == ("change", "paused")


async def test_many_changes_are_told_together(api: Api) -> None:
    scheduler = await _running(api)
    async with _follow(api, scheduler.instance_id) as stream:
        await stream.next()
        for revision in range(2, 22):
            await scheduler.advance("running", {"prepare": {"status": "succeeded"}})
            await api.tell(scheduler.instance_id, revision)
        seen = [await stream.next()]
        while seen[-1][1] < 21:
            seen.append(await stream.next())

    assert len(seen) < 20


async def test_streams_end_when_the_service_stops(database: Database) -> None:
    async with running_api(database) as api:
        scheduler = await _running(api)
        async with _follow(api, scheduler.instance_id) as stream:
            await stream.next()
            async with asyncio.timeout(4):
                await api.service.__aexit__(None, None, None)

            assert await stream.is_over()


async def test_only_so_many_streams_are_served(database: Database) -> None:
    async with running_api(database, max_streams=1) as api:
        scheduler = await _running(api)
        address = f"/api/v1/instances/{scheduler.instance_id}/events"
        async with _follow(api, scheduler.instance_id) as stream:
            await stream.next()
            second = await api.client.get(address)
        await eventually(lambda: not api.service.context.streams)
        async with _follow(api, scheduler.instance_id) as stream:
            assert (await stream.next())[0] == "snapshot"

    assert (second.status_code, second.json()["code"]) == (429, "too_many_streams")


@pytest.mark.parametrize("path", ["", "/events"])
async def test_an_unknown_instance_is_404_before_anything_streams(api: Api, path: str) -> None:
    answer = await api.client.get(f"/api/v1/instances/{new_id()}{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
