from typing import Any

import httpx
import pytest

from tests.support.api import Api

PATH = "/api/v1/projects/shop/variables"


async def put(api: Api, name: str, value: Any, **more: Any) -> httpx.Response:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    return await api.client.put(f"{PATH}/{name}", json={"value": value, **more})


@pytest.mark.parametrize("value", ["eu", 3, 1.5, True, None, [1, "a"], {"a": {"b": []}}])
async def test_a_variable_keeps_its_type(api: Api, value: Any) -> None:
    answer = await put(api, "region", value, description="Where")

    assert answer.status_code == 200, answer.text
    (listed,) = (await api.client.get(PATH)).json()["items"]
    assert listed == answer.json()
    assert (listed["value"], listed["description"], listed["actor"]) == (value, "Where", "ops")


async def test_writing_again_replaces_the_value(api: Api) -> None:
    await put(api, "region", "eu", description="Where")
    await put(api, "region", "us")

    (listed,) = (await api.client.get(PATH)).json()["items"]
    assert (listed["value"], listed["description"]) == ("us", "")


async def test_variables_come_in_pages_by_name(api: Api) -> None:
    for name in ("c", "a", "b"):
        await put(api, name, name)

    first = (await api.client.get(f"{PATH}?limit=2")).json()
    second = (await api.client.get(PATH, params={"cursor": first["next_cursor"]})).json()

    assert [one["name"] for one in first["items"]] == ["a", "b"]
    assert [one["name"] for one in second["items"]] == ["c"]


async def test_a_deleted_variable_is_gone(api: Api) -> None:
    await put(api, "region", "eu")

    deleted = await api.client.delete(f"{PATH}/region")
    again = await api.client.delete(f"{PATH}/region")

    assert (deleted.status_code, deleted.json()["value"]) == (200, "eu")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert (await api.client.get(PATH)).json()["items"] == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("_region", {"value": 1}),
        ("re-gion", {"value": 1}),
        ("region", {}),
        ("region", {"value": {"deep": [{"$secret": "TOKEN"}]}}),
        ("region", {"value": 1, "type": "integer"}),
    ],
)
async def test_what_is_no_variable_is_refused(api: Api, name: str, body: dict[str, Any]) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})

    answer = await api.client.put(f"{PATH}/{name}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (await api.client.get(PATH)).json()["items"] == []


async def test_all_variables_of_a_project_are_bounded_together(api: Api) -> None:
    assert (await put(api, "a", "x" * 40_000)).status_code == 200

    refused = await put(api, "b", "x" * 40_000)
    replaced = await put(api, "a", "x" * 50_000)

    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_variables")
    assert replaced.status_code == 200
    assert [one["name"] for one in (await api.client.get(PATH)).json()["items"]] == ["a"]


async def test_a_write_under_the_same_key_is_done_once(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})
    headers = {"Idempotency-Key": "once"}

    first = await api.client.put(f"{PATH}/region", json={"value": "eu"}, headers=headers)
    again = await api.client.put(f"{PATH}/region", json={"value": "eu"}, headers=headers)

    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("method", ["get", "put", "delete"])
async def test_an_unknown_project_is_404(api: Api, method: str) -> None:
    path = "/api/v1/projects/none/variables" + ("" if method == "get" else "/region")
    body = {"json": {"value": 1}} if method == "put" else {}

    answer = await getattr(api.client, method)(path, **body)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
