"""Many schedules in processes of their own, within a budget of time.

``python -m tests.support.simulation.campaign --first 1 --runs 1000`` runs so many schedules from
a seed on; with ``--seconds`` it stops when the time is over. Whatever breaks is printed with its
seed and the end of its history, and ``--bug`` puts a bug into the product first.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from tests.support.environment import outside_environment
from tests.support.simulation.bugs import BUGS, with_bug
from tests.support.simulation.simulation import Report, simulate, tidy_up, undisturbed

_ROOT = Path(__file__).parents[3]
_COMMAND = (sys.executable, "-m", "tests.support.simulation.campaign")
_TIDY_EVERY = 25
"""Schedules between two looks at what they left in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What has come of many schedules."""

    runs: int
    virtual_seconds: float
    processor_seconds: float
    broken: tuple[str, ...]
    """What broke, for people."""


def seeds(first: int, stride: int) -> Iterator[int]:
    """Return the seeds of one of several processes that share a campaign."""
    return count(first, stride)


def run(numbers: Iterable[int], *, seconds: float | None, is_patient: bool) -> Iterator[Report]:
    """Yield the reports of schedules until the time is over, or one breaks.

    Parameters
    ----------
    is_patient
        Whether to go on after one that breaks.
    """
    until = None if seconds is None else time.monotonic() + seconds
    with undisturbed():
        for done, seed in enumerate(numbers, 1):
            report = simulate(seed)
            yield report
            if report.broken and not is_patient:
                return
            if done % _TIDY_EVERY == 0:
                tidy_up()
            if until is not None and time.monotonic() >= until:
                return


def campaign(
    *,
    first: int,
    processes: int,
    seconds: float | None = None,
    most: int | None = None,
    bug: str | None = None,
    is_patient: bool = False,
) -> Campaign:
    """Run schedules in processes of their own, in which nothing depends on chance.

    Parameters
    ----------
    first
        The first seed; the processes take turns.
    seconds
        Time at most.
    most
        Schedules at most, over all processes.
    bug
        What to put into the product first; None for the product as it is.
    is_patient
        Whether each process goes on after a schedule that breaks.
    """
    options = _options(seconds, None if most is None else -(-most // processes), bug)
    if is_patient:
        options.append("--patient")
    started = [
        subprocess.Popen(  # noqa: S603 - this module
            [*_COMMAND, "--first", str(first + place), "--stride", str(processes), *options],
            cwd=_ROOT,
            env={**outside_environment(), "PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for place in range(processes)
    ]
    texts = [process.communicate()[0] for process in started]
    runs, virtual_seconds, processor_seconds, broken = 0, 0.0, 0.0, []
    for process, text in zip(started, texts, strict=True):
        head, _, last = text.rstrip().rpartition("\n")
        words = last.split()
        if words[:1] != ["schedules"]:
            raise RuntimeError(f"Expected a simulation to end, but it ended with\n{text[-4000:]}")
        runs += int(words[1])
        virtual_seconds += float(words[2])
        processor_seconds += float(words[5])
        if process.returncode:
            broken.append(head)
    return Campaign(
        runs=runs,
        virtual_seconds=virtual_seconds,
        processor_seconds=processor_seconds,
        broken=tuple(broken),
    )


def _options(seconds: float | None, runs: int | None, bug: str | None) -> list[str]:
    given = {"--seconds": seconds, "--runs": runs, "--bug": bug}
    return [part for name, one in given.items() if one is not None for part in (name, str(one))]


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--stride", type=int, default=1, help="from one seed to the next")
    parser.add_argument("--runs", type=int, help="schedules at most")
    parser.add_argument("--seconds", type=float, help="time at most")
    parser.add_argument("--bug", choices=sorted(BUGS), help="what to put into the product")
    parser.add_argument("--patient", action="store_true", help="go on after what breaks")
    parser.add_argument("--processes", type=int, default=1, help="that take turns at the seeds")
    parser.add_argument("--digests", action="store_true", help="print a digest of each history")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run schedules and print what breaks; return 1 if anything did."""
    given = _parse(arguments)
    return _run_here(given) if given.processes == 1 else _run_apart(given)


def _run_apart(given: argparse.Namespace) -> int:
    began = time.monotonic()
    found = campaign(
        first=given.first,
        processes=given.processes,
        seconds=given.seconds,
        most=given.runs,
        bug=given.bug,
        is_patient=given.patient,
    )
    minutes = (time.monotonic() - began) / 60
    for one in found.broken:
        print(one)  # noqa: T201 - a command's answer
    print(  # noqa: T201
        f"{found.runs} schedules, {found.virtual_seconds:.0f} virtual seconds, in"
        f" {minutes * 60:.0f} s: {found.runs / minutes:.0f} a minute; {len(found.broken)} of"
        f" {given.processes} processes found something"
    )
    return min(len(found.broken), 1)


def _run_here(given: argparse.Namespace) -> int:
    numbers: Iterable[int] = seeds(given.first, given.stride)
    if given.runs is not None:
        numbers = islice(numbers, given.runs)
    runs, virtual_seconds, failures, began = 0, 0.0, 0, time.process_time()
    with with_bug(given.bug):
        for report in run(numbers, seconds=given.seconds, is_patient=given.patient):
            runs += 1
            virtual_seconds += report.virtual_seconds
            if given.digests:
                print(f"digest {report.seed} {report.digest}")  # noqa: T201 - a command's answer
            if report.broken:
                failures += 1
                print(report)  # noqa: T201
    took = time.process_time() - began
    print(f"schedules {runs} {virtual_seconds:.0f} virtual seconds {took:.1f} processor seconds")  # noqa: T201
    return min(failures, 1)


if __name__ == "__main__":
    if sys.flags.hash_randomization:
        # Sets of text are in another order in every process otherwise.
        again = [*_COMMAND, *sys.argv[1:]]
        os.execve(sys.executable, again, {**outside_environment(), "PYTHONHASHSEED": "0"})  # noqa: S606 - this module
    code = main()
    sys.stdout.flush()
    # At its end the interpreter would close what crashed processes have left, with much noise.
    os._exit(code)
