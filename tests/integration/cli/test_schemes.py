"""``flowyard run`` of a part of a flow, against a real API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from flowyard.storage.database import Database
from tests.support import cli
from tests.support.api import Api, running_api

DOCUMENT = """\
flowyard: 1
key: release
nodes:
  - {id: lint, plugin: noop@1.0, optional: true}
  - {id: test, plugin: noop@1.0, optional: true}
  - {id: deploy, plugin: noop@1.0}
schemes:
  quick: {keeps: [test]}
  none: {keeps: [], default: true}
"""


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        await running.publish(DOCUMENT)
        yield running


async def run(api: Api, *words: str, status: int = 0) -> str:
    return await cli.run(api, "run", *words, "--project", "shop", status=status)


async def left_out(api: Api, *words: str) -> Any:
    started = orjson.loads(await run(api, *words, "--output", "json"))
    instance = await api.client.get(f"/api/v1/instances/{started['instance_id']}")
    return instance.json()["left_out"]


async def test_schemes_and_nodes_are_chosen_on_the_command_line(api: Api) -> None:
    assert await left_out(api, "release") == ["lint", "test"]
    assert await left_out(api, "release", "--scheme", "quick") == ["lint"]
    assert await left_out(api, "release", "--scheme", "quick", "--scheme", "none") == ["lint"]
    assert await left_out(api, "release", "--scheme", "quick", "--exclude", "test") == [
        *("lint", "test")
    ]


async def test_a_run_is_given_its_priority_on_the_command_line(api: Api) -> None:
    started = orjson.loads(await run(api, "release", "--priority", "8", "--output", "json"))
    await run(api, "release", "--priority", "10", status=2)

    instance = await api.client.get(f"/api/v1/instances/{started['instance_id']}")
    assert instance.json()["priority"] == 8


async def test_what_cannot_be_left_out_is_said(api: Api) -> None:
    said = await run(api, "release", "--exclude", "deploy", status=2)

    assert "Expected an optional node to leave out, but deploy always runs" in said


async def test_a_file_with_a_script_is_left_to_the_server(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "script.yaml"
    script = '"echo ${x:-1} ${HOME}"'
    file.write_text(
        "flowyard: 1\nkey: script\nnodes:\n"
        f"  - {{id: a, plugin: noop@1.0, inputs: {{script: {script}}}}}\n"
    )

    said = await run(api, str(file), status=2)

    assert "body.nodes.0.inputs.script (line 4, column 57): Expected an expression" in said
