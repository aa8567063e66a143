"""Processes and servers are killed under load; nothing is lost and nothing runs twice."""

import time
from typing import Any

import httpx
import pytest

from tests.cluster.flows import CHAIN, EFFECTS, EFFECTS_PER_INSTANCE
from tests.support.cluster import Cluster
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(300)]

INSTANCES = 200
ROUNDS_OF_RETRIES = 10


def _start_effects(cluster: Cluster, witness: Witness, run: str, count: int = INSTANCES) -> None:
    template = cluster.api.publish(EFFECTS)
    cluster.api.start_instances(count, template, run=run, inputs={"witness": witness.url})


def _assert_all_succeeded(cluster: Cluster, run: str, count: int = INSTANCES) -> None:
    statuses = list(cluster.api.wait_all_final(run, seconds=180).values())

    assert len(statuses) == count
    assert statuses.count("succeeded") == count, _failed_attempts(cluster, run)


def _assert_each_effect_once(witness: Witness, count: int = INSTANCES) -> None:
    effects = witness.effects()

    assert witness.repeated() == {}
    assert "" not in effects
    assert len(effects) == count * EFFECTS_PER_INSTANCE


def _assert_it_takes_work_without_kafka(cluster: Cluster, witness: Witness, run: str) -> None:
    ready = httpx.get(f"{cluster.of('api')[0].url}/readyz", timeout=5, trust_env=False)
    _start_effects(cluster, witness, run, count=1)

    assert ready.status_code == 200, ready.text
    assert ready.json()["checks"]["broker"] is False


def _failed_attempts(cluster: Cluster, run: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return instance, node and last attempt of each failed node of a run."""
    return [
        (instance_id, node["node_id"], node["attempts"][-1])
        for instance_id, status in cluster.api.statuses(run).items()
        if status == "failed"
        for node in cluster.api.instance(instance_id)["nodes"]
        if node["status"] == "failed"
    ]


def _retry_to_the_end(cluster: Cluster, run: str) -> list[dict[str, Any]]:
    """Retry whatever failed until nothing does, and return the attempts that had failed."""
    seen: list[dict[str, Any]] = []
    for _ in range(ROUNDS_OF_RETRIES):
        cluster.api.wait_all_final(run, seconds=180)
        failed = _failed_attempts(cluster, run)
        if not failed:
            return seen
        for instance_id, node_id, attempt in failed:
            seen.append(attempt)
            cluster.api.retry(instance_id, node_id)
        _wait_for_retries(cluster, failed)
    raise RuntimeError(f"Nodes still failed after {ROUNDS_OF_RETRIES} rounds of retries")


def _wait_for_retries(cluster: Cluster, failed: list[tuple[str, str, dict[str, Any]]]) -> None:
    """Wait until each retry has been taken in: the instance's status is behind until then."""
    for instance_id in {one for one, _, _ in failed}:
        deadline = time.monotonic() + 60
        while any(
            command["outcome"] is None
            for command in cluster.api.request("GET", f"/instances/{instance_id}/commands")["items"]
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_three_workers_share_the_work(cluster: Cluster) -> None:
    template = cluster.api.publish(CHAIN)
    before = [w.metric("flowyard_worker_steps_reported_total") for w in cluster.of("worker")]

    cluster.api.start_instances(60, template, run="spread")
    _assert_all_succeeded(cluster, "spread", 60)

    after = [w.metric("flowyard_worker_steps_reported_total") for w in cluster.of("worker")]
    shares = [last - first for first, last in zip(before, after, strict=True)]
    assert len(shares) == 3
    assert all(share > 0 for share in shares), shares


def test_a_killed_worker_loses_nothing_and_repeats_nothing(
    cluster: Cluster, witness: Witness
) -> None:
    witness.hold()
    _start_effects(cluster, witness, "worker")
    witness.wait_for_effects(INSTANCES // 2)

    cluster.of("worker")[0].kill()
    witness.release()

    _assert_all_succeeded(cluster, "worker")
    _assert_each_effect_once(witness)


def test_a_second_scheduler_takes_over_from_a_killed_one(
    cluster: Cluster, witness: Witness
) -> None:
    _start_effects(cluster, witness, "takeover")
    witness.wait_for_effects(INSTANCES)

    cluster.of("scheduler")[0].kill()

    _assert_all_succeeded(cluster, "takeover")
    _assert_each_effect_once(witness)


def test_schedulers_that_were_all_killed_go_on_where_they_were(
    cluster: Cluster, witness: Witness
) -> None:
    _start_effects(cluster, witness, "schedulers")
    witness.wait_for_effects(INSTANCES)

    for scheduler in cluster.of("scheduler"):
        scheduler.kill()
    for scheduler in cluster.of("scheduler"):
        scheduler.start()

    _assert_all_succeeded(cluster, "schedulers")
    _assert_each_effect_once(witness)


def test_only_attempts_of_a_killed_gateway_are_unknown_and_retries_end_them(
    cluster: Cluster, witness: Witness
) -> None:
    before = cluster.live_runners()
    witness.hold()
    _start_effects(cluster, witness, "gateway")
    witness.wait_for_effects(INSTANCES // 2)

    # Few large batches may all have gone to one of the two.
    cluster.gateways_calling(witness.port, witness.callers())[0].kill()
    witness.release()
    unknown = _retry_to_the_end(cluster, "gateway")

    killed = before - cluster.live_runners()
    assert len(killed) == 1
    assert unknown
    assert {attempt["failure"]["code"] for attempt in unknown} == {"outcome_unknown"}
    assert {attempt["claim"]["runner"] for attempt in unknown} == killed
    assert witness.repeated() == {}
    _assert_all_succeeded(cluster, "gateway")


def test_worker_scheduler_and_gateway_killed_together_lose_nothing(
    cluster: Cluster, witness: Witness
) -> None:
    before = cluster.live_runners()
    _start_effects(cluster, witness, "all")
    witness.wait_for_effects(INSTANCES)

    killed = [cluster.of(name)[0] for name in ("worker", "scheduler", "plugin-gateway")]
    for process in killed:
        process.kill()
    for process in killed:
        process.start()
    unknown = _retry_to_the_end(cluster, "all")

    dead = before - cluster.live_runners()
    assert {attempt["failure"]["code"] for attempt in unknown} <= {"outcome_unknown"}
    assert {attempt["claim"]["runner"] for attempt in unknown} <= dead
    assert witness.repeated() == {}
    _assert_all_succeeded(cluster, "all")


@pytest.mark.parametrize("is_crash", [False, True], ids=["restarted", "killed"])
def test_a_postgres_that_goes_and_comes_back_is_survived(
    cluster: Cluster, witness: Witness, *, is_crash: bool
) -> None:
    run = f"postgres-{is_crash}"
    _start_effects(cluster, witness, run)
    witness.wait_for_effects(INSTANCES)

    (cluster.postgres.kill if is_crash else cluster.postgres.stop)()
    cluster.postgres.start()

    _assert_all_succeeded(cluster, run)
    _assert_each_effect_once(witness)


@pytest.mark.parametrize("is_crash", [False, True], ids=["restarted", "killed"])
def test_a_kafka_that_goes_and_comes_back_is_survived(
    cluster: Cluster, witness: Witness, *, is_crash: bool
) -> None:
    run = f"kafka-{is_crash}"
    _start_effects(cluster, witness, run)
    witness.wait_for_effects(INSTANCES)

    (cluster.kafka.kill if is_crash else cluster.kafka.stop)()
    _assert_it_takes_work_without_kafka(cluster, witness, run)
    cluster.kafka.start()

    _assert_all_succeeded(cluster, run, INSTANCES + 1)
    _assert_each_effect_once(witness, INSTANCES + 1)
