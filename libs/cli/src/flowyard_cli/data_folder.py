"""The folder in which ``flowyard dev`` keeps everything, and where clients find its server."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flowyard_cli.errors import UsageError

FOLDER_NAME = ".flowyard"
"""Name that is looked for upwards from the working folder."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One data folder; nothing in it needs to exist yet."""

    path: Path

    @property
    def token_file(self) -> Path:
        """Where the bearer token lies, readable by its owner alone."""
        return self.path / "token"

    @property
    def secret_key_file(self) -> Path:
        """Where the key lies under which secrets are sealed."""
        return self.path / "secret-key"

    @property
    def address_file(self) -> Path:
        """Where the server's address lies."""
        return self.path / "address"

    @property
    def log_file(self) -> Path:
        """Where ``flowyard dev`` writes its log."""
        return self.path / "flowyard.log"

    @property
    def postgres(self) -> Path:
        """The embedded Postgres' own folder."""
        return self.path / "postgres"

    @property
    def archive_url(self) -> str:
        """Where ended instances are moved to, as a setting of the API says it."""
        return (self.path / "archive").resolve().as_uri()

    def create(self) -> None:
        """Make the folder, and the one for archives in it.

        Raises
        ------
        UsageError
            Raised if it cannot be made there.
        """
        try:
            (self.path / "archive").mkdir(parents=True, exist_ok=True)
            (self.path / ".gitignore").write_text("*\n")
        except OSError as error:
            raise UsageError(
                f"Expected to create the data folder {self.path}, but: {error.strerror}"
            ) from error

    def read(self, file: Path) -> str | None:
        """Return a file's text without blanks around it, or None if there is no such file."""
        try:
            return file.read_text().strip() or None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UsageError(f"Expected to read {file}, but: {error.strerror}") from error

    def keep_secret(self, file: Path, make: Callable[[], str]) -> str:
        """Return a secret file's text, which is made the first time."""
        found = self.read(file)
        if found is not None:
            return found
        text = make()
        self.write_secret(file, text)
        return text

    def write_secret(self, file: Path, text: str) -> None:
        """Write a file that its owner alone may read, whole or not at all."""
        fresh = file.with_suffix(".new")
        with suppress(FileNotFoundError):
            fresh.unlink()
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(f"{text}\n")
        fresh.replace(file)


def find_data_folder(start: Path) -> DataFolder | None:
    """Return the data folder that lies in ``start`` or nearest above it."""
    for folder in (start, *start.parents):
        if (folder / FOLDER_NAME / "address").is_file():
            return DataFolder(folder / FOLDER_NAME)
    return None
