"""What was stopped, taken for dead and goes on later as if nothing had been: it changes nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from flowyard.clock import SystemClock
from tests.cluster.load import ends_of, have_all_gone_on
from tests.support.cluster import Cluster
from tests.support.processes import ServiceProcess
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(240)]

INSTANCES = 60
ROUNDS = 6
CLOCK = SystemClock()
ATTEMPTS = """\
SELECT a.* FROM attempt a JOIN instance i USING (instance_id)
WHERE i.labels @> jsonb_build_object('run', $1::text)
ORDER BY instance_id, node_id, number
"""


def _round(number: int) -> str:
    return f"""\
  - id: wait{number}
    plugin: sleep@1.0
    inputs: {{seconds: 0.7}}
  - id: act{number}
    plugin: http_request@1.0
    inputs: {{method: POST, url: "${{witness}}/effects"}}
"""


TICKING = """\
flowyard: 1
key: ticking
title: Waits and acts in turn
inputs:
  witness: {type: string}
nodes:
""" + "".join(_round(number) for number in range(ROUNDS))

ACTING = """\
flowyard: 1
key: acting
title: Acts once
inputs:
  witness: {type: string}
nodes:
  - id: act
    plugin: http_request@1.0
    timeout: 3s
    inputs: {method: POST, url: "${witness}/effects"}
"""


@contextmanager
def _suspended(process: ServiceProcess) -> Iterator[None]:
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def _start(cluster: Cluster, witness: Witness, run: str, source: str = TICKING) -> None:
    template = cluster.api.publish(source)
    cluster.api.start_instances(INSTANCES, template, run=run, inputs={"witness": witness.url})


def _wait_until(is_so: Callable[[], object], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _refused_writes(process: ServiceProcess) -> float:
    return process.metric("flowyard_scheduler_revision_conflicts_total") + process.metric(
        "flowyard_scheduler_stale_facts_total"
    )


def _assert_each_node_ended_once(cluster: Cluster, witness: Witness, run: str) -> None:
    statuses = list(cluster.api.wait_all_final(run, seconds=120).values())
    attempts = cluster.rows(ATTEMPTS, run)

    assert statuses.count("succeeded") == INSTANCES, statuses
    assert [one["number"] for one in attempts] == [1] * INSTANCES * ROUNDS * 2
    assert {one["status"] for one in attempts} == {"succeeded"}
    assert witness.repeated() == {}
    assert len(witness.effects()) == INSTANCES * ROUNDS


def test_a_zombie_scheduler_changes_nothing_and_its_writes_are_counted(
    cluster: Cluster, witness: Witness
) -> None:
    zombie = cluster.of("scheduler")[0]
    before = _refused_writes(zombie)
    _start(cluster, witness, "zombie-scheduler")
    witness.wait_for_effects(INSTANCES)

    with _suspended(zombie):
        suspended_at = CLOCK.now()
        _wait_until(lambda: have_all_gone_on(ends_of(cluster, "zombie-scheduler"), suspended_at))

    _assert_each_node_ended_once(cluster, witness, "zombie-scheduler")
    assert _refused_writes(zombie) > before
    zombie.wait_ready()


def test_a_zombie_worker_changes_nothing_and_its_reports_are_stale(
    cluster: Cluster, witness: Witness
) -> None:
    before = sum(map(_refused_writes, cluster.of("scheduler")))
    witness.hold()
    _start(cluster, witness, "zombie-worker")
    witness.wait_for_effects(INSTANCES)
    zombie = max(
        cluster.of("worker"), key=lambda one: one.metric("flowyard_worker_steps_in_flight")
    )

    with _suspended(zombie):
        witness.release()
        _assert_each_node_ended_once(cluster, witness, "zombie-worker")
        stored = cluster.rows(ATTEMPTS, "zombie-worker")

    _wait_until(lambda: sum(map(_refused_writes, cluster.of("scheduler"))) > before)
    assert cluster.rows(ATTEMPTS, "zombie-worker") == stored
    assert witness.repeated() == {}
    zombie.wait_ready()


def test_a_zombie_gateway_begins_nothing_and_its_late_outcomes_are_kept_beside(
    cluster: Cluster, witness: Witness
) -> None:
    witness.hold()
    _start(cluster, witness, "zombie-gateway", ACTING)
    witness.wait_for_effects(INSTANCES // 2)
    (zombie, *_) = cluster.gateways_calling(witness.port, witness.callers())
    others = cluster.live_runners()

    with _suspended(zombie):
        witness.release()
        _wait_until(lambda: len(cluster.live_runners()) < len(others))
        (dead,) = others - cluster.live_runners()
        cluster.api.wait_all_final("zombie-gateway", seconds=120)
        effects = witness.effects()

    unknown = [one for one in cluster.rows(ATTEMPTS, "zombie-gateway") if one["failure"]]
    assert unknown
    assert {str(one["runner"]) for one in unknown} == {dead}
    assert {'"outcome_unknown"' in one["failure"] for one in unknown} == {True}
    _wait_until(lambda: _late_outcomes(cluster) == len(unknown))
    assert witness.effects() == effects
    assert witness.repeated() == {}
    zombie.wait_ready()


def _late_outcomes(cluster: Cluster) -> int:
    attempts = cluster.rows(ATTEMPTS, "zombie-gateway")
    return sum(one["late_outcome"] is not None for one in attempts)
