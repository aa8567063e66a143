"""``flowyard archive``: told beforehand, done now, listed, and read without any server."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flowyard.storage.database import Database
from flowyard_cli.app import app
from tests.support.api import Api, running_api
from tests.support.retention import ended, rows_of


async def run(*command: str) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, command))


def files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


@pytest.fixture
def environment(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("FLOWYARD_DATABASE_URL", database.url)
    monkeypatch.setenv("FLOWYARD_API_ARCHIVE_URL", tmp_path.as_uri())
    monkeypatch.setenv("FLOWYARD_API_RETENTION_MODE", "archive")
    monkeypatch.setenv("FLOWYARD_API_RETENTION_DAYS", "1")
    return monkeypatch


def served(api: Api, *command: str) -> tuple[str, ...]:
    return (*command, "--server", api.service.url, "--token", api.token)


@pytest.mark.usefixtures("environment")
async def test_what_is_due_is_told_and_moved_out_and_read_again(
    database: Database, tmp_path: Path
) -> None:
    async with running_api(database) as api:
        await api.publish()
        instance_id = await ended(api, name="Release 1.4.2")
        told = await run("archive", "run", "--dry-run")
        before = await rows_of(database)
        done = await run("archive", "run", "--output", "json")
        listed = await run(*served(api, "archive", "list", "--project", "shop"))
    (file,) = files_in(tmp_path)
    shown = await run("archive", "show", str(file))
    lines = await run("archive", "show", str(file), str(instance_id))

    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[-1].split()[:5] == ["shop", "archive", "1", "d", "1"]
    assert before.count()["instance"] == 1
    assert json.loads(done.stdout)["archived"] == 1
    assert file.name in listed.stdout
    assert "Release 1.4.2" in shown.stdout
    assert len(json.loads(lines.stdout)) == sum(before.count().values())


@pytest.mark.usefixtures("environment")
async def test_an_archive_that_was_changed_is_not_shown_as_whole(
    database: Database, tmp_path: Path
) -> None:
    async with running_api(database) as api:
        await api.publish()
        await ended(api)
        await run("archive", "run")
    (file,) = files_in(tmp_path)
    cut_off(file)

    shown = await run("archive", "show", str(file))

    assert shown.exit_code != 0
    assert "Expected a whole archive, but its end is missing" in shown.output


async def test_a_run_that_could_not_move_everything_fails(
    database: Database, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("FLOWYARD_API_ARCHIVE_URL", (tmp_path / "absent").as_uri())
    async with running_api(database) as api:
        await api.publish()
        await ended(api)
        done = await run("archive", "run")

    assert done.exit_code != 0
    assert "0 archived, 0 deleted" in done.output


def cut_off(file: Path) -> None:
    """Take a file's end away, between two of its parts."""
    data = file.read_bytes()
    file.write_bytes(data[: data.rindex(b"\x1f\x8b\x08")])
