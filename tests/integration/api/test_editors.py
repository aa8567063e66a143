"""Who else edits a template: seen, told at once, and forgotten once they have gone."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import orjson
from sqlalchemy import func, update

from flowyard.storage.personal_drafts import ACTIVE, forget_lookers, note_presence
from flowyard.storage.schema import personal_draft
from flowyard_api.cleaning import RETENTION, forget_old_lookers
from tests.integration.api.drafts import (
    BROKEN,
    FIRST,
    MINE,
    TEMPLATE,
    eve,
    ops,
    put_mine,
    share,
)
from tests.integration.api.sharing import document, host, somebody
from tests.support.api import DOCUMENT, PLUGIN, Api, eventually
from tests.unit.interchange.trees import line, service

__all__ = ["eve", "ops"]

IMPORT: dict[str, Any] = {
    "files": [
        {
            "name": "flow.json",
            "text": orjson.dumps(line(work=service("step")) | {"id": "release"}).decode(),
        }
    ],
    "components": {"step": {"plugin": "noop@1.0", "inputs": {"values": "*"}}},
}
"""A flow of bk-sops that takes the place of the template that all edit."""


async def _editors(client: httpx.AsyncClient) -> dict[str, Any]:
    body = (await client.get(f"{TEMPLATE}/drafts")).json()
    return {one["user"]: one for one in body["items"]}


async def test_two_people_see_each_other_and_whose_draft_differs(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    await put_mine(ops.client, FIRST, source=DOCUMENT)
    await put_mine(eve, FIRST, source=BROKEN)

    seen_by_ops, seen_by_eve = await _editors(ops.client), await _editors(eve)
    theirs = await ops.client.get(f"{TEMPLATE}/drafts/eve")

    assert [one for one, it in seen_by_ops.items() if it["is_you"]] == ["ops"]
    assert [one for one, it in seen_by_eve.items() if it["is_you"]] == ["eve"]
    assert (seen_by_ops["ops"]["differs"], seen_by_ops["eve"]["differs"]) == (False, True)
    assert seen_by_ops["eve"]["is_active"]
    assert seen_by_ops["eve"]["etag"] == theirs.json()["etag"]
    assert theirs.json()["source"] == BROKEN
    assert (await eve.get(MINE)).json()["source"] == BROKEN
    assert (await ops.client.get(MINE)).json()["source"] == DOCUMENT


async def test_who_has_a_template_open_is_seen_for_a_minute(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    answer = await eve.put(f"{MINE}/presence")
    seen = await _editors(ops.client)
    async with ops.database.transaction() as connection:
        await connection.execute(
            update(personal_draft).values(seen_at=func.now() - ACTIVE - timedelta(seconds=1))
        )
    later = await _editors(ops.client)

    assert [one["user"] for one in answer.json()["items"]] == ["eve"]
    assert answer.json()["shared"]["revision"] == 1
    assert (seen["eve"]["is_active"], seen["eve"]["has_draft"]) == (True, False)
    assert (seen["eve"]["etag"], seen["eve"]["differs"]) == (None, False)
    assert later == {}


async def test_a_draft_stays_when_its_writer_has_gone(ops: Api, eve: httpx.AsyncClient) -> None:
    await put_mine(eve, FIRST, source=BROKEN)
    async with ops.database.transaction() as connection:
        await connection.execute(
            update(personal_draft).values(seen_at=func.now() - RETENTION - timedelta(days=1))
        )

    gone = await forget_old_lookers(ops.database)
    seen = await _editors(ops.client)

    assert gone == 0
    assert (seen["eve"]["is_active"], seen["eve"]["has_draft"]) == (False, True)
    assert (await eve.get(MINE)).json()["source"] == BROKEN


async def test_who_only_looked_on_is_forgotten_after_a_day(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    await eve.put(f"{MINE}/presence")
    young = await forget_old_lookers(ops.database)
    async with ops.database.transaction() as connection:
        await connection.execute(
            update(personal_draft).values(seen_at=func.now() - RETENTION - timedelta(seconds=1))
        )
        none = await forget_lookers(connection, older_than=RETENTION * 2, limit=10)

    old = await forget_old_lookers(ops.database)

    assert (young, none, old) == (0, 0, 1)


async def test_editors_come_page_by_page(ops: Api, eve: httpx.AsyncClient) -> None:
    await ops.client.put(f"{MINE}/presence")
    await eve.put(f"{MINE}/presence")

    first = (await eve.get(f"{TEMPLATE}/drafts", params={"limit": 1})).json()
    second = (
        await eve.get(f"{TEMPLATE}/drafts", params={"limit": 1, "cursor": first["next_cursor"]})
    ).json()

    assert [one["user"] for one in first["items"] + second["items"]] == ["eve", "ops"]
    assert second["next_cursor"] is None


async def test_others_are_told_of_drafts_within_two_seconds(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    template_id = (await ops.client.get(TEMPLATE)).json()["template_id"]
    await eventually(lambda: ops.service.context.changes.is_connected)

    changes: list[Callable[[], Awaitable[httpx.Response]]] = [
        lambda: ops.client.put(f"{MINE}/presence"),
        lambda: put_mine(ops.client, FIRST, source="one"),
        lambda: share(ops.client, "two", '"1"'),
        lambda: ops.client.delete(MINE, headers={"If-Match": "*"}),
    ]
    async with eve.stream("GET", "/api/v1/projects/shop/events") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": open"
        for change in changes:
            assert (await change()).status_code == 200
            async with asyncio.timeout(2):
                told = await _next_data(lines, "drafts")

            assert told == {"template_ids": [template_id], "complete": True}


async def test_others_are_told_of_drafts_that_imports_and_updates_write(api: Api) -> None:
    await host(api, PLUGIN, replace(PLUGIN, version="1.1"))
    await api.publish()
    template_id = (await api.client.get(TEMPLATE)).json()["template_id"]
    await eventually(lambda: api.service.context.changes.is_connected)

    async with (
        somebody(api, "eve") as eve,
        eve.stream("GET", "/api/v1/projects/shop/events") as stream,
    ):
        lines = stream.aiter_lines()
        assert await anext(lines) == ": open"
        for path, body in (
            ("plugins/noop/1.0/actions/update-uses", {"to_version": "1.1"}),
            ("projects/shop/imports", {**IMPORT, "mode": "draft"}),
            ("projects/shop/imports", {**IMPORT, "mode": "publish"}),
        ):
            answer = await api.client.post(f"/api/v1/{path}", json=body)
            assert answer.status_code == 200, answer.text
            async with asyncio.timeout(2):
                told = await _next_data(lines, "drafts")

            assert told == {"template_ids": [template_id], "complete": True}


async def test_an_import_that_replaces_a_draft_alone_is_news(
    ops: Api, eve: httpx.AsyncClient
) -> None:
    imports = "/api/v1/projects/shop/imports"
    await ops.client.post(imports, json={**IMPORT, "mode": "publish"})
    await eventually(lambda: ops.service.context.changes.is_connected)

    async with eve.stream("GET", "/api/v1/projects/shop/events") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": open"
        async with asyncio.timeout(4):
            await share(ops.client, "two", "*")
            await _next_data(lines, "drafts")
            again = await ops.client.post(imports, json={**IMPORT, "mode": "publish"})
            await _next_data(lines, "drafts")

    assert again.json()["templates"][0]["outcome"] == "unchanged"
    assert (await eve.get(f"{TEMPLATE}/draft")).json()["source"] != "two"


async def test_an_import_that_changes_nothing_is_no_news(ops: Api, eve: httpx.AsyncClient) -> None:
    imports, other = "/api/v1/projects/shop/imports", "/api/v1/projects/shop/templates/other"
    await ops.publish(document("other", "a plugin noop@1.0"))
    await ops.client.post(imports, json={**IMPORT, "mode": "draft"})
    await eventually(lambda: ops.service.context.changes.is_connected)

    async with eve.stream("GET", "/api/v1/projects/shop/events") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": open"
        again = await ops.client.post(imports, json={**IMPORT, "mode": "draft"})
        await ops.client.put(f"{other}/drafts/mine/presence")
        async with asyncio.timeout(2):
            told = await _next_data(lines, "drafts")

    assert again.json()["templates"][0]["outcome"] == "unchanged"
    assert told["template_ids"] == [(await ops.client.get(other)).json()["template_id"]]


async def _next_data(lines: AsyncIterator[str], event: str) -> dict[str, Any]:
    name = ""
    async for told in lines:
        if told.startswith("event: "):
            name = told.removeprefix("event: ")
        elif told.startswith("data: ") and name == event:
            data: dict[str, Any] = orjson.loads(told.removeprefix("data: "))
            return data
    raise AssertionError("the stream has ended")


async def test_only_who_comes_or_comes_back_is_news(ops: Api) -> None:
    template_id = uuid.UUID((await ops.client.get(TEMPLATE)).json()["template_id"])

    async with ops.database.transaction() as connection:
        first = await note_presence(connection, template_id, "eve")
        second = await note_presence(connection, template_id, "eve")
        await connection.execute(update(personal_draft).values(seen_at=func.now() - ACTIVE))
        after_a_while = await note_presence(connection, template_id, "eve")

    assert (first, second, after_a_while) == (True, False, True)
