"""``flowyard queues`` against a running API."""

import asyncio
import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from flowyard.ids import new_id
from flowyard.storage import loads
from flowyard.storage.database import Database
from flowyard.storage.loads import Load, ProjectLoad, QueueLoad, StartsLoad, report_load
from flowyard_cli.app import app
from tests.support.api import Api, running_api

LOAD = Load(
    queues=[
        QueueLoad(
            queue="default",
            waiting=8,
            handed_out=41,
            window=40,
            rate=318.2,
            projects=[ProjectLoad(project="shop", waiting=8, handed_out=41)],
        )
    ],
    starts=[StartsLoad(project="shop", queues=["default"], waiting=120, rate=3)],
)


async def run(api: Api, *arguments: str) -> Result:
    command = [*arguments, "--server", api.service.url, "--token", api.token]
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, command))


async def test_queues_are_shown_with_what_is_whose(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    # However slow the machine is, what was told stays fresh.
    monkeypatch.setattr(loads, "FRESH", timedelta(hours=1))
    async with running_api(database) as api:
        async with database.hot() as connection:
            await report_load(connection, new_id(), LOAD)
        all_queues = await run(api, "queues")
        async with database.hot() as connection:
            await report_load(connection, new_id(), Load())
        one = await run(api, "queues", "default", "--output", "json")
        by_project = await run(api, "queues", "default")

    assert all_queues.exit_code == 0, all_queues.output
    assert "318.2" in all_queues.output
    assert "120" in all_queues.output
    assert json.loads(one.stdout)["waiting_starts"] == 120
    assert "shop" in by_project.output


async def test_nothing_known_is_said(database: Database) -> None:
    async with running_api(database) as api:
        answer = await run(api, "queues")

    assert answer.exit_code == 1
    assert "load_unknown" in answer.output
