"""Servers that come back without what they knew: an empty Kafka, a Postgres of yesterday."""

import time
from pathlib import Path
from uuid import UUID

import pytest

from flowyard.ids import attempt_id
from tests.cluster.flows import EFFECTS, EFFECTS_PER_INSTANCE
from tests.support.cluster import Cluster
from tests.support.compose import SERVICES
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(240)]

INSTANCES = 60
CLAIMED = """\
SELECT a.instance_id, a.node_id, a.number FROM attempt a JOIN instance i USING (instance_id)
WHERE i.labels @> jsonb_build_object('run', $1::text)
    AND a.claimed_step = a.step AND a.closed_at IS NULL AND a.outcome IS NULL
"""
LEFT_OVER = """\
SELECT (SELECT count(*) FROM command WHERE outcome IS NULL)
    + (SELECT count(*) FROM concurrency_slot)
    + (SELECT count(*) FROM node JOIN instance USING (instance_id)
       WHERE instance.status IN ('succeeded', 'cancelled') AND node.check_at IS NOT NULL)
"""


def _start(cluster: Cluster, witness: Witness, run: str) -> list[str]:
    template = cluster.api.publish(EFFECTS)
    return cluster.api.start_instances(
        INSTANCES, template, run=run, inputs={"witness": witness.url}
    )


def test_a_kafka_that_was_rebuilt_empty_under_running_services_needs_nobody(
    cluster: Cluster, witness: Witness
) -> None:
    _start(cluster, witness, "rebuilt")
    witness.wait_for_effects(INSTANCES)

    cluster.kafka.kill()
    cluster.kafka.wipe()
    cluster.kafka.start()
    rebuilt_at = time.monotonic()
    statuses = list(cluster.api.wait_all_final("rebuilt", seconds=60).values())

    assert statuses.count("succeeded") == INSTANCES, statuses
    assert witness.repeated() == {}
    assert len(witness.effects()) == INSTANCES * EFFECTS_PER_INSTANCE
    assert time.monotonic() - rebuilt_at < 45
    for service in SERVICES:
        for process in cluster.of(service):
            process.wait_ready()


def test_a_restored_backup_and_an_empty_kafka_go_on_where_the_backup_was_made(
    cluster: Cluster, witness: Witness, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    accepted = set(_start(cluster, witness, "backup"))
    witness.wait_for_effects(INSTANCES)
    cluster.postgres.dump(backup)
    witness.wait_for_effects(2 * INSTANCES)
    _lose_everything(cluster)
    cluster.postgres.restore(backup)
    claimed = [_id(*row) for row in cluster.rows(CLAIMED, "backup")]
    before = witness.effects()

    cluster.heal()
    statuses = cluster.api.wait_all_final("backup", seconds=90)

    assert statuses.keys() == accepted
    unknown = _retry_the_unknown(cluster)
    assert unknown == set(claimed)
    assert {witness.effects()[one] for one in claimed} <= {0, 1}
    assert {one: witness.effects()[one] for one in claimed} == {one: before[one] for one in claimed}
    statuses = cluster.api.wait_all_final("backup", seconds=60)
    assert set(statuses.values()) == {"succeeded"}
    assert cluster.rows(LEFT_OVER)[0][0] == 0


def _lose_everything(cluster: Cluster) -> None:
    """Take all processes and the data of both servers away; Postgres comes back empty."""
    for service in SERVICES:
        for process in cluster.of(service):
            process.kill()
    for server in (cluster.kafka, cluster.postgres):
        server.kill()
        server.wipe()
    cluster.postgres.start()


def _id(instance_id: UUID, node_id: str, number: int) -> str:
    return str(attempt_id(instance_id, node_id, number))


def _retry_the_unknown(cluster: Cluster) -> set[str]:
    """Retry what failed, and return the attempts of which nobody knows whether they ran."""
    unknown: set[str] = set()
    for instance_id, status in cluster.api.statuses("backup").items():
        if status != "failed":
            continue
        for node in cluster.api.instance(instance_id)["nodes"]:
            if node["status"] == "failed":
                attempt = node["attempts"][-1]
                assert attempt["failure"]["code"] == "outcome_unknown"
                unknown.add(_id(UUID(instance_id), node["node_id"], attempt["number"]))
                cluster.api.operate(instance_id, "retry", node_id=node["node_id"])
    return unknown
