"""A seed says everything: what happens, and in which order."""

import subprocess
import sys
from pathlib import Path

from tests.support.environment import outside_environment

ROOT = Path(__file__).parents[2]
RUNS = 6


def started(first: int) -> subprocess.Popen[str]:
    """Begin some schedules in a process of their own."""
    command = [sys.executable, "-m", "tests.support.simulation.campaign", "--digests"]
    return subprocess.Popen(  # noqa: S603 - a module of these tests
        [*command, "--first", str(first), "--runs", str(RUNS), "--patient"],
        cwd=ROOT,
        env={**outside_environment(), "PYTHONHASHSEED": "random"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def digests(process: subprocess.Popen[str]) -> list[str]:
    """Return the digests of the histories."""
    text, _ = process.communicate()
    return [line for line in text.splitlines() if line.startswith("digest ")]


def test_every_run_with_one_seed_gives_the_identical_history() -> None:
    once, again = (digests(process) for process in [started(40), started(40)])

    assert len(once) == RUNS
    assert once == again


def test_another_seed_gives_another_history() -> None:
    found = {line.rpartition(" ")[2] for line in digests(started(60))}

    assert len(found) == RUNS
