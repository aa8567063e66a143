"""Which processes run plugins."""

from flowyard.ids import new_id
from tests.support.api import Api
from tests.support.steps import insert_runner

PATH = "/api/v1/plugin-gateways"


async def test_plugin_gateways_that_are_alive_are_listed(api: Api) -> None:
    alive = new_id()
    await insert_runner(api.database, alive)
    await insert_runner(api.database, new_id(), silent_seconds=6)

    answer = await api.client.get(PATH)

    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    assert (item["boot_id"], item["host"]) == (str(alive), "elsewhere")
    assert item["renewed_at"] <= item["started_at"]


async def test_without_any_plugin_gateway_the_list_is_empty(api: Api) -> None:
    answer = await api.client.get(PATH)

    assert answer.json() == {"items": [], "next_cursor": None}
