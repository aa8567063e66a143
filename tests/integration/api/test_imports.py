from typing import Any

import httpx
import orjson
import pytest

from tests.support.api import Api
from tests.unit.interchange.trees import constant, line, service, tree

PATH = "/api/v1/projects/shop/imports"
RULES = {"step": {"plugin": "noop@1.0", "inputs": {"values": "*"}}}


def file(name: str, value: Any) -> dict[str, str]:
    return {"name": name, "text": orjson.dumps(value).decode()}


def running(other: str, **keys: Any) -> dict[str, Any]:
    return {"type": "SubProcess", "template_id": other, "constants": {}, **keys}


CHILD = line(work=service("step", data={"x": {"value": "1"}})) | {"id": "child", "name": "Child"}
PARENT = line(sub=running("child")) | {"id": "parent", "name": "Parent"}
BROKEN = line(work=service("unknown")) | {"id": "broken"}


async def send(api: Api, *files: dict[str, str], **fields: Any) -> httpx.Response:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    body = {"files": list(files), "components": RULES, **fields}
    return await api.client.post(PATH, json=body)


async def imported(api: Api, *files: dict[str, str], **fields: Any) -> dict[str, Any]:
    answer = await send(api, *files, **fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def outcomes(answer: dict[str, Any]) -> dict[str, tuple[str, int | None]]:
    return {one["key"]: (one["outcome"], one["version"]) for one in answer["templates"]}


async def _keys(api: Api) -> list[str]:
    listed = await api.client.get("/api/v1/projects/shop/templates")
    return [one["key"] for one in listed.json()["items"]]


async def test_a_preview_shows_everything_and_stores_nothing(api: Api) -> None:
    answer = await imported(api, file("a.json", PARENT), file("b.json", CHILD))

    assert outcomes(answer) == {"child": ("previewed", None), "parent": ("previewed", None)}
    assert [one["problems"] for one in answer["templates"]] == [[], []]
    assert answer["templates"][0]["node_ids"] == {"s": "start", "work": "work", "e": "end"}
    assert await _keys(api) == []


async def test_publication_goes_from_subflows_to_what_runs_them_across_files(api: Api) -> None:
    answer = await imported(
        api, file("a.json", PARENT), file("b.json", CHILD), mode="publish", key_prefix="sops-"
    )

    assert outcomes(answer) == {
        "sops-child": ("published", 1),
        "sops-parent": ("published", 1),
    }
    version = await api.client.get("/api/v1/projects/shop/templates/sops-parent/versions/1")
    nodes = version.json()["graph"]["nodes"]
    assert any("sub.work" in str(node) for node in nodes)


async def test_the_same_import_again_changes_nothing(api: Api) -> None:
    await imported(api, file("b.json", CHILD), mode="publish")

    again = await imported(api, file("b.json", CHILD), mode="publish")

    assert outcomes(again) == {"child": ("unchanged", 1)}


async def test_a_refused_template_is_a_draft_and_refuses_what_runs_it(api: Api) -> None:
    parent = line(sub=running("broken")) | {"id": "parent"}

    answer = await imported(
        api,
        file("a.json", parent),
        file("b.json", BROKEN),
        file("c.json", CHILD),
        mode="publish",
    )

    assert outcomes(answer) == {
        "broken": ("refused", None),
        "parent": ("refused", None),
        "child": ("published", 1),
    }
    (told,) = [one for one in answer["templates"] if one["key"] == "parent"]
    assert told["problems"][0]["type"] == "child_refused"
    draft = await api.client.get("/api/v1/projects/shop/templates/broken/draft")
    assert "bk_sops_placeholder" in draft.json()["source"]


async def test_errors_do_not_keep_drafts_from_being_written(api: Api) -> None:
    first = await imported(api, file("b.json", BROKEN), mode="draft")
    again = await imported(api, file("b.json", BROKEN), mode="draft")

    assert outcomes(first) == {"broken": ("draft", None)}
    assert outcomes(again) == {"broken": ("unchanged", None)}
    assert [one["code"] for one in first["diagnostics"] if one["severity"] == "error"] == [
        "unmapped_plugin"
    ]


async def test_a_file_that_cannot_be_read_stops_no_other(api: Api) -> None:
    answer = await imported(
        api, {"name": "bad.json", "text": "{"}, file("b.json", CHILD), mode="publish"
    )

    assert outcomes(answer) == {"child": ("published", 1)}
    assert (answer["diagnostics"][0]["file"], answer["diagnostics"][0]["code"]) == (
        "bad.json",
        "unreadable_import",
    )


async def test_a_subflow_may_be_one_that_the_project_has_already(api: Api) -> None:
    await imported(api, file("b.json", CHILD), mode="publish")

    answer = await imported(api, file("a.json", PARENT), mode="publish")

    assert outcomes(answer) == {"parent": ("published", 1)}


async def test_what_a_plugin_does_not_take_is_a_problem_at_its_node(api: Api) -> None:
    rules = {"step": {"plugin": "missing@1.0", "inputs": {"values": "*"}}}

    answer = await imported(api, file("b.json", CHILD), components=rules, mode="publish")

    (told,) = answer["templates"]
    assert (told["outcome"], told["problems"][0]["type"]) == ("refused", "unknown_plugin")
    assert told["problems"][0]["node_id"] == "work"


async def test_a_deleted_template_is_refused_and_the_others_go_on(api: Api) -> None:
    await imported(api, file("b.json", CHILD), mode="publish")
    await api.client.delete("/api/v1/projects/shop/templates/child")
    other = CHILD | {"id": "other"}

    answer = await imported(api, file("b.json", CHILD), file("c.json", other), mode="publish")

    assert outcomes(answer) == {"child": ("refused", None), "other": ("published", 1)}
    assert answer["templates"][0]["problems"][0]["type"] == "template_deleted"


async def test_a_repeated_import_gives_the_first_answer(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    body = {"files": [file("b.json", CHILD)], "components": RULES, "mode": "publish"}
    key = {"Idempotency-Key": "import-1"}

    first = await api.client.post(PATH, json=body, headers=key)
    again = await api.client.post(PATH, json=body, headers=key)
    other = await api.client.post(PATH, json={**body, "mode": "draft"}, headers=key)

    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert other.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    "fields",
    [
        {"files": []},
        {"mode": "run"},
        {"key_prefix": "-x"},
        {"components": {"step": {"plugin": "noop"}}},
        {"files": [{"name": "", "text": "{}"}]},
    ],
)
async def test_what_is_no_import_is_refused(api: Api, fields: dict[str, Any]) -> None:
    answer = await send(api, file("b.json", CHILD), **fields)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_an_import_may_be_larger_than_other_requests_but_not_boundless(api: Api) -> None:
    large = await send(api, {"name": "large", "text": " " * 2_000_000 + "{}"})
    boundless = await send(api, {"name": "boundless", "text": " " * 17_000_000})

    assert large.status_code == 200
    assert (boundless.status_code, boundless.json()["code"]) == (413, "body_too_large")


async def test_a_projects_own_table_maps_components_before_flowyards(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    empty = await api.client.get("/api/v1/projects/shop/component-table")

    written = await api.client.put("/api/v1/projects/shop/component-table", json={"rules": RULES})
    answer = await imported(api, file("b.json", CHILD), components=None, mode="publish")

    assert (empty.json()["rules"], empty.json()["actor"]) == ({}, None)
    assert (written.status_code, written.json()["actor"]) == (200, "ops")
    assert outcomes(answer) == {"child": ("published", 1)}


async def test_a_table_with_a_rule_that_is_none_is_refused(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})

    refused = await api.client.put(
        "/api/v1/projects/shop/component-table", json={"rules": {"a": {"plugin": "b"}}}
    )

    assert (refused.status_code, refused.json()["errors"][0]["type"]) == (422, "invalid_rule")


async def test_an_import_with_a_variable_tells_its_name_here(api: Api) -> None:
    value = tree({"a": service("step")}, [("s", "a"), ("a", "e")], [constant("in", "x")])

    answer = await imported(api, file("named.json", value))

    (told,) = answer["templates"]
    assert (told["key"], told["variable_names"]) == ("named", {"in": "in_2"})
