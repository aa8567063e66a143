"""What live work loses while ended instances move out: the chain workload without and beside it.

``make bench-retention``, ``ARGS="--rounds 9 --share 1"``. Both in turn, round after round, on one
cluster whose history outlasts them. Not a test.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowyard_cli.bench.processes import Processes
from flowyard_cli.bench.session import warm_up
from flowyard_cli.bench.stand import PROJECT, Stand
from flowyard_cli.bench.workloads import CHAIN_NODES, measure_chain
from flowyard_cli.client import Client
from flowyard_cli.commands.options import project_path
from flowyard_cli.target import Target
from tests.bench.finished import fill, run_model
from tests.bench.stand import MANY_STARTS, WARM_UP_SECONDS, process_ids, running_cluster
from tests.support.cluster import Cluster

ROUNDS = 7
HISTORY = 30_000
"""Ended instances of 20 nodes to begin with."""
SIZE = 4.0
"""Times the usual chain workload: some seconds, in which several batches move out."""
RETIRED = "flowyard_api_retired_instances_total"
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Round:
    """The chain workload once."""

    nodes_per_s: float
    cpu_ms: float
    """Processor time of a node, of all processes; that of moving out is in it."""
    retired_per_s: float
    """Instances that moved out meanwhile."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both ways in one round."""

    alone: Round
    beside: Round


class RetentionBench:
    """The chain workload on a cluster whose ended instances move out, or stay."""

    def __init__(self, cluster: Cluster, client: Client) -> None:
        self._api = cluster.of("api")[0]
        self._client = client
        self.stand = Stand(client, Processes(process_ids(cluster)), size=SIZE)

    def pair(self, *, is_alone_first: bool) -> Pair:
        """Run the chain both ways."""
        if is_alone_first:
            alone = self._alone()
            return Pair(alone, self._beside())
        beside = self._beside()
        return Pair(self._alone(), beside)

    def _alone(self) -> Round:
        self._say("keep")
        self._await(is_moving=False)
        return self._round()

    def _beside(self) -> Round:
        self._say("archive")
        self._await(is_moving=True)
        found = self._round()
        if found.retired_per_s == 0:
            raise RuntimeError("Nothing moved out during a round: the history is too short")
        return found

    def _say(self, mode: str) -> None:
        path = project_path(PROJECT, "retention")
        self._client.put(path, {"mode": mode, "after_seconds": 12 * 3600})

    def _await(self, *, is_moving: bool) -> None:
        """Wait until instances move out, or until a while has passed in which none did."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        before = self._api.metric(RETIRED)
        while time.monotonic() < deadline:
            time.sleep(3.0)
            now = self._api.metric(RETIRED)
            if (now > before) is is_moving:
                return
            before = now
        raise RuntimeError(f"Expected instances to {'move out' if is_moving else 'stay'} by now")

    def _round(self) -> Round:
        before, began = self._api.metric(RETIRED), time.monotonic()
        measured = measure_chain(self.stand)
        moved, took = self._api.metric(RETIRED) - before, time.monotonic() - began
        return Round(
            measured.figures["nodes_per_s"],
            measured.cpu_seconds["total"] * 1000 / measured.nodes,
            moved / took,
        )


def told(pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield a line for each way, and what the one costs the other in the same round."""
    for name, rounds in (
        ("alone", [pair.alone for pair in pairs]),
        ("beside", [pair.beside for pair in pairs]),
    ):
        yield (
            f"{name:>6}: {statistics.median(one.nodes_per_s for one in rounds):7.1f} nodes/s,"
            f" {statistics.median(one.cpu_ms for one in rounds):.3f} ms of processor time a node,"
            f" {statistics.median(one.retired_per_s for one in rounds):.1f} instances/s moved out"
        )
    lost = statistics.median(pair.beside.nodes_per_s / pair.alone.nodes_per_s - 1 for pair in pairs)
    yield f"in the same round: {lost:+.1%} nodes/s"


def main() -> int:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--history", type=int, default=HISTORY)
    parser.add_argument("--share", type=float, default=0.2, help="FLOWYARD_API_RETENTION_SHARE.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as archives:
        variables = {
            **MANY_STARTS,
            "FLOWYARD_API_ARCHIVE_URL": Path(archives).as_uri(),
            "FLOWYARD_API_RETENTION_SHARE": str(arguments.share),
            "FLOWYARD_API_RETENTION_PERIOD_SECONDS": "1",
        }
        with running_cluster(variables=variables) as cluster:
            model = run_model(cluster, CHAIN_NODES)
            asyncio.run(fill(cluster.postgres.url, model, arguments.history))
            api = cluster.api
            with Client(Target(server=api.address, token=api.token)) as client:
                bench = RetentionBench(cluster, client)
                warm_up(bench.stand, WARM_UP_SECONDS)
                pairs = []
                for number in range(arguments.rounds):
                    pairs.append(bench.pair(is_alone_first=number % 2 == 0))
                    sys.stderr.write(f"round {number + 1} of {arguments.rounds}: {pairs[-1]}\n")
    sys.stdout.writelines(f"{line}\n" for line in told(pairs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
