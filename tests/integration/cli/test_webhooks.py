"""The commands about webhooks, against a real API."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from flowyard.storage.database import Database
from flowyard.storage.sealed_box import BoxOpener
from flowyard.storage.sealing import new_key
from flowyard.storage.webhook_claims import announce_key
from tests.support import cli
from tests.support.api import Api, running_api

URL = "https://tickets.example/hook"


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        async with database.hot() as connection:
            await announce_key(connection, BoxOpener(new_key()).public_key)
        await running.client.post("/api/v1/projects", json={"name": "shop"})
        yield running


async def run(api: Api, *words: str, status: int = 0) -> str:
    return await cli.run(api, "webhook", *words, "--project", "shop", status=status)


async def read(api: Api, *words: str) -> Any:
    return await cli.read(api, "webhook", *words, "--project", "shop")


async def test_a_webhook_is_made_listed_switched_and_deleted(api: Api) -> None:
    made = await run(api, "create", URL, "-e", "node.failed", "--label", "team=shop")
    (listed,) = await read(api, "list")
    webhook_id = listed["webhook_id"]
    off = await run(api, "disable", webhook_id)
    refused = await run(api, "ping", webhook_id, status=1)
    on = await run(api, "enable", webhook_id)
    shown = await run(api, "list")
    await run(api, "delete", webhook_id)

    assert webhook_id in made
    assert "whsec_" in made
    assert (listed["events"], listed["labels"]) == (["node.failed"], {"team": "shop"})
    assert (off, on) == (f"{URL} is disabled (person)\n", f"{URL} is enabled\n")
    assert "disabled" in refused
    assert shown.splitlines()[1].split() == [webhook_id, URL, "enabled", "node.failed"]
    assert await read(api, "list") == []


async def test_a_secret_is_replaced(api: Api) -> None:
    made = await read(api, "create", URL, "-e", "node.failed")

    rotated = await read(api, "rotate-secret", made["webhook_id"], "--overlap", "0")

    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert rotated["previous_secret_until"] is None


async def test_a_test_is_sent_seen_and_sent_again(api: Api) -> None:
    made = await read(api, "create", URL, "-e", "node.failed")
    webhook_id = made["webhook_id"]

    sent = await read(api, "ping", webhook_id)
    listed = await run(api, "history", webhook_id, "--status", "pending")
    again = await run(api, "redeliver", webhook_id, sent["delivery_id"])
    since = await run(api, "redeliver", webhook_id, "--since", "2026-01-01")

    assert sent["delivery_id"] in listed
    assert "webhook.ping" in listed
    assert (again, since) == ("1 on the way\n", "0 on the way\n")


@pytest.mark.parametrize(
    "words", [[], ["0197c0de-0000-7000-8000-000000000001", "--since", "2026-01-01"]]
)
async def test_what_is_to_be_delivered_again_is_said_once(api: Api, words: list[str]) -> None:
    made = await read(api, "create", URL, "-e", "node.failed")

    refused = await run(api, "redeliver", made["webhook_id"], *words, status=2)

    assert "--since" in refused


async def test_a_label_without_a_value_is_no_label(api: Api) -> None:
    refused = await run(api, "create", URL, "-e", "node.failed", "--label", "team", status=2)

    assert "name=value" in refused
