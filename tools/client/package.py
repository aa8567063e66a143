"""All files of the client that are made, formatted; and what differs from those that are there."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.client.document import Document
from tools.client.models import Models
from tools.client.naming import named_operations
from tools.client.operations import group_modules
from tools.client.synchronous import synchronous

ROOT = Path(__file__).parents[2]
"""The project's folder."""

CLIENT = "libs/common/src/flowyard/client"
"""The client's folder, from the project's."""

MADE_FOLDERS = ("models", "aio/operations", "sync/operations")
"""What holds made files and nothing else, from the client's folder."""

WRITTEN_TWICE = ("__init__.py", "primitives.py")
"""Modules of ``aio`` and ``sync`` that are written by hand for both."""


def made_files(content: Mapping[str, Any], client: Path = ROOT / CLIENT) -> dict[str, str]:
    """Return the text of every file that is made, keyed by its path in the client's folder.

    Parameters
    ----------
    content
        The OpenAPI document, decoded.
    client
        Where the part of the client stands that is written by hand.
    """
    document = Document(content)
    operations = named_operations(document)
    groups = group_modules(document, operations)
    models = Models(document, operations).modules()
    files = {f"models/{name}.py": text for name, text in models.items()}
    files |= {f"aio/operations/{name}.py": text for name, text in groups.items()}
    files |= {f"sync/operations/{name}.py": synchronous(text) for name, text in groups.items()}
    for path in sorted((client / "aio").glob("*.py")):
        if path.name not in WRITTEN_TWICE:
            files[f"sync/{path.name}"] = _made_of(path)
    return _formatted(files)


def _made_of(path: Path) -> str:
    made = synchronous(path.read_text(encoding="utf-8"))
    return f"# Made by `make client` from aio/{path.name}: change that instead.\n{made}"


def _formatted(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files as ruff wants them."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / CLIENT / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        config = ["--config", str(ROOT / "pyproject.toml"), "--quiet", "--no-cache", folder]
        # Most of the package is not there.
        own = "lint.isort.known-first-party = ['flowyard']"
        sorting = ["check", "--select", "I", "--fix", "--config", own]
        for arguments in (["format"], sorting, ["format"]):
            subprocess.run(  # noqa: S603
                [sys.executable, "-m", "ruff", *arguments, *config], check=True
            )
        return {name: (Path(folder) / CLIENT / name).read_text(encoding="utf-8") for name in files}


def stale_files(files: Mapping[str, str], client: Path = ROOT / CLIENT) -> list[str]:
    """Return the paths of what is missing, differs, or should not be there."""
    there = {
        path.relative_to(client).as_posix(): path.read_text(encoding="utf-8")
        for path in [
            *(client / "sync").glob("*.py"),
            *(one for folder in MADE_FOLDERS for one in (client / folder).glob("*.py")),
        ]
        if path.parent.name != "sync" or path.name not in WRITTEN_TWICE
    }
    return sorted(name for name in {*files, *there} if files.get(name) != there.get(name))


def write_files(files: Mapping[str, str], client: Path = ROOT / CLIENT) -> list[str]:
    """Bring the client's folder up to date, and return the paths that were not."""
    stale = stale_files(files, client)
    for name in stale:
        path = client / name
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        else:
            path.unlink()
    return stale
