"""Projects on the command line, against a real API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from flowyard.storage.database import Database
from flowyard_cli.app import app
from tests.support.api import Api, running_api


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        yield running


async def run(api: Api, *words: str, status: int = 0) -> str:
    """Run a command beside the loop that serves it, and return what it writes."""
    options = ["--server", api.service.url, "--token", api.token]
    result = await asyncio.to_thread(CliRunner().invoke, app, [*words, *options])
    assert result.exit_code == status, result.output
    return result.output


async def read(api: Api, *words: str) -> Any:
    return orjson.loads(await run(api, *words, "--output", "json"))


async def test_a_project_is_created_and_listed(api: Api) -> None:
    created = await read(api, "project", "create", "web", "--title", "The web")
    told = await run(api, "project", "create", "db")
    listed = await read(api, "project", "list")
    table = await run(api, "project", "list")

    assert (created["name"], created["title"]) == ("web", "The web")
    assert "Created project db" in told
    assert [one["name"] for one in listed] == ["db", "web"]
    assert "The web" in table
    assert len(await read(api, "project", "list", "--limit", "1")) == 1


async def test_a_name_that_is_taken_or_none_is_refused(api: Api) -> None:
    await run(api, "project", "create", "shop")
    await run(api, "project", "create", "shop", status=1)
    await run(api, "project", "create", "No Name", status=2)
