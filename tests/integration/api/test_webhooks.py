"""Webhooks over HTTP: who makes them, what is shown, what is kept secret."""

import uuid
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from flowyard.storage.schema import idempotency, webhook
from flowyard.storage.webhooks import MAX_WEBHOOKS
from tests.integration.api.webhooks import BODY, PATH, make, secrets_of, told
from tests.support.api import Api


async def test_a_webhook_is_shown_as_it_was_made(hooks: Api) -> None:
    given = {
        "description": "Tickets",
        "templates": ["release", "release"],
        "labels": {"team": "shop"},
        "events": ["node.failed", "instance.failed", "node.failed"],
    }

    answer = await hooks.client.post(PATH, json={**BODY, **given})

    made = answer.json()
    assert answer.headers["location"] == f"{PATH}/{made['webhook_id']}"
    assert made.pop("secret").startswith("whsec_")
    assert (made["templates"], made["labels"]) == (["release"], {"team": "shop"})
    assert made["events"] == ["node.failed", "instance.failed"]
    assert (made["enabled"], made["disabled_reason"], made["failures"]) == (True, None, 0)
    assert (made["created_by"], made["updated_by"]) == ("ops", "ops")
    assert (await hooks.client.get(answer.headers["location"])).json() == made
    assert (await hooks.client.get(PATH)).json()["items"] == [made]


async def test_the_secret_is_shown_once_and_stored_closed(hooks: Api) -> None:
    key = {"Idempotency-Key": "one"}

    first = await hooks.client.post(PATH, json=BODY, headers=key)
    again = await hooks.client.post(PATH, json=BODY, headers=key)

    secret, webhook_id = first.json()["secret"], first.json()["webhook_id"]
    assert again.json() == {**first.json(), "secret": None}
    assert "secret" not in (await hooks.client.get(f"{PATH}/{webhook_id}")).json()
    assert await secrets_of(hooks, webhook_id) == (secret, None)
    async with hooks.database.transaction() as connection:
        kept = (await connection.execute(select(idempotency.c.response))).scalars().all()
        stored = (await connection.execute(select(webhook.c.secret))).scalar_one()
    assert secret not in repr(kept)
    assert secret not in stored


async def test_without_a_plugin_gateway_no_secret_could_be_opened(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})

    refused = await api.client.post(PATH, json=BODY)

    assert (refused.status_code, refused.json()["code"]) == (503, "no_sealing_key")


@pytest.mark.parametrize(
    "more",
    [
        {"url": "ftp://tickets.example/"},
        {"url": "https://"},
        {"url": "https:///hook"},
        {"url": "https://ann:secret@tickets.example/"},
        {"url": "https://tickets.example:99999/"},
        {"url": "https://tickets.example/a b"},
        {"events": []},
        {"events": ["instance.exploded"]},
        {"events": ["webhook.ping"]},
        {"templates": ["No Such Key"]},
        {"labels": {"team": 1}},
        {"secret": "whsec_mine"},
    ],
)
async def test_what_is_no_webhook_is_refused(hooks: Api, more: dict[str, Any]) -> None:
    answer = await hooks.client.post(PATH, json={**BODY, **more})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (await hooks.client.get(PATH)).json()["items"] == []


async def test_a_project_has_a_bounded_number_of_webhooks(hooks: Api) -> None:
    for _ in range(MAX_WEBHOOKS):
        await make(hooks)

    refused = await hooks.client.post(PATH, json=BODY)

    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_webhooks")
    first = (await hooks.client.get(f"{PATH}?limit=15")).json()
    rest = (await hooks.client.get(PATH, params={"cursor": first["next_cursor"]})).json()
    assert len({one["webhook_id"] for one in first["items"] + rest["items"]}) == MAX_WEBHOOKS


async def test_a_change_writes_what_is_given_and_leaves_the_rest(hooks: Api) -> None:
    made = await make(hooks, description="Tickets", labels={"team": "shop"})
    place = f"{PATH}/{made['webhook_id']}"

    changed = await hooks.client.patch(
        place, json={"url": "https://other.example/", "events": ["node.failed"], "labels": {}}
    )

    assert changed.status_code == 200, changed.text
    body = changed.json()
    assert (body["url"], body["events"]) == ("https://other.example/", ["node.failed"])
    assert (body["description"], body["labels"]) == ("Tickets", {})


async def test_every_change_raises_the_version_that_schedulers_go_by(hooks: Api) -> None:
    async def version() -> int:
        async with hooks.database.transaction() as connection:
            found = await connection.execute(text("SELECT version FROM webhook_level"))
            return int(found.scalar_one())

    made = await make(hooks)
    place = f"{PATH}/{made['webhook_id']}"
    versions = [await version()]
    await hooks.client.patch(place, json={"enabled": False})
    versions.append(await version())
    await hooks.client.delete(place)
    versions.append(await version())

    assert versions == [1, 2, 3]


async def test_enabling_again_forgets_failures(hooks: Api) -> None:
    made = await make(hooks)
    async with hooks.database.transaction() as connection:
        await connection.execute(
            update(webhook).values(
                is_enabled=False,
                disabled_reason="failing",
                failures=60,
                failing_since=datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
            )
        )
    place = f"{PATH}/{made['webhook_id']}"
    shown = (await hooks.client.get(place)).json()

    enabled = (await hooks.client.patch(place, json={"enabled": True})).json()

    assert (shown["enabled"], shown["disabled_reason"], shown["failures"]) == (False, "failing", 60)
    assert (enabled["enabled"], enabled["disabled_reason"], enabled["failures"]) == (True, None, 0)


async def test_a_new_secret_leaves_the_old_one_valid_for_the_overlap(hooks: Api) -> None:
    made = await make(hooks)
    place = f"{PATH}/{made['webhook_id']}/actions/rotate-secret"

    rotated = (await hooks.client.post(place, json={"overlap_seconds": 3600})).json()
    both = await secrets_of(hooks, made["webhook_id"])
    at_once = (await hooks.client.post(place, json={"overlap_seconds": 0})).json()

    assert both == (rotated["secret"], made["secret"])
    assert rotated["previous_secret_until"] is not None
    assert at_once["previous_secret_until"] is None
    assert await secrets_of(hooks, made["webhook_id"]) == (at_once["secret"], None)


async def test_who_has_done_what_is_kept_beyond_a_webhooks_end(hooks: Api) -> None:
    made, other = await make(hooks), await make(hooks)
    place = f"{PATH}/{made['webhook_id']}"
    delivery_id = await told(hooks, made["webhook_id"])
    await hooks.client.patch(place, json={"url": "https://other.example/", "enabled": False})
    await hooks.client.patch(place, json={"enabled": True})
    await hooks.client.post(f"{place}/actions/ping")
    await hooks.client.post(f"{place}/deliveries/{delivery_id}/actions/redeliver")
    await hooks.client.post(f"{place}/actions/rotate-secret", json={})
    await hooks.client.delete(place)

    changes = "/api/v1/projects/shop/webhook-changes"
    found = (await hooks.client.get(changes, params={"webhook_id": made["webhook_id"]})).json()
    everything = (await hooks.client.get(changes)).json()

    assert [one["kind"] for one in reversed(found["items"])] == [
        "created",
        "disabled",
        "updated",
        "enabled",
        "pinged",
        "redelivered",
        "secret_rotated",
        "deleted",
    ]
    assert {one["actor"] for one in found["items"]} == {"ops"}
    assert other["webhook_id"] in {one["webhook_id"] for one in everything["items"]}


@pytest.mark.parametrize(
    "path",
    ["", "/deliveries", f"/deliveries/{uuid.UUID(int=9)}"],
)
async def test_webhooks_of_other_projects_are_not_to_be_found(hooks: Api, path: str) -> None:
    made = await make(hooks)
    await hooks.client.post("/api/v1/projects", json={"name": "search"})
    place = f"/api/v1/projects/search/webhooks/{made['webhook_id']}{path}"

    answer: httpx.Response = await hooks.client.get(place)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
