from typing import Any

from sqlalchemy import select

from flowyard.storage.schema import command, instance
from tests.support.api import Api, Scheduler

DOCUMENT = """\
flowyard: 1
key: release
inputs:
  version: {type: string, default: "1.0.0"}
nodes:
  - id: prepare
    plugin: noop@1.0
    export: {image: image}
  - id: both
    parallel: [left, right]
  - id: left
    plugin: noop@1.0
    next: join
  - id: right
    plugin: noop@1.0
    next: join
  - id: join
    converge: true
  - id: ask
    plugin: noop@1.0
"""


async def _ended(api: Api, **fields: Any) -> Scheduler:
    await api.publish(DOCUMENT)
    scheduler = Scheduler(database=api.database, instance_id=await api.start(**fields))
    await scheduler.advance(
        "failed",
        {
            "prepare": {"status": "succeeded", "outputs": {"image": "shop:2"}},
            "ask": {"status": "failed", "reason": "incident"},
        },
        variables={"version": "1.4.2", "image": "shop:2"},
    )
    return scheduler


async def _copy(api: Api, scheduler: Scheduler, verb: str, body: Any = None) -> Any:
    path = f"/api/v1/instances/{scheduler.instance_id}/actions/{verb}"
    return await api.client.post(path, json=body)


async def _row(api: Api, instance_id: str) -> Any:
    async with api.database.transaction() as connection:
        rows = await connection.execute(
            select(instance).where(instance.c.instance_id == instance_id)
        )
        return rows.one()


async def test_a_clone_has_the_inputs_labels_and_version_of_its_origin(api: Api) -> None:
    origin = await _ended(api, inputs={"version": "1.4.2"}, labels={"team": "shop"}, name="Release")

    answer = await _copy(api, origin, "clone", {"labels": {"try": "2"}})

    row = await _row(api, answer.json()["instance_id"])
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/instances/{row.instance_id}"
    assert (row.given, row.labels) == ({"version": "1.4.2"}, {"team": "shop", "try": "2"})
    assert (row.version, row.name, row.actor, row.plan) == (1, "Release", "ops", None)
    assert answer.json()["command_id"] is not None


async def test_a_clone_may_differ_in_some_inputs_and_wait_for_its_start(api: Api) -> None:
    origin = await _ended(api, inputs={"version": "1.4.2"})

    answer = await _copy(
        api, origin, "clone", {"inputs": {"version": "1.4.3"}, "start": False, "name": "Again"}
    )

    row = await _row(api, answer.json()["instance_id"])
    assert (row.given, row.name) == ({"version": "1.4.3"}, "Again")
    assert answer.json()["command_id"] is None


async def test_a_copy_has_the_priority_of_its_origin_or_one_of_its_own(api: Api) -> None:
    origin = await _ended(api, priority=7)

    same = await _copy(api, origin, "clone")
    later = await _copy(api, origin, "clone", {"priority": 0})
    sooner = await _copy(api, origin, "rerun", {"node_id": "ask", "priority": 9})

    found = [await _row(api, one.json()["instance_id"]) for one in (same, later, sooner)]
    assert [row.priority for row in found] == [7, 0, 9]


async def test_inputs_of_a_clone_are_checked(api: Api) -> None:
    origin = await _ended(api)

    answer = await _copy(api, origin, "clone", {"inputs": {"version": 1}})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_inputs")
    assert answer.json()["errors"][0]["loc"] == ["body", "inputs", "version"]


async def test_a_copy_and_its_origin_show_each_other(api: Api) -> None:
    origin = await _ended(api)
    made = (await _copy(api, origin, "clone")).json()["instance_id"]

    copy = (await api.client.get(f"/api/v1/instances/{made}")).json()
    shown = (await api.client.get(f"/api/v1/instances/{origin.instance_id}")).json()

    assert copy["origin"] == {"instance_id": str(origin.instance_id), "kind": "clone"}
    assert shown["copies"] == [{"instance_id": made, "kind": "clone", "status": "created"}]
    assert shown["origin"] is None


async def test_a_rerun_takes_over_variables_and_outputs(api: Api) -> None:
    origin = await _ended(api, inputs={"version": "1.4.2"})

    answer = await _copy(
        api, origin, "rerun", {"node_id": "ask", "inputs": {"url": "http://127.0.0.1/x"}}
    )

    row = await _row(api, answer.json()["instance_id"])
    assert answer.status_code == 201
    assert row.plan["seed"] == {
        "instance_id": str(origin.instance_id),
        "start_id": "ask",
        "variables": {"version": "1.4.2", "image": "shop:2"},
        "outputs": {"prepare": {"image": "shop:2"}},
        "inputs": {"url": "http://127.0.0.1/x"},
    }
    assert row.origin == "rerun"


async def test_a_rerun_begins_at_no_converge_and_within_no_branches(api: Api) -> None:
    origin = await _ended(api)

    for node_id in ("join", "left", "end"):
        answer = await _copy(api, origin, "rerun", {"node_id": node_id})
        assert (answer.status_code, answer.json()["code"]) == (422, "not_rerunnable"), node_id
    absent = await _copy(api, origin, "rerun", {"node_id": "elsewhere"})
    assert (absent.status_code, absent.json()["code"]) == (404, "unknown_node")


async def test_a_gateway_takes_no_inputs_in_a_rerun(api: Api) -> None:
    origin = await _ended(api)

    refused = await _copy(api, origin, "rerun", {"node_id": "both", "inputs": {}})
    reserved = await _copy(
        api, origin, "rerun", {"node_id": "ask", "inputs": {"a": {"$secret": "A"}}}
    )

    assert refused.json()["errors"][0]["type"] == "inputs_not_accepted"
    assert reserved.json()["errors"][0]["type"] == "reserved_key"


async def test_a_copy_is_made_once_under_its_key(api: Api) -> None:
    origin = await _ended(api)
    path = f"/api/v1/instances/{origin.instance_id}/actions/clone"
    key = {"Idempotency-Key": "once"}

    first = await api.client.post(path, headers=key)
    again = await api.client.post(path, headers=key)

    assert again.json() == first.json()
    async with api.database.transaction() as connection:
        rows = await connection.execute(select(command.c.instance_id))
        assert len(rows.all()) == 2
