"""Named sets of input values, and starts that take them."""

from typing import Any

import pytest

from flowyard.storage.instances import find_instance
from tests.integration.api.sharing import document, show, template_path
from tests.support.api import Api

INSTANCES = "/api/v1/projects/shop/instances"
PASSWORD = document("login", "a plugin noop@1.0", inputs="{token: {type: password}}")


async def _save(api: Api, name: str, inputs: Any, *, key: str = "release") -> Any:
    return await api.client.put(
        template_path("shop", key, "presets", name), json={"inputs": inputs}
    )


async def test_a_start_takes_a_presets_values_where_no_others_are_given(api: Api) -> None:
    await api.publish()
    await _save(api, "night", {"version": "2.0.0", "count": 5})

    instance_id = await api.start(preset="night", inputs={"count": 7})

    async with api.database.transaction() as connection:
        given = (await find_instance(connection, instance_id)).given
    assert given == {"version": "2.0.0", "count": 7}


async def test_a_presets_values_are_checked_when_they_are_used(api: Api) -> None:
    await api.publish()
    saved = await _save(api, "night", {"count": "many", "colour": "red"})

    answer = await api.client.post(INSTANCES, json={"template": "release", "preset": "night"})
    mended = await api.client.post(
        INSTANCES, json={"template": "release", "preset": "night", "inputs": {"count": 1}}
    )

    assert saved.status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_inputs")
    assert {one["loc"][-1] for one in answer.json()["errors"]} == {"count", "colour"}
    assert {one["loc"][-1] for one in mended.json()["errors"]} == {"colour"}


async def test_an_unknown_preset_is_named_with_its_item(api: Api) -> None:
    await api.publish()
    await _save(api, "night", {})
    items = [{"template": "release", "preset": name} for name in ("night", "day")]

    answer = await api.client.post(f"{INSTANCES}/actions/bulk-create", json={"items": items})

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_preset")
    assert answer.json()["errors"][0]["loc"] == ["body", "items", 1, "preset"]


async def test_presets_are_listed_shown_replaced_and_deleted(api: Api) -> None:
    await api.publish()
    for name in ("b", "a", "c"):
        await _save(api, name, {"count": 1})
    await _save(api, "a", {"count": 2})
    path = template_path("shop", "release", "presets")

    page = (await api.client.get(path, params={"limit": 2})).json()
    rest = (await api.client.get(path, params={"cursor": page["next_cursor"]})).json()
    shown = (await api.client.get(f"{path}/a")).json()
    gone = await api.client.delete(f"{path}/a")
    again = await api.client.delete(f"{path}/a")

    assert [one["name"] for one in page["items"] + rest["items"]] == ["a", "b", "c"]
    assert (shown["inputs"], shown["actor"]) == ({"count": 2}, "ops")
    assert (gone.status_code, gone.json()["inputs"]) == (200, {"count": 2})
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("value", [{"$secret": "TOKEN"}, [{"a": {"$sealed": "x"}}]])
async def test_a_preset_holds_no_reference_of_the_systems_own(api: Api, value: Any) -> None:
    await api.publish()

    answer = await _save(api, "night", {"version": value})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["type"] == "reserved_key"


async def test_a_preset_holds_a_password_only_as_the_name_of_a_secret(api: Api) -> None:
    await api.publish(PASSWORD)

    plain = await _save(api, "night", {"token": "hunter2"}, key="login")
    named = await _save(api, "night", {"token": {"secret": "TOKEN"}}, key="login")

    assert (plain.status_code, plain.json()["code"]) == (422, "invalid_inputs")
    assert "hunter2" not in plain.text
    assert named.status_code == 200


async def test_a_common_templates_presets_are_taken_by_those_who_see_it(api: Api) -> None:
    published = await api.publish()
    await _save(api, "night", {"count": 5})
    await api.client.post("/api/v1/projects", json={"name": "billing"})
    await show(api, "shop", "release", projects=["billing"])
    template_id = published["template"]["template_id"]

    listed = await api.client.get(template_path("billing", template_id, "presets"))
    written = await api.client.put(
        template_path("billing", template_id, "presets", "mine"), json={"inputs": {}}
    )
    started = await api.client.post(
        "/api/v1/projects/billing/instances",
        json={"template": "shop/release", "preset": "night"},
    )

    assert [one["name"] for one in listed.json()["items"]] == ["night"]
    assert written.status_code == 404
    assert started.status_code == 201
