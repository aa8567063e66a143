"""Steady load for some minutes, while the memory of every process is watched."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flowyard.clock import Clock, SystemClock
from flowyard_cli.bench.documents import chain
from flowyard_cli.bench.measures import slope_per_minute
from flowyard_cli.bench.processes import Processes
from flowyard_cli.bench.stand import Stand
from flowyard_cli.terminal import JsonObject

STEADY_NODES = 20
"""Nodes of each instance. Source: the chain workload's."""

SAMPLES = 240
"""How often the memory is read in all: often enough for a line, seldom enough to cost nothing."""

WARM_SHARE = 0.2
"""Share of the time at the beginning that the slope leaves out: caches and pools fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The memory of each process at one moment."""

    seconds: float
    """Since the load began."""
    rss_mb: Mapping[str, float]


def run_steady(
    stand: Stand,
    *,
    minutes: float,
    nodes_per_s: float,
    clock: Clock | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> JsonObject:
    """Start instances at an even pace, and tell how the memory of each process has gone.

    Every second's instances are started together. Where the server, or this
    process, is too slow for the pace, what was reached is told.

    Returns
    -------
    JsonObject
        ``nodes_per_s`` that ended, ``slope_mb_per_min`` keyed by process, and the
        ``samples`` behind it.
    """
    stand.prepare()
    watch = _Watch(stand.processes, clock or SystemClock(), minutes * 60)
    template = stand.publish(chain("bench-steady", STEADY_NODES))
    batch = stand.batch(nodes=STEADY_NODES)
    while (passed := watch.look()) < minutes * 60:
        second = int(passed) + 1
        due = math.ceil(second * nodes_per_s / STEADY_NODES)
        batch = stand.start_more(batch, template, due - len(batch.ids))
        sleep(max(0.0, second - watch.passed()))
    stand.await_settled(batch)
    wall = stand.ended(batch).wall_seconds
    return {
        "minutes": minutes,
        "asked_nodes_per_s": nodes_per_s,
        "nodes_per_s": round(len(batch.ids) * STEADY_NODES / wall, 1),
        "slope_mb_per_min": slopes(watch.samples),
        "samples": [{"seconds": one.seconds, "rss_mb": one.rss_mb} for one in watch.samples],
    }


def slopes(samples: Sequence[Sample]) -> dict[str, float]:
    """Return by how many MB a minute each process grows once it is warm, keyed by name."""
    warm = samples[int(len(samples) * WARM_SHARE) :]
    seconds = [one.seconds for one in warm]
    return {
        name: round(slope_per_minute(seconds, [one.rss_mb[name] for one in warm]), 3)
        for name in warm[0].rss_mb
    }


class _Watch:
    """Reads the memory at an even pace."""

    def __init__(self, processes: Processes, clock: Clock, seconds: float) -> None:
        self.samples: list[Sample] = []
        self._processes = processes
        self._clock = clock
        self._begun = clock.monotonic()
        self._every = seconds / SAMPLES

    def passed(self) -> float:
        """Return how many seconds the load goes on."""
        return self._clock.monotonic() - self._begun

    def look(self) -> float:
        """Take a sample if one is due, and return how many seconds have passed."""
        passed = self.passed()
        if not self.samples or passed - self.samples[-1].seconds >= self._every:
            memory = self._processes.memory_mb()
            self.samples.append(Sample(seconds=round(passed, 1), rss_mb=memory))
        return passed
