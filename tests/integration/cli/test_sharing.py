"""The commands about sharing, against a real API."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from flowyard.storage.database import Database
from tests.integration.api.sharing import document
from tests.support import cli
from tests.support.api import Api, running_api


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        await running.publish()
        await running.publish(document("parent", "child subflow release"))
        await running.client.post("/api/v1/projects", json={"name": "billing"})
        yield running


async def run(api: Api, *words: str, project: str = "shop", status: int = 0) -> str:
    return await cli.run(api, *words, "--project", project, status=status)


async def read(api: Api, *words: str, project: str = "shop") -> Any:
    return await cli.read(api, *words, "--project", project)


async def test_a_template_is_shown_to_a_project_which_lists_and_starts_it(api: Api) -> None:
    said = await run(api, "templates", "visibility", "release", "--to", "billing")
    listed = await run(api, "templates", "list", "--scope", "common", project="billing")
    started = await read(api, "run", "shop/release", project="billing")
    await run(api, "templates", "visibility", "release", "--none")
    hidden = await run(api, "run", "shop/release", project="billing", status=2)

    assert said == "shop/release is visible to billing\n"
    assert listed.splitlines()[1].split() == ["shop/release", "1", "Release", "a", "service"]
    assert started["version"] == 1
    assert "Expected shop/release to be visible in project billing" in hidden


async def test_favourites_are_marked_listed_and_unmarked(api: Api) -> None:
    marked = await run(api, "templates", "favourite", "release")
    listed = await read(api, "templates", "list", "--favourite")
    unmarked = await run(api, "templates", "favourite", "release", "--remove")

    assert marked == "shop/release is a favourite\n"
    assert [one["key"] for one in listed] == ["release"]
    assert unmarked == "shop/release is no longer a favourite\n"
    assert await read(api, "templates", "list", "--favourite") == []


async def test_a_preset_is_written_taken_by_a_run_and_deleted(api: Api) -> None:
    await run(api, "templates", "preset", "release", "night", "--var", "count=5")
    listed = await read(api, "templates", "presets", "release")
    started = await read(api, "run", "release", "--preset", "night", "--var", "version=9")
    instance = (await api.client.get(f"/api/v1/instances/{started['instance_id']}")).json()
    await run(api, "templates", "preset", "release", "night", "--delete")

    assert [(one["name"], one["inputs"]) for one in listed] == [("night", {"count": 5})]
    assert instance["inputs"] == {"version": "9", "count": 5}
    assert await read(api, "templates", "presets", "release") == []


async def test_uses_are_listed_and_outdated_ones_updated(api: Api) -> None:
    uses = await run(api, "templates", "uses", "release")
    await api.publish(document("release", "a plugin noop@1.0"))
    outdated = await read(api, "templates", "outdated", "parent")
    updated = await run(api, "templates", "outdated", "parent", "--update")

    assert [line.split()[:3] for line in uses.splitlines()[1:]] == [
        ["shop/parent", "draft", "child"],
        ["shop/parent", "latest", "1"],
    ]
    assert [one["latest"] for one in outdated["items"]] == [2]
    assert updated == "parent: published, now at version 2\n"


async def test_a_template_in_use_is_not_deleted_and_one_that_is_not_comes_back(api: Api) -> None:
    refused = await run(api, "templates", "delete", "release", status=1)
    gone = await run(api, "templates", "delete", "parent")
    back = await run(api, "templates", "delete", "parent", "--restore")

    assert "template_in_use" in refused
    assert (gone, back) == ("parent is deleted\n", "parent is there again\n")
