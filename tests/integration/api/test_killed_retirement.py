"""A process that moves instances out is killed: nothing is lost, and nothing is there twice."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from flowyard.archive.file_format import read_file
from flowyard.archive.folder import FolderPlace
from tests.support.api import Api
from tests.support.retention import ended, retire, retirement, rows_of

COUNT = 5


def files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


def instances_in(folder: Path) -> Counter[str]:
    place = FolderPlace(str(folder))
    return Counter(
        line["instance_id"]
        for path in files_in(folder)
        for line in read_file(place.chunks(str(path.relative_to(folder))))
        if line["row"] == "instance"
    )


async def die(api: Api, folder: Path, point: str) -> None:
    """Have another process move instances out, and kill it at a point."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.dying_retirement", api.database.url, str(folder), point),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(100):
            assert await process.stdout.readline() == b"here\n"
    finally:
        process.kill()
        await process.wait()


async def released(api: Api) -> None:
    """Return once Postgres has noticed the death, and given the project's lock back."""
    async with asyncio.timeout(60), api.database.hot() as driver:
        while await driver.fetchval(  # noqa: ASYNC110  # Postgres tells nobody of it
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        ):
            await asyncio.sleep(0.02)


# Long, because a process of its own has to start on a machine that may be busy.
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("point", "left_behind"),
    [("begun", [".part"]), ("written", [".part"]), ("named", [".gz"])],
)
async def test_before_its_commit_everything_is_still_there_and_goes_later_once(
    api: Api, tmp_path: Path, point: str, left_behind: list[str]
) -> None:
    await api.publish()
    ids = {str(await ended(api)) for _ in range(COUNT)}
    before = await rows_of(api.database)

    await die(api, tmp_path, point)
    await released(api)
    between = await rows_of(api.database)
    suffixes = [path.suffix for path in files_in(tmp_path)]
    tally = await retire(retirement(api.database, FolderPlace(str(tmp_path))))

    assert between == before
    assert suffixes == left_behind
    assert tally.archived == COUNT
    assert instances_in(tmp_path) == dict.fromkeys(ids, 1)
    assert len(files_in(tmp_path)) == 1


@pytest.mark.timeout(300)
async def test_behind_a_commit_what_went_is_not_taken_again(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.publish()
    ids = {str(await ended(api)) for _ in range(COUNT)}
    job = retirement(api.database, FolderPlace(str(tmp_path)))
    monkeypatch.setattr("flowyard_api.usecases.retiring.BATCH_INSTANCES", 2)
    stopping = asyncio.Event()

    async with api.database.hot() as driver:
        # Two of them are old enough to go alone, before the process dies over the others.
        young = sorted(ids)[2:]
        await driver.execute(
            "UPDATE instance SET ended_at = now() WHERE instance_id = ANY ($1::uuid[])", young
        )
        first = await job.run(stopping)
        await driver.execute("UPDATE instance SET ended_at = now() - interval '1 day'")
    await die(api, tmp_path, "named")
    await released(api)
    second = await retire(job)

    assert (first.archived, second.archived) == (2, 3)
    assert instances_in(tmp_path) == dict.fromkeys(ids, 1)
