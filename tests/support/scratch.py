"""Folders of tests that processes of other users have to come through."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Return a folder that is gone afterwards; Postgres runs as another user where this is root."""
    with tempfile.TemporaryDirectory(prefix="flowyard-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o711)
        yield folder
