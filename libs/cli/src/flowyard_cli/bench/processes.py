"""What the processes of a server use: processor time and memory, each with all of its children.

Theory of operation: a child that has ended is counted by its parent once it was
waited for, so the sum over a tree never loses time; Postgres ends and begins
processes all the time.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import psutil

from flowyard_cli.errors import UsageError

CLIENT = "client"
"""Name of the bench's own process: it takes processor time from the others.

It may be the server's parent, so its children are not counted as its own.
"""

TOTAL = "total"
"""Name of the sum over all processes."""

_MEGABYTE = 1024 * 1024


class Processes:
    """The processes that a server is made of, and the bench's own.

    Parameters
    ----------
    pids
        Process ids, keyed by the names under which they are told of.

    Raises
    ------
    UsageError
        Raised if there is no process of one of the ids.
    """

    def __init__(self, pids: Mapping[str, int]) -> None:
        given = {**pids, CLIENT: os.getpid()}
        self._roots = {name: _process(name, pid) for name, pid in given.items()}

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time that each has used since its start, in seconds."""
        return {
            name: _cpu(root) if name == CLIENT else sum(map(_cpu_of_all, _tree(root)))
            for name, root in self._roots.items()
        }

    def memory_mb(self) -> dict[str, float]:
        """Return the resident memory of each but the bench's own, in MB.

        Pages that the processes of a tree share are counted once.
        """
        return {
            name: round(sum(map(_memory, _tree(root))) / _MEGABYTE, 1)
            for name, root in self._roots.items()
            if name != CLIENT
        }

    @contextmanager
    def watched(self) -> Iterator[dict[str, float]]:
        """Yield an object that holds the processor seconds used by each once the block has ended.

        Keyed by name, with the sum under ``total``.
        """
        used: dict[str, float] = {}
        before = self.cpu_seconds()
        yield used
        after = self.cpu_seconds()
        used.update({name: after[name] - before[name] for name in after})
        used[TOTAL] = sum(used.values())


def _process(name: str, pid: int) -> psutil.Process:
    try:
        return psutil.Process(pid)
    except psutil.Error as error:
        raise UsageError(f"Expected a process {pid} ({name}), but there is none") from error


def _tree(root: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return [*root.children(recursive=True), root]
    return []


def _cpu(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        own: float = times.user + times.system
        return own
    return 0.0


def _cpu_of_all(process: psutil.Process) -> float:
    """Return what a process and its children that have ended have used."""
    # One that ends right now is counted by its parent the next time.
    with suppress(psutil.Error):
        times = process.cpu_times()
        # Only Unix knows what ended children have used.
        ended: float = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        own: float = times.user + times.system
        return own + ended
    return 0.0


def _memory(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        try:
            whole: int = process.memory_full_info().pss
        except (psutil.AccessDenied, AttributeError):
            # Another user's process, or a system that does not tell what is shared.
            whole = process.memory_info().rss
        return whole
    return 0
