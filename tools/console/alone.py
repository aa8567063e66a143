"""One at a time: two that install packages at once empty the folder under each other's feet."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep others of the same source tree waiting; where the system has no such locks, do not.

    Parameters
    ----------
    root
        The project's folder.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl  # noqa: PLC0415  # exists on Unix only

    place = root / ".cache" / "console.lock"
    place.parent.mkdir(exist_ok=True)
    with place.open("w", encoding="utf-8") as lock:
        # It is given back when the file is closed, also by the end of the process.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
