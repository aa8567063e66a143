"""One process at a time on a data folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flowyard_cli.data_folder import DataFolder
from flowyard_cli.errors import FolderInUseError

LOCK_PATIENCE_SECONDS = 5.0
"""How long a short command on the same folder may keep the next one waiting."""

_RETRY_SECONDS = 0.05


@contextmanager
def folder_lock(
    folder: DataFolder, *, patience_seconds: float = LOCK_PATIENCE_SECONDS
) -> Iterator[None]:
    """Keep every other process off the folder; the lock ends with this process, however it ends.

    Raises
    ------
    FolderInUseError
        Raised if another process keeps the folder for longer than the patience lasts.
    """
    descriptor = os.open(folder.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, folder, time.monotonic() + patience_seconds)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: DataFolder, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise _in_use(folder) from None
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _in_use(folder: DataFolder) -> FolderInUseError:
    address = folder.read(folder.address_file)
    where = f" at {address}" if address else ""
    return FolderInUseError(
        f"Flowyard runs on the data folder {folder.path} already{where}:"
        " stop it first, or name another folder with --data"
    )
