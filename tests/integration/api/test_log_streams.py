"""A log as a stream: from anywhere on, to its end, for as many as like."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from flowyard.ids import new_id
from flowyard.storage.cancellations import AttemptKey
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.queries import load_queries
from flowyard.storage.schema import attempt, log_line
from flowyard_api import log_feeds
from flowyard_api.log_feeds import MAX_KEPT_BYTES, LogFeeds
from tests.support.api import Api, Scheduler, eventually, now, running_api

Event = tuple[str, int, dict[str, Any]]


class Stream:
    """Reads the server-sent events of a log; comments are passed over."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()
        self.comments = 0

    async def next(self) -> Event:
        """Return name, id and data of the next event."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                if not line and fields:
                    break
                name, _, value = line.partition(":")
                if name:
                    fields[name] = value.strip()
                elif line:
                    self.comments += 1
        return fields["event"], int(fields["id"]), orjson.loads(fields["data"])

    async def texts(self, count: int) -> list[str]:
        """Return the texts of the next lines."""
        return [(await self.next())[2]["text"] for _ in range(count)]

    async def rest(self) -> list[str]:
        """Return the texts of all further lines, up to the end."""
        found: list[str] = []
        while True:
            name, _, data = await self.next()
            if name == "end":
                return found
            found.append(data["text"])


async def _instance(api: Api) -> Scheduler:
    await api.publish()
    return Scheduler(database=api.database, instance_id=await api.start())


async def _running(api: Api) -> Scheduler:
    scheduler = await _instance(api)
    await scheduler.open_attempt("prepare")
    return scheduler


async def _log(scheduler: Scheduler, *texts: str, after: int = 0, level: str = "info") -> None:
    rows = [
        {
            "instance_id": scheduler.instance_id,
            "node_id": "prepare",
            "number": 1,
            "sequence": place,
            "at": now() + timedelta(milliseconds=place),
            "level": level,
            "text": text,
            "size_so_far": place,
        }
        for place, text in enumerate(texts, start=after + 1)
    ]
    async with scheduler.database.transaction() as connection:
        await connection.execute(insert(log_line), rows)


async def _log_as_soon_as_it_goes(scheduler: Scheduler, text: str) -> None:
    """Write a line though connections of the pool may be dead, and not yet be known to be."""
    async with asyncio.timeout(10):
        while True:
            with suppress(DBAPIError, DatabaseUnavailableError):
                return await _log(scheduler, text)
            await asyncio.sleep(0.01)


async def _close(scheduler: Scheduler) -> None:
    async with scheduler.database.transaction() as connection:
        await connection.execute(update(attempt).values(closed_at=now()))


def _path(instance_id: uuid.UUID, node: str = "prepare", number: int = 1) -> str:
    return f"/api/v1/instances/{instance_id}/nodes/{node}/attempts/{number}/logs/stream"


@asynccontextmanager
async def _follow(
    api: Api, scheduler: Scheduler, *, last: int | None = None, **params: Any
) -> AsyncIterator[Stream]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    async with api.client.stream(
        "GET", _path(scheduler.instance_id), headers=headers, params=params
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


def _reads(api: Api, by: str) -> float:
    return api.service.context.metrics.value("flowyard_api_log_reads_total", by=by)


async def test_a_stream_gives_what_there_is_then_what_comes_then_the_end(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "one")

    async with _follow(api, scheduler) as stream:
        first = await stream.next()
        await _log(scheduler, "two", after=1)
        second = await stream.next()
        await _close(scheduler)
        last = await stream.next()

    assert first == (
        "line",
        1,
        {"sequence": 1, "at": "2026-01-02T03:04:05.001000Z", "level": "info", "text": "one"},
    )
    assert second[:2] == ("line", 2)
    assert last == ("end", 2, {"next_after": 2})


async def test_a_stream_goes_on_behind_what_was_seen(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "one", "two", "three", "four")
    await _close(scheduler)

    async with _follow(api, scheduler, after=1) as by_query:
        assert await by_query.rest() == ["two", "three", "four"]
    async with _follow(api, scheduler, after=1, last=3) as by_header:
        assert await by_header.rest() == ["four"]
    async with _follow(api, scheduler, after=9) as beyond:
        assert await beyond.next() == ("end", 9, {"next_after": 9})


async def test_a_stream_leaves_out_what_matters_less(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "fine")
    await _log(scheduler, "bad", after=1, level="error")
    await _log(scheduler, "fine again", after=2)
    await _close(scheduler)

    async with _follow(api, scheduler, level="warning") as stream:
        assert (await stream.next())[1] == 2
        assert await stream.next() == ("end", 3, {"next_after": 3})


async def test_a_stream_may_be_open_before_its_attempt_begins(api: Api) -> None:
    scheduler = await _instance(api)

    async with _follow(api, scheduler) as stream:
        await eventually(lambda: api.service.context.streams == 1)
        await scheduler.open_attempt("prepare")
        await _log(scheduler, "at last")
        assert await stream.texts(1) == ["at last"]


async def test_a_stream_of_an_attempt_that_never_begins_ends_with_the_instance(api: Api) -> None:
    scheduler = await _instance(api)

    async with _follow(api, scheduler) as stream:
        await eventually(lambda: api.service.context.streams == 1)
        await scheduler.advance("cancelled")
        assert (await stream.next())[0] == "end"

    answer = await api.client.get(_path(scheduler.instance_id))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("node", "code"), [("nowhere", "unknown_node"), ("deploy:3", "unknown_node")]
)
async def test_there_is_no_stream_of_what_there_cannot_be(api: Api, node: str, code: str) -> None:
    scheduler = await _running(api)

    answer = await api.client.get(_path(scheduler.instance_id, node))
    absent = await api.client.get(_path(uuid.UUID("018f0000-0000-7000-8000-000000000001")))

    assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert (absent.status_code, absent.json()["code"]) == (404, "not_found")


async def test_rule_8_many_readers_of_a_log_cost_what_one_costs(api: Api) -> None:
    scheduler = await _running(api)
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(_follow(api, scheduler)) for _ in range(30)]
        await eventually(lambda: api.service.context.streams == 30)
        before = _reads(api, "feed")
        for place in range(5):
            await _log(scheduler, f"line {place}", after=place)
            for stream in streams:
                assert await stream.texts(1) == [f"line {place}"]
        looks = _reads(api, "feed") - before
        await _close(scheduler)
        for stream in streams:
            assert await stream.rest() == []

    assert _reads(api, "reader") == 0
    # Each line is found by one look or two, not by thirty.
    assert looks < 30
    await eventually(lambda: api.service.context.streams == 0)


async def test_a_reader_who_begins_further_back_catches_up_with_the_others(api: Api) -> None:
    scheduler = await _running(api)
    texts = [f"line {place}" for place in range(1, 1201)]
    await _log(scheduler, *texts)

    async with _follow(api, scheduler, after=1190) as ahead:
        assert await ahead.texts(10) == texts[1190:]
        async with _follow(api, scheduler) as behind:
            assert await behind.texts(1200) == texts
            await _log(scheduler, "new", after=1200)
            assert [await one.texts(1) for one in (ahead, behind)] == [["new"], ["new"]]

    assert _reads(api, "reader") == 3


async def test_a_reader_who_begins_behind_the_end_keeps_nothing_from_others(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "one")
    async with _follow(api, scheduler, after=1000) as beyond, _follow(api, scheduler) as usual:
        await eventually(lambda: api.service.context.streams == 2)
        assert await usual.texts(1) == ["one"]
        await _log(scheduler, "two", after=1)
        assert await usual.texts(1) == ["two"]
        await _close(scheduler)

        assert await usual.next() == ("end", 2, {"next_after": 2})
        assert await beyond.next() == ("end", 1000, {"next_after": 1000})


async def test_rule_10_a_feed_keeps_so_much_and_a_slow_reader_reads_what_it_has_missed(
    database: Database, api: Api
) -> None:
    scheduler = await _running(api)
    await _log(scheduler, *["x" * 8000] * 100)
    key = AttemptKey(scheduler.instance_id, "prepare", 1)
    context = api.service.context
    async with LogFeeds(database, context.clock, context.metrics) as feeds:
        with feeds.watch(key, 0) as feed:
            await eventually(lambda: feed.end == 100)

            kept = feed.lines_after(70) or []
            missed = await feeds.read(key, 3)

    assert feed.lines_after(3) is None
    assert 0 < sum(len(line.event) for line in kept) <= MAX_KEPT_BYTES
    assert [line.sequence for line in missed] == list(range(4, 101))


async def test_streams_of_several_processes_show_the_same(database: Database, api: Api) -> None:
    scheduler = await _running(api)
    async with (
        running_api(database) as other,
        _follow(api, scheduler) as one,
        _follow(other, scheduler) as two,
    ):
        await _log(scheduler, "hello")
        assert [await stream.texts(1) for stream in (one, two)] == [["hello"], ["hello"]]


async def test_a_silent_stream_says_that_it_is_still_there(database: Database) -> None:
    async with running_api(database, heartbeat_seconds=0.05) as api:
        scheduler = await _running(api)
        async with _follow(api, scheduler, level="error") as stream:
            next_one = asyncio.create_task(stream.next())
            await eventually(lambda: stream.comments >= 3)
            await _log(scheduler, "failed", level="error")
            assert (await next_one)[1] == 1


async def test_streams_of_logs_end_when_the_service_stops(database: Database) -> None:
    async with running_api(database) as api:
        scheduler = await _running(api)
        async with _follow(api, scheduler) as stream:
            await eventually(lambda: api.service.context.streams == 1)
            stopping = asyncio.create_task(api.service.__aexit__(None, None, None))
            with pytest.raises(KeyError):
                await stream.next()
            await stopping


async def test_a_stream_outlives_a_time_without_postgres(
    database: Database, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_feeds, "RETRY_SECONDS", 0.05)
    scheduler = await _running(api)
    async with _follow(api, scheduler) as stream:
        await eventually(lambda: api.service.context.streams == 1)
        async with database.hot() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await _log_as_soon_as_it_goes(scheduler, "back")
        assert await stream.texts(1) == ["back"]


async def test_logs_are_followed_by_the_primary_keys(api: Api) -> None:
    statement = load_queries("api")["read_logs"]
    async with api.database.hot() as connection:
        rows = await connection.fetch(f"EXPLAIN {statement}", [new_id()], ["prepare"], [1], [0], 10)
    plan = "\n".join(row[0] for row in rows)

    assert "log_line_pkey" in plan
    assert "attempt_pkey" in plan
    assert "Seq Scan" not in plan
