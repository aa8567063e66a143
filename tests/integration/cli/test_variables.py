"""Variables of projects and typed inputs on the command line, against a real API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flowyard.storage.database import Database
from flowyard.storage.projects import find_project
from flowyard.storage.secrets import put_secret
from tests.support import cli
from tests.support.api import Api, running_api

FLOW = """\
flowyard: 1
key: release
inputs:
  region: {type: select, options: [{value: eu, label: Europe}, us]}
  hosts: {type: host_list, min_items: 1}
  token: {type: password}
  why: {visible_when: region == 'us'}
nodes:
  - id: prepare
    plugin: noop@1.0
"""


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        await running.publish(FLOW)
        yield running


async def run(api: Api, *words: str, status: int = 0) -> str:
    return await cli.run(api, *words, "--project", "shop", status=status)


async def read(api: Api, *words: str) -> Any:
    return await cli.read(api, *words, "--project", "shop")


async def test_variables_are_set_listed_and_deleted(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("from a file")

    await run(api, "project", "variables", "set", "sizes", "[1, 2]", "--about", "Of machines")
    await run(api, "project", "variables", "set", "region", "eu")
    await run(api, "project", "variables", "set", "version", "12", "--text")
    await run(api, "project", "variables", "set", "note", f"@{file}")
    listed = await read(api, "project", "variables", "list")
    table = await run(api, "project", "variables", "list")
    deleted = await read(api, "project", "variables", "delete", "sizes")
    again = await run(api, "project", "variables", "delete", "sizes", status=2)

    assert {one["name"]: one["value"] for one in listed} == {
        "note": "from a file",
        "region": "eu",
        "sizes": [1, 2],
        "version": "12",
    }
    assert "Of machines" in table
    assert deleted["value"] == [1, 2]
    assert "there is none" in again


async def test_inputs_are_given_as_people_write_them(api: Api) -> None:
    async with api.database.transaction() as connection:
        owner = await find_project(connection, "shop")
        await put_secret(connection, owner.project_id, "TOKEN", sealed="x", actor="ops")
    options = ["--var", "region=Europe", "--var", "hosts=web-1 10.0.0.1"]

    started = await read(api, "run", "release", *options, "--var", "token=secret:TOKEN")
    refused = await run(api, "run", "release", *options, "--var", "token=secret:NONE", status=2)

    shown = (await api.client.get(f"/api/v1/instances/{started['instance_id']}")).json()
    assert shown["inputs"] == {
        "region": "eu",
        "hosts": ["web-1", "10.0.0.1"],
        "token": {"secret": "TOKEN"},
    }
    assert "Expected a secret NONE in the project, but there is none" in refused
