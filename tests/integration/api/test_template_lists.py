"""Labels, categories and favourites, and the lists that go by them."""

from typing import Any

import pytest

from flowyard.storage.template_lists import TemplateOrder
from tests.integration.api.sharing import document, keys, somebody, template_path
from tests.support.api import Api

SHOP = "/api/v1/projects/shop"


async def _publish(api: Api, *names: str) -> None:
    for name in names:
        await api.publish(document(name, "a plugin noop@1.0"))


async def _edit(api: Api, key: str, **fields: Any) -> dict[str, Any]:
    answer = await api.client.patch(template_path("shop", key), json=fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_labels_category_and_title_are_set_and_what_is_left_out_stays(api: Api) -> None:
    await _publish(api, "alpha")
    await _edit(api, "alpha", labels={"team": "shop"}, category="DevTools")

    edited = await _edit(api, "alpha", title="First")

    assert (edited["title"], edited["category"]) == ("First", "DevTools")
    assert edited["labels"] == {"team": "shop"}
    assert (await api.publish(document("alpha", "b plugin noop@1.0")))["template"]["title"] == (
        "Alpha"
    )


async def test_templates_are_found_by_label_category_favourite_and_text(api: Api) -> None:
    await _publish(api, "alpha", "beta", "gamma")
    await _edit(api, "alpha", labels={"team": "shop", "tier": "1"}, category="DevTools")
    await _edit(api, "beta", labels={"team": "shop"})
    await api.client.put(template_path("shop", "gamma", "favourite"))

    assert await keys(api.client, "shop", label=["team:shop"]) == ["alpha", "beta"]
    assert await keys(api.client, "shop", label=["team:shop", "tier:1"]) == ["alpha"]
    assert await keys(api.client, "shop", category="DevTools") == ["alpha"]
    assert await keys(api.client, "shop", favourite=True) == ["gamma"]
    assert await keys(api.client, "shop", text="ET", label=["team:shop"]) == ["beta"]


async def test_favourites_are_everybodys_own(api: Api) -> None:
    await _publish(api, "alpha")
    await api.client.put(template_path("shop", "alpha", "favourite"))

    async with somebody(api, "eve") as eve:
        theirs = await keys(eve, "shop", favourite=True)
        shown = (await eve.get(template_path("shop", "alpha"))).json()["favourite"]
    mine = (await api.client.get(template_path("shop", "alpha"))).json()["favourite"]
    await api.client.delete(template_path("shop", "alpha", "favourite"))
    after = await keys(api.client, "shop", favourite=True)

    assert (theirs, shown, mine, after) == ([], False, True, [])


@pytest.mark.parametrize("order", list(TemplateOrder))
async def test_every_order_gives_each_template_once_over_all_pages(
    api: Api, order: TemplateOrder
) -> None:
    await _publish(api, "alpha", "beta", "gamma", "delta")
    for key, title in (("alpha", "Same"), ("beta", "Same"), ("gamma", "A|b"), ("delta", "")):
        await _edit(api, key, title=title)
    whole = await keys(api.client, "shop", sort=order.value)

    seen: list[str] = []
    cursor: str | None = None
    for _ in whole:
        params = {"sort": order.value, "limit": "1", **({"cursor": cursor} if cursor else {})}
        page = (await api.client.get(template_path("shop"), params=params)).json()
        seen += [one["key"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert sorted(whole) == ["alpha", "beta", "delta", "gamma"]
    assert (seen, cursor) == (whole, None)


async def test_a_cursor_of_another_order_is_refused(api: Api) -> None:
    await _publish(api, "alpha", "beta")
    first = (await api.client.get(template_path("shop"), params={"limit": 1})).json()

    answer = await api.client.get(
        template_path("shop"), params={"sort": "created_at", "cursor": first["next_cursor"]}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


async def test_a_project_offers_the_categories_of_bk_sops_until_it_has_its_own(api: Api) -> None:
    await _publish(api, "alpha", "beta")
    await _edit(api, "alpha", category="Night")

    first = (await api.client.get(f"{SHOP}/categories")).json()["items"]
    await api.client.put(f"{SHOP}/categories", json={"names": ["Release", "Night"]})
    second = (await api.client.get(f"{SHOP}/categories")).json()["items"]

    assert [one["name"] for one in first if one["listed"]] == [
        *("OpsTools", "MonitorAlarm", "ConfManage", "DevTools", "EnterpriseIT", "OfficeApp"),
        *("Other", "Default"),
    ]
    assert first[-1] == {"name": "Night", "listed": False, "templates": 1}
    assert second == [
        {"name": "Release", "listed": True, "templates": 0},
        {"name": "Night", "listed": True, "templates": 1},
        {"name": "Default", "listed": False, "templates": 1},
    ]


async def test_a_category_that_is_there_twice_is_refused(api: Api) -> None:
    await _publish(api, "alpha")

    answer = await api.client.put(f"{SHOP}/categories", json={"names": ["A", "A"]})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
