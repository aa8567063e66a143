"""Measure the workloads on separate processes, a real Postgres and a real Kafka.

``make bench-cluster``; one process of each service unless a count is given, as
in ``python -m tests.bench.on_cluster worker=2``. The first word that begins with
a dash and all behind it go to ``flowyard bench``: ``worker=2 --workload chain``.
With the word ``statements`` before it, the statements on which Postgres has spent
most of its time are told in the end, which costs a few percent itself.
Not a test: times on a shared machine tell of the machine.
"""

import subprocess
import sys
from collections.abc import Sequence

from tests.bench import statements
from tests.bench.stand import MANY_STARTS, bench_options, running_cluster
from tests.support.compose import SERVICES
from tests.support.processes import command_line

STATEMENTS = "statements"
MANY_LIVE = "live-10000"


def split(arguments: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Return how many processes of each service, and what is for the bench."""
    place = next(
        (place for place, one in enumerate(arguments) if one.startswith("-")), len(arguments)
    )
    given = dict(argument.split("=", 1) for argument in arguments[:place])
    unknown = given.keys() - set(SERVICES)
    if unknown:
        raise SystemExit(f"Expected counts of {', '.join(SERVICES)}, but got {sorted(unknown)}")
    return {name: int(count) for name, count in given.items()}, list(arguments[place:])


def _variables(options: Sequence[str]) -> dict[str, str]:
    """Let 10,000 instances in at once where that is what is measured."""
    return MANY_STARTS if MANY_LIVE in options else {}


def main(arguments: Sequence[str]) -> int:
    """Run the bench on a cluster of its own, and return its exit code."""
    has_statements = STATEMENTS in arguments
    counts, options = split([one for one in arguments if one != STATEMENTS])
    settings = statements.SETTINGS if has_statements else ""
    with running_cluster(counts, _variables(options), postgres_settings=settings) as cluster:
        command = command_line("bench", *bench_options(cluster), *options)
        if has_statements:
            statements.begin(cluster)
        status = subprocess.run(command, check=False).returncode  # noqa: S603  # our own command
        if has_statements:
            sys.stdout.writelines(f"{line}\n" for line in statements.top(cluster))
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
