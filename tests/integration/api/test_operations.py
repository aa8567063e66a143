"""The first check of every operation in every status, as the tables say."""

from typing import Any

import httpx
import pytest

from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.operations import COPYING, INSTANCE_OPERATIONS, NODE_OPERATIONS
from flowyard.ids import new_id
from tests.support.api import Api, Scheduler

DOCUMENT = """\
flowyard: 1
key: release
nodes:
  - id: prepare
    plugin: noop@1.0
  - id: choose
    exclusive:
      - {when: "True", next: child}
      - {default: true, next: ask}
  - id: child
    subflow: inner
  - id: ask
    plugin: noop@1.0
  - id: strict
    plugin: noop@1.0
    retryable: false
    skippable: false
"""
INNER = """\
flowyard: 1
key: inner
nodes:
  - id: build
    plugin: noop@1.0
"""

BODIES: dict[str, dict[str, Any]] = {
    "choose": {"targets": ["ask"]},
    "reset-timer": {"after_seconds": 5},
    "set-variables": {"values": {"x": 1}},
    "set-priority": {"priority": 3},
    "rerun": {"node_id": "ask"},
}
"""What operations need to be told."""

PLACES = {"choose": "choose", "restart": "child"}
"""Nodes of the kinds that operations are for; any activity serves the others."""

WAITS = {"reset-timer": "timer", "restart": "child", "approve": "approval", "reject": "approval"}
"""For what a waiting node has to wait."""


async def _running(api: Api) -> Scheduler:
    await api.publish(INNER)
    await api.publish(DOCUMENT)
    return Scheduler(database=api.database, instance_id=await api.start())


async def _act(api: Api, scheduler: Scheduler, path: str, verb: str) -> httpx.Response:
    address = f"/api/v1/instances/{scheduler.instance_id}{path}/actions/{verb}"
    return await api.client.post(address, json=BODIES.get(verb))


def _row(verb: str, status: NodeStatus) -> dict[str, str | None]:
    """Return a row that meets all that an operation asks for beside the status."""
    match status:
        case NodeStatus.WAITING:
            reason = WAITS.get(verb, "branches" if verb in ("pause", "resume") else "timer")
            return {"status": status, "reason": reason}
        case NodeStatus.READY:
            return {"status": status, "reason": "paused"}
        case NodeStatus.RUNNING:
            return {"status": status, "reason": "running"}
        case NodeStatus.FAILED:
            return {"status": status, "reason": "incident"}
        case _:
            return {"status": status, "reason": None}


@pytest.mark.parametrize("verb", INSTANCE_OPERATIONS)
async def test_an_instance_is_checked_by_the_table(api: Api, verb: str) -> None:
    scheduler = await _running(api)
    answers: dict[InstanceStatus, tuple[int, Any]] = {}

    for status in InstanceStatus:
        await scheduler.advance(status)
        answer = await _act(api, scheduler, "", verb)
        answers[status] = answer.status_code, answer.json()

    taken = 201 if verb in COPYING else 202
    for status, (code, body) in answers.items():
        allowed = status in INSTANCE_OPERATIONS[verb]
        assert code == (taken if allowed else 409), (status, body)
        if not allowed:
            assert body["code"] == "forbidden_operation"
            assert body["present_status"] == status
            assert set(body["allowed"]) == {
                one for one, statuses in INSTANCE_OPERATIONS.items() if status in statuses
            }


@pytest.mark.parametrize("verb", NODE_OPERATIONS)
async def test_a_node_is_checked_by_the_table(api: Api, verb: str) -> None:
    scheduler = await _running(api)
    node_id = PLACES.get(verb, "prepare")
    stops = [node_id] if verb == "resume" else []
    answers: dict[NodeStatus, tuple[int, Any]] = {}

    for status in NodeStatus:
        nodes = {} if status is NodeStatus.PENDING else {node_id: _row(verb, status)}
        await scheduler.advance("running", nodes, breakpoints=stops)
        answer = await _act(api, scheduler, f"/nodes/{node_id}", verb)
        answers[status] = answer.status_code, answer.json()

    for status, (code, body) in answers.items():
        allowed = status in NODE_OPERATIONS[verb]
        assert code == (202 if allowed else 409), (status, body)
        if not allowed:
            assert body["code"] == "forbidden_operation"
            assert body["present_status"] == status
            assert body["instance_status"] == "running"
            assert verb not in body["allowed"]


async def test_the_nodes_of_an_instance_that_has_ended_take_nothing(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.advance("cancelled", {"prepare": {"status": "failed", "reason": "incident"}})

    answers = [await _act(api, scheduler, "/nodes/prepare", verb) for verb in NODE_OPERATIONS]

    for answer in answers:
        assert answer.status_code == 409
        assert answer.json()["allowed"] == []
        assert answer.json()["instance_status"] == "cancelled"


@pytest.mark.parametrize(("verb", "code"), [("retry", "not_retryable"), ("skip", "not_skippable")])
async def test_a_nodes_options_may_forbid_an_operation(api: Api, verb: str, code: str) -> None:
    scheduler = await _running(api)
    await scheduler.advance("failed", {"strict": {"status": "failed", "reason": "incident"}})

    answer = await _act(api, scheduler, "/nodes/strict", verb)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json()["allowed"] == ["force-succeed"]


TOLD: list[tuple[str, Any, str, dict[str, Any]]] = [
    ("/actions/set-priority", {"priority": 9}, "set_priority", {"priority": 9}),
    ("/actions/set-variables", {"values": {"x": [1]}}, "set_variables", {"values": {"x": [1]}}),
    ("/nodes/prepare/actions/force-fail", {"message": "m"}, "force_fail", {"message": "m"}),
    ("/nodes/prepare/actions/force-succeed", {"outputs": {}}, "force_succeed", {"outputs": {}}),
    ("/nodes/ask/actions/pause", None, "pause_node", {}),
    (
        "/nodes/prepare/actions/reset-timer",
        {"after_seconds": 2},
        "reset_timer",
        {"after_seconds": 2},
    ),
    ("/nodes/choose/actions/choose", {"targets": ["ask"]}, "choose", {"targets": ["ask"]}),
    ("/actions/cancel", {"rollback": True}, "cancel", {"rollback": True}),
    ("/actions/cancel", None, "cancel", {}),
]

REFUSED: list[tuple[str, Any]] = [
    ("/actions/set-priority", {"priority": 10}),
    ("/actions/set-variables", {"values": {}}),
    ("/actions/set-variables", {"values": {"x": {"$secret": "A"}}}),
    ("/nodes/prepare/actions/reset-timer", {"after_seconds": -1}),
    ("/nodes/prepare/actions/force-succeed", {"outputs": {"a": {"$sealed": "x"}}}),
    ("/nodes/choose/actions/choose", {"targets": []}),
]


async def _stands_still(api: Api) -> Scheduler:
    scheduler = await _running(api)
    await scheduler.advance(
        "running",
        {
            "prepare": {"status": "waiting", "reason": "timer"},
            "choose": {"status": "failed", "reason": "incident"},
        },
    )
    return scheduler


async def test_an_operation_is_stored_with_what_it_was_told(api: Api) -> None:
    scheduler = await _stands_still(api)
    base = f"/api/v1/instances/{scheduler.instance_id}"

    for path, body, _, _ in TOLD:
        answer = await api.client.post(base + path, json=body)
        assert answer.status_code == 202, (path, answer.text)

    _, *stored = await scheduler.commands()
    assert [(one.kind, one.payload) for one in stored] == [told[2:] for told in TOLD]
    assert {one.actor for one in stored} == {"ops"}


async def test_what_no_owner_would_apply_is_refused_at_once(api: Api) -> None:
    scheduler = await _stands_still(api)
    base = f"/api/v1/instances/{scheduler.instance_id}"

    for path, body in REFUSED:
        answer = await api.client.post(base + path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), path

    assert [one.kind for one in await scheduler.commands()] == ["start"]


async def test_many_instances_are_operated_on_and_each_is_answered(api: Api) -> None:
    first = await _running(api)
    second = Scheduler(database=api.database, instance_id=await api.start())
    await first.advance("running")
    await second.advance("paused")
    absent = new_id()
    ids = [str(one) for one in (first.instance_id, second.instance_id, absent, first.instance_id)]

    answer = await api.client.post(
        "/api/v1/projects/shop/instances/actions/pause", json={"instance_ids": ids}
    )

    done, refused, unknown = answer.json()["items"]
    *_, stored = await first.commands()
    assert answer.status_code == 202
    assert (done["command_id"], done["problem"]) == (stored.command_id, None)
    assert (refused["command_id"], refused["problem"]["code"]) == (None, "forbidden_operation")
    assert refused["problem"]["present_status"] == "paused"
    assert "resume" in refused["problem"]["allowed"]
    assert unknown["problem"]["code"] == "not_found"
    assert answer.json()["has_more"] is False


async def test_instances_of_another_project_are_unknown_to_a_bulk_operation(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.advance("running")
    await api.client.post("/api/v1/projects", json={"name": "other"})

    answer = await api.client.post(
        "/api/v1/projects/other/instances/actions/cancel",
        json={"instance_ids": [str(scheduler.instance_id)]},
    )

    assert answer.json()["items"][0]["problem"]["code"] == "not_found"


async def test_a_filter_finds_the_instances_that_allow_the_operation(api: Api) -> None:
    await api.publish(INNER)
    await api.publish(DOCUMENT)
    found = Scheduler(database=api.database, instance_id=await api.start(labels={"team": "a"}))
    other = Scheduler(database=api.database, instance_id=await api.start(labels={"team": "b"}))
    ended = Scheduler(database=api.database, instance_id=await api.start(labels={"team": "a"}))
    await found.advance("running")
    await other.advance("running")
    await ended.advance("succeeded")

    answer = await api.client.post(
        "/api/v1/projects/shop/instances/actions/cancel",
        json={"filter": {"label": ["team:a"]}, "rollback": True},
    )

    *_, stored = await found.commands()
    assert [one["instance_id"] for one in answer.json()["items"]] == [str(found.instance_id)]
    assert (stored.kind, stored.payload) == ("cancel", {"rollback": True})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"instance_ids": []},
        {"instance_ids": ["0197c0de-0000-7000-8000-000000000001"], "filter": {}},
    ],
)
async def test_a_bulk_operation_needs_one_choice(api: Api, body: dict[str, Any]) -> None:
    await api.publish(INNER)

    answer = await api.client.post("/api/v1/projects/shop/instances/actions/pause", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_all_failed_nodes_of_an_instance_are_retried_in_one_call(api: Api) -> None:
    scheduler = await _running(api)
    failed = {"status": "failed", "reason": "incident"}
    await scheduler.advance(
        "failed", {"prepare": failed, "ask": {"status": "succeeded"}, "strict": failed}
    )

    answer = await api.client.post(
        f"/api/v1/instances/{scheduler.instance_id}/nodes/actions/retry",
        json={"status": ["failed"]},
    )

    by_id = {one["node_id"]: one for one in answer.json()["items"]}
    *_, stored = await scheduler.commands()
    assert answer.status_code == 202
    assert set(by_id) == {"prepare", "strict"}
    assert by_id["prepare"]["command_id"] == stored.command_id
    assert by_id["strict"]["problem"]["code"] == "not_retryable"
    assert (stored.kind, stored.node_id, stored.payload) == ("retry", "prepare", {"inputs": None})


async def test_a_bulk_operation_is_done_once_under_its_key(api: Api) -> None:
    scheduler = await _running(api)
    await scheduler.advance("running")
    path = "/api/v1/projects/shop/instances/actions/pause"
    body = {"instance_ids": [str(scheduler.instance_id)]}
    key = {"Idempotency-Key": "all"}

    first = await api.client.post(path, json=body, headers=key)
    again = await api.client.post(path, json=body, headers=key)

    assert again.json() == first.json()
    assert [one.kind for one in await scheduler.commands()] == ["start", "pause"]
