"""The project's own files, as the tests of its architecture read them."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITTEN_FOLDERS = ("libs", "services", "tests", "tools", "docs", "deploy", "examples", ".ci")
SOURCE_FOLDERS = ("libs", "services", "tools")
MADE_BY_TOOLS = {"__pycache__", "node_modules", "bundle", "bundle.new", "dist", "target"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def files_below(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not MADE_BY_TOOLS & set(path.relative_to(ROOT).parts):
                yield path


def written_files() -> Iterator[Path]:
    """Every file that people wrote: what would be in a clone."""
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file())
    yield from files_below(*WRITTEN_FOLDERS)


def modules(*folders: str) -> Iterator[Path]:
    yield from (path for path in files_below(*folders) if path.suffix == ".py")
