"""Upgrade a cluster from an older commit to the present tree, process by process, under load.

``make upgrade FROM=<commit>``. Not part of the tests, as what it begins with is chosen by
hand: run it from the release before. Everything that it makes is gone when it ends.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.cluster.flows import EFFECTS, EFFECTS_PER_INSTANCE
from tests.support.api_driver import ApiDriver
from tests.support.cluster import Cluster
from tests.support.kafka import KafkaServer, jars
from tests.support.postgres15 import PostgresServer, binaries
from tests.support.releases import Release, of_commit, present
from tests.support.scratch import scratch_folder
from tests.support.upgrading import Feeder, replace_processes
from tests.support.witness import Witness

PROCESSES = {"api": 1, "scheduler": 2, "worker": 2, "plugin-gateway": 2}
RUN = "upgrade"


def main(arguments: Sequence[str]) -> int:
    """Upgrade, and return 0 if nothing was lost and nothing was done twice."""
    if len(arguments) != 1:
        print("Expected one commit: make upgrade FROM=<commit>", file=sys.stderr)  # noqa: T201
        return 2
    with scratch_folder() as folder, Witness() as witness:
        try:
            old = of_commit(arguments[0], folder / "old")
        except subprocess.CalledProcessError as error:
            print(error.stderr.decode(), file=sys.stderr)  # noqa: T201
            return 2
        new = present(folder / "new")
        with _cluster(folder, old.variables) as cluster:
            accepted = _upgrade(cluster, witness, new)
            return _judge(cluster, witness, accepted)


def _cluster(folder: Path, variables: dict[str, str]) -> Cluster:
    return Cluster(
        folder,
        postgres=PostgresServer(folder / "postgres", programs=binaries()),
        kafka=KafkaServer(jars(), folder / "kafka"),
        variables=variables,
    )


def _upgrade(cluster: Cluster, witness: Witness, release: Release) -> list[str]:
    for service, count in PROCESSES.items():
        for _ in range(count):
            cluster.add(service)
    cluster.heal()
    _say("the old release works")
    template = cluster.api.publish(EFFECTS)
    driver = ApiDriver(cluster.api.address, cluster.api.token)
    inputs = {"witness": witness.url}
    with driver, Feeder(driver, template, run=RUN, inputs=inputs) as feeder:
        witness.wait_for_effects(EFFECTS_PER_INSTANCE)
        cluster.run("migrate", "--phase", "expand", variables=release.variables)
        _say("the schema is expanded")
        replace_processes(cluster, release)
        _say("all processes are of the new release")
        cluster.run("migrate", "--phase", "contract", variables=release.variables)
        seen = witness.effects().total()
        witness.wait_for_effects(seen + EFFECTS_PER_INSTANCE)
        _say("the schema is contracted")
    return feeder.accepted


def _judge(cluster: Cluster, witness: Witness, accepted: Sequence[str]) -> int:
    statuses = cluster.api.wait_all_final(RUN)
    counts = {one: list(statuses.values()).count(one) for one in sorted(set(statuses.values()))}
    repeated, lost = witness.repeated(), set(accepted) - statuses.keys()
    _say(f"{len(accepted)} instances accepted, {counts}, {len(lost)} lost")
    _say(f"{witness.effects().total()} effects, {len(repeated)} repeated")
    is_whole = set(counts) == {"succeeded"} and not repeated and not lost
    is_counted = len(witness.effects()) == len(statuses) * EFFECTS_PER_INSTANCE
    _say("nothing was lost" if is_whole and is_counted else "SOMETHING WAS LOST OR REPEATED")
    return 0 if is_whole and is_counted else 1


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
