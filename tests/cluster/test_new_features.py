"""Options, maps, cancellations, rollbacks and subflows go on after what runs them was killed."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from flowyard.clock import SystemClock
from tests.cluster.flows import (
    CHILD,
    FANNED,
    HANGING_AFTER_OTHERS,
    HANGING_ALONE,
    ITEMS,
    KEY_LIMIT,
    KEYED,
    PARENT,
    TIMED,
    UNDONE,
)
from tests.support.api_driver import PROJECT, JsonObject
from tests.support.cluster import Cluster
from tests.support.compose import compose_environment
from tests.support.processes import ServiceProcess
from tests.support.witness import SeenSpan, Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(240)]

KEYED_INSTANCES = 40
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.1
CLOCK = SystemClock()


def _by_id(shown: JsonObject) -> dict[str, JsonObject]:
    return {node["node_id"]: node for node in shown["nodes"]}


def _attempts(shown: JsonObject, node_id: str) -> list[JsonObject]:
    found: list[JsonObject] = _by_id(shown)[node_id]["attempts"]
    return found


def _wait_until(is_so: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(LOOK_SECONDS)


def _start(cluster: Cluster, source: str, run: str, **inputs: Any) -> str:
    (instance_id,) = cluster.api.start_instances(
        1, cluster.api.publish(source), run=run, inputs=inputs
    )
    return instance_id


def _kill_caller(cluster: Cluster, witness: Witness) -> ServiceProcess:
    """Kill a plugin gateway that is in the middle of a call, and return it."""
    gateway = cluster.gateways_calling(witness.port, witness.callers())[0]
    gateway.kill()
    return gateway


def _restart_schedulers(cluster: Cluster) -> None:
    for scheduler in cluster.of("scheduler"):
        scheduler.kill()
    for scheduler in cluster.of("scheduler"):
        scheduler.start()


def _is_confirmed(node_id: str) -> Callable[[JsonObject], bool]:
    return lambda shown: _attempts(shown, node_id)[-1]["cancel_confirmed_at"] is not None


def _unknown(shown: JsonObject, node_id: str) -> list[str]:
    return [
        attempt["attempt_id"]
        for attempt in _attempts(shown, node_id)
        if attempt["failure"] is not None and attempt["failure"]["code"] == "outcome_unknown"
    ]


def test_a_concurrency_key_holds_over_killed_schedulers_and_gateways_and_loses_no_slot(
    cluster: Cluster, witness: Witness
) -> None:
    witness.hold()
    template = cluster.api.publish(KEYED)
    started = cluster.api.start_instances(
        KEYED_INSTANCES, template, run="keyed", inputs={"witness": witness.url}
    )
    witness.wait_for_effects(KEY_LIMIT)

    cluster.of("scheduler")[0].kill()
    _kill_caller(cluster, witness)
    witness.release()
    statuses = cluster.api.wait_all_final("keyed", seconds=180)

    assert list(statuses.values()) == ["succeeded"] * KEYED_INSTANCES
    assert witness.most_open() == KEY_LIMIT
    assert witness.repeated() == {}
    lost = [one for key in started for one in _unknown(cluster.api.instance(key), "migrate")]
    assert 1 <= len(lost) <= KEY_LIMIT
    assert witness.effects().total() == KEYED_INSTANCES + len(lost)
    assert cluster.count_rows("concurrency_slot") == 0


def test_a_map_goes_on_where_killed_schedulers_left_it_and_repeats_no_item(
    cluster: Cluster, witness: Witness
) -> None:
    items = list(range(ITEMS))
    instance_id = _start(cluster, FANNED, "map", witness=witness.url, items=items)
    witness.wait_for_effects(ITEMS // 4)

    _restart_schedulers(cluster)
    cluster.api.wait_all_final("map")

    shown = cluster.api.instance(instance_id)
    assert shown["status"] == "succeeded"
    assert shown["outputs"] == {"said": items}
    assert witness.repeated() == {}
    assert sorted(witness.said()) == items


def test_only_items_of_a_killed_gateway_are_tried_again_by_their_policy(
    cluster: Cluster, witness: Witness
) -> None:
    items = list(range(ITEMS))
    witness.hold()
    instance_id = _start(cluster, FANNED, "map-gateway", witness=witness.url, items=items)
    witness.wait_for_effects(ITEMS // 10)

    _kill_caller(cluster, witness)
    witness.release()
    cluster.api.wait_all_final("map-gateway")

    shown = cluster.api.instance(instance_id)
    lost = [one for index in items for one in _unknown(shown, f"fan:{index}")]
    assert shown["outputs"] == {"said": items}
    assert lost
    assert witness.repeated() == {}
    assert set(lost) < set(witness.effects())
    assert witness.effects().total() == ITEMS + len(lost)


def test_retries_and_deadlines_that_fall_due_while_no_scheduler_lives_happen_later(
    cluster: Cluster,
) -> None:
    instance_id = _start(cluster, TIMED, "timed")
    shown = cluster.api.until(
        instance_id,
        lambda shown: (
            _by_id(shown)["flaky"]["resume_at"] is not None
            and _by_id(shown)["late"]["deadline_at"] is not None
        ),
    )
    due = [_by_id(shown)["flaky"]["resume_at"], _by_id(shown)["late"]["deadline_at"]]

    for scheduler in cluster.of("scheduler"):
        scheduler.kill()
    _wait_until(lambda: CLOCK.now() > max(map(datetime.fromisoformat, due)))
    begun_at = CLOCK.now()
    cluster.of("scheduler")[0].start()
    cluster.api.wait_all_final("timed")

    shown = cluster.api.instance(instance_id)
    assert shown["status"] == "succeeded"
    assert (_by_id(shown)["late"]["status"], _by_id(shown)["late"]["mark"]) == (
        "skipped",
        "deadline",
    )
    assert datetime.fromisoformat(_by_id(shown)["late"]["ended_at"]) > begun_at
    assert [one["status"] for one in _attempts(shown, "flaky")] == ["failed", "failed"]
    assert datetime.fromisoformat(_attempts(shown, "flaky")[1]["opened_at"]) > begun_at


def test_a_rollback_undoes_each_node_once_and_backwards_although_gateways_are_killed(
    cluster: Cluster, witness: Witness
) -> None:
    instance_id = _start(cluster, HANGING_AFTER_OTHERS, "undone", witness=witness.url)
    witness.wait_for_effects(len(UNDONE) + 1)
    witness.hold()

    hanging = _kill_caller(cluster, witness)
    cluster.api.operate(instance_id, "cancel", rollback=True)
    witness.wait_for_effects(len(UNDONE) + 2)
    hanging.start()
    hanging.wait_ready()
    undoing = _kill_caller(cluster, witness)
    witness.release()
    shown = cluster.api.until(instance_id, lambda shown: shown["status"] == "failed")
    code = _attempts(shown, "c:rollback")[0]["failure"]["code"]
    undoing.start()
    cluster.api.operate(instance_id, "skip", node_id="c:rollback")
    shown = cluster.api.until(instance_id, lambda shown: shown["status"] == "cancelled")

    assert code == "outcome_unknown"
    assert witness.said() == [*UNDONE, "hang", *(f"undo {one}" for one in reversed(UNDONE))]
    assert witness.repeated() == {}
    assert _by_id(shown)["hang"]["status"] == "cancelled"


def test_cancelling_an_instance_ends_the_call_that_hangs_and_says_so(
    cluster: Cluster, witness: Witness
) -> None:
    instance_id = _start(cluster, HANGING_ALONE, "hanging", witness=witness.url)
    witness.wait_for_effects(1)

    cluster.api.operate(instance_id, "cancel")
    shown = cluster.api.until(instance_id, _is_confirmed("hang"), seconds=20)

    assert shown["status"] == "cancelled"
    assert _attempts(shown, "hang")[0]["claim"]["outcome"] == "known"
    _wait_until(lambda: not witness.callers())
    assert witness.effects().total() == 1


def test_a_cancellation_whose_gateway_was_killed_is_confirmed_as_unknown_by_another(
    cluster: Cluster, witness: Witness
) -> None:
    instance_id = _start(cluster, HANGING_ALONE, "hanging-gateway", witness=witness.url)
    witness.wait_for_effects(1)

    _kill_caller(cluster, witness)
    cluster.api.operate(instance_id, "cancel")
    shown = cluster.api.until(instance_id, _is_confirmed("hang"))

    (attempt,) = _attempts(shown, "hang")
    assert shown["status"] == "cancelled"
    assert attempt["claim"]["outcome"] == "unknown"
    assert attempt["cancel_requested_at"] < attempt["cancel_confirmed_at"]
    assert witness.effects().total() == 1


def test_a_parent_its_child_and_a_stop_within_an_inline_subflow_survive_as_linked_traces(
    cluster: Cluster, witness: Witness, collector: Witness
) -> None:
    cluster.api.publish(CHILD)
    trace_id = secrets.token_hex(16)
    instance_id = _start_parent(cluster, witness, trace_id)
    cluster.api.until(
        instance_id,
        lambda shown: (
            _by_id(shown)["inner.work"]["reason"] == "breakpoint"
            and _by_id(shown)["apart"]["status"] == "succeeded"
        ),
    )

    shown = cluster.api.instance(instance_id)
    (attempt,) = _attempts(shown, "apart")
    child = cluster.api.instance(attempt["child_instance_id"])
    spans = _spans_of(collector, trace_id, child["trace_id"])
    # What a process that is killed has not sent yet is gone.
    _wait_until(lambda: _start_of(child, spans) and _attempt_of("apart", spans))

    _restart_schedulers(cluster)
    cluster.api.operate(instance_id, "resume", node_id="inner.work")
    cluster.api.wait_all_final("parent")

    assert cluster.api.instance(instance_id)["outputs"] == {
        "apart": "apart",
        "inner": "inner",
        "url": f"{_public_url()}/instances/{instance_id}",
    }
    assert witness.said() == ["apart", "inner"]
    assert child["parent"] == {"instance_id": instance_id, "node_id": "apart", "number": 1}
    assert shown["trace_id"] == trace_id != child["trace_id"]
    _wait_until(lambda: len(spans("plugin.execute")) == 2)
    assert {_place(one) for one in spans("plugin.execute")} == {
        (trace_id, instance_id),
        (child["trace_id"], child["instance_id"]),
    }
    (start,), (starting,) = _start_of(child, spans), _attempt_of("apart", spans)
    assert start.links == (starting.place,)


Spans = Callable[[str], list[SeenSpan]]


def _start_of(child: JsonObject, spans: Spans) -> list[SeenSpan]:
    return [one for one in spans("instance.start") if one.trace_id == child["trace_id"]]


def _attempt_of(node_id: str, spans: Spans) -> list[SeenSpan]:
    return [one for one in spans("node.attempt") if one.attributes["flowyard.node"] == node_id]


def _place(span: SeenSpan) -> tuple[str, object]:
    return span.trace_id, span.attributes["flowyard.instance"]


def _start_parent(cluster: Cluster, witness: Witness, trace_id: str) -> str:
    """Start one in a trace of its caller's, to stop within its inline subflow."""
    created = cluster.api.request(
        "POST",
        f"/projects/{PROJECT}/instances",
        json={
            "template": cluster.api.publish(PARENT),
            "labels": {"run": "parent"},
            "inputs": {"witness": witness.url},
            "start": False,
        },
        headers={"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"},
    )
    instance_id: str = created["instance_id"]
    cluster.api.operate(instance_id, "pause", node_id="inner.work")
    cluster.api.operate(instance_id, "start")
    return instance_id


def _public_url() -> str:
    return compose_environment("scheduler")["FLOWYARD_SCHEDULER_PUBLIC_URL"]


def _spans_of(collector: Witness, *trace_ids: str) -> Spans:
    """Return what gives the spans of a name that have arrived so far."""
    return lambda name: [
        span for span in collector.spans() if span.trace_id in trace_ids and span.name == name
    ]
