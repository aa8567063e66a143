"""What goes wrong when: a schedule of faults that a seed repeats."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override

SERVICES = ("api", "scheduler", "worker", "plugin-gateway")
SERVERS = ("postgres", "kafka")
LEAST_PAUSE, USUAL_PAUSE, LONGEST_PAUSE = 3.0, 5.0, 15.0
"""Seconds between two faults: at least, mostly, at most."""
HEALING_SECONDS = 3.0
"""How long what was hit is left alone afterwards."""


class FaultKind(StrEnum):
    KILL = "kill"
    """``kill -9``, and a start some seconds later."""
    FREEZE = "freeze"
    """``SIGSTOP``, and ``SIGCONT`` some seconds later: a zombie that knows nothing of it."""
    RESTART = "restart"
    """``SIGTERM``, and a start as soon as it has gone."""
    CUT = "cut"
    """Connections are reset, new ones too."""
    SILENCE = "silence"
    """Nothing arrives on connections that stay open; it all arrives afterwards."""
    DELAY = "delay"
    """Everything arrives late."""
    FILL = "fill"
    """A server's disk is full."""
    WIPE = "wipe"
    """Kafka comes back empty: as another cluster, without a topic."""
    CLOCK = "clock"
    """A process's clock jumps, and jumps back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a schedule."""

    at: float
    """Seconds after the beginning."""
    kind: FaultKind
    target: str
    """A process (``worker-1``), a server (``kafka``) or a link (``worker-1>kafka``)."""
    seconds: float
    """How long it lasts, until it is healed."""
    amount: float = 0.0
    """Of a delay: seconds; of a clock: the seconds by which it jumps."""

    @override
    def __str__(self) -> str:
        amount = f" by {self.amount:.2f} s" if self.amount else ""
        return f"{self.at:7.1f} {self.kind.value} {self.target}{amount} for {self.seconds:.1f} s"


_Combination = tuple[FaultKind, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Targets:
    """What there is to hit, each group in a fixed order."""

    processes: Mapping[str, Sequence[str]]
    """By service, and each server under its own name."""
    links: Mapping[str, Sequence[str]]
    """By what they lead to: ``postgres``, ``kafka``, ``plugin-gateway``."""
    disks: Sequence[str]
    clocks: Mapping[str, Sequence[str]]
    """By service."""


def schedule(seed: int, seconds: float, targets: Targets) -> list[Fault]:
    """Return the faults of a run, in the order of their times.

    Every combination of kind and group comes once before any comes twice, so that a
    short run sees them all as far as its time allows. No target is hit while an
    earlier fault of its own lasts; different ones may be hit together.
    """
    chance = random.Random(f"faults {seed}")  # noqa: S311  # it has to be repeatable
    combinations = _all_combinations(targets)
    waiting: list[_Combination] = []
    ill_until: dict[str, float] = {}
    faults: list[Fault] = []
    at = LEAST_PAUSE
    while at < seconds:
        if len(waiting) < len(combinations):
            waiting += chance.sample(combinations, len(combinations))
        kind, free = _first_free(waiting, {one for one in ill_until if ill_until[one] > at})
        fault = _drawn(chance, at, kind, chance.choice(free))
        # It also takes a while until what was hit is whole again.
        ill_until[fault.target] = at + fault.seconds + HEALING_SECONDS
        faults.append(fault)
        at += chance.triangular(LEAST_PAUSE, LONGEST_PAUSE, USUAL_PAUSE)
    return faults


def _first_free(waiting: list[_Combination], ill: set[str]) -> tuple[FaultKind, list[str]]:
    """Take out the first combination with a healthy target; others keep their places."""
    for place, (kind, group) in enumerate(waiting):
        free = [one for one in group if one not in ill]
        if free:
            del waiting[place]
            return kind, free
    raise ValueError("Expected more targets than can be ill at once")


def _all_combinations(targets: Targets) -> list[_Combination]:
    on_processes = (FaultKind.KILL, FaultKind.FREEZE, FaultKind.RESTART)
    on_links = (FaultKind.CUT, FaultKind.SILENCE, FaultKind.DELAY)
    return [
        *((kind, group) for kind in on_processes for group in targets.processes.values()),
        *((kind, group) for kind in on_links for group in targets.links.values()),
        *((FaultKind.FILL, [disk]) for disk in targets.disks),
        *((FaultKind.WIPE, group) for name, group in targets.processes.items() if name == "kafka"),
        *((FaultKind.CLOCK, group) for group in targets.clocks.values()),
    ]


def _drawn(chance: random.Random, at: float, kind: FaultKind, target: str) -> Fault:
    amount = 0.0
    match kind:
        case FaultKind.KILL | FaultKind.WIPE:
            seconds = chance.uniform(0.2, 8.0)
        case FaultKind.FREEZE | FaultKind.SILENCE:
            # Shorter and longer than sessions (2 s) and leases (5 s) last.
            seconds = chance.uniform(0.5, 12.0)
        case FaultKind.RESTART:
            seconds = 0.0
        case FaultKind.CUT:
            seconds = chance.uniform(0.2, 10.0)
        case FaultKind.DELAY:
            seconds, amount = chance.uniform(3.0, 12.0), chance.uniform(0.02, 0.4)
        case FaultKind.FILL:
            seconds = chance.uniform(1.0, 8.0)
        case FaultKind.CLOCK:
            seconds = chance.uniform(4.0, 15.0)
            amount = chance.choice((-7200.0, -60.0, -3.0, 3.0, 60.0, 7200.0, 864000.0))
    return Fault(at=at, kind=kind, target=target, seconds=seconds, amount=amount)
