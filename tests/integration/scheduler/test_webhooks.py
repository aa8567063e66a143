"""What a scheduler stores for webhooks: all of it, in the batch's transaction, and no more."""

import uuid
from typing import Any

import asyncpg
import orjson
import pytest

from flowyard.ids import new_id
from flowyard.storage import webhook_events
from flowyard.storage.webhooks import (
    Webhook,
    WebhookContent,
    create_webhook,
    delete_webhook,
    update_webhook,
)
from flowyard.testing.graphs import chain
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings
from tests.support.scene import Created, Scene, answering, failed, succeeded

ENDS = ("instance.succeeded",)
FAILURES = ("instance.failed", "node.failed")


async def _hook(scene: Scene, *events: str, **content: Any) -> Webhook:
    told = WebhookContent(url="http://127.0.0.1/", events=events or ENDS, **content)
    async with scene.database.transaction() as connection:
        return await create_webhook(connection, scene.project_id, told, box="box1.", actor="ann")


async def _told(scene: Scene, webhook: Webhook) -> list[dict[str, Any]]:
    return await scene.fetch(
        "SELECT event, instance_id, data, traceparent FROM webhook_delivery WHERE webhook_id = $1"
        " ORDER BY occurred_at, (data ->> 'sequence')::int",
        webhook.webhook_id,
    )


async def _run(scene: Scene, template: uuid.UUID, **columns: str) -> Created:
    created = await scene.create(template, start=False)
    for name, value in columns.items():
        await scene.execute(
            f"UPDATE instance SET {name} = $1 WHERE instance_id = $2",  # noqa: S608 - of this file
            value,
            created.instance_id,
        )
    await scene.command(created, "start")
    await scene.until_status(created, "succeeded", "failed")
    return created


async def test_a_webhook_is_told_of_what_begins_once_it_is_there(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        before = await _run(scene, template)
        hooks = [await _hook(scene, "instance.started", *ENDS) for _ in range(3)]
        # The scheduler is told nothing: its next batch finds out.
        after = await _run(scene, template)

    for hook in hooks:
        told = await _told(scene, hook)
        assert [one["event"] for one in told] == ["instance.started", "instance.succeeded"]
        assert {one["instance_id"] for one in told} == {after.instance_id}
    assert before.instance_id != after.instance_id


async def test_a_disabled_or_deleted_webhook_is_told_nothing_more(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(1))
    off, gone, stays = [await _hook(scene) for _ in range(3)]

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        await _run(scene, template)
        async with scene.database.transaction() as connection:
            silent = WebhookContent(url=off.url, events=off.events, is_enabled=False)
            await update_webhook(connection, off, silent, actor="ann")
            await delete_webhook(connection, gone, actor="ann")
        await _run(scene, template)

    assert [len(await _told(scene, one)) for one in (off, gone, stays)] == [1, 1, 2]


async def test_templates_and_labels_choose_what_is_told(scene: Scene, settings: Settings) -> None:
    first = await scene.publish_template(chain(1), key="first")
    second = await scene.publish_template(chain(1), key="second")
    of_second = await _hook(scene, templates=["second"])
    of_team = await _hook(scene, labels={"team": "shop"})
    of_all = await _hook(scene)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        await _run(scene, first, labels='{"team": "shop", "tier": "1"}')
        await _run(scene, second, labels='{"team": "search"}')

    assert [len(await _told(scene, one)) for one in (of_second, of_team, of_all)] == [1, 1, 2]


async def test_projects_are_told_of_their_own(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(chain(1))
    other = new_id()
    await scene.execute("INSERT INTO project (project_id, name) VALUES ($1, 'other')", other)
    told = WebhookContent(url="http://127.0.0.1/", events=ENDS)
    async with scene.database.transaction() as connection:
        foreign = await create_webhook(connection, other, told, box="box1.", actor="ann")

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        await _run(scene, template)

    assert await _told(scene, foreign) == []


async def test_an_event_carries_what_its_receiver_needs(scene: Scene, settings: Settings) -> None:
    template = await scene.publish_template(chain(1))
    hook = await _hook(scene, *FAILURES)
    trace = f"00-{'a' * 32}-{'b' * 16}-00"

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, failed),
    ):
        created = await _run(scene, template, labels='{"team": "shop"}', traceparent=trace)

    of_node, of_instance = await _told(scene, hook)
    assert (of_node["event"], of_instance["event"]) == ("node.failed", "instance.failed")
    assert of_node["traceparent"] == trace
    data = orjson.loads(of_node["data"])
    assert data["node"] == {
        "node_id": "a1",
        "name": "",
        "kind": "activity",
        "plugin": "noop@1.0",
        "status": "failed",
        "attempt": 1,
        "failure": {"code": "broken", "message": "It broke"},
        "retry_at": None,
    }
    instance = data["instance"]
    assert instance["instance_id"] == str(created.instance_id)
    assert (instance["status"], instance["labels"]) == ("failed", {"team": "shop"})
    assert instance["url"].endswith(f"/instances/{created.instance_id}")
    (row,) = await scene.fetch(
        "SELECT revision FROM instance WHERE instance_id = $1", created.instance_id
    )
    last = orjson.loads(of_instance["data"])
    assert (data["revision"], last["revision"]) == (row["revision"], row["revision"])
    assert data["sequence"] < last["sequence"]


async def test_what_cannot_be_told_is_not_true_either(
    scene: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = await scene.publish_template(chain(1))
    hook = await _hook(scene, "instance.started", *ENDS)
    record, breaks = webhook_events.record_events, [True, True]

    async def break_off(connection: asyncpg.Connection, events: Any) -> None:
        """Write, then lose the connection, as often as the test says."""
        await record(connection, events)
        if breaks:
            breaks.pop()
            raise ConnectionResetError

    monkeypatch.setattr("flowyard_scheduler.hooks.record_events", break_off)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await _run(scene, template)

    assert breaks == []
    told = await _told(scene, hook)
    assert [one["event"] for one in told] == ["instance.started", "instance.succeeded"]
    assert {one["instance_id"] for one in told} == {created.instance_id}


async def test_webhooks_that_keep_changing_stop_no_instance(
    scene: Scene, settings: Settings
) -> None:
    template = await scene.publish_template(chain(20))
    hook = await _hook(scene)

    async with (
        SchedulerService(settings=settings, broker=scene.broker),
        answering(scene, succeeded),
    ):
        created = await scene.create(template)
        told = WebhookContent(url=hook.url, events=hook.events)
        for _ in range(50):
            async with scene.database.transaction() as connection:
                hook = await update_webhook(connection, hook, told, actor="ann")
        await scene.until_status(created, "succeeded")

    assert len(await _told(scene, hook)) == 1
