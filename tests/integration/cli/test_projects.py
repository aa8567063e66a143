"""Projects on the command line, against a real API."""

from collections.abc import AsyncIterator

import pytest

from flowyard.storage.database import Database
from tests.support.api import Api, running_api
from tests.support.cli import read, run


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        yield running


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
