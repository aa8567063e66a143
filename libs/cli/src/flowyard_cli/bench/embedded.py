"""A ``flowyard dev`` for the bench alone, in a process and a folder of its own."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from flowyard_cli.data_folder import DataFolder
from flowyard_cli.errors import BenchFailedError
from flowyard_cli.target import Target

START_SECONDS = 120.0
"""How long the first start may take: it creates a database, and others may use the machine."""

STOP_SECONDS = 30.0
"""How long the process may take to drain."""

_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """A server that runs for as long as it is needed."""

    target: Target
    pids: Mapping[str, int]
    """Of the process that runs all services, and of its Postgres."""

    @property
    def postgres_version(self) -> str:
        """What its Postgres says about itself."""
        program = psutil.Process(self.pids["postgres"]).exe()
        said = subprocess.run(  # noqa: S603  # the program that the server runs
            [program, "--version"], capture_output=True, text=True, check=True
        )
        return said.stdout.strip()


@contextmanager
def embedded_server() -> Iterator[EmbeddedServer]:
    """Start a server on a fresh folder, and stop it and remove the folder in the end.

    Raises
    ------
    BenchFailedError
        Raised if it does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="flowyard-bench-") as path:
        folder = DataFolder(Path(path) / "data")
        arguments = ["dev", "--port", "0", "--no-seed", "--data", str(folder.path)]
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "flowyard_cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            target = _await_target(process, folder)
            pids = {"flowyard": process.pid, "postgres": _postgres_pid(folder)}
            yield EmbeddedServer(target=target, pids=pids)
        finally:
            _stop(process)


def _await_target(process: "subprocess.Popen[bytes]", folder: DataFolder) -> Target:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise BenchFailedError(f"Expected 'flowyard dev' to start, but it ended: {said}")
        address, token = folder.read(folder.address_file), folder.read(folder.token_file)
        if address is not None and token is not None:
            return Target(server=address, token=token)
        time.sleep(_LOOK_SECONDS)
    raise BenchFailedError(f"Expected 'flowyard dev' to start within {START_SECONDS:.0f} s")


def _postgres_pid(folder: DataFolder) -> int:
    """Return the id of the database's first process, which is no child of the server's."""
    lines = (folder.read(folder.postgres / "postmaster.pid") or "").splitlines()
    if not lines or not lines[0].isdigit():
        raise BenchFailedError(f"Expected a Postgres on {folder.postgres}, but there is none")
    return int(lines[0])


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
