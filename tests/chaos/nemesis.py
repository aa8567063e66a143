"""Carries out a schedule of faults, each in a thread of its own, and heals what it has broken."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

from tests.chaos.arena import Arena, Hittable
from tests.chaos.faults import SERVERS, Fault, FaultKind
from tests.support.processes import ServiceProcess

LOOK_SECONDS = 0.5
END_SECONDS = 150
"""How long the last fault's healing may take: a process's end in good order included."""


class Nemesis:
    """Hits an arena as a schedule says, from its start to its stop.

    What ends by itself is started again, as whatever supervises processes would do it,
    and told in the history.
    """

    def __init__(
        self, arena: Arena, faults: Sequence[Fault], *, healed: Callable[[Fault], None]
    ) -> None:
        self._arena = arena
        self._faults = faults
        self._healed = healed
        self._began = time.monotonic()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._locks = {name: threading.Lock() for name in [*arena.processes, *SERVERS]}
        self._history: list[tuple[float, str]] = []
        self.carried_out: list[Fault] = []
        self.ended_by_themselves: list[str] = []
        self.errors: list[str] = []

    def start(self) -> None:
        """Begin with the schedule."""
        self._began = time.monotonic()
        for act in (self._run, self._supervise):
            self._begin(act)

    def stop(self) -> None:
        """End every fault now, and wait until what it hit is there again; safe to call twice."""
        self._stopping.set()
        for thread in tuple(self._threads):
            thread.join(END_SECONDS)

    @property
    def history(self) -> list[str]:
        """What was done and seen, in order, with the seconds since the beginning."""
        return [f"{at:7.1f} {what}" for at, what in sorted(self._history)]

    def _begin(self, act: Callable[[], None]) -> None:
        thread = threading.Thread(target=act, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self) -> None:
        for fault in self._faults:
            if self._stopping.wait(max(0.0, self._began + fault.at - time.monotonic())):
                return
            self._begin(lambda fault=fault: self._carry_out(fault))  # type: ignore[misc]

    def _carry_out(self, fault: Fault) -> None:
        try:
            with ExitStack() as stack:
                if fault.target in self._locks:
                    stack.enter_context(self._locks[fault.target])
                self._say(f"{fault}")
                self.carried_out.append(fault)
                self._hit(fault)
            self._say(f"healed: {fault.kind.value} {fault.target}")
            self._healed(fault)
        except Exception as error:  # noqa: BLE001  # the outermost of this thread: it is told
            self.errors.append(f"{fault}: {error!r}")
            self._say(f"could not be carried out: {fault}: {error!r}")

    def _hit(self, fault: Fault) -> None:
        match fault.kind:
            case FaultKind.KILL | FaultKind.RESTART | FaultKind.FREEZE:
                self._hit_process(fault, self._arena.hittable(fault.target))
            case FaultKind.CUT | FaultKind.SILENCE | FaultKind.DELAY:
                self._hit_link(fault)
            case FaultKind.FILL:
                self._fill(fault)
            case FaultKind.WIPE:
                kafka = self._arena.cluster.kafka
                kafka.kill()
                kafka.wipe()
                self._wait(fault)
                kafka.start()
            case FaultKind.CLOCK:
                clock = self._arena.clocks[fault.target]
                clock.jump(fault.amount)
                self._wait(fault)
                clock.jump(0)

    def _hit_process(self, fault: Fault, target: Hittable) -> None:
        if fault.kind is FaultKind.FREEZE:
            target.suspend()
            self._wait(fault)
            target.resume()
            return
        if fault.kind is FaultKind.KILL:
            target.kill()
            self._wait(fault)
        elif isinstance(target, ServiceProcess):
            self._tell_status(fault.target, target.terminate())
        else:
            # Both servers have it.
            getattr(target, "stop")()  # noqa: B009
        target.start()

    def _hit_link(self, fault: Fault) -> None:
        links = self._arena.links
        if fault.kind is FaultKind.CUT:
            links.cut(fault.target)
        elif fault.kind is FaultKind.SILENCE:
            links.silence(fault.target)
        else:
            links.delay(fault.target, fault.amount)
        self._wait(fault)
        links.heal(fault.target)

    def _fill(self, fault: Fault) -> None:
        disk, server = self._arena.disks[fault.target], self._arena.hittable(fault.target)
        disk.fill()
        self._wait(fault)
        disk.free()
        # It may have gone down for want of space, and may still be about to.
        self._stopping.wait(1.0)
        if server.has_ended:
            self._say(f"{fault.target} has ended on its full disk; starting it again")
            server.kill()
            server.start()

    def _tell_status(self, name: str, status: int) -> None:
        if status != 0:
            self._say(f"{name} has ended with status {status} when it was asked to go")

    def _supervise(self) -> None:
        """Start again what has ended without having been hit."""
        while not self._stopping.wait(LOOK_SECONDS):
            for name, lock in self._locks.items():
                if lock.acquire(blocking=False):
                    try:
                        self._look_at(name)
                    finally:
                        lock.release()

    def _look_at(self, name: str) -> None:
        target = self._arena.hittable(name)
        if not target.has_ended:
            return
        self.ended_by_themselves.append(name)
        self._say(f"{name} has ended by itself; starting it again")
        target.kill()
        with suppress(RuntimeError):
            target.start()

    def _wait(self, fault: Fault) -> None:
        self._stopping.wait(fault.seconds)

    def _say(self, what: str) -> None:
        self._history.append((time.monotonic() - self._began, what))
