"""Commands of the CLI against an API that runs in the test's own loop."""

import asyncio
from typing import Any

import orjson
from typer.testing import CliRunner

from flowyard_cli.app import app
from tests.support.api import Api


async def run(api: Api, *words: str, status: int = 0) -> str:
    """Run a command beside the loop that serves it, and return what it writes."""
    options = ["--server", api.service.url, "--token", api.token]
    result = await asyncio.to_thread(CliRunner().invoke, app, [*words, *options])
    assert result.exit_code == status, result.output
    return result.output


async def read(api: Api, *words: str) -> Any:
    """Run a command, and return the JSON that it writes."""
    return orjson.loads(await run(api, *words, "--output", "json"))
