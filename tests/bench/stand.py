"""A cluster that is measured: separate processes, a real Postgres and a real Kafka."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.cluster import Cluster
from tests.support.compose import SERVICES
from tests.support.kafka import KafkaServer, jars
from tests.support.postgres15 import PostgresServer, binaries
from tests.support.processes import end_when_asked

MANY_STARTS = {"FLOWYARD_API_START_WAIT_SECONDS": "600"}
"""Lets more instances in at once than a server would that answers people meanwhile."""

WARM_UP_SECONDS = 45
"""Until a broker that was just started has compiled what it needs, and takes a third of what it
took at first."""


@contextmanager
def running_cluster(
    counts: Mapping[str, int] | None = None,
    variables: Mapping[str, str] | None = None,
    *,
    postgres_settings: str = "",
) -> Iterator[Cluster]:
    """Run a cluster in a folder of its own, ready when it is yielded.

    Parameters
    ----------
    counts
        Processes of each service, one unless given.
    variables
        Of all processes, beside those of docker-compose.yml.
    postgres_settings
        Further lines of its ``postgresql.conf``.
    """
    end_when_asked()
    wanted = dict.fromkeys(SERVICES, 1) | dict(counts or {})
    with tempfile.TemporaryDirectory(prefix="flowyard-bench-") as scratch:
        folder = Path(scratch)
        # The server of Postgres runs as another user where this one is root.
        folder.chmod(0o711)
        cluster = Cluster(
            folder,
            postgres=PostgresServer(
                folder / "postgres", programs=binaries(), settings=postgres_settings
            ),
            kafka=KafkaServer(jars(), folder / "kafka"),
            variables=variables,
            gateways=wanted["plugin-gateway"],
        )
        with cluster:
            for service, count in wanted.items():
                for _ in range(count):
                    cluster.add(service)
            cluster.heal()
            yield cluster


def bench_options(cluster: Cluster) -> list[str]:
    """Return what ``flowyard bench`` has to be told of a cluster."""
    api = cluster.api
    pids = [
        part for name, pid in process_ids(cluster).items() for part in ("--pid", f"{name}={pid}")
    ]
    noted = [part for one in _conditions(cluster) for part in ("--condition", one)]
    warm_up = ["--warm-up", str(WARM_UP_SECONDS)]
    return ["--server", api.address, "--token", api.token, *warm_up, *pids, *noted]


def postgres_version() -> str:
    """Return what the server of the cluster says about itself."""
    said = subprocess.run(  # noqa: S603
        [str(binaries() / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def process_ids(cluster: Cluster) -> dict[str, int]:
    """Return the ids of all processes, keyed by the names under which they are told of."""
    named = {
        (service if len(cluster.of(service)) == 1 else f"{service}-{number}"): process.pid
        for service in SERVICES
        for number, process in enumerate(cluster.of(service), 1)
    }
    named |= {"kafka": cluster.kafka.pid, "postgres": cluster.postgres.pid}
    return {name: pid for name, pid in named.items() if pid is not None}


def _conditions(cluster: Cluster) -> list[str]:
    processes = ", ".join(f"{service} {len(cluster.of(service))}" for service in SERVICES)
    return [
        "log_level=INFO",
        "trace_sample_ratio=0.1",
        f"broker=Apache {jars().name}",
        f"postgres={postgres_version()}",
        f"processes={processes}",
    ]
