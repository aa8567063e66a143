"""What traces cost: the chain workload with no instance recorded, with a tenth, and with all.

``make bench-tracing``, ``ARGS="--rounds 9"``. All three in turn, round after round, on one
cluster whose services export to a collector that only counts: one that stores belongs on
another machine. Not a test.
"""

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowyard_cli.bench.processes import Processes
from flowyard_cli.bench.results import Measured
from flowyard_cli.bench.session import warm_up
from flowyard_cli.bench.stand import Stand
from flowyard_cli.bench.workloads import measure_chain
from flowyard_cli.client import Client
from flowyard_cli.target import Target
from tests.bench.collector import counting_collector
from tests.bench.stand import WARM_UP_SECONDS, process_ids, running_cluster
from tests.support.cluster import Cluster
from tests.support.ports import free_port

ROUNDS = 7
SHARES = (0.0, 0.1, 1.0)
SIZE = 2.0
"""Times the usual chain workload: long enough that a round is more than noise."""


@dataclass(frozen=True, slots=True)
class Round:
    """The chain workload once."""

    nodes_per_s: float
    cpu_ms: Mapping[str, float]
    """Processor time of a node, keyed by process."""

    @property
    def cpu_ms_in_all(self) -> float:
        """Processor time of a node; it is told from the load of others, unlike the rate."""
        return self.cpu_ms["total"]


Found = Mapping[float, Sequence[Round]]
"""The rounds, keyed by the share of instances that are recorded."""


def measure(cluster: Cluster, rounds: int) -> Found:
    """Run the chain with each share, round after round, after a warm-up."""
    api = cluster.api
    found: dict[float, list[Round]] = defaultdict(list)
    processes = Processes(process_ids(cluster))
    with Client(Target(server=api.address, token=api.token)) as client:
        stands = {share: Stand(client, processes, size=SIZE, traced=share) for share in SHARES}
        stands[0.0].prepare()
        for stand in stands.values():
            warm_up(stand, WARM_UP_SECONDS / len(stands))
        for number in range(rounds):
            # Each goes first as often as the others.
            turn = number % len(SHARES)
            for share in (*SHARES[turn:], *SHARES[:turn]):
                found[share].append(_round(measure_chain(stands[share])))
            sys.stderr.write(f"round {number + 1} of {rounds}\n")
    return found


def _round(measured: Measured) -> Round:
    used = {name: s * 1000 / measured.nodes for name, s in measured.cpu_seconds.items()}
    return Round(measured.figures["nodes_per_s"], used)


def told(found: Found) -> Iterator[str]:
    """Yield a line per share: medians, and what it costs against none in the same round."""
    for share, rounds in found.items():
        pairs = list(zip(rounds, found[0.0], strict=True))
        rate = statistics.median(one.nodes_per_s / none.nodes_per_s - 1 for one, none in pairs)
        time = statistics.median(one.cpu_ms_in_all / none.cpu_ms_in_all - 1 for one, none in pairs)
        yield (
            f"{share:>4.0%} recorded:"
            f" {statistics.median(one.nodes_per_s for one in rounds):7.1f} nodes/s ({rate:+.1%}),"
            f" {statistics.median(one.cpu_ms_in_all for one in rounds):.3f} ms of processor time"
            f" a node ({time:+.1%}), of which "
            + ", ".join(
                f"{name} {statistics.median(one.cpu_ms[name] for one in rounds):.3f}"
                for name in rounds[0].cpu_ms
            )
        )


def main() -> int:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    port = free_port()
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}
    with counting_collector(port) as spans, running_cluster(variables=variables) as cluster:
        sys.stdout.writelines(f"{line}\n" for line in told(measure(cluster, rounds)))
        sys.stdout.write(f"{spans.value} spans arrived\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
