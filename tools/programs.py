"""Other people's programs that checks need: found on PATH, or built once and kept."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


class ToolError(Exception):
    """Raised if a tool cannot be had; its message is for people."""


def program(name: str, hint: str) -> str:
    """Return the path of a program on PATH.

    Raises
    ------
    ToolError
        Raised if there is none; it says what to install.
    """
    found = shutil.which(name)
    if found is None:
        raise ToolError(f"Expected `{name}` on PATH, but there is none: {hint}")
    return found


def run(command: Sequence[str], *, cwd: Path, **variables: str) -> None:
    """Run a command of ours in a folder, which is made, with further variables."""
    environment = {**os.environ, **variables}  # noqa: TID251  # handed on to another program
    cwd.mkdir(parents=True, exist_ok=True)
    subprocess.run(command, cwd=cwd, env=environment, check=True)  # noqa: S603  # our own commands


def announce(what: str) -> None:
    """Say that something takes its time."""
    sys.stdout.write(f"building {what}: some minutes, once\n")
    sys.stdout.flush()


def get_all(*steps: Callable[[], object]) -> int:
    """Take steps one after the other; return 0, or 1 once one has failed and has said why."""
    try:
        for step in steps:
            step()
    except (ToolError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
