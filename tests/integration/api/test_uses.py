"""What runs a plugin or a template, stopped and updated in one call."""

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import select, text

from flowyard.storage.projects import find_project
from flowyard.storage.schema import command
from flowyard_api.usecases import publishing
from tests.integration.api.sharing import NEWER, document, host, show, template_path
from tests.support.api import PLUGIN, Api, Scheduler

BACKUP = document("backup", "save plugin noop@1.0")
NEXT_BACKUP = document("backup", "save plugin noop@1.0", "check plugin noop@1.0")
FOLLOWS = document("follows", "child subflow backup")
PINNED = document("pinned", "child subflow backup@1")


async def _uses(api: Api, path: str, **params: Any) -> list[tuple[str, str, str, str | None]]:
    answer = await api.client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [
        (one["template"], one["where"], one["node_id"], one["pinned"])
        for one in answer.json()["items"]
    ]


async def _post(api: Api, path: str, body: Any = None) -> Any:
    answer = await api.client.post(path, json=body or {})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _source(api: Api, key: str, version: int) -> str:
    path = template_path("shop", key, "versions", str(version))
    source: str = (await api.client.get(path)).json()["source"]
    return source


async def test_uses_of_a_template_are_found_in_drafts_and_latest_versions(api: Api) -> None:
    await api.publish(BACKUP)
    await api.publish(FOLLOWS)
    await api.publish(NEXT_BACKUP)
    await api.publish(PINNED)
    path = template_path("shop", "backup", "uses")

    answer = (await api.client.get(path)).json()["items"]

    assert await _uses(api, path) == [
        ("follows", "draft", "child", None),
        ("follows", "latest", "child", "1"),
        ("pinned", "draft", "child", "1"),
        ("pinned", "latest", "child", "1"),
    ]
    assert [one["outdated"] for one in answer] == [None, True, True, True]
    assert await _uses(api, path, version=2) == []
    assert len(await _uses(api, path, project="shop")) == 4
    assert await _uses(api, path, project="other") == []


async def test_uses_come_page_by_page(api: Api) -> None:
    await api.publish(BACKUP)
    for number in range(3):
        await api.publish(document(f"p{number}", "a subflow backup", "b subflow backup@1"))
    path = template_path("shop", "backup", "uses")
    whole = await _uses(api, path)

    seen: list[tuple[str, str, str, str | None]] = []
    cursor = None
    for _ in range(4):
        params = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = (await api.client.get(path, params=params)).json()
        seen += [
            (one["template"], one["where"], one["node_id"], one["pinned"]) for one in page["items"]
        ]
        cursor = page["next_cursor"]

    assert len(whole) == 12
    assert (seen, cursor) == (whole, None)


async def test_a_draft_counts_as_it_is_written_and_no_longer_as_it_was(api: Api) -> None:
    await api.publish(BACKUP)
    await api.publish(document("writing", "a plugin noop@1.0"))
    draft = template_path("shop", "writing", "draft")
    yaml = {"Content-Type": "application/yaml", "If-Match": "*"}
    path = template_path("shop", "backup", "uses")

    await api.client.put(draft, content=document("writing", "a subflow backup@7"), headers=yaml)
    written = await _uses(api, path)
    await api.client.put(draft, content="nonsense: [", headers=yaml)
    unreadable = await _uses(api, path)

    assert written == [("writing", "draft", "a", "7")]
    assert unreadable == []


async def test_an_older_version_counts_while_instances_run_it(api: Api) -> None:
    await api.publish(document("user", "a plugin noop@1.0"))
    instance_id = await api.start(template="user")
    await api.publish(document("user", "a subflow user@1"))
    path = "/api/v1/plugins/noop/1.0/uses"

    running = (await api.client.get(path)).json()["items"]
    await Scheduler(database=api.database, instance_id=instance_id).advance("succeeded")
    ended = await _uses(api, path)

    assert [(one["where"], one["version"], one["open_instances"]) for one in running] == [
        ("older", 1, 1)
    ]
    assert ended == []


async def test_all_open_instances_that_use_a_plugin_are_asked_to_end_once(api: Api) -> None:
    await api.publish(document("user", "a plugin noop@1.0"))
    open_ones = [await api.start(template="user") for _ in range(3)]
    ended = await api.start(template="user")
    await Scheduler(database=api.database, instance_id=ended).advance("succeeded")
    path = "/api/v1/plugins/noop/1.0/actions/stop-uses"

    first = await _post(api, path, {"limit": 2})
    second = await _post(api, path, {"limit": 2})
    third = await _post(api, path)

    assert [one["instance_id"] for one in first["items"] + second["items"]] == [
        str(one) for one in open_ones
    ]
    assert (first["has_more"], second["has_more"], third["items"]) == (True, False, [])
    async with api.database.transaction() as connection:
        rows = await connection.execute(
            select(command.c.command_id, command.c.actor).where(command.c.kind == "cancel")
        )
        assert {row.command_id: row.actor for row in rows} == {
            one["command_id"]: "ops" for one in first["items"] + second["items"]
        }


async def test_stopping_a_templates_uses_reaches_its_own_instances_and_those_that_pin_it(
    api: Api,
) -> None:
    await api.publish(BACKUP)
    await api.publish(PINNED)
    own = await api.start(template="backup")
    pinned = await api.start(template="pinned")
    await api.publish(NEXT_BACKUP)
    newer = await api.start(template="backup")
    path = template_path("shop", "backup", "actions", "stop-uses")

    elsewhere = await api.client.post("/api/v1/projects", json={"name": "billing"})
    none = await _post(api, path, {"project": "billing"})
    older = await _post(api, path, {"version": 1})
    rest = await _post(api, path)

    assert elsewhere.status_code == 201
    assert none["items"] == []
    assert [one["instance_id"] for one in older["items"]] == [str(own), str(pinned)]
    assert [one["instance_id"] for one in rest["items"]] == [str(newer)]


async def test_every_template_is_brought_to_another_plugin_version_or_refused_alone(
    api: Api,
) -> None:
    await host(api, PLUGIN, NEWER)
    await api.publish("# mine\n" + document("sound", "a plugin noop@1.0"))
    await api.publish(
        document("given", "a plugin noop@1.0").replace("@1.0}", "@1.0, inputs: {x: 1}}")
    )
    path = "/api/v1/plugins/noop/1.0/actions/update-uses"

    report = await _post(api, path, {"to_version": "1.1"})

    outcomes = {one["template"]: one for one in report["items"]}
    assert (outcomes["sound"]["outcome"], outcomes["sound"]["version"]) == ("published", 2)
    assert outcomes["given"]["outcome"] == "refused"
    assert outcomes["given"]["code"] == "invalid_document"
    assert outcomes["given"]["errors"][0]["node_id"] == "a"
    assert await _source(api, "sound", 2) == "# mine\n" + document("sound", "a plugin noop@1.1")
    assert await _uses(api, "/api/v1/plugins/noop/1.0/uses") == [
        ("given", "draft", "a", "1.0"),
        ("given", "latest", "a", "1.0"),
    ]
    draft = (await api.client.get(template_path("shop", "sound", "draft"))).json()
    assert draft["source"] == await _source(api, "sound", 2)


async def test_a_draft_that_somebody_writes_is_changed_and_not_published(api: Api) -> None:
    await host(api, PLUGIN, replace(PLUGIN, version="1.1"))
    await api.publish(document("user", "a plugin noop@1.0"))
    writing = document("user", "a plugin noop@1.0", "b plugin noop@1.0")
    await api.client.put(
        template_path("shop", "user", "draft"),
        content=writing,
        headers={"Content-Type": "application/yaml", "If-Match": "*"},
    )

    report = await _post(api, "/api/v1/plugins/noop/1.0/actions/update-uses", {"to_version": "1.1"})

    (outcome,) = report["items"]
    draft = (await api.client.get(template_path("shop", "user", "draft"))).json()
    assert (outcome["outcome"], outcome["version"]) == ("published", 2)
    assert await _source(api, "user", 2) == document("user", "a plugin noop@1.1")
    assert draft["source"] == writing.replace("1.0}", "1.1}")
    assert draft["revision"] == outcome["draft_revision"] == 3


async def test_what_is_published_at_the_same_moment_is_updated_and_not_overwritten(
    api: Api,
) -> None:
    await host(api, PLUGIN, NEWER)
    await api.publish(document("user", "a plugin noop@1.0"))
    theirs = document("user", "a plugin noop@1.0", "b plugin noop@1.0")
    context = api.service.app.state.context

    async with api.database.transaction() as connection:
        project = await find_project(connection, "shop")
        plugins = await context.plugins.read(connection)
        await publishing.apply(connection, project, theirs, actor="eve", plugins=plugins)
        update = asyncio.create_task(
            _post(api, "/api/v1/plugins/noop/1.0/actions/update-uses", {"to_version": "1.1"})
        )
        await _until_somebody_waits(api)
    report = await update

    assert [(one["outcome"], one["version"]) for one in report["items"]] == [("published", 3)]
    assert await _source(api, "user", 3) == theirs.replace("1.0", "1.1")


async def _until_somebody_waits(api: Api) -> None:
    statement = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while True:
            async with api.database.transaction() as connection:
                if await connection.scalar(statement):
                    return
            await asyncio.sleep(0.01)


async def test_updates_go_on_where_the_limit_was_reached(api: Api) -> None:
    await host(api, PLUGIN, NEWER)
    for number in range(3):
        await api.publish(document(f"p{number}", "a plugin noop@1.0"))
    path = "/api/v1/plugins/noop/1.0/actions/update-uses"

    first = await _post(api, path, {"to_version": "1.1", "limit": 2})
    second = await _post(api, path, {"to_version": "1.1", "limit": 2, "after": first["next_after"]})

    assert [len(one["items"]) for one in (first, second)] == [2, 1]
    assert second["next_after"] is None
    assert await _uses(api, "/api/v1/plugins/noop/1.0/uses") == []


async def test_an_unknown_plugin_version_changes_nothing(api: Api) -> None:
    await api.publish(document("user", "a plugin noop@1.0"))

    answer = await api.client.post(
        "/api/v1/plugins/noop/1.0/actions/update-uses", json={"to_version": "9.9"}
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_repeated_update_gives_the_first_answer_and_publishes_once(api: Api) -> None:
    await host(api, PLUGIN, NEWER)
    await api.publish(document("user", "a plugin noop@1.0"))

    answers = [
        await api.client.post(
            "/api/v1/plugins/noop/1.0/actions/update-uses",
            json={"to_version": "1.1"},
            headers={"Idempotency-Key": "once"},
        )
        for _ in range(2)
    ]

    versions = await api.client.get(template_path("shop", "user", "versions"))
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(versions.json()["items"]) == 2


async def test_pins_of_all_users_are_brought_to_the_latest_version(api: Api) -> None:
    await api.publish(BACKUP)
    await api.publish(FOLLOWS)
    await api.publish(PINNED)
    await api.publish(NEXT_BACKUP)

    report = await _post(api, template_path("shop", "backup", "actions", "update-uses"))

    assert {one["template"]: one["outcome"] for one in report["items"]} == {
        "follows": "published",
        "pinned": "published",
    }
    assert await _source(api, "follows", 2) == FOLLOWS
    assert await _source(api, "pinned", 2) == PINNED.replace("@1", "@2")
    again = await _post(api, template_path("shop", "backup", "actions", "update-uses"))
    assert {one["outcome"] for one in again["items"]} == {"unchanged"}


async def test_pins_may_be_brought_back_to_an_older_version_too(api: Api) -> None:
    await api.publish(BACKUP)
    await api.publish(NEXT_BACKUP)
    await api.publish(FOLLOWS)

    await _post(api, template_path("shop", "backup", "actions", "update-uses"), {"to_version": 1})

    assert await _source(api, "follows", 2) == FOLLOWS.replace("backup", "backup@1")


async def test_users_in_other_projects_are_updated_as_far_as_they_still_see_it(api: Api) -> None:
    await api.publish(BACKUP, project="platform")
    for name in ("shop", "billing"):
        await api.client.post("/api/v1/projects", json={"name": name})
    await show(api, "platform", "backup", all=True)
    for name in ("shop", "billing"):
        await api.publish(document("user", "child subflow platform/backup@1"), project=name)
    await show(api, "platform", "backup", projects=["shop"])
    await api.publish(NEXT_BACKUP, project="platform")

    report = await _post(api, template_path("platform", "backup", "actions", "update-uses"))

    assert {one["project"]: (one["outcome"], one["code"]) for one in report["items"]} == {
        "shop": ("published", None),
        "billing": ("refused", "unknown_template"),
    }


async def test_a_templates_outdated_subflows_are_listed_and_updated_in_one_call(api: Api) -> None:
    await api.publish(BACKUP)
    await api.publish(document("other", "a plugin noop@1.0"))
    await api.publish(
        document("parent", "one subflow backup@1", "two subflow backup", "three subflow other@1")
    )
    await api.publish(NEXT_BACKUP)
    path = template_path("shop", "parent")

    before = (await api.client.get(f"{path}/outdated")).json()
    updated = await _post(api, f"{path}/actions/update-subflows", {"note": "newer"})
    after = (await api.client.get(f"{path}/outdated")).json()
    again = await _post(api, f"{path}/actions/update-subflows")

    assert [(one["node_id"], one["pinned"], one["latest"]) for one in before["items"]] == [
        ("one", 1, 2),
        ("two", 1, 2),
    ]
    assert (updated["outcome"], updated["version"]) == ("published", 2)
    assert (after["version"], after["items"]) == (2, [])
    assert (again["outcome"], again["version"]) == ("unchanged", 2)
    assert await _source(api, "parent", 2) == document(
        "parent", "one subflow backup@2", "two subflow backup", "three subflow other@1"
    )
