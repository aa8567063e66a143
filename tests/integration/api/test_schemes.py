"""Instances of a part of a flow: execution schemes, and nodes left out at the start."""

import uuid
from typing import Any

import httpx
import pytest

from flowyard.engine.snapshot import NO_PLAN, Plan
from flowyard.storage.instances import find_instance
from flowyard.storage.plan_codec import decode_plan
from tests.support.api import Api

INSTANCES = "/api/v1/projects/shop/instances"
PREVIEW = "/api/v1/projects/shop/templates/release/versions/1/actions/preview"

DOCUMENT = """\
flowyard: 1
key: release
inputs: {level: string, version: {type: string, default: "1"}}
nodes:
  - {id: fan, parallel: [lint, test]}
  - {id: lint, plugin: noop@1.0, optional: true, inputs: {level: "${level}"}, next: both}
  - {id: test, plugin: noop@1.0, optional: true, export: {report: id}}
  - {id: both, converge: true}
  - {id: deploy, plugin: noop@1.0, inputs: {version: "${version}"}}
  - {id: tell, plugin: noop@1.0, optional: true, inputs: {report: "${report}"}}
schemes:
  quick: {keeps: []}
  checked: {keeps: [lint, test], default: true}
"""


async def create(api: Api, **fields: Any) -> httpx.Response:
    return await api.client.post(INSTANCES, json={"template": "release", **fields})


async def plan_of(api: Api, instance_id: str) -> Plan:
    async with api.database.transaction() as connection:
        row = await find_instance(connection, uuid.UUID(instance_id))
    return decode_plan(row.plan)


def fault(answer: httpx.Response) -> tuple[int, str, str, list[Any]]:
    body = answer.json()
    first = body["errors"][0]
    return answer.status_code, body["code"], first["type"], first["loc"]


async def test_without_a_choice_the_default_schemes_are_taken(api: Api) -> None:
    await api.publish(DOCUMENT)

    answer = await create(api, inputs={"level": "all"})

    instance_id = answer.json()["instance_id"]
    shown = (await api.client.get(f"/api/v1/instances/{instance_id}")).json()
    assert await plan_of(api, instance_id) == Plan(schemes=("checked",))
    assert (shown["schemes"], shown["excluded"], shown["left_out"]) == (["checked"], [], ["tell"])
    assert "tell" not in [node["node_id"] for node in shown["nodes"]]


async def test_an_empty_list_of_schemes_runs_everything(api: Api) -> None:
    await api.publish(DOCUMENT)

    answer = await create(api, inputs={"level": "all"}, schemes=[])

    instance_id = answer.json()["instance_id"]
    shown = (await api.client.get(f"/api/v1/instances/{instance_id}")).json()
    assert await plan_of(api, instance_id) == NO_PLAN
    assert (shown["schemes"], shown["left_out"]) == ([], [])


async def test_nodes_are_left_out_besides_and_not_shown(api: Api) -> None:
    await api.publish(DOCUMENT)

    answer = await create(api, schemes=["checked"], excluded=["lint"])

    instance_id = answer.json()["instance_id"]
    shown = (await api.client.get(f"/api/v1/instances/{instance_id}")).json()
    gone = await api.client.get(f"/api/v1/instances/{instance_id}/nodes/lint")
    assert answer.status_code == 201
    assert (shown["schemes"], shown["excluded"]) == (["checked"], ["lint"])
    assert shown["left_out"] == ["lint", "tell"]
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_node")


async def test_what_only_left_out_nodes_use_need_not_be_given(api: Api) -> None:
    await api.publish(DOCUMENT)

    refused = await create(api)
    accepted = await create(api, schemes=["quick"])

    assert fault(refused) == (422, "invalid_inputs", "missing_input", ["body", "inputs", "level"])
    assert accepted.status_code == 201


@pytest.mark.parametrize(
    ("fields", "kind", "field"),
    [
        ({"schemes": ["slow"]}, "unknown_scheme", "schemes"),
        ({"excluded": ["build"]}, "unknown_node", "excluded"),
        ({"excluded": ["deploy"]}, "not_optional", "excluded"),
        ({"excluded": ["fan"]}, "not_optional", "excluded"),
    ],
)
async def test_what_cannot_be_left_out_is_refused(
    api: Api, fields: dict[str, Any], kind: str, field: str
) -> None:
    await api.publish(DOCUMENT)

    created = await create(api, **fields)
    previewed = await api.client.post(PREVIEW, json=fields)

    assert fault(created) == (422, "invalid_exclusion", kind, ["body", field])
    assert fault(previewed) == fault(created)


async def test_a_bulk_names_the_item_whose_choice_does_not_fit(api: Api) -> None:
    await api.publish(DOCUMENT)

    items = [{"template": "release", "schemes": [name]} for name in ("quick", "slow")]
    answer = await api.client.post(f"{INSTANCES}/actions/bulk-create", json={"items": items})

    assert fault(answer)[2:] == ("unknown_scheme", ["body", "items", 1, "schemes"])


async def test_a_preview_shows_what_is_left_and_what_it_misses(api: Api) -> None:
    await api.publish(DOCUMENT)

    answer = await api.client.post(PREVIEW, json={"schemes": [], "excluded": ["lint", "test"]})

    body = answer.json()
    assert answer.status_code == 200
    assert body["left_out"] == ["lint", "test"]
    assert body["optional"] == ["lint", "test", "tell"]
    assert [node["id"] for node in body["graph"]["nodes"]] == ["start", "deploy", "tell", "end"]
    assert body["missed"] == [{"node_id": "tell", "name": "report"}]
    assert [one["name"] for one in body["graph"]["inputs"] if one.get("required", True)] == []


async def test_a_preview_without_a_choice_takes_the_default_schemes(api: Api) -> None:
    await api.publish(DOCUMENT)

    body = (await api.client.post(PREVIEW, json={})).json()

    assert (body["schemes"], body["left_out"], body["missed"]) == (["checked"], ["tell"], [])


PARENT = """\
flowyard: 1
key: parent
nodes:
  - {{id: a, {body}}}
"""


@pytest.mark.parametrize(
    ("body", "kind", "place"),
    [
        ("subflow: release, schemes: [slow]", "unknown_scheme", ["schemes"]),
        ("subflow: release@1, schemes: [quick, slow]", "unknown_scheme", ["schemes"]),
        ("subflow: release@latest, schemes: [slow]", "unknown_scheme", ["schemes"]),
        ("subflow: release, mode: inline, schemes: [slow]", "unknown_scheme", ["subflow"]),
        (
            "plugin: noop@1.0, rollback: {subflow: release, schemes: [slow]}",
            "unknown_scheme",
            ["rollback", "schemes"],
        ),
    ],
)
async def test_a_subflow_with_a_scheme_that_does_not_exist_is_not_published(
    api: Api, body: str, kind: str, place: list[str]
) -> None:
    await api.publish(DOCUMENT)

    answer = await _apply(api, PARENT.format(body=body))

    assert fault(answer) == (422, "invalid_document", kind, ["body", "nodes", "a", *place])


async def test_a_subflow_with_its_schemes_is_published(api: Api) -> None:
    await api.publish(DOCUMENT)

    answer = await _apply(api, PARENT.format(body="subflow: release@latest, schemes: [quick]"))

    assert answer.status_code == 200


async def _apply(api: Api, document: str) -> httpx.Response:
    return await api.client.post(
        "/api/v1/projects/shop/templates/actions/apply",
        content=document,
        headers={"Content-Type": "application/yaml"},
    )
