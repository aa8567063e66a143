"""An old and a new release side by side, through a schema change and a new form of records."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.cluster.flows import EFFECTS, EFFECTS_PER_INSTANCE
from tests.support.api_driver import ApiDriver
from tests.support.cluster import Cluster
from tests.support.kafka import KafkaServer
from tests.support.postgres15 import PostgresServer
from tests.support.processes import ServiceProcess
from tests.support.releases import NEW_NAME, OLD_NAME, Release, following, present
from tests.support.scratch import scratch_folder
from tests.support.upgrading import Feeder, replace_processes
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(300)]

PROCESSES = {"api": 1, "scheduler": 2, "worker": 2, "plugin-gateway": 2}
COLUMNS = """\
SELECT column_name FROM information_schema.columns
WHERE table_name = 'instance' AND column_name = ANY ($1) ORDER BY 1
"""
LEVEL = "SELECT record_version FROM release_level"
OPEN_COMMANDS = "SELECT count(*) FROM command WHERE outcome IS NULL"


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch_folder() as scratch:
        yield scratch


@pytest.fixture
def old(folder: Path) -> Release:
    return present(folder / "old")


@pytest.fixture
def new(folder: Path) -> Release:
    return following(folder / "new")


@pytest.fixture
def old_cluster(
    folder: Path, kafka_jars: Path, postgres15_programs: Path, old: Release
) -> Iterator[Cluster]:
    """Start a cluster of its own: what an upgrade has taken away does not come back."""
    cluster = Cluster(
        folder,
        postgres=PostgresServer(folder / "postgres", programs=postgres15_programs),
        kafka=KafkaServer(kafka_jars, folder / "kafka"),
        variables=old.variables,
    )
    with cluster:
        for service, count in PROCESSES.items():
            for _ in range(count):
                cluster.add(service)
        cluster.heal()
        yield cluster


def test_an_upgrade_one_by_one_loses_nothing_and_leaves_the_old_release_behind(
    old_cluster: Cluster, old: Release, new: Release, witness: Witness
) -> None:
    cluster = old_cluster
    template = cluster.api.publish(EFFECTS)
    driver = ApiDriver(cluster.api.address, cluster.api.token)
    inputs = {"witness": witness.url}
    with driver, Feeder(driver, template, run="upgrade", inputs=inputs) as feeder:
        witness.wait_for_effects(EFFECTS_PER_INSTANCE)

        cluster.run("migrate", "--phase", "expand", variables=new.variables)
        during = [row[0] for row in cluster.rows(COLUMNS, [OLD_NAME, NEW_NAME])]
        replace_processes(cluster, new)
        level = cluster.rows(LEVEL)[0][0]
        cluster.run("migrate", "--phase", "contract", variables=new.variables)

        _assert_is_left_behind(cluster, old)
        newest = len(feeder.accepted)
        _wait_until(lambda: len(feeder.accepted) > newest)

    assert during == sorted([OLD_NAME, NEW_NAME])
    assert level == 1
    assert [row[0] for row in cluster.rows(COLUMNS, [OLD_NAME, NEW_NAME])] == [NEW_NAME]
    assert cluster.rows(LEVEL)[0][0] == 2
    statuses = cluster.api.wait_all_final("upgrade")
    assert set(feeder.accepted) == statuses.keys()
    assert set(statuses.values()) == {"succeeded"}
    assert witness.repeated() == {}
    assert len(witness.effects()) == len(statuses) * EFFECTS_PER_INSTANCE
    assert cluster.rows(OPEN_COMMANDS)[0][0] == 0


def _assert_is_left_behind(cluster: Cluster, old: Release) -> None:
    """Start processes of the old release once more: they do no harm, and say why."""
    strangers = {service: _stranger(cluster, service, old) for service in ("scheduler", "worker")}
    try:
        _wait_until(lambda: strangers["scheduler"].has_ended)
        assert "Expected a release that knows database schema" in strangers["scheduler"].log_tail()
        _wait_until(lambda: not _checks(strangers["worker"]).get("record_version", True))
    finally:
        for process in strangers.values():
            process.kill()
            cluster.forget(process)


def _stranger(cluster: Cluster, service: str, release: Release) -> ServiceProcess:
    return cluster.add(service, variables=release.variables)


def _checks(process: ServiceProcess) -> dict[str, bool]:
    try:
        answer = httpx.get(f"{process.url}/readyz", timeout=5, trust_env=False)
    except httpx.TransportError:
        return {}
    checks: dict[str, bool] = answer.json()["checks"]
    return checks


def _wait_until(is_so: Callable[[], object], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)
