"""How throughput grows with workers: each with 32 slots, and as many plugin gateways.

``make bench-scale``. Every node waits for 100 ms in its gateway, so ``n`` workers
can run ``320 n`` nodes a second, until something else is full: the first such
thing is named. Not a test: times tell of the machine.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowyard_cli.bench.documents import chain
from flowyard_cli.bench.figures import lines
from flowyard_cli.bench.measures import middle_rate
from flowyard_cli.bench.processes import CLIENT, TOTAL, Processes
from flowyard_cli.bench.session import warm_up
from flowyard_cli.bench.stand import Stand, node_ends
from flowyard_cli.client import Client
from flowyard_cli.target import Target
from tests.bench.stand import MANY_STARTS, WARM_UP_SECONDS, process_ids, running_cluster
from tests.bench.waiting import PLUGIN, WAIT_SECONDS, offer
from tests.support.cluster import Cluster
from tests.support.environment import outside_environment
from tests.support.project import ROOT

SLOTS = 32
NODES = 10
SECONDS = 10
"""How long each measurement takes where nothing but the slots is full."""

RAMP_SECONDS = 3
"""Until everybody is busy."""

WATCHED_SECONDS = 5
"""For how long the processors are watched: all of it before the first instances are through."""

STRAIGHT = 0.9
"""Share of the ideal rate above which the line counts as straight."""

FULL = 0.9
"""Share of its time above which a process, or all cores together, count as full."""


@dataclass(frozen=True, kw_only=True)
class Point:
    workers: int
    nodes_per_s: float
    cores: Mapping[str, float]
    """Cores that each process has kept busy, keyed by name, with their ``total``."""

    @property
    def ideal(self) -> float:
        return ideal(self.workers)

    @property
    def is_straight(self) -> bool:
        return self.nodes_per_s >= STRAIGHT * self.ideal


def ideal(workers: int) -> float:
    """Return how many nodes a second the slots of so many workers allow."""
    return workers * SLOTS / WAIT_SECONDS


def bottleneck(points: Sequence[Point], cores: int) -> str:
    """Return what is full at the first point that is below the line."""
    bent = next((point for point in points if not point.is_straight), None)
    if bent is None:
        return "none: the slots alone limit the rate at every point"
    busiest = sorted(
        ((used, name) for name, used in bent.cores.items() if name != TOTAL), reverse=True
    )
    used, name = busiest[0]
    if used >= FULL:
        found = f"one core of {name}, which is busy to {used:.0%}"
    elif bent.cores[TOTAL] >= FULL * cores:
        shares = ", ".join(f"{one} {share:.2f}" for share, one in busiest[:4])
        found = f"all {cores} cores, most of them used by: {shares}"
    else:
        found = f"no processor ({bent.cores[TOTAL]:.2f} of {cores} cores are busy): waiting"
    return f"with {bent.workers} workers: {found}"


def measure(workers: int) -> Point:
    """Measure a cluster of its own with so many workers and gateways."""
    with tempfile.TemporaryDirectory(prefix="flowyard-plugin-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        offer(folder / "offered")
        path = [str(folder / "offered"), str(ROOT), outside_environment().get("PYTHONPATH", "")]
        variables = {
            **MANY_STARTS,
            "FLOWYARD_WORKER_SLOTS": str(SLOTS),
            "PYTHONPATH": os.pathsep.join(filter(None, path)),
        }
        counts = {"worker": workers, "plugin-gateway": workers}
        with running_cluster(counts, variables) as cluster:
            return _measured(cluster, workers)


def _measured(cluster: Cluster, workers: int) -> Point:
    api = cluster.api
    instances = max(1, round(ideal(workers) * SECONDS / NODES))
    with Client(Target(server=api.address, token=api.token)) as client:
        stand = Stand(client, Processes(process_ids(cluster)))
        stand.prepare()
        template = stand.publish(chain("bench-scale", NODES, plugin=PLUGIN))
        warm_up(stand, WARM_UP_SECONDS)
        batch = stand.start_many(template, instances, nodes=NODES)
        time.sleep(RAMP_SECONDS)
        begun = time.perf_counter()
        with stand.watched():
            time.sleep(WATCHED_SECONDS)
        watched = time.perf_counter() - begun
        stand.await_settled(batch)
        ended = stand.ended(batch)
    ends = [moment for view in ended.views for moment in node_ends(view)]
    return Point(
        workers=workers,
        nodes_per_s=middle_rate(ends) * instances / len(ended.views),
        cores={name: used / watched for name, used in stand.used.items() if name != CLIENT},
    )


def draw(points: Sequence[Point], file: Path) -> None:
    """Draw the measured line beside the ideal one."""
    rows = {
        "measured": [(float(point.workers), round(point.nodes_per_s, 1)) for point in points],
        "slots allow": [(float(point.workers), point.ideal) for point in points],
    }
    title = f"Nodes per second, {SLOTS} slots a worker, {WAIT_SECONDS * 1000:.0f} ms a node"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(lines(title, rows, x_title="workers, gateways", y_title="nodes per second"))


def main() -> int:
    """Measure, tell and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", default="1,2,4,8", help="Counts, separated by commas.")
    parser.add_argument("--draw", type=Path, help="SVG file to draw the line into.")
    arguments = parser.parse_args()
    points: list[Point] = []
    sys.stdout.write("| workers, gateways | nodes/s | of what the slots allow | cores busy |\n")
    sys.stdout.write("| --- | --- | --- | --- |\n")
    for workers in map(int, arguments.workers.split(",")):
        point = measure(workers)
        points.append(point)
        share = point.nodes_per_s / point.ideal
        sys.stdout.write(
            f"| {workers} | {point.nodes_per_s:.0f} | {share:.0%} | {point.cores[TOTAL]:.2f} |\n"
        )
        sys.stdout.flush()
    sys.stdout.write(f"\nFirst bottleneck: {bottleneck(points, os.cpu_count() or 1)}\n")
    if arguments.draw is not None:
        draw(points, arguments.draw)
    return 0


if __name__ == "__main__":
    sys.exit(main())
