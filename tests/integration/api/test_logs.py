import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, update

from flowyard.storage.schema import attempt, log_line
from flowyard_cli.client import Client
from flowyard_cli.commands.logs import latest_attempt, read_log
from flowyard_cli.target import Target
from tests.support.api import Api, Scheduler, eventually, now

LEVELS = ("debug", "info", "warning", "error", "info")


async def _running(api: Api) -> Scheduler:
    await api.publish()
    scheduler = Scheduler(database=api.database, instance_id=await api.start())
    await scheduler.open_attempt("prepare")
    return scheduler


async def _log(scheduler: Scheduler, *texts: str, after: int = 0) -> None:
    async with scheduler.database.transaction() as connection:
        for place, text in enumerate(texts, start=after + 1):
            await connection.execute(
                insert(log_line).values(
                    instance_id=scheduler.instance_id,
                    node_id="prepare",
                    number=1,
                    sequence=place,
                    at=now() + timedelta(milliseconds=place),
                    level=LEVELS[place % len(LEVELS)],
                    text=text,
                    size_so_far=place,
                )
            )


async def _close(scheduler: Scheduler, **columns: Any) -> None:
    async with scheduler.database.transaction() as connection:
        await connection.execute(update(attempt).values(closed_at=now(), **columns))


def _path(scheduler: Scheduler, node: str = "prepare", number: int = 1) -> str:
    return f"/api/v1/instances/{scheduler.instance_id}/nodes/{node}/attempts/{number}/logs"


async def _read(api: Api, scheduler: Scheduler, **params: Any) -> dict[str, Any]:
    answer = await api.client.get(_path(scheduler), params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_log_is_read_in_pages_by_offset_until_it_is_complete(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "one", "two", "three")
    await _close(scheduler)

    first = await _read(api, scheduler, limit=2)
    second = await _read(api, scheduler, limit=2, after=first["next_after"])
    third = await _read(api, scheduler, after=second["next_after"])

    assert first["lines"][0] == {
        "sequence": 1,
        "at": "2026-01-02T03:04:05.001000Z",
        "level": "info",
        "text": "one",
    }
    assert [line["text"] for line in first["lines"]] == ["one", "two"]
    assert (first["next_after"], first["is_complete"]) == (2, False)
    assert [line["text"] for line in second["lines"]] == ["three"]
    assert (second["next_after"], second["is_complete"]) == (3, True)
    assert third == {"lines": [], "next_after": 3, "is_complete": True}


async def test_a_level_leaves_out_what_matters_less_and_goes_on_behind_it(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "one", "two", "three", "four")

    page = await _read(api, scheduler, level="warning")
    cut = await _read(api, scheduler, level="warning", limit=1)

    assert [line["level"] for line in page["lines"]] == ["warning", "error"]
    assert page["next_after"] == 4
    assert cut["next_after"] == 2


async def test_an_attempt_that_runs_has_no_complete_log_however_far_it_was_read(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "one")

    page = await _read(api, scheduler)

    assert (page["next_after"], page["is_complete"]) == (1, False)


@pytest.mark.parametrize(("is_confirmed", "is_complete"), [(False, False), (True, True)])
async def test_a_cancelled_attempt_may_log_until_its_cancellation_is_confirmed(
    api: Api,
    is_confirmed: bool,  # noqa: FBT001 - a column of the table
    is_complete: bool,  # noqa: FBT001 - a column of the table
) -> None:
    scheduler = await _running(api)
    await _close(
        scheduler,
        cancel_requested_at=now(),
        cancel_confirmed_at=now() if is_confirmed else None,
    )

    page = await _read(api, scheduler)

    assert page["is_complete"] == is_complete


async def test_a_log_can_be_waited_for(api: Api) -> None:
    scheduler = await _running(api)
    waiting = asyncio.create_task(_read(api, scheduler, wait=10))
    await eventually(lambda: api.service.context.streams == 1)

    await _log(scheduler, "one")

    assert [line["text"] for line in (await waiting)["lines"]] == ["one"]
    assert api.service.context.streams == 0


async def test_waiting_ends_with_the_attempt(api: Api) -> None:
    scheduler = await _running(api)
    waiting = asyncio.create_task(_read(api, scheduler, wait=10))
    await eventually(lambda: api.service.context.streams == 1)

    await _close(scheduler)

    assert await waiting == {"lines": [], "next_after": 0, "is_complete": True}


async def test_waiting_ends_with_the_time(api: Api) -> None:
    scheduler = await _running(api)

    page = await _read(api, scheduler, wait=0.01)

    assert page == {"lines": [], "next_after": 0, "is_complete": False}


async def test_the_command_line_follows_a_log_to_its_end(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "one")
    seen: list[str] = []

    def follow() -> None:
        with Client(Target(server=api.service.url, token=api.token)) as client:
            instance = str(scheduler.instance_id)
            number = latest_attempt(client, instance, "prepare")
            lines = read_log(client, instance, "prepare", number, follow=True)
            seen.extend(line["text"] for line in lines)

    following = asyncio.create_task(asyncio.to_thread(follow))
    await eventually(lambda: seen == ["one"])
    await _log(scheduler, "two", after=1)
    await eventually(lambda: seen == ["one", "two"])
    await _close(scheduler)

    await following
    assert seen == ["one", "two"]


async def test_a_log_comes_as_text_with_a_link_to_what_follows(api: Api) -> None:
    scheduler = await _running(api)
    await _log(scheduler, "one", "two")
    headers = {"Accept": "text/plain"}

    part = await api.client.get(_path(scheduler), params={"limit": 1}, headers=headers)
    await _close(scheduler)
    rest = await api.client.get(_next(part), headers=headers)

    assert part.text == "2026-01-02T03:04:05.001+00:00 INFO one\n"
    assert part.headers["content-type"].startswith("text/plain")
    assert rest.text == "2026-01-02T03:04:05.002+00:00 WARNING two\n"
    assert "link" not in rest.headers


def _next(answer: httpx.Response) -> str:
    return str(answer.links["next"]["url"])


@pytest.mark.parametrize(
    ("node", "number", "code"),
    [("prepare", 2, "not_found"), ("ask", 1, "not_found"), ("nowhere", 1, "unknown_node")],
)
async def test_what_there_is_not_has_no_log(api: Api, node: str, number: int, code: str) -> None:
    scheduler = await _running(api)

    answer = await api.client.get(_path(scheduler, node, number))

    assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_an_unknown_instance_has_no_log(api: Api) -> None:
    path = "/api/v1/instances/018f0000-0000-7000-8000-000000000001/nodes/a/attempts/1/logs"

    answer = await api.client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("node", ["deploy.build", "deploy:3", "deploy:rollback"])
async def test_ids_of_inner_nodes_and_items_stand_in_an_address_as_they_are(
    api: Api, node: str
) -> None:
    scheduler = await _running(api)
    await scheduler.open_attempt(node)

    answer = await api.client.get(_path(scheduler, node))

    assert answer.status_code == 200


async def test_a_log_is_read_by_its_primary_key(api: Api) -> None:
    async with api.database.transaction() as connection:
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = await connection.exec_driver_sql(
            "EXPLAIN SELECT text FROM log_line WHERE node_id = 'a' AND number = 1"
            " AND instance_id = '018f0000-0000-7000-8000-000000000001' AND sequence > 5"
            " ORDER BY sequence LIMIT 10"
        )
        plan = "\n".join(row[0] for row in rows)

    assert "log_line_pkey" in plan
    assert "Sort" not in plan
