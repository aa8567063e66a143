"""Templates that are deleted, and what keeps them from it."""

import asyncio

from tests.integration.api.sharing import document, keys, template_path
from tests.support.api import Api, Scheduler

BACKUP = document("backup", "save plugin noop@1.0")
PARENT = document("parent", "child subflow backup")


async def test_a_deleted_template_is_off_the_lists_and_its_history_stays(api: Api) -> None:
    await api.publish(BACKUP)

    gone = await api.client.delete(template_path("shop", "backup"))

    assert (gone.status_code, gone.json()["deleted_at"] is None) == (200, False)
    assert await keys(api.client, "shop") == []
    assert await keys(api.client, "shop", deleted=True) == ["backup"]
    versions = await api.client.get(template_path("shop", "backup", "versions"))
    assert [one["number"] for one in versions.json()["items"]] == [1]


async def test_nothing_is_started_written_or_published_of_a_deleted_template(api: Api) -> None:
    await api.publish(BACKUP)
    await api.client.delete(template_path("shop", "backup"))
    path = template_path("shop", "backup")

    started = await api.client.post("/api/v1/projects/shop/instances", json={"template": "backup"})
    answers = [
        await api.client.put(
            f"{path}/draft",
            content=BACKUP,
            headers={"Content-Type": "application/yaml", "If-Match": "*"},
        ),
        await api.client.post(f"{path}/actions/publish"),
        await api.client.post(f"{path}/actions/rollback", json={"version": 1}),
        await api.client.post(template_path("shop", "actions", "apply"), json={"source": BACKUP}),
        await api.client.patch(path, json={"title": "New"}),
        await api.client.put(f"{path}/visibility", json={"all": True}),
        await api.client.put(f"{path}/presets/night", json={"inputs": {}}),
        await api.client.delete(path),
    ]

    assert (started.status_code, started.json()["code"]) == (422, "unknown_template")
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(409, "template_deleted")}


async def test_the_key_of_a_deleted_template_stays_taken_until_it_is_restored(api: Api) -> None:
    await api.publish(BACKUP)
    await api.client.delete(template_path("shop", "backup"))

    created = await api.client.post(template_path("shop"), json={"key": "backup"})
    restored = await api.client.post(template_path("shop", "backup", "actions", "restore"))
    started = await api.client.post("/api/v1/projects/shop/instances", json={"template": "backup"})
    changes = await api.client.get(template_path("shop", "backup", "changes"))

    assert (created.status_code, created.json()["code"]) == (409, "conflict")
    assert restored.json()["deleted_at"] is None
    assert started.status_code == 201
    assert [one["kind"] for one in changes.json()["items"]] == ["restore", "delete"]


async def test_a_template_that_others_use_is_not_deleted(api: Api) -> None:
    await api.publish(BACKUP)
    await api.publish(PARENT)

    answer = await api.client.delete(template_path("shop", "backup"))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "template_in_use")
    assert [(one["template"], one["version"], one["node_id"]) for one in problem["used_by"]] == [
        ("shop/parent", None, "child"),
        ("shop/parent", 1, "child"),
    ]
    assert problem["open_instances"] == 0


async def test_an_older_version_keeps_what_it_uses_only_while_it_runs(api: Api) -> None:
    await api.publish(BACKUP)
    await api.publish(PARENT)
    instance_id = await api.start(template="parent")
    await api.publish(document("parent", "a plugin noop@1.0"))
    scheduler = Scheduler(database=api.database, instance_id=instance_id)

    running = await api.client.delete(template_path("shop", "backup"))
    await scheduler.advance("succeeded")
    ended = await api.client.delete(template_path("shop", "backup"))

    assert (running.status_code, running.json()["used_by"][0]["open_instances"]) == (409, 1)
    assert ended.status_code == 200


async def test_a_template_with_open_instances_is_not_deleted(api: Api) -> None:
    await api.publish(BACKUP)
    instance_id = await api.start(template="backup")

    refused = await api.client.delete(template_path("shop", "backup"))
    await Scheduler(database=api.database, instance_id=instance_id).advance("cancelled")
    gone = await api.client.delete(template_path("shop", "backup"))

    assert (refused.status_code, refused.json()["open_instances"]) == (409, 1)
    assert gone.status_code == 200


async def test_a_template_that_starts_its_own_older_version_may_be_deleted(api: Api) -> None:
    await api.publish(BACKUP)
    await api.publish(document("backup", "again subflow backup@1"))

    assert (await api.client.delete(template_path("shop", "backup"))).status_code == 200


async def test_of_a_deletion_and_a_publication_that_uses_it_one_is_refused(api: Api) -> None:
    await api.publish(BACKUP)
    apply = template_path("shop", "actions", "apply")
    for round_number in range(6):
        source = document(f"parent{round_number}", "child subflow backup")

        gone, published = await asyncio.gather(
            api.client.delete(template_path("shop", "backup")),
            api.client.post(apply, json={"source": source}),
        )

        outcome = (gone.status_code, published.status_code)
        assert outcome in {(200, 422), (409, 200)}, (gone.text, published.text)
        if gone.status_code == 200:
            await api.client.post(template_path("shop", "backup", "actions", "restore"))
        else:
            emptied = source.replace("subflow: backup", "plugin: noop@1.0")
            await api.client.post(apply, json={"source": emptied})
