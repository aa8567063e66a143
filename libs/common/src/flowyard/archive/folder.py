"""Archives in a folder: a disk of this machine, or a volume that several share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flowyard.archive.errors import ArchiveUnavailableError

CHUNK_BYTES = 1024 * 1024
"""How much is read at once."""

_UNFINISHED = ".part"


class FolderPlace:
    """A folder with the files in folders of their own.

    Parameters
    ----------
    root
        Has to exist: where a volume is not mounted, nothing is written beside it.
    """

    def __init__(self, root: str) -> None:
        self._root = Path(root)

    def create(self, name: str) -> "FolderFile":
        """Begin a file."""
        with _translated():
            if not self._root.is_dir():
                raise ArchiveUnavailableError(f"Expected folder {self._root}, but there is none")
            return FolderFile(self._root, self._root / name)

    def read(self, name: str, start: int, length: int) -> bytes:
        """Return a part of a file."""
        with _translated(), (self._root / name).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes in order."""
        with _translated(), (self._root / name).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def remove(self, name: str) -> None:
        """Leave nothing of a file, nor of one that was begun."""
        with _translated():
            (self._root / name).unlink(missing_ok=True)
            (self._root / (name + _UNFINISHED)).unlink(missing_ok=True)


class FolderFile:
    """A file under another name, until it is whole and on the disk."""

    def __init__(self, root: Path, path: Path) -> None:
        self._root = root
        self._path = path
        self._unfinished = path.with_name(path.name + _UNFINISHED)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Nobody else writes it: whoever holds the project's lock made its name up.
        self._file = self._unfinished.open("wb")

    def write(self, data: bytes) -> object:
        """Take some more."""
        with _translated():
            return self._file.write(data)

    def commit(self) -> None:
        """Bring it to the disk, give it its name, and bring that to the disk, too."""
        with _translated():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._unfinished.rename(self._path)
            # The folders may be as new as the file: each stands in the one above.
            for folder in self._path.parents:
                _sync_folder(folder)
                if folder == self._root:
                    break

    def discard(self) -> None:
        """Leave nothing of it."""
        with _translated():
            self._file.close()
            self._unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveUnavailableError(f"The archive's folder failed: {error}") from error
