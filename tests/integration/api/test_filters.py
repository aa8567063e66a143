"""Saved filters, and the lists that they narrow."""

from typing import Any

import httpx
import pytest

from tests.integration.api.sharing import document, keys, somebody, template_path
from tests.support.api import Api

FILTERS = "/api/v1/projects/shop/filters"
INSTANCES = "/api/v1/projects/shop/instances"


async def _save(
    client: httpx.AsyncClient, name: str, parameters: Any, *, resource: str, shared: bool = False
) -> httpx.Response:
    return await client.put(
        f"{FILTERS}/{resource}/{name}",
        params={"shared": str(shared).lower()},
        json={"parameters": parameters},
    )


async def _names(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get(INSTANCES, params=params)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def test_a_filter_narrows_the_list_and_what_is_given_beside_it_goes_first(api: Api) -> None:
    await api.publish()
    await api.start(name="one", labels={"team": "shop"})
    await api.start(name="two", labels={"team": "shop"})
    await api.start(name="three", labels={"team": "pay"})
    await _save(api.client, "ours", {"label": ["team:shop"], "text": "t"}, resource="instances")

    assert await _names(api.client, filter="ours") == ["two"]
    assert await _names(api.client, filter="ours", text="one") == ["one"]
    assert await _names(api.client, filter="ours", label="team:pay") == ["three"]
    later = {"created_after": "2999-01-01T00:00:00Z"}
    assert await _names(api.client, filter="ours", **later) == []


async def test_a_filter_of_templates_keeps_their_order_too(api: Api) -> None:
    for name in ("alpha", "beta"):
        await api.publish(document(name, "a plugin noop@1.0"))
    await _save(api.client, "last", {"sort": "-key"}, resource="templates")

    assert await keys(api.client, "shop", filter="last") == ["beta", "alpha"]


async def test_my_own_filter_goes_before_the_shared_one_and_nobody_else_sees_it(api: Api) -> None:
    await api.publish()
    await api.start(name="one")
    await api.start(name="two")
    await _save(api.client, "f", {"text": "one"}, resource="instances", shared=True)
    await _save(api.client, "f", {"text": "two"}, resource="instances")

    async with somebody(api, "eve") as eve:
        theirs = await _names(eve, filter="f")
        listed = (await eve.get(f"{FILTERS}/instances")).json()["items"]
        refused = await eve.delete(f"{FILTERS}/instances/f")
    mine = await _names(api.client, filter="f")
    shown = (await api.client.get(f"{FILTERS}/instances/f")).json()
    await api.client.delete(f"{FILTERS}/instances/f")
    after = await _names(api.client, filter="f")

    assert (mine, theirs, after) == (["two"], ["one"], ["one"])
    assert [one["shared"] for one in listed] == [True]
    assert shown["shared"] is False
    assert refused.status_code == 404


async def test_filters_are_listed_page_by_page(api: Api) -> None:
    await api.publish()
    for name in ("b", "a"):
        for shared in (True, False):
            await _save(api.client, name, {}, resource="templates", shared=shared)

    seen: list[tuple[str, bool]] = []
    cursor = None
    for _ in range(4):
        params = {"limit": "1", **({"cursor": cursor} if cursor else {})}
        page = (await api.client.get(f"{FILTERS}/templates", params=params)).json()
        seen += [(one["name"], one["shared"]) for one in page["items"]]
        cursor = page["next_cursor"]

    assert seen == [("a", True), ("a", False), ("b", True), ("b", False)]
    assert cursor is None


@pytest.mark.parametrize(
    ("resource", "parameters", "place"),
    [
        ("instances", {"status": ["asleep"]}, ["body", "parameters", "status", 0]),
        ("instances", {"category": "DevTools"}, ["body", "parameters", "category"]),
        ("instances", {"filter": "other"}, ["body", "parameters", "filter"]),
        ("instances", {"label": ["team"]}, ["body", "label", 0]),
        ("templates", {"sort": "size"}, ["body", "parameters", "sort"]),
    ],
)
async def test_parameters_that_the_list_does_not_take_are_named(
    api: Api, resource: str, parameters: Any, place: list[str]
) -> None:
    await api.publish()

    answer = await _save(api.client, "f", parameters, resource=resource)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["loc"] == place


async def test_a_filter_that_is_not_there_is_404(api: Api) -> None:
    await api.publish()
    await _save(api.client, "f", {}, resource="templates")

    of_instances = await api.client.get(INSTANCES, params={"filter": "f"})
    of_templates = await api.client.get(template_path("shop"), params={"filter": "f"})

    assert (of_instances.status_code, of_instances.json()["code"]) == (404, "not_found")
    assert of_templates.status_code == 200
