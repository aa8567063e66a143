"""Inputs of nodes that have not run yet, and what is asked for at the start."""

import uuid
from typing import Any

from flowyard.ids import new_id
from tests.support.api import Api, Scheduler

FLOW = """\
flowyard: 1
key: release
title: Release a service
inputs:
  region: {type: select, label: Region, options: [{value: eu, label: Europe}, us]}
  count: {type: integer, default: 1, minimum: 1, group: More}
  token: {type: password, required: false}
  rules:
    type: table
    columns: {port: integer, note: {required: false}}
    default: [{port: 80}]
  detail: {visible_when: region == 'us', placeholder: Why}
computed: {name: "app-${region}"}
lazy: {late: "${image}@${name}"}
nodes:
  - id: prepare
    plugin: noop@1.0
    inputs: {a: "${name}", b: "${token}", c: "${project.zone}", d: "${instance.url}"}
    export: {image: made}
  - id: ask
    plugin: noop@1.0
    inputs: {known: "${count + 1}", later: "${late}", wrong: "${count + region}"}
"""


def by_name(node: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one["value"] or one["problem"] for one in node["inputs"]}


async def zone(api: Api, value: str = "z1") -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    answer = await api.client.put("/api/v1/projects/shop/variables/zone", json={"value": value})
    assert answer.status_code == 200


async def show(api: Api, instance_id: uuid.UUID, node_id: str) -> dict[str, Any]:
    answer = await api.client.get(f"/api/v1/instances/{instance_id}/nodes/{node_id}/preview")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_inputs_of_a_node_are_shown_before_it_runs(api: Api) -> None:
    await zone(api)
    await api.publish(FLOW)
    instance_id = await api.start(inputs={"region": "eu", "count": 2})

    prepare = by_name(await show(api, instance_id, "prepare"))
    ask = by_name(await show(api, instance_id, "ask"))

    assert prepare == {
        "a": "app-eu",
        "b": None,
        "c": "z1",
        "d": f"http://127.0.0.1:8080/instances/{instance_id}",
    }
    assert ask["known"] == 3
    assert ask["later"]["code"] == "not_known_yet"
    assert ask["later"]["missing"] == ["image"]
    assert ask["wrong"]["code"] == "expression_failed"
    assert ask["wrong"]["expression"] == "count + region"
    assert ask["wrong"]["position"] == 0
    assert "region" in ask["wrong"]["known_names"]


async def test_what_has_run_meanwhile_is_known_and_what_is_sealed_is_masked(api: Api) -> None:
    await zone(api)
    await api.publish(FLOW)
    instance_id = await api.start(inputs={"region": "eu"})
    scheduler = Scheduler(database=api.database, instance_id=instance_id)
    await scheduler.advance(
        variables={"count": 1, "name": "app-eu", "image": {"$sealed": "gAAAA-secret"}},
    )

    later = by_name(await show(api, instance_id, "ask"))["later"]

    assert later == {"$concat": [{"$sealed": "***"}, "@app-eu"]}


async def test_an_instance_keeps_the_variables_that_its_project_had(api: Api) -> None:
    await zone(api, "old")
    await api.publish(FLOW)
    instance_id = await api.start(inputs={"region": "eu"})
    await zone(api, "new")

    assert by_name(await show(api, instance_id, "prepare"))["c"] == "old"
    other = await api.start(inputs={"region": "eu"})
    assert by_name(await show(api, other, "prepare"))["c"] == "new"


async def test_a_preview_of_nothing_is_404(api: Api) -> None:
    await api.publish(FLOW)
    instance_id = await api.start(inputs={"region": "eu"})

    no_node = await api.client.get(f"/api/v1/instances/{instance_id}/nodes/none/preview")
    no_instance = await api.client.get(f"/api/v1/instances/{new_id()}/nodes/ask/preview")

    assert (no_node.status_code, no_node.json()["code"]) == (404, "unknown_node")
    assert (no_instance.status_code, no_instance.json()["code"]) == (404, "not_found")


async def preview_draft(api: Api, **inputs: Any) -> Any:
    return await api.client.post(
        "/api/v1/projects/shop/templates/release/actions/preview-inputs", json={"inputs": inputs}
    )


async def test_a_draft_is_shown_with_example_inputs(api: Api) -> None:
    await zone(api)
    await api.publish(FLOW)

    body = (await preview_draft(api, region="us", detail="because", count=4)).json()

    assert body["problems"] == []
    assert [node["node_id"] for node in body["nodes"]] == ["prepare", "ask"]
    assert by_name(body["nodes"][0])["a"] == "app-us"
    assert by_name(body["nodes"][0])["c"] == "z1"
    assert by_name(body["nodes"][1])["known"] == 5
    assert [field["name"] for field in body["form"]] == [
        *("region", "count", "token", "rules", "detail")
    ]


async def test_example_inputs_that_do_not_fit_are_told_and_the_rest_is_shown(api: Api) -> None:
    await api.publish(FLOW)

    body = (
        await preview_draft(
            api, region="us", count=0, token={"secret": "ABSENT"}, rules=[{"port": "x"}]
        )
    ).json()

    assert [(fault["type"], fault["loc"]) for fault in body["problems"]] == [
        ("invalid_input", ["body", "inputs", "count"]),
        ("invalid_input", ["body", "inputs", "rules", 0, "port"]),
        ("missing_input", ["body", "inputs", "detail"]),
        ("unknown_secret", ["body", "inputs", "token"]),
    ]
    assert by_name(body["nodes"][0])["a"] == "app-us"


async def test_a_template_without_a_draft_has_no_preview(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    await api.client.post("/api/v1/projects/shop/templates", json={"key": "release"})

    answer = await preview_draft(api)

    assert (answer.status_code, answer.json()["code"]) == (409, "no_draft")


async def test_a_draft_that_is_not_sound_has_no_preview(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    await api.client.post("/api/v1/projects/shop/templates", json={"key": "release"})
    await api.client.put(
        "/api/v1/projects/shop/templates/release/draft",
        content="flowyard: 1\nkey: release\n",
        headers={"Content-Type": "application/yaml", "If-Match": "*"},
    )

    answer = await preview_draft(api)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_document")


async def test_a_version_says_what_is_asked_for_as_a_form(api: Api) -> None:
    await api.publish(FLOW)

    path = "/api/v1/projects/shop/templates/release/versions/1"
    fields = {one["name"]: one for one in (await api.client.get(path)).json()["form"]}

    assert {name: one["widget"] for name, one in fields.items()} == {
        "region": "select",
        "count": "number",
        "token": "secret",
        "rules": "table",
        "detail": "text",
    }
    assert [one["order"] for one in fields.values()] == [0, 1, 2, 3, 4]
    assert fields["region"]["label"] == "Region"
    assert fields["region"]["options"] == [
        {"value": "eu", "label": "Europe"},
        {"value": "us", "label": "us"},
    ]
    assert (fields["count"]["required"], fields["count"]["default"]) == (False, 1)
    assert (fields["count"]["group"], fields["count"]["validation"]["minimum"]) == ("More", 1)
    assert [(one["name"], one["widget"]) for one in fields["rules"]["columns"]] == [
        ("port", "number"),
        ("note", "text"),
    ]
    assert fields["detail"]["depends_on"] == ["region"]
    assert fields["detail"]["visible_when"] == "region == 'us'"
    assert fields["detail"]["label"] == "detail"


async def test_an_instance_may_not_name_a_secret_that_its_project_has_not(api: Api) -> None:
    await api.publish(FLOW)

    refused = await api.client.post(
        "/api/v1/projects/shop/instances",
        json={"template": "release", "inputs": {"region": "eu", "token": {"secret": "ABSENT"}}},
    )
    plain = await api.client.post(
        "/api/v1/projects/shop/instances",
        json={"template": "release", "inputs": {"region": "eu", "token": "hunter2"}},
    )

    assert (refused.status_code, refused.json()["errors"][0]["type"]) == (422, "unknown_secret")
    assert (plain.status_code, plain.json()["errors"][0]["type"]) == (422, "invalid_input")
    assert "hunter2" not in plain.text


async def test_a_text_that_is_not_shared_yet_is_previewed(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    await api.client.post("/api/v1/projects/shop/templates", json={"key": "release"})

    answer = await api.client.post(
        "/api/v1/projects/shop/templates/release/actions/preview-inputs",
        json={"source": FLOW, "inputs": {"region": "eu"}},
    )

    assert answer.status_code == 200
    assert by_name(answer.json()["nodes"][0])["a"] == "app-eu"


async def check(api: Api, **body: Any) -> Any:
    return await api.client.post(
        "/api/v1/projects/shop/templates/release/versions/1/actions/check-inputs", json=body
    )


async def test_inputs_are_checked_as_a_start_would_and_what_is_not_asked_for_is_named(
    api: Api,
) -> None:
    await api.publish(FLOW)

    eu = (await check(api, inputs={"region": "eu"})).json()
    us = (await check(api, inputs={"region": "us", "count": 0, "token": {"secret": "NO"}})).json()

    assert (eu["hidden"], eu["problems"]) == (["detail"], [])
    assert us["hidden"] == []
    assert [(fault["type"], fault["loc"]) for fault in us["problems"]] == [
        ("invalid_input", ["body", "inputs", "count"]),
        ("missing_input", ["body", "inputs", "detail"]),
        ("unknown_secret", ["body", "inputs", "token"]),
    ]
    assert [field["name"] for field in eu["form"]] == [
        *("region", "count", "token", "rules", "detail")
    ]


PARTS = """\
flowyard: 1
key: release
inputs: {level: string, never: {default: x, show: false}}
nodes:
  - {id: lint, plugin: noop@1.0, optional: true, inputs: {level: "${level}"}}
  - {id: deploy, plugin: noop@1.0}
schemes:
  quick: {keeps: []}
"""


async def test_an_input_that_only_left_out_nodes_use_is_not_required_then(api: Api) -> None:
    await api.publish(PARTS)

    whole = (await check(api)).json()
    quick = (await check(api, schemes=["quick"])).json()
    unknown = await check(api, schemes=["absent"])

    assert [fault["loc"][-1] for fault in whole["problems"]] == ["level"]
    assert whole["hidden"] == ["never"]
    assert quick["problems"] == []
    assert [field["required"] for field in quick["form"]] == [False, False]
    assert (unknown.status_code, unknown.json()["code"]) == (422, "invalid_exclusion")
