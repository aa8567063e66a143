"""A process that inputs are tried out in: what hangs, dies or grows there is told, not suffered.

CPU time of the one thread that does the work is what counts, as a busy machine says nothing
about an input. A hang is ended by the kernel (RLIMIT_CPU), also where no Python code would
ever run again, as within a regular expression.
"""

import multiprocessing
import resource
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.fuzz.targets import TARGETS

CPU_SECONDS = 1.0
"""What one input of up to 256 KiB may take; a larger one as much again per 256 KiB."""

GROWTH_BYTES = 64 * 1024 * 1024
"""How much the process may grow for one input of up to 256 KiB; a larger one likewise."""

SHARE_BYTES = 256 * 1024
"""The part of an input that the bounds are for."""

HANG_SECONDS = 8
"""CPU seconds after which an input is given up."""

ADDRESS_BYTES = 6 * 1024**3
"""How large the process may become at all, so that no input harms the machine."""

_MEASUREMENTS = 3
"""How often an input is measured before it counts as too slow: the best one counts."""

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an input did."""

    cpu_seconds: float = 0.0
    growth_bytes: int = 0
    crash: str = ""
    """The traceback of an error that was not declared, or how the process died."""

    def objection(self, size_bytes: int) -> str:
        """Return why the input is one too many; empty where it is not."""
        shares = max(1.0, size_bytes / SHARE_BYTES)
        if self.crash:
            return self.crash
        if self.cpu_seconds > CPU_SECONDS * shares:
            return f"{self.cpu_seconds:.2f} s of CPU for {size_bytes} bytes"
        if self.growth_bytes > GROWTH_BYTES * shares:
            return f"{self.growth_bytes >> 20} MiB of memory for {size_bytes} bytes"
        return ""


def size_of(given: object) -> int:
    """Return how large an input is, in characters or bytes."""
    return len(given) if isinstance(given, str | bytes) else len(repr(given))


class Victim:
    """Tries inputs out; a context manager that ends its process on exit."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def try_out(self, target: str, given: Any) -> Verdict:
        """Return what an input does to a target."""
        try:
            self._link.send((target, given))
            verdict: Verdict = self._link.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            code = self._process.exitcode
            self._end()
            self._begin()
            is_hang = code == -signal.SIGXCPU
            return Verdict(
                crash=f"hung for {HANG_SECONDS} s of CPU" if is_hang else f"died with {code}"
            )
        return verdict

    def _begin(self) -> None:
        self._link, far = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(far,), daemon=True)
        self._process.start()
        far.close()

    def _end(self) -> None:
        self._link.close()
        self._process.join(timeout=10)
        if self._process.exitcode is None:
            self._process.kill()
        self._process.join()
        self._process.close()


def _serve(link: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES, ADDRESS_BYTES))
    for target in TARGETS.values():
        # What is only made once does not count against the first input.
        target.run(target.sample)
    while True:
        try:
            name, given = link.recv()
        except EOFError:
            return
        link.send(_measured(TARGETS[name].run, given))


def _measured(run: Callable[[Any], None], given: Any) -> Verdict:
    verdict = _once(run, given)
    for _ in range(_MEASUREMENTS - 1):
        if verdict.crash or verdict.cpu_seconds <= CPU_SECONDS:
            break
        again = _once(run, given)
        verdict = min(verdict, again, key=lambda one: one.cpu_seconds)
    return verdict


def _once(run: Callable[[Any], None], given: Any) -> Verdict:
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + HANG_SECONDS + 1, hard))
    before = _peak(forgets=True)
    began = time.thread_time()
    try:
        run(given)
    except Exception:  # noqa: BLE001 - whatever comes out that a target has not declared is the find
        return Verdict(crash=traceback.format_exc(limit=-12)[-4000:])
    spent = time.thread_time() - began
    return Verdict(cpu_seconds=spent, growth_bytes=_peak() - before)


def _peak(*, forgets: bool = False) -> int:
    """Return the most memory that this process has held, from now on if it is to forget."""
    if not _STATUS.exists():
        scale = 1 if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1 << 30 else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    if forgets:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
