"""Measure the four workloads on separate processes, a real Postgres and a real Kafka.

``make bench-cluster``; one process of each service unless a count is given, as
in ``python -m tests.bench.on_cluster worker=2``. Not a test: times on a shared
machine tell of the machine.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.cluster import Cluster
from tests.support.kafka import KafkaServer, jars
from tests.support.postgres15 import PostgresServer, binaries
from tests.support.processes import command_line

SERVICES = ("api", "scheduler", "worker", "plugin-gateway")


def _counts(arguments: list[str]) -> dict[str, int]:
    given = dict(argument.split("=", 1) for argument in arguments)
    return {service: int(given.get(service, "1")) for service in SERVICES}


def _pids(cluster: Cluster) -> list[str]:
    named = {
        f"{service}-{number}": process.pid
        for service in SERVICES
        for number, process in enumerate(cluster.of(service), 1)
    }
    named |= {"kafka": cluster.kafka.pid, "postgres": cluster.postgres.pid}
    return [f"{name}={pid}" for name, pid in named.items()]


def main(arguments: list[str]) -> int:
    """Run the bench on a cluster of its own, and return its exit code."""
    with tempfile.TemporaryDirectory(prefix="flowyard-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o711)
        cluster = Cluster(
            folder,
            postgres=PostgresServer(folder / "postgres", programs=binaries()),
            kafka=KafkaServer(jars(), folder / "kafka"),
        )
        with cluster:
            for service, count in _counts(arguments).items():
                for _ in range(count):
                    cluster.add(service)
            cluster.heal()
            api = cluster.api
            pids = [part for pid in _pids(cluster) for part in ("--pid", pid)]
            options = ["--server", api.address, "--token", api.token, "--output", "json", *pids]
            return subprocess.run(  # noqa: S603  # this project's own command
                command_line("bench", *options), check=False
            ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
