from typing import Any

import yaml

from tests.integration.api.test_imports import CHILD, PARENT, RULES, file, imported
from tests.support.api import Api

TEMPLATES = "/api/v1/projects/shop/templates"


async def exported(api: Api, key: str) -> dict[str, Any]:
    answer = await api.client.get(
        f"{TEMPLATES}/{key}/versions/1/export", params={"format": "bk-sops-yaml"}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _published(api: Api) -> dict[str, Any]:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    await api.client.put("/api/v1/projects/shop/component-table", json={"rules": RULES})
    return await imported(api, file("a.json", PARENT), file("b.json", CHILD), mode="publish")


async def test_an_export_holds_the_subflows_first(api: Api) -> None:
    await _published(api)

    answer = await exported(api, "parent")

    documents = list(yaml.safe_load_all(answer["text"]))
    assert [one["meta"]["id"] for one in documents] == ["child", "parent"]
    assert documents[0]["spec"]["nodes"][1]["component"] == {
        "code": "step",
        "data": {"x": {"value": "1"}},
        "version": "legacy",
    }
    assert answer["diagnostics"] == []


async def test_what_is_exported_and_imported_again_is_not_published_again(api: Api) -> None:
    before = await _published(api)
    text = (await exported(api, "parent"))["text"]

    again = await imported(api, {"name": "again.yaml", "text": text}, mode="publish")

    assert [one["outcome"] for one in again["templates"]] == ["unchanged", "unchanged"]
    assert [one["document"] for one in again["templates"]] == [
        one["document"] for one in before["templates"]
    ]


async def test_what_the_format_cannot_hold_is_said(api: Api) -> None:
    await api.publish()

    answer = await exported(api, "release")

    assert {one["code"] for one in answer["diagnostics"]} == {"no_component"}
    assert answer["diagnostics"][0]["node_id"] == "prepare"


async def test_only_a_known_format_and_a_known_version_are_exported(api: Api) -> None:
    await api.publish()

    other = await api.client.get(
        f"{TEMPLATES}/release/versions/1/export", params={"format": "bpmn"}
    )
    missing = await api.client.get(f"{TEMPLATES}/release/versions/9/export")

    assert (other.status_code, other.json()["code"]) == (422, "invalid_request")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
