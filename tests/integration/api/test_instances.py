import uuid
from typing import Any

import httpx
import pytest

from flowyard.contracts.records import Doorbell
from flowyard.contracts.topics import INSTANCE_EVENT, partition_of
from flowyard.storage.commands import find_target
from tests.support.api import DOCUMENT, PARTITIONS, Api, Scheduler, eventually, read_until

INSTANCES = "/api/v1/projects/shop/instances"


async def _create(api: Api, **body: Any) -> httpx.Response:
    return await api.client.post(INSTANCES, json={"template": "release", **body})


async def test_a_new_instance_has_its_start_command_and_its_owner_is_told(api: Api) -> None:
    await api.publish()

    answer = await _create(
        api,
        inputs={"version": "1.4.2"},
        labels={"team": "shop"},
        links=[{"kind": "ticket", "url": "https://tracker.example/1", "title": "1"}],
    )

    body = answer.json()
    instance_id = uuid.UUID(body["instance_id"])
    (record,) = await read_until(api.broker, INSTANCE_EVENT, 1)
    (command,) = await Scheduler(database=api.database, instance_id=instance_id).commands()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/instances/{instance_id}"
    assert body["name"] == "Release a service"
    assert (command.kind, command.actor, command.command_id) == ("start", "ops", body["command_id"])
    assert Doorbell.model_validate_json(record) == Doorbell(
        instance_id=instance_id, partition=partition_of(instance_id, PARTITIONS)
    )


async def test_an_instance_may_be_created_without_starting(api: Api) -> None:
    await api.publish()

    answer = await _create(api, start=False)

    instance_id = uuid.UUID(answer.json()["instance_id"])
    assert answer.json()["command_id"] is None
    assert await Scheduler(database=api.database, instance_id=instance_id).commands() == []


async def test_an_instance_has_the_priority_that_it_is_created_with(api: Api) -> None:
    await api.publish()

    usual = await _create(api)
    urgent = await _create(api, priority=8)
    refused = await _create(api, priority=10)

    assert await _priorities(api, usual.json(), urgent.json()) == [5, 8]
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.json()["errors"][0]["loc"] == ["body", "priority"]


async def _priorities(api: Api, *created: Any) -> list[int]:
    shown = [await api.client.get(f"/api/v1/instances/{one['instance_id']}") for one in created]
    return [one.json()["priority"] for one in shown]


@pytest.mark.parametrize(
    ("inputs", "code", "name"),
    [
        ({"version": 1}, "invalid_input", "version"),
        ({"count": "many"}, "invalid_input", "count"),
        ({"colour": "red"}, "unknown_input", "colour"),
    ],
)
async def test_inputs_that_do_not_fit_are_refused_by_name(
    api: Api, inputs: dict[str, Any], code: str, name: str
) -> None:
    await api.publish()

    answer = await _create(api, inputs=inputs)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_inputs")
    assert answer.json()["errors"][0]["type"] == code
    assert answer.json()["errors"][0]["loc"] == ["body", "inputs", name]


async def test_a_required_input_that_is_missing_is_named(api: Api) -> None:
    await api.publish(DOCUMENT.replace('{type: string, default: "1.0.0"}', "string"))

    answer = await _create(api)

    assert answer.json()["errors"][0]["type"] == "missing_input"


async def test_people_may_not_write_references_to_secrets(api: Api) -> None:
    await api.publish(DOCUMENT.replace("{type: integer, default: 1}", "{type: json, default: 1}"))

    answer = await _create(api, inputs={"count": {"deep": [{"$secret": "NAME"}]}})

    assert answer.json()["errors"][0]["type"] == "reserved_key"


async def test_an_unpublished_template_and_an_unknown_version_are_named(api: Api) -> None:
    await api.publish()

    absent = await api.client.post(INSTANCES, json={"template": "absent"})
    version = await _create(api, version=7)
    project = await api.client.post("/api/v1/projects/none/instances", json={"template": "release"})

    assert (absent.status_code, absent.json()["code"]) == (422, "unknown_template")
    assert absent.json()["errors"][0]["loc"] == ["body", "template"]
    assert (version.status_code, version.json()["code"]) == (422, "unknown_template")
    assert (project.status_code, project.json()["code"]) == (404, "not_found")


async def test_many_instances_are_created_together_in_order(api: Api) -> None:
    await api.publish()
    items = [{"template": "release", "name": f"run {index}"} for index in range(200)]

    answer = await api.client.post(f"{INSTANCES}/actions/bulk-create", json={"items": items})

    created = answer.json()["items"]
    assert answer.status_code == 201
    assert [one["name"] for one in created] == [item["name"] for item in items]
    assert len({one["command_id"] for one in created}) == 200
    assert len(await read_until(api.broker, INSTANCE_EVENT, 200)) == 200


async def test_each_of_many_has_a_priority_of_its_own(api: Api) -> None:
    await api.publish()
    items = [{"template": "release", "priority": priority} for priority in (0, 9)]

    answer = await api.client.post(
        f"{INSTANCES}/actions/bulk-create", json={"items": [*items, {"template": "release"}]}
    )

    assert await _priorities(api, *answer.json()["items"]) == [0, 9, 5]


async def test_one_bad_item_creates_none_and_is_named(api: Api) -> None:
    await api.publish()
    items = [{"template": "release"}, {"template": "release", "inputs": {"count": "x"}}]

    answer = await api.client.post(f"{INSTANCES}/actions/bulk-create", json={"items": items})

    assert answer.json()["errors"][0]["loc"] == ["body", "items", 1, "inputs", "count"]
    assert (await api.client.get(INSTANCES)).json()["items"] == []


async def test_instances_are_filtered_and_paged_newest_first(api: Api) -> None:
    await api.publish()
    first = await api.start(name="alpha", labels={"team": "shop", "env": "prod"})
    second = await api.start(name="beta", labels={"team": "shop"})
    third = await api.start(name="gamma")
    await Scheduler(database=api.database, instance_id=first).advance("running")

    async def found(**params: Any) -> list[str]:
        answer = await api.client.get(INSTANCES, params=params)
        return [one["instance_id"] for one in answer.json()["items"]]

    assert await found() == [str(third), str(second), str(first)]
    assert await found(label="team:shop") == [str(second), str(first)]
    assert await found(label=["team:shop", "env:prod"]) == [str(first)]
    assert await found(status="running") == [str(first)]
    assert await found(status=["running", "created"], limit=1) == [str(third)]
    assert await found(text="ET") == [str(second)]
    assert await found(template="release", limit=1) == [str(third)]
    assert await found(template="absent") == []
    assert await found(created_after="2999-01-01T00:00:00Z") == []
    assert await found(created_before="2000-01-01T00:00:00Z") == []
    assert await found(created_before="2999-01-01T00:00:00Z", limit=1) == [str(third)]
    assert await found(actor="ops", limit=1) == [str(third)]
    assert await found(actor="somebody") == []
    page = (await api.client.get(INSTANCES, params={"limit": 2})).json()
    assert await found(cursor=page["next_cursor"]) == [str(first)]


async def test_instances_are_found_by_what_their_nodes_wait_for(api: Api) -> None:
    await api.publish()
    asks = await api.start(name="asks")
    works = await api.start(name="works")
    for instance_id, reason in ((asks, "approval"), (works, "running")):
        scheduler = Scheduler(database=api.database, instance_id=instance_id)
        await scheduler.advance("running", {"ask": {"status": "waiting", "reason": reason}})

    async def found(**params: Any) -> list[str]:
        answer = await api.client.get(INSTANCES, params=params)
        return [one["name"] for one in answer.json()["items"]]

    assert await found(reason="approval") == ["asks"]
    assert await found(reason=["approval", "running"]) == ["works", "asks"]
    assert await found(reason="timer") == []
    assert await found(reason="approval", status="succeeded") == []


async def test_a_broken_filter_or_cursor_is_named(api: Api) -> None:
    await api.publish()

    label = await api.client.get(INSTANCES, params={"label": "team"})
    status = await api.client.get(INSTANCES, params={"status": "busy"})
    cursor = await api.client.get(INSTANCES, params={"cursor": "nonsense"})
    foreign = await api.client.get(INSTANCES, params={"cursor": "WyJhIl0="})

    assert label.json()["errors"][0]["loc"] == ["query", "label", 0]
    assert status.json()["errors"][0]["loc"] == ["query", "status", 0]
    assert cursor.json()["code"] == foreign.json()["code"] == "invalid_cursor"


async def test_starting_keeps_working_while_the_broker_is_away(api: Api) -> None:
    await api.publish()
    await api.broker.__aexit__(None, None, None)

    answer = await _create(api)

    async with api.database.transaction() as connection:
        target = await find_target(connection, uuid.UUID(answer.json()["instance_id"]), None)
    assert answer.status_code == 201
    assert target.open_commands == 1
    metrics = api.service.context.metrics
    await eventually(lambda: metrics.value("flowyard_api_doorbells_total", outcome="failed"))
