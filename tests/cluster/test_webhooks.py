"""Webhooks while the processes that store and deliver them die."""

import time
from collections import Counter
from typing import Any

import pytest

from tests.cluster.flows import CHAIN
from tests.support.api_driver import PROJECT
from tests.support.cluster import Cluster
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(240)]

INSTANCES = 40
EVENTS = ["instance.started", "instance.succeeded", "instance.failed"]
TAKEOVER_SECONDS = 90
LOOK_SECONDS = 0.1


def _subscribe(cluster: Cluster, witness: Witness, *events: str) -> str:
    made = cluster.api.request(
        "POST",
        f"/projects/{PROJECT}/webhooks",
        json={"url": f"{witness.url}/effects", "events": events},
    )
    return f"/projects/{PROJECT}/webhooks/{made['webhook_id']}"


def _heard(witness: Witness) -> Counter[tuple[str, str]]:
    """Return how often each event of each instance was told."""
    found: Counter[tuple[str, str]] = Counter()
    for said in witness.said():
        if isinstance(said, dict) and "data" in said:
            found[said["type"], said["data"]["instance"]["instance_id"]] += 1
    return found


def _wait_for_events(witness: Witness, count: int, *, seconds: float = TAKEOVER_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while len(_heard(witness)) < count:
        assert time.monotonic() < deadline, f"{len(_heard(witness))} of {count} events"
        time.sleep(LOOK_SECONDS)


def _wait_for_settled(cluster: Cluster, place: str) -> list[dict[str, Any]]:
    """Return all deliveries once none of them is pending."""
    deadline = time.monotonic() + TAKEOVER_SECONDS
    while True:
        page: dict[str, Any] = cluster.api.request(
            "GET", f"{place}/deliveries", params={"limit": 200}
        )
        if all(one["status"] != "pending" for one in page["items"]):
            found: list[dict[str, Any]] = page["items"]
            return found
        late = [one for one in page["items"] if one["status"] == "pending"]
        assert time.monotonic() < deadline, late
        time.sleep(LOOK_SECONDS)


def test_no_event_is_lost_whoever_dies(cluster: Cluster, witness: Witness) -> None:
    place = _subscribe(cluster, witness, *EVENTS)
    template = cluster.api.publish(CHAIN)
    cluster.api.start_instances(INSTANCES, template, run="told")
    _wait_for_events(witness, 5)

    for service in ("scheduler", "plugin-gateway"):
        cluster.of(service)[0].restart()
    statuses = cluster.api.wait_all_final("told")
    cluster.heal()
    settled = _wait_for_settled(cluster, place)

    assert {one["status"] for one in settled} == {"delivered"}
    # What ran in the gateway that died has no outcome that anybody knows: its instance fails.
    assert set(statuses.values()) <= {"succeeded", "failed"}
    assert set(_heard(witness)) == {
        (event, one)
        for one, status in statuses.items()
        for event in ("instance.started", f"instance.{status}")
    }
    cluster.api.request("DELETE", place)


def test_what_a_gateway_dies_over_is_delivered_by_another(
    cluster: Cluster, witness: Witness
) -> None:
    place = _subscribe(cluster, witness, "instance.started")
    template = cluster.api.publish(CHAIN)
    witness.hold()
    cluster.api.start_instances(1, template, run="held")
    _wait_for_events(witness, 1)

    # Whoever calls the receiver is killed while the receiver holds the call.
    (calling,) = cluster.gateways_calling(witness.port, witness.callers())
    calling.kill()
    witness.release()
    (instance_id,) = cluster.api.wait_all_final("held")
    deadline = time.monotonic() + TAKEOVER_SECONDS
    while _heard(witness)["instance.started", instance_id] < 2:
        assert time.monotonic() < deadline
        time.sleep(LOOK_SECONDS)

    delivered = _wait_for_settled(cluster, place)
    assert {one["status"] for one in delivered} == {"delivered"}
    # The dead one's call left no trace; the id that it came with is the same.
    assert [one["attempts"] for one in delivered] == [1]
    cluster.api.request("DELETE", place)
