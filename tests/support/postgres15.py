"""Debian's PostgreSQL as a server that tests may stop, kill and start again on the same data."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.ports import free_port

BINARIES = "/usr/lib/postgresql/*/bin"
SERVERS_USERS = ("postgres", "nobody")
START_SECONDS = 30
STOP_SECONDS = 30
SETTINGS = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
"""


class PostgresMissingError(Exception):
    """Raised when this machine has no PostgreSQL server."""


def binaries() -> Path:
    """Return the folder with PostgreSQL's programs, Debian's oldest first."""
    on_path = shutil.which("postgres")
    candidates = sorted(Path("/").glob(BINARIES.removeprefix("/")))
    if on_path is not None:
        candidates.append(Path(on_path).resolve().parent)
    for folder in candidates:
        if (folder / "initdb").exists():
            return folder
    raise PostgresMissingError(f"no PostgreSQL in {BINARIES} nor on PATH")


class PostgresServer:
    """One PostgreSQL with its own port and data folder.

    It refuses to run as root, so root runs it as a user of lower rank, who must
    be able to reach the folder.

    Parameters
    ----------
    settings
        Further lines of its ``postgresql.conf``.
    """

    def __init__(self, folder: Path, *, programs: Path | None = None, settings: str = "") -> None:
        self._settings = SETTINGS + settings
        self._programs = binaries() if programs is None else programs
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._port = free_port()
        self._owner = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        if self._owner is not None:
            shutil.chown(folder, self._owner.pw_uid, self._owner.pw_gid)

    @property
    def url(self) -> str:
        """Address of its only database."""
        return f"postgresql://flowyard@127.0.0.1:{self._port}/postgres"

    @property
    def log(self) -> Path:
        """What it has written."""
        return self._log

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def has_ended(self) -> bool:
        """Whether it was started, and has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int | None:
        """The process id of its postmaster, while it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it on the data that it has and wait until it answers."""
        if not self._data.exists():
            self._create()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._as_owner("postgres", "-D", str(self._data), "-p", str(self._port)),
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Postgres did not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in good order, without waiting for its clients (its "fast" shutdown)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        """End it and all its children at once, as a loss of power would."""
        if self._process is not None:
            try:
                children = psutil.Process(self._process.pid).children(recursive=True)
            except psutil.NoSuchProcess:
                children = []
            self._process.kill()
            for child in children:
                # A child may have gone with its parent already.
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            self._process.wait()
            _wait_for_end(children)
            self._process = None

    def suspend(self) -> None:
        """Stop it and all its children where they are, as a machine that hangs would."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on where it was suspended, as if no time had passed."""
        self._signal_all(signal.SIGCONT)

    def restart(self) -> None:
        """Stop and start it: the same data, the same port."""
        self.stop()
        self.start()

    def _signal_all(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        # First whoever could have further children.
        self._process.send_signal(number)
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.send_signal(number)

    def dump(self, path: Path) -> None:
        """Write a backup of its database, as of one instant, while others work on it."""
        self._as_client("pg_dump", "--format=custom", f"--file={path}", self.url)

    def restore(self, path: Path) -> None:
        """Read a backup into its empty database."""
        self._as_client("pg_restore", "--exit-on-error", f"--dbname={self.url}", str(path))

    def wipe(self) -> None:
        """Forget all data of a stopped server: it comes back as a new one at the same address."""
        shutil.rmtree(self._data)

    def _as_client(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603  # PostgreSQL's own programs
            [str(self._programs / program), *arguments], check=True, capture_output=True
        )

    def _create(self) -> None:
        subprocess.run(  # noqa: S603
            self._as_owner(
                "initdb", "-D", str(self._data), "-U", "flowyard", "-A", "trust", "-E", "UTF8",
                "--locale=C",
            ),
            cwd="/", capture_output=True, check=True,
        )  # fmt: skip
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(self._settings)

    def _answers(self) -> bool:
        command = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p",
                   str(self._port)]  # fmt: skip
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603

    def _as_owner(self, program: str, *arguments: str) -> list[str]:
        command = [str(self._programs / program), *arguments]
        if self._owner is None:
            return command
        identity = [f"--reuid={self._owner.pw_uid}", f"--regid={self._owner.pw_gid}"]
        return ["setpriv", *identity, "--clear-groups", *command]


def _wait_for_end(processes: list[psutil.Process]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while any(_is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            raise RuntimeError("Expected killed processes to end, but they did not")
        time.sleep(0.01)


def _is_alive(process: psutil.Process) -> bool:
    # An orphan stays a zombie for as long as the first process of its container likes.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom root runs the server as; None where this process need not change."""
    if os.geteuid() != 0:
        return None
    for name in SERVERS_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissingError("no user of lower rank to run PostgreSQL as")
