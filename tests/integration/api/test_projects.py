from tests.support.api import Api


async def test_a_project_is_found_by_name_and_by_id(api: Api) -> None:
    created = await api.client.post("/api/v1/projects", json={"name": "shop", "title": "The shop"})

    by_name = await api.client.get("/api/v1/projects/shop")
    by_id = await api.client.get(f"/api/v1/projects/{created.json()['project_id']}")

    assert created.status_code == 201
    assert created.headers["location"] == "/api/v1/projects/shop"
    assert by_name.json() == by_id.json() == created.json()


async def test_a_second_project_of_the_same_name_is_a_conflict(api: Api) -> None:
    await api.client.post("/api/v1/projects", json={"name": "shop"})

    again = await api.client.post("/api/v1/projects", json={"name": "shop"})

    assert again.status_code == 409
    assert again.json()["code"] == "conflict"


async def test_projects_come_in_pages_by_name(api: Api) -> None:
    for name in ("c", "a", "b"):
        await api.client.post("/api/v1/projects", json={"name": name})

    first = (await api.client.get("/api/v1/projects?limit=2")).json()
    second = (
        await api.client.get("/api/v1/projects", params={"cursor": first["next_cursor"]})
    ).json()

    assert [one["name"] for one in first["items"]] == ["a", "b"]
    assert [one["name"] for one in second["items"]] == ["c"]
    assert second["next_cursor"] is None


async def test_an_unknown_project_is_404(api: Api) -> None:
    answer = await api.client.get("/api/v1/projects/none")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


async def test_me_is_the_tokens_actor(api: Api) -> None:
    assert (await api.client.get("/api/v1/me")).json()["actor"] == "ops"


async def test_plugins_are_listed_with_their_schemas(api: Api) -> None:
    listed = (await api.client.get("/api/v1/plugins")).json()["items"]
    shown = (await api.client.get("/api/v1/plugins/noop/1.0")).json()

    assert listed == [shown]
    assert shown["inputs_schema"]["type"] == "object"
