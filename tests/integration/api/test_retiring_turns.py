"""When ended instances are moved out: by the API itself, in turns, and with pauses."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest

from flowyard.archive.folder import FolderPlace
from flowyard.storage.database import Database
from flowyard.storage.retention import RetentionMode
from flowyard_api.cleaning import forget_unused_trials
from tests.support.api import Api, running_api
from tests.support.retention import NOTHING, end, ended, retire, retirement, rows_of


@pytest.fixture
def place(tmp_path: Path) -> FolderPlace:
    return FolderPlace(str(tmp_path))


async def test_an_unpublished_version_goes_when_no_run_of_it_is_left(api: Api) -> None:
    await api.publish()
    answer = await api.client.post(
        "/api/v1/projects/shop/templates/release/actions/mock-run", json={}
    )
    assert answer.status_code == 201, answer.text
    await end(api.database, answer.json()["instance_id"])
    async with api.database.hot() as driver:
        await driver.execute("UPDATE template_version SET published_at = now() - interval '2 days'")
    count = "SELECT count(*) FROM template_version WHERE number < 0"

    async with api.database.hot() as driver:
        await forget_unused_trials(api.database)
        kept = await driver.fetchval(count)
        await retire(retirement(api.database, None, RetentionMode.DELETE))
        await forget_unused_trials(api.database)
        left = await driver.fetchval(count)
        published = await driver.fetchval("SELECT count(*) FROM template_version")

    assert (kept, left, published) == (1, 0, 1)


async def test_a_batch_pauses_for_as_long_as_its_share_of_the_time_says(
    api: Api, place: FolderPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowyard_api.usecases.retiring.BATCH_INSTANCES", 1)
    await api.publish()
    for _ in range(2):
        await ended(api)
    stopping = asyncio.Event()

    job = retirement(api.database, place, share=1e-6)
    running = asyncio.create_task(job.run(stopping))
    async with asyncio.timeout(10):
        while (await rows_of(api.database)).count()["instance"] == 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    stopping.set()
    tally = await running

    assert tally.archived == 1


async def test_the_api_moves_out_by_itself_what_its_settings_say(
    database: Database, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {
        "retention_mode": "archive",
        "retention_days": 1,
        "retention_period_seconds": 0.05,
        "archive_url": tmp_path.as_uri(),
    }
    async with running_api(database, **settings) as api:
        await api.publish()
        instance_id = await ended(api)
        async with asyncio.timeout(30):
            while (await rows_of(database)).count() != NOTHING:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        shown = await api.client.get(f"/api/v1/instances/{instance_id}")
        metrics = await api.client.get("/metrics")

    assert shown.json()["archived_at"] is not None
    assert 'flowyard_api_retired_instances_total{mode="archive"} 1.0' in metrics.text


async def test_projects_take_turns(
    api: Api, place: FolderPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowyard_api.usecases.retiring.BATCH_INSTANCES", 1)
    monkeypatch.setattr("flowyard_api.usecases.retiring.TURN_BATCHES", 1)
    await api.publish()
    await api.publish(project="bank")
    for _ in range(2):
        await ended(api)
        answer = await api.client.post(
            "/api/v1/projects/bank/instances", json={"template": "release"}
        )
        await end(api.database, uuid.UUID(answer.json()["instance_id"]))

    tally = await retire(retirement(api.database, place))

    assert [name.partition("/")[0] for name in tally.files] == ["bank", "shop", "bank", "shop"]


@pytest.mark.parametrize("is_in_one_turn", [True, False])
async def test_who_says_keep_stops_what_is_under_way(
    api: Api, monkeypatch: pytest.MonkeyPatch, *, is_in_one_turn: bool
) -> None:
    monkeypatch.setattr("flowyard_api.usecases.retiring.BATCH_INSTANCES", 1)
    monkeypatch.setattr("flowyard_api.usecases.retiring.TURN_BATCHES", 10 if is_in_one_turn else 1)
    await api.publish()
    for _ in range(5):
        await ended(api)

    # A pause of a second or so after each.
    job = retirement(api.database, None, RetentionMode.DELETE, share=0.02)
    running = asyncio.create_task(retire(job))
    async with asyncio.timeout(10):
        while (await rows_of(api.database)).count()["instance"] == 5:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    answer = await api.client.put(
        "/api/v1/projects/shop/retention", json={"mode": "keep", "after_seconds": 3600}
    )
    tally = await running

    assert answer.status_code == 200, answer.text
    # The one at hand may have gone meanwhile.
    assert tally.deleted < 5
    assert (await rows_of(api.database)).count()["instance"] == 5 - tally.deleted


async def test_what_has_to_stay_is_in_the_way_of_nothing_behind_it(
    api: Api, place: FolderPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowyard_api.usecases.retiring.BATCH_INSTANCES", 1)
    monkeypatch.setattr("flowyard_api.usecases.retiring.TURN_BATCHES", 1)
    await api.publish()
    ids = [await ended(api) for _ in range(4)]
    async with api.database.hot() as driver:
        await driver.execute(
            "UPDATE attempt SET closed_at = NULL WHERE instance_id = ANY ($1::uuid[])", ids[:2]
        )

    tally = await retire(retirement(api.database, place))

    assert (tally.archived, tally.failed) == (2, 0)
