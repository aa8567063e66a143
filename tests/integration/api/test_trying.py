"""Mocked runs and node tests: what they store, and what they refuse."""

import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from flowyard.engine.snapshot import Failure, Mock, Plan
from flowyard.storage.graph_codec import decode_graph
from flowyard.storage.plan_codec import decode_plan
from flowyard.storage.plugins import PublishedPlugin, publish_catalog
from flowyard.storage.schema import instance, template_version
from tests.support.api import Api, Scheduler

TEMPLATES = "/api/v1/projects/shop/templates"

DRAFT = """\
flowyard: 1
key: release
title: Release a service
inputs:
  version: {type: string}
nodes:
  - id: build
    plugin: builder@1.0
    inputs: {tag: "${version}"}
    export: {image: image}
  - id: choose
    exclusive:
      - {when: "image == ''", next: end}
      - {default: true, next: deploy}
  - id: deploy
    plugin: noop@1.0
    inputs: {image: "${image}"}
"""

BUILDER = PublishedPlugin(
    name="builder",
    version="1.0",
    title="Builder",
    description="Builds.",
    idempotency="never",
    inputs_schema={"type": "object", "properties": {"tag": {}}, "additionalProperties": False},
    outputs_schema={
        "type": "object",
        "properties": {"image": {"type": "string"}},
        "required": ["image"],
    },
)


async def _write(api: Api, source: str = DRAFT) -> None:
    """Write a draft, and publish nothing."""
    async with api.database.transaction() as connection:
        await publish_catalog(connection, [BUILDER])
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    answer = await api.client.post(TEMPLATES, json={"source": source})
    if answer.status_code == 409:
        answer = await api.client.put(
            f"{TEMPLATES}/release/draft",
            content=source,
            headers={"Content-Type": "application/yaml", "If-Match": "*"},
        )
    assert answer.is_success, answer.text


async def _mock_run(api: Api, **body: Any) -> httpx.Response:
    body = {"inputs": {"version": "1.4.2"}, **body}
    return await api.client.post(f"{TEMPLATES}/release/actions/mock-run", json=body)


async def _test_node(api: Api, **body: Any) -> httpx.Response:
    return await api.client.post(f"{TEMPLATES}/release/actions/test-node", json=body)


async def _stored(api: Api, answer: httpx.Response) -> tuple[Plan, Any, dict[str, Any]]:
    """Return the plan, the graph and the given inputs of the instance that was answered."""
    assert answer.status_code == 201, answer.text
    async with api.database.transaction() as connection:
        rows = await connection.execute(
            select(instance.c.plan, instance.c.given, template_version.c.graph)
            .join(
                template_version,
                (template_version.c.template_id == instance.c.template_id)
                & (template_version.c.number == instance.c.version),
            )
            .where(instance.c.instance_id == uuid.UUID(answer.json()["instance_id"]))
        )
        row = rows.one()
    return decode_plan(row.plan), decode_graph(row.graph), row.given


async def _versions(api: Api) -> list[int]:
    answer = await api.client.get(f"{TEMPLATES}/release/versions")
    return [one["number"] for one in answer.json()["items"]]


async def test_a_draft_that_was_never_published_can_be_run_with_canned_results(api: Api) -> None:
    await _write(api)

    answer = await _mock_run(
        api,
        mocks={
            "build": {"outputs": {"image": "app:7"}},
            "deploy": {"failure": {"code": "no_disk"}},
        },
    )

    plan, graph, given = await _stored(api, answer)
    assert plan.is_mocked
    assert plan.mocks == {
        "build": Mock(outputs={"image": "app:7"}),
        "deploy": Mock(failure=Failure(code="no_disk", message="It was to fail")),
    }
    assert list(graph.nodes) == ["start", "build", "choose", "deploy", "end"]
    assert given == {"version": "1.4.2"}
    body = answer.json()
    assert (body["version"], body["name"], body["warnings"]) == (
        -1,
        "Release a service (mocked)",
        [],
    )
    scheduler = Scheduler(database=api.database, instance_id=uuid.UUID(body["instance_id"]))
    assert [(one.kind, one.command_id) for one in await scheduler.commands()] == [
        ("start", body["command_id"])
    ]


async def test_what_is_run_before_publication_is_listed_nowhere(api: Api) -> None:
    await _write(api)

    await _mock_run(api)

    template = (await api.client.get(f"{TEMPLATES}/release")).json()
    assert template["latest_version"] is None
    assert await _versions(api) == []
    started = await api.client.post("/api/v1/projects/shop/instances", json={"template": "release"})
    named = await api.client.post(
        "/api/v1/projects/shop/instances", json={"template": "release", "version": -1}
    )
    shown = await api.client.get(f"{TEMPLATES}/release/versions/-1")
    assert [one.json()["code"] for one in (started, named, shown)] == [
        "unknown_template",
        "invalid_request",
        "invalid_request",
    ]


async def test_publication_counts_on_from_one(api: Api) -> None:
    await _write(api)
    await _mock_run(api)

    answer = await api.client.post(f"{TEMPLATES}/release/actions/publish")

    assert answer.json()["version"]["number"] == 1
    assert await _versions(api) == [1]


async def test_the_same_draft_is_stored_once_and_another_one_besides(api: Api) -> None:
    await _write(api)
    numbers = [(await _mock_run(api)).json()["version"] for _ in range(2)]

    await _write(
        api, DRAFT.replace("1.0\n    inputs: {image", "1.0\n    name: New\n    inputs: {image")
    )
    numbers.append((await _mock_run(api)).json()["version"])

    assert numbers == [-1, -1, -2]


async def test_what_is_not_shared_yet_is_run_and_stays_unshared(api: Api) -> None:
    await _write(api)
    mine = DRAFT.replace("deploy", "ship")

    mocked = await _mock_run(api, source=mine)
    alone = await _test_node(api, node_id="ship", inputs={"image": "app:7"}, source=mine)
    shared = await _test_node(api, node_id="ship", inputs={"image": "app:7"})
    broken = await _mock_run(api, source="nodes: [")
    both = await _mock_run(api, source=mine, version=1)

    _, graph, _ = await _stored(api, mocked)
    assert "ship" in graph.nodes
    assert alone.status_code == 201
    assert (shared.status_code, shared.json()["code"]) == (422, "invalid_node_test")
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid_document")
    assert (both.status_code, both.json()["code"]) == (422, "invalid_request")
    assert (await api.client.get(f"{TEMPLATES}/release/draft")).json()["source"] == DRAFT


async def test_a_published_version_is_run_as_it_is(api: Api) -> None:
    await _write(api)
    await api.client.post(f"{TEMPLATES}/release/actions/publish")

    answer = await _mock_run(api, version=1)
    missing = await _mock_run(api, version=2)

    assert answer.json()["version"] == 1
    assert missing.status_code == 404


async def test_mocked_runs_are_marked_and_can_be_listed_apart(api: Api) -> None:
    await _write(api)
    await api.client.post(f"{TEMPLATES}/release/actions/publish")
    mocked = (await _mock_run(api)).json()["instance_id"]
    real = str(await api.start(inputs={"version": "1"}))

    async def listed(**query: Any) -> dict[str, bool]:
        answer = await api.client.get("/api/v1/projects/shop/instances", params=query)
        return {one["instance_id"]: one["is_mock"] for one in answer.json()["items"]}

    assert await listed() == {mocked: True, real: False}
    assert await listed(is_mock=True) == {mocked: True}
    assert await listed(is_mock=False) == {real: False}
    assert (await api.client.get(f"/api/v1/instances/{mocked}")).json()["is_mock"] is True


@pytest.mark.parametrize(
    ("mocks", "code", "loc"),
    [
        ({"bild": {}}, "unknown_node", ["body", "mocks", "bild"]),
        ({"choose": {}}, "not_mockable", ["body", "mocks", "choose"]),
        (
            {"build": {"outputs": {"image": {"$secret": "token"}}}},
            "reserved_key",
            ["body", "mocks", "build", "outputs"],
        ),
    ],
)
async def test_mocks_that_the_graph_cannot_take_are_refused_by_node(
    api: Api, mocks: dict[str, Any], code: str, loc: list[str]
) -> None:
    await _write(api)

    answer = await _mock_run(api, mocks=mocks)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_mocks")
    assert answer.json()["errors"][0]["type"] == code
    assert answer.json()["errors"][0]["loc"] == loc


async def test_a_node_is_run_or_given_a_result_not_both(api: Api) -> None:
    await _write(api)

    answer = await _mock_run(api, mocks={"build": {"run": True, "outputs": {"image": "x"}}})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["type"] == "conflicting_mock"


async def test_outputs_that_the_plugin_would_not_give_are_a_warning(api: Api) -> None:
    await _write(api)

    answer = await _mock_run(api, mocks={"build": {"outputs": {"image": 7}}, "deploy": {}})

    assert answer.status_code == 201
    (warning,) = answer.json()["warnings"]
    assert warning["type"] == "unlike_outputs"
    assert warning["loc"] == ["body", "mocks", "build", "outputs", "image"]


async def test_a_mocked_run_leaves_out_what_a_real_one_would(api: Api) -> None:
    optional = DRAFT.replace("id: deploy", "id: deploy\n    optional: true")
    await _write(api, optional)

    partly = await _mock_run(api, excluded=["deploy"])
    refused = await _mock_run(api, excluded=["build"])

    plan, _, _ = await _stored(api, partly)
    shown = (await api.client.get(f"/api/v1/instances/{partly.json()['instance_id']}")).json()
    assert (plan.excluded, plan.is_mocked) == (frozenset({"deploy"}), True)
    assert (shown["excluded"], shown["left_out"]) == (["deploy"], ["deploy"])
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_exclusion")
    assert refused.json()["errors"][0]["loc"] == ["body", "excluded"]


async def test_inputs_of_a_mocked_run_have_to_fit(api: Api) -> None:
    await _write(api)

    answer = await _mock_run(api, inputs={})

    assert answer.json()["code"] == "invalid_inputs"


async def test_a_draft_that_could_not_be_published_is_not_run(api: Api) -> None:
    await _write(api)
    await api.client.put(
        f"{TEMPLATES}/release/draft",
        content="flowyard: 1\nkey: release\nnodes: [{id: a, plugin: nothing@1.0}]\n",
        headers={"Content-Type": "application/yaml", "If-Match": "*"},
    )

    answers = [await _mock_run(api), await _test_node(api, node_id="a")]

    assert [answer.json()["code"] for answer in answers] == ["invalid_document"] * 2


async def test_without_a_draft_there_is_nothing_to_run(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    await api.client.post(TEMPLATES, json={"key": "release"})

    answer = await _mock_run(api)

    assert (answer.status_code, answer.json()["code"]) == (409, "no_draft")


async def test_one_node_is_run_alone_with_inputs_as_they_are(api: Api) -> None:
    await _write(api)

    answer = await _test_node(api, node_id="deploy", inputs={"image": "app:7"})

    plan, graph, given = await _stored(api, answer)
    assert list(graph.nodes) == ["start", "deploy", "end"]
    assert [(edge.source, edge.target) for edge in graph.edges] == [
        ("start", "deploy"),
        ("deploy", "end"),
    ]
    assert plan.seed is not None
    assert (plan.seed.start_id, plan.seed.inputs) == ("deploy", {"image": "app:7"})
    assert not plan.is_mocked
    assert given == {}
    assert answer.json()["version"] == -1
    assert answer.json()["name"] == "Release a service (deploy alone)"


async def test_one_node_is_run_alone_with_variables(api: Api) -> None:
    await _write(api)

    answer = await _test_node(
        api, node_id="deploy", variables={"image": "app:7", "version": "1.4.2"}
    )

    plan, _, given = await _stored(api, answer)
    assert plan.seed is not None
    assert (plan.seed.variables, plan.seed.inputs) == ({"image": "app:7"}, None)
    assert given == {"version": "1.4.2"}


@pytest.mark.parametrize(
    ("body", "code", "fault"),
    [
        ({"node_id": "nowhere"}, "invalid_node_test", "node_id"),
        ({"node_id": "choose"}, "invalid_node_test", "node_id"),
        ({"node_id": "build", "variables": {"colour": 1}}, "invalid_node_test", "unknown_variable"),
        ({"node_id": "build", "variables": {"version": 1}}, "invalid_inputs", "invalid_input"),
        ({"node_id": "build", "inputs": {"$sealed": 1}}, "invalid_node_test", "reserved_key"),
    ],
)
async def test_what_a_node_cannot_be_run_with_is_refused(
    api: Api, body: dict[str, Any], code: str, fault: str
) -> None:
    await _write(api)

    answer = await _test_node(api, **body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["type"] == fault


async def test_a_deleted_template_is_not_run(api: Api) -> None:
    await _write(api)
    await api.client.delete(f"{TEMPLATES}/release")

    answers = [await _mock_run(api), await _test_node(api, node_id="build")]

    assert [answer.json()["code"] for answer in answers] == ["template_deleted"] * 2


async def test_a_clone_of_a_mocked_run_is_mocked_alike(api: Api) -> None:
    await _write(api)
    mocks = {"build": {"outputs": {"image": "app:7"}}}
    tried = (await _mock_run(api, mocks=mocks)).json()["instance_id"]

    answer = await api.client.post(f"/api/v1/instances/{tried}/actions/clone", json={})

    plan, _, _ = await _stored(api, answer)
    assert plan.is_mocked
    assert plan.mocks == {"build": Mock(outputs={"image": "app:7"})}


async def test_a_clone_of_a_node_test_runs_the_node_with_the_same_inputs(api: Api) -> None:
    await _write(api)
    tried = (await _test_node(api, node_id="deploy", inputs={"image": "app:7"})).json()

    answer = await api.client.post(
        f"/api/v1/instances/{tried['instance_id']}/actions/clone", json={}
    )

    plan, _, _ = await _stored(api, answer)
    assert plan.seed is not None
    assert plan.seed.inputs == {"image": "app:7"}
