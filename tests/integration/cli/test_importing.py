"""Imports and exports by the command line, against a real API."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from flowyard.storage.database import Database
from flowyard_cli.app import app
from tests.support.api import Api, running_api
from tests.unit.interchange.trees import line, service

RULES = "step: {plugin: noop@1.0, inputs: {values: '*'}}\n"


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with running_api(database) as running:
        await running.client.post("/api/v1/projects", json={"name": "shop"})
        yield running


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    file = tmp_path / "good.json"
    file.write_bytes(orjson.dumps(line(a=service("step")) | {"id": "good"}))
    return file


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "components.yaml"
    file.write_text(RULES)
    return file


async def run(api: Api, *words: object, status: int = 0) -> str:
    options = ["--server", api.service.url, "--token", api.token, "--project", "shop"]
    arguments = [*map(str, words), *options]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.exit_code == status, result.output
    return result.stdout


async def read(api: Api, *words: object, status: int = 0) -> Any:
    return orjson.loads(await run(api, *words, "--output", "json", status=status))


async def test_flows_are_stored_as_drafts_or_published(api: Api, flow: Path, rules: Path) -> None:
    drafted = await run(api, "import", "bk-sops", flow, "--apply", "--components", rules)
    published = await run(api, "import", "bk-sops", flow, "--publish", "--components", rules)

    assert drafted == f"{flow}: template good, 1 nodes: draft\n"
    assert published == f"{flow}: template good, 1 nodes: published version 1\n"


async def test_a_refused_template_ends_with_one(api: Api, flow: Path) -> None:
    said = await run(api, "import", "bk-sops", flow, "--publish", status=1)

    assert f"{flow}: template good, 1 nodes: refused\n" in said
    assert f"{flow}: error unmapped_plugin [a] " in said


async def test_what_was_imported_is_exported_again(api: Api, flow: Path, rules: Path) -> None:
    table = {"step": {"plugin": "noop@1.0", "inputs": {"values": "*"}}}
    await api.client.put("/api/v1/projects/shop/component-table", json={"rules": table})
    await run(api, "import", "bk-sops", flow, "--publish", "--components", rules)

    text = await run(api, "templates", "export", "good", "--format", "bk-sops-yaml")

    assert text.startswith("schema_version: v1\nmeta:\n  name: ''\n  id: good\n")


async def test_an_export_that_loses_something_ends_with_one(api: Api) -> None:
    await api.publish()

    said = await read(api, "templates", "export", "release", status=1)

    assert said["diagnostics"][0]["code"] == "no_component"
