"""Templates of one project that others may use."""

import pytest

from tests.integration.api.sharing import document, keys, show, template_path
from tests.support.api import Api

BACKUP = document("backup", "save plugin noop@1.0")
PARENT = document("parent", "child subflow platform/backup")


async def _projects(api: Api) -> str:
    """Publish the common template, and return its id."""
    published = await api.publish(BACKUP, project="platform")
    for name in ("shop", "billing"):
        await api.client.post("/api/v1/projects", json={"name": name})
    template_id: str = published["template"]["template_id"]
    return template_id


async def test_a_visible_template_is_listed_with_its_home_where_it_was_shown(api: Api) -> None:
    await _projects(api)
    await show(api, "platform", "backup", projects=["shop"])

    shown = (await api.client.get(template_path("shop"), params={"scope": "common"})).json()

    assert [(one["project"], one["reference"]) for one in shown["items"]] == [
        ("platform", "platform/backup")
    ]
    assert await keys(api.client, "shop") == []
    assert await keys(api.client, "billing", scope="all") == []
    assert await keys(api.client, "platform", scope="common") == []


async def test_what_is_common_to_all_is_visible_in_a_project_that_is_made_later(api: Api) -> None:
    await _projects(api)
    await show(api, "platform", "backup", all=True)

    await api.publish(document("own", "a plugin noop@1.0"), project="later")

    assert await keys(api.client, "later", scope="all") == ["backup", "own"]


async def test_a_visible_template_is_read_by_its_id_and_an_invisible_one_is_not(api: Api) -> None:
    template_id = await _projects(api)
    await show(api, "platform", "backup", projects=["shop"])

    shown = await api.client.get(template_path("shop", template_id))
    version = await api.client.get(template_path("shop", template_id, "versions", "1"))
    hidden = await api.client.get(template_path("billing", template_id))
    draft = await api.client.get(template_path("shop", template_id, "draft"))

    assert (shown.status_code, shown.json()["key"]) == (200, "backup")
    assert version.json()["document"]["key"] == "backup"
    assert (hidden.status_code, draft.status_code) == (404, 404)


async def test_an_instance_of_a_common_template_belongs_to_the_project_that_starts_it(
    api: Api,
) -> None:
    await _projects(api)
    await show(api, "platform", "backup", projects=["shop"])
    instances = "/api/v1/projects/{}/instances"

    started = await api.client.post(instances.format("shop"), json={"template": "platform/backup"})
    refused = await api.client.post(
        instances.format("billing"), json={"template": "platform/backup"}
    )
    by_reference = await api.client.get(
        instances.format("shop"), params={"template": "platform/backup"}
    )
    by_key = await api.client.get(instances.format("shop"), params={"template": "backup"})
    at_home = await api.client.get(instances.format("platform"))

    assert started.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_template")
    (listed,) = by_reference.json()["items"]
    assert (listed["project"], listed["template"]) == ("shop", "platform/backup")
    assert by_key.json()["items"] == []
    assert at_home.json()["items"] == []


async def test_a_key_alone_never_means_a_template_of_another_project(api: Api) -> None:
    await _projects(api)
    await show(api, "platform", "backup", all=True)

    answer = await api.client.post("/api/v1/projects/shop/instances", json={"template": "backup"})

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_template")


async def test_a_subflow_of_a_common_template_is_pinned_where_it_is_visible(api: Api) -> None:
    await _projects(api)

    hidden = await api.client.post(
        template_path("shop", "actions", "apply"), json={"source": PARENT}
    )
    await show(api, "platform", "backup", projects=["shop"])
    shown = await api.publish(PARENT, project="shop")

    assert (hidden.status_code, hidden.json()["code"]) == (422, "unknown_template")
    assert hidden.json()["errors"][0]["node_id"] == "child"
    assert shown["version"]["number"] == 1


async def test_where_visibility_is_withdrawn_pins_stay_and_publications_are_refused(
    api: Api,
) -> None:
    await _projects(api)
    await show(api, "platform", "backup", projects=["shop"])
    await api.publish(PARENT, project="shop")
    await api.publish(document("parent", "a plugin noop@1.0"), project="shop")
    await show(api, "platform", "backup", projects=[])

    started = await api.client.post(
        "/api/v1/projects/shop/instances", json={"template": "parent", "version": 1}
    )
    rollback = await api.client.post(
        template_path("shop", "parent", "actions", "rollback"), json={"version": 1}
    )

    assert started.status_code == 201
    assert (rollback.status_code, rollback.json()["code"]) == (422, "unknown_template")


@pytest.mark.parametrize(
    ("project", "status", "code"),
    [("nowhere", 404, "not_found"), ("platform", 422, "invalid_request")],
)
async def test_only_other_projects_that_exist_can_be_chosen(
    api: Api, project: str, status: int, code: str
) -> None:
    await _projects(api)

    answer = await api.client.put(
        template_path("platform", "backup", "visibility"), json={"projects": [project]}
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_choice_is_shown_and_who_made_it_is_kept(api: Api) -> None:
    await _projects(api)
    await show(api, "platform", "backup", projects=["shop", "billing"])
    await show(api, "platform", "backup", projects=["billing"])

    visibility = await api.client.get(template_path("platform", "backup", "visibility"))
    changes = await api.client.get(template_path("platform", "backup", "changes"))

    assert visibility.json() == {
        "all": False,
        "projects": ["billing"],
        "reference": "platform/backup",
    }
    assert [(one["kind"], one["actor"], one["detail"]) for one in changes.json()["items"]] == [
        ("visibility", "ops", {"all": False, "projects": ["billing"]}),
        ("visibility", "ops", {"all": False, "projects": ["billing", "shop"]}),
    ]
