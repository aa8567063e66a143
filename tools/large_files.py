"""Keeps large files out of the repository: a clone should stay quick for ever."""

import sys
from pathlib import Path

LARGEST_KILOBYTES = 512
"""Most that one file may take; the largest that people write here is a tenth of it."""


def large_files(paths: list[Path]) -> list[Path]:
    """Return those of the files that are too large."""
    limit = LARGEST_KILOBYTES * 1024
    return [path for path in paths if path.is_file() and path.stat().st_size > limit]


def main() -> int:
    """Check the files that the command line names."""
    found = large_files([Path(name) for name in sys.argv[1:]])
    for path in found:
        sys.stderr.write(f"{path} is larger than {LARGEST_KILOBYTES} KB\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
