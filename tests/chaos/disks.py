"""A small disk of its own for a server, which can be filled and freed."""

import errno
import os
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

FILLER = "filler"
CHUNKS = (16 << 20, 1 << 20, 4096)
"""In steps of so many bytes it is filled: the last byte goes too."""


class DiskMissingError(Exception):
    """Raised where this machine does not let us mount a disk of our own."""


class SmallDisk:
    """A tmpfs at a folder, mounted while it is entered."""

    def __init__(self, folder: Path, *, size_bytes: int) -> None:
        self.folder = folder
        self._size_bytes = size_bytes

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = f"size={self._size_bytes},mode=0711"
        _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _run("umount", "--lazy", str(self.folder))

    def fill(self) -> int:
        """Leave no byte free; return how many were taken."""
        with (self.folder / FILLER).open("wb") as filler:
            taken = 0
            for chunk in CHUNKS:
                taken = _taken(filler.fileno(), taken, chunk)
        return taken

    def free(self) -> None:
        """Give the space back."""
        (self.folder / FILLER).unlink(missing_ok=True)


def check_mounts() -> None:
    """Find out whether disks of our own can be had.

    Raises
    ------
    DiskMissingError
        Raised where this machine does not let us mount.
    """
    with tempfile.TemporaryDirectory() as folder, SmallDisk(Path(folder), size_bytes=1 << 20):
        pass


def _taken(file: int, offset: int, chunk: int) -> int:
    while True:
        try:
            os.posix_fallocate(file, offset, chunk)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return offset
        offset += chunk


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise DiskMissingError(f"{command[0]} is missing") from error
    if done.returncode != 0:
        raise DiskMissingError(f"{' '.join(command)}: {done.stderr.strip()}")
