"""A real ``flowyard dev`` for tests: one process for the session, on a folder of its own."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from flowyard_cli.data_folder import DataFolder

START_SECONDS = 60.0
"""How long a start may take on a machine that does other things, too."""

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples"


@dataclass
class CommandResult:
    """What a command left behind."""

    status: int
    out: str
    err: str

    def json(self) -> dict[str, object]:
        value: dict[str, object] = orjson.loads(self.out)
        return value


@dataclass
class DevServer:
    """A ``flowyard dev`` that can be stopped, killed and started again."""

    folder: DataFolder
    seed: bool = True
    port: int = 0
    """0 takes a free one at each start."""
    process: "subprocess.Popen[str] | None" = field(default=None, repr=False)
    greeting: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        address = self.folder.read(self.folder.address_file)
        assert address is not None
        return address

    @property
    def token(self) -> str:
        token = self.folder.read(self.folder.token_file)
        assert token is not None
        return token

    def start(self) -> float:
        """Start it, and return how many seconds that took."""
        begun = time.monotonic()
        arguments = ["dev", "--port", str(self.port), "--data", str(self.folder.path)]
        self.process = subprocess.Popen(  # noqa: S603
            [
                sys.executable,
                "-m",
                "flowyard_cli",
                *arguments,
                *([] if self.seed else ["--no-seed"]),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(),
            text=True,
        )
        self._await_greeting()
        return time.monotonic() - begun

    def _await_greeting(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        self.greeting = []
        for line in self.process.stdout:
            self.greeting.append(line.rstrip("\n"))
            if line.startswith("Log"):
                return
        raise AssertionError(f"flowyard dev ended: {self.greeting} {self.log()}")

    def log(self) -> str:
        """Return the end of its log, for a failing test."""
        return (self.folder.read(self.folder.log_file) or "")[-4000:]

    def stop(self) -> int:
        """Stop it as Ctrl-C does, and return its exit status."""
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.communicate(timeout=40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return self.process.returncode

    def kill(self) -> None:
        """Kill it as a power cut would, its database left running."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def run(
        self,
        *arguments: str,
        input_text: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> CommandResult:
        """Run a command against it, as a person would in its folder."""
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "flowyard_cli", *arguments],
            cwd=self.folder.path.parent,
            input=input_text if input_text is not None else "",
            capture_output=True,
            env={**_environment(), **(environment or {})},
            text=True,
            timeout=100,
            check=False,
        )
        return CommandResult(done.returncode, done.stdout, done.stderr)

    def spawn(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command that goes on by itself."""
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "flowyard_cli", *arguments],
            cwd=self.folder.path.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            text=True,
        )


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLOWYARD_")}  # noqa: TID251
    return {**kept, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}


@contextmanager
def temporary_server(*, is_started: bool = True, port: int = 0) -> Iterator[DevServer]:
    """Yield a server on a fresh folder; it is stopped and its folder gone at the end."""
    # Not tmp_path: Postgres runs as another user when this one is root.
    with tempfile.TemporaryDirectory(prefix="flowyard-dev-") as path:
        server = DevServer(folder=DataFolder(Path(path) / ".flowyard"), port=port)
        try:
            if is_started:
                server.start()
            yield server
        finally:
            if server.process is not None and server.process.poll() is None:
                server.stop()


@pytest.fixture(scope="session")
def dev_server() -> Iterator[DevServer]:
    """Start everything once, with the examples."""
    with temporary_server() as server:
        yield server


@pytest.fixture
def fresh_server() -> Iterator[DevServer]:
    """Yield a server on an empty folder; the test starts it."""
    with temporary_server(is_started=False) as server:
        yield server
