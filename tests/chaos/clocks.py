"""Clocks of single processes that jump, by libfaketime."""

from pathlib import Path

CANDIDATES = (
    "usr/lib/*/faketime/libfaketimeMT.so.1",
    "usr/lib/faketime/libfaketimeMT.so.1",
    "usr/local/lib/faketime/libfaketimeMT.so.1",
)


class FaketimeMissingError(Exception):
    """Raised where libfaketime is not installed."""


def find_library() -> Path:
    """Return libfaketime; Debian has it in its package ``faketime``.

    Raises
    ------
    FaketimeMissingError
        Raised where it is not installed.
    """
    for candidate in CANDIDATES:
        for found in sorted(Path("/").glob(candidate)):
            return found
    raise FaketimeMissingError("libfaketime is missing: install the package faketime")


class FakeClock:
    """The wall clock of one process; its monotonic clock stays as it is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump(0)

    def variables(self, library: Path) -> dict[str, str]:
        """Return what the process has to find in its environment."""
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            # How old its view of the file may be: a jump shows within a second.
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, seconds: float) -> None:
        """Have the clock go so far ahead of the machine's, or behind it."""
        # At once, so that it is never read half written.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+.0f}")
        fresh.replace(self._file)
