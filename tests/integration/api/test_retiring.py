"""Ended instances leave the database whole, once, and nothing else does."""

import asyncio
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typing_extensions import override

from flowyard.archive.errors import ArchiveUnavailableError
from flowyard.archive.file_format import read_file
from flowyard.archive.folder import FolderFile, FolderPlace
from flowyard.storage.retention import RetentionMode, put_hold
from flowyard.storage.retiring import lock_project
from flowyard.telemetry.metrics import Metrics
from tests.support.api import Api, Scheduler
from tests.support.retention import NOTHING, end, ended, retire, retirement, rows_of


@pytest.fixture
def place(tmp_path: Path) -> FolderPlace:
    return FolderPlace(str(tmp_path))


def files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def chunks(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()


async def test_all_rows_of_an_ended_instance_are_in_its_archive_and_no_longer_in_the_database(
    api: Api, place: FolderPlace, tmp_path: Path
) -> None:
    await api.publish()
    instance_id = await ended(api, name="Release \u00fc", labels={"team": "shop"})
    before = await rows_of(api.database)

    tally = await retire(retirement(api.database, place))

    (path,) = files_in(tmp_path)
    kept: dict[str, list[str]] = {table: [] for table in before.of}
    for line in lines_of(path):
        table = str(line.pop("row"))
        if table in kept:
            for name in ("project", "template_key", "template_title", "is_mock"):
                line.pop(name, None)
            kept[table].append(json.dumps(line, sort_keys=True))
    assert {table: sorted(rows) for table, rows in kept.items()} == {
        table: sorted(json.dumps(json.loads(row), sort_keys=True) for row in rows)
        for table, rows in before.of.items()
    }
    assert before.count() == {"instance": 1, "node": 2, "attempt": 2, "command": 1, "log_line": 3}
    assert (await rows_of(api.database)).count() == NOTHING
    assert (tally.archived, tally.files) == (1, [str(path.relative_to(tmp_path))])
    assert str(instance_id) in gzip.decompress(path.read_bytes()).decode()


async def test_a_file_shows_by_itself_that_it_is_whole_and_the_database_knows_its_checksum(
    api: Api, place: FolderPlace, tmp_path: Path
) -> None:
    await api.publish()
    for _ in range(3):
        await ended(api)
    await retire(retirement(api.database, place))

    (path,) = files_in(tmp_path)
    (known,) = (await api.client.get("/api/v1/projects/shop/archives")).json()["items"]

    rows = Counter(line["row"] for line in read_file(chunks(path)))
    assert rows == {
        "archive": 1,
        "version": 1,
        "instance": 3,
        "node": 6,
        "attempt": 6,
        "command": 3,
        "log_line": 9,
    }
    assert known["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (known["instances"], known["bytes"]) == (3, path.stat().st_size)
    assert known["name"] == str(path.relative_to(tmp_path))


async def test_what_has_not_ended_is_held_or_is_too_young_stays(
    api: Api, place: FolderPlace, tmp_path: Path
) -> None:
    await api.publish()
    failed = await api.start()
    await Scheduler(database=api.database, instance_id=failed).advance(
        "failed", {"ask": {"status": "failed", "reason": "incident"}}
    )
    held = await ended(api)
    async with api.database.transaction() as connection:
        await put_hold(connection, held, reason="audit", actor="ops")
    young = await ended(api)
    async with api.database.hot() as driver:
        await driver.execute("UPDATE instance SET ended_at = now() WHERE instance_id = $1", young)
    before = await rows_of(api.database)

    tally = await retire(retirement(api.database, place))

    assert (tally.archived, files_in(tmp_path)) == (0, [])
    assert await rows_of(api.database) == before


@pytest.mark.parametrize(
    "left",
    [
        "INSERT INTO command (instance_id, partition, kind, actor) VALUES ($1, 0, 'pause', 'x')",
        "UPDATE attempt SET cancel_requested_at = now() WHERE instance_id = $1",
        "UPDATE attempt SET closed_at = NULL WHERE instance_id = $1",
        (
            'INSERT INTO concurrency_slot (instance_id, node_id, number, project_id, key, "limit")'
            " VALUES ($1, 'ask', 1, $1, 'k', 1)"
        ),
    ],
)
async def test_an_instance_that_something_is_still_to_be_done_about_stays(
    api: Api, place: FolderPlace, left: str
) -> None:
    await api.publish()
    instance_id = await ended(api)
    async with api.database.hot() as driver:
        await driver.execute(left, instance_id)

    tally = await retire(retirement(api.database, place))

    assert tally.archived == 0
    assert (await rows_of(api.database)).count()["instance"] == 1


async def test_children_go_with_their_root_and_keep_it_while_they_run(
    api: Api, place: FolderPlace, tmp_path: Path
) -> None:
    await api.publish()
    root, child = await ended(api, name="root"), await api.start(name="child")
    async with api.database.hot() as driver:
        await driver.execute(
            "UPDATE instance SET parent_instance_id = $1, parent_node_id = 'ask', parent_number = 1"
            " WHERE instance_id = $2",
            root,
            child,
        )
    job = retirement(api.database, place)

    first = await retire(job)
    await end(api.database, child, "cancelled")
    second = await retire(job)

    (path,) = files_in(tmp_path)
    assert (first.archived, second.archived) == (0, 2)
    assert (await rows_of(api.database)).count() == NOTHING
    assert Counter(line["row"] for line in read_file(chunks(path)))["instance"] == 2


async def test_deleting_leaves_nothing_and_writes_no_file(api: Api, tmp_path: Path) -> None:
    await api.publish()
    instance_id = await ended(api)
    metrics = Metrics("api")

    tally = await retire(retirement(api.database, None, RetentionMode.DELETE, metrics=metrics))

    answer = await api.client.get(f"/api/v1/instances/{instance_id}")
    assert (tally.deleted, answer.status_code) == (1, 404)
    assert (await rows_of(api.database)).count() == NOTHING
    assert metrics.value("flowyard_api_retired_instances_total", mode="delete") == 1
    assert metrics.value("flowyard_api_retire_batch_seconds") == 1
    assert files_in(tmp_path) == []


async def test_many_instances_go_in_several_files_and_each_into_one(
    api: Api, place: FolderPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowyard_api.usecases.retiring.BATCH_INSTANCES", 3)
    await api.publish()
    ids = {str(await ended(api)) for _ in range(7)}

    tally = await retire(retirement(api.database, place))

    found = [
        line["instance_id"]
        for path in files_in(tmp_path)
        for line in read_file(chunks(path))
        if line["row"] == "instance"
    ]
    assert len(tally.files) == 3
    assert sorted(found) == sorted(ids)


async def test_a_file_that_cannot_be_written_leaves_everything_as_it_was(
    api: Api, tmp_path: Path
) -> None:
    class FullDisk(FolderPlace):
        @override
        def create(self, name: str) -> FolderFile:
            file = super().create(name)
            file.commit = _fail  # type: ignore[method-assign]
            return file

    def _fail() -> None:
        raise ArchiveUnavailableError("No space left on device")

    await api.publish()
    await ended(api)
    before, metrics = await rows_of(api.database), Metrics("api")

    tally = await retire(retirement(api.database, FullDisk(str(tmp_path)), metrics=metrics))

    assert (tally.archived, tally.failed) == (0, 1)
    assert await rows_of(api.database) == before
    assert files_in(tmp_path) == []
    assert metrics.value("flowyard_api_retire_failures_total", reason="archive") == 1


async def test_a_folder_that_is_not_mounted_is_not_made(api: Api, tmp_path: Path) -> None:
    await api.publish()
    await ended(api)

    tally = await retire(retirement(api.database, FolderPlace(str(tmp_path / "absent"))))

    assert (tally.archived, tally.failed) == (0, 1)
    assert not (tmp_path / "absent").exists()


async def test_a_project_that_another_process_works_on_is_left_to_it(
    api: Api, place: FolderPlace
) -> None:
    project_id = (await api.publish())["template"]["project_id"]
    await ended(api)
    other = await asyncpg.connect(api.database.url)
    try:
        assert await lock_project(other, project_id)
        during = await retire(retirement(api.database, place))
    finally:
        await other.close()
    after = await retire(retirement(api.database, place))

    assert (during.archived, after.archived) == (0, 1)


async def test_many_at_once_move_each_instance_out_once(
    api: Api, place: FolderPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowyard_api.usecases.retiring.BATCH_INSTANCES", 2)
    await api.publish()
    for _ in range(9):
        await ended(api)
    job = retirement(api.database, place)

    tallies = await asyncio.gather(*(retire(job) for _ in range(4)))
    rest = await retire(job)

    found = Counter(
        line["instance_id"]
        for path in files_in(tmp_path)
        for line in read_file(chunks(path))
        if line["row"] == "instance"
    )
    assert sum(one.archived for one in tallies) + rest.archived == 9
    assert (len(found), set(found.values())) == (9, {1})


async def test_a_hold_that_comes_while_a_batch_is_written_is_too_late_and_says_so(
    api: Api, tmp_path: Path
) -> None:
    asked: list[asyncio.Task[int]] = []
    loop = asyncio.get_running_loop()

    class Slow(FolderPlace):
        @override
        def create(self, name: str) -> FolderFile:
            loop.call_soon_threadsafe(lambda: asked.append(asyncio.create_task(hold())))
            return super().create(name)

    async def hold() -> int:
        answer = await api.client.put(f"/api/v1/instances/{instance_id}/hold", json={})
        return answer.status_code

    await api.publish()
    instance_id = await ended(api)

    await retire(retirement(api.database, Slow(str(tmp_path))))

    assert await asked[0] == 410


async def test_live_rows_are_not_locked_while_a_batch_is_written(api: Api, tmp_path: Path) -> None:
    """A scheduler writes a live instance while the transaction that deletes others is open."""
    seen: list[str] = []
    loop = asyncio.get_running_loop()

    class Watching(FolderPlace):
        @override
        def create(self, name: str) -> FolderFile:
            asyncio.run_coroutine_threadsafe(write(), loop).result(10)
            return super().create(name)

    async def write() -> None:
        async with asyncio.timeout(5):
            await live.advance("running", {"ask": {"status": "waiting", "reason": "timer"}})
            seen.append("written")

    await api.publish()
    await ended(api)
    live = Scheduler(database=api.database, instance_id=await api.start())

    tally = await retire(retirement(api.database, Watching(str(tmp_path))))

    assert (tally.archived, seen) == (1, ["written"])
