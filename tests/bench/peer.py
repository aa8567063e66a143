"""Flowyard beside DBOS, the peer that runs from PyPI alone: the four workloads on both.

``make bench-peer``. DBOS gets an environment of its own under ``.cache`` with its
current release, and the same Postgres programs and settings as Flowyard's cluster.
Both have everything on this machine. Not a test: times tell of the machine.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import orjson

from tests.bench.stand import bench_options, postgres_version, running_cluster
from tests.support.postgres15 import PostgresServer, binaries
from tests.support.processes import command_line
from tests.support.project import ROOT

SETUPS = ("threads", "asyncio", "queue", "queue-2")
ENVIRONMENT = ROOT / ".cache" / "dbos"
APP = Path(__file__).with_name("dbos_app.py")
SETUP_SECONDS = 600

Result = Mapping[str, Mapping[str, float]]
"""Figures keyed by workload, then by name."""


@dataclass(frozen=True)
class Column:
    """One figure of the table, and how the best of several is found."""

    title: str
    workload: str
    figure: str
    is_rate: bool = False

    def of(self, result: Result) -> float | None:
        return result[self.workload].get(self.figure)

    def best(self, results: Sequence[Result]) -> float | None:
        values = [value for result in results if (value := self.of(result)) is not None]
        return max(values, default=None) if self.is_rate else min(values, default=None)


COLUMNS = (
    Column("chain 200 x 20, nodes/s", "chain", "nodes_per_s", is_rate=True),
    Column("latency p50, ms per node", "latency", "p50_ms"),
    Column("latency p99", "latency", "p99_ms"),
    Column("fan-out 500, s", "fanout", "wall_s"),
    Column("start p50, ms", "start", "p50_ms"),
    Column("start p99", "start", "p99_ms"),
)


def medians(results: Sequence[Result]) -> Result:
    return {
        workload: {
            name: median(one[workload][name] for one in results)
            for name in figures
            if all(name in one[workload] for one in results)
        }
        for workload, figures in results[0].items()
    }


def table(rows: Mapping[str, Sequence[float | None]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, a row for each name; a dash where nothing is known."""
    titles = ["", *(column.title for column in COLUMNS)]
    yield f"| {' | '.join(titles)} |"
    yield f"|{' --- |' * len(titles)}"
    for name, values in rows.items():
        cells = ("-" if value is None else f"{value:g}" for value in values)
        yield f"| {name} | {' | '.join(cells)} |"


def environment() -> str:
    """Make sure that DBOS is installed, and return its version."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--upgrade", "dbos"]
    subprocess.run(install, check=True)  # noqa: S603
    told = "from importlib.metadata import version; print(version('dbos'))"
    return subprocess.run(  # noqa: S603
        [str(python), "-c", told], capture_output=True, text=True, check=True
    ).stdout.strip()


def measure_dbos(repeat: int) -> dict[str, Result]:
    """Return the medians of each set-up, keyed by it; every run has a database of its own."""
    with tempfile.TemporaryDirectory(prefix="flowyard-peer-") as scratch:
        folder = Path(scratch)
        # The server of Postgres runs as another user where this one is root.
        folder.chmod(0o711)
        server = PostgresServer(folder / "postgres", programs=binaries())
        server.start()
        try:
            return {
                setup: medians([_run_dbos(server, setup, run) for run in range(repeat)])
                for setup in SETUPS
            }
        finally:
            server.kill()


def _run_dbos(server: PostgresServer, setup: str, run: int) -> Result:
    sys.stderr.write(f"DBOS, {setup}, run {run + 1} ...\n")
    name = f"dbos_{setup.replace('-', '_')}_{run}"
    url = urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))
    command = [str(ENVIRONMENT / "bin" / "python"), str(APP), "--url", url, "--setup", setup]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, timeout=SETUP_SECONDS
    )
    if done.returncode != 0:
        raise SystemExit(f"DBOS, {setup}: {done.stderr[-3000:]}")
    found: Result = json.loads(done.stdout)
    return found


def measure_flowyard(repeat: int, *, is_embedded: bool) -> Result:
    """Return the medians of Flowyard, on a cluster of its own or embedded."""
    sys.stderr.write(f"Flowyard, {'embedded' if is_embedded else 'cluster'} ...\n")
    options = ["--repeat", str(repeat), "--output", "json"]
    if is_embedded:
        return _run_flowyard(["--embedded", *options])
    with running_cluster() as cluster:
        return _run_flowyard([*bench_options(cluster), *options])


def _run_flowyard(options: Sequence[str]) -> Result:
    done = subprocess.run(  # noqa: S603  # our own command
        command_line("bench", *options), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"Flowyard: {done.stderr}")
    found: Result = orjson.loads(done.stdout)
    return found


def main() -> int:
    """Measure both and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=1, help="Runs of each; medians are told.")
    repeat = parser.parse_args().repeat
    version = environment()
    ours = {
        "Flowyard, Kafka and Postgres": measure_flowyard(repeat, is_embedded=False),
        "Flowyard, embedded": measure_flowyard(repeat, is_embedded=True),
    }
    theirs = {f"DBOS {version}, {setup}": result for setup, result in measure_dbos(repeat).items()}
    rows = {name: [column.of(one) for column in COLUMNS] for name, one in (ours | theirs).items()}
    rows[f"DBOS {version}, best of each"] = [
        column.best(list(theirs.values())) for column in COLUMNS
    ]
    sys.stdout.writelines(f"{line}\n" for line in table(rows))
    sys.stdout.write(f"\nMedians of {repeat}; {postgres_version()} below DBOS and the cluster.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
