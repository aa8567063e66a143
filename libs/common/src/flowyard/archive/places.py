"""Where archives lie: one port, a folder or a bucket behind it.

All of it blocks: call it beside the event loop.
"""

from collections.abc import Iterator
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flowyard.archive.bucket import BucketAccess, BucketPlace
from flowyard.archive.errors import ArchivePlaceError
from flowyard.archive.folder import FolderPlace


class NewFile(Protocol):
    """A file that is being written; nobody sees it before it is whole."""

    def write(self, data: bytes) -> object:
        """Take some more."""
        ...

    def commit(self) -> None:
        """Make it last, whatever happens to this machine from now on, and let others see it."""
        ...

    def discard(self) -> None:
        """Leave nothing of it; does nothing once it is committed."""
        ...


class ArchivePlace(Protocol):
    """A place that holds files by their names, such as ``shop/2026/11/<id>.jsonl.gz``."""

    def create(self, name: str) -> NewFile:
        """Begin a file.

        Raises
        ------
        ArchiveUnavailableError
            Raised if that cannot be done now.
        """
        ...

    def read(self, name: str, start: int, length: int) -> bytes:
        """Return a part of a file.

        Raises
        ------
        ArchiveUnavailableError
            Raised if it cannot be read now, or is not there.
        """
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes in order; raises like :meth:`read`."""
        ...

    def remove(self, name: str) -> None:
        """Leave nothing of a file, nor of one that was begun; it need not be there."""
        ...


def open_place(url: str, access: BucketAccess | None = None) -> ArchivePlace:
    """Return the place that an address names.

    Parameters
    ----------
    url
        ``file:///folder``, or ``s3://bucket/prefix``.
    access
        How buckets are reached.

    Raises
    ------
    ArchivePlaceError
        Raised if it names none.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path and not parts.netloc:
        return FolderPlace(unquote(parts.path))
    if parts.scheme == "s3" and parts.netloc and access is not None:
        return BucketPlace(parts.netloc, parts.path.strip("/"), access)
    raise ArchivePlaceError(
        f"Expected file:///folder or s3://bucket/prefix with its keys, but got {url}"
    )
