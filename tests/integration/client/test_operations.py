"""Every group of operations, called on a real Flowyard."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import Queue
from typing import Any, cast
from uuid import UUID

import pytest

from flowyard.client import AsyncFlowyard, Flowyard, ForbiddenError, NotFoundError, Run
from flowyard.client.models import CreateInstance, ImportFile
from flowyard.client.sync.operations import Operations
from tests.integration.client.flows import FLOWS, PROJECT, flowyard
from tests.support.dev_server import DevServer, dev_server
from tests.support.scripted_server import Asked, Reply, ScriptedServer, scripted_server

__all__ = ["dev_server", "flowyard"]

SLEEPER = CreateInstance(template="rest", inputs={"seconds": 600}, labels={"by": "bulk"})


PATIENCE = 60.0


class Hook:
    """A receiver of webhooks that takes whatever comes."""

    def __init__(self, server: ScriptedServer) -> None:
        self.url = f"{server.address}/hook"
        self._came: Queue[Asked] = Queue()
        server.say(*[self._take] * 20)

    def take(self) -> Asked:
        """Return what comes next."""
        return self._came.get(timeout=PATIENCE)

    def _take(self, asked: Asked) -> Reply:
        self._came.put(asked)
        return Reply(body={})


@contextmanager
def receiver() -> Iterator[Hook]:
    with scripted_server() as server:
        yield Hook(server)


def await_status(flowyard: Flowyard, instance_id: UUID, status: str) -> None:
    next(view for view in flowyard.follow(instance_id) if view.status == status)


def greeted(flowyard: Flowyard) -> Run:
    return flowyard.run_and_wait(PROJECT, "greet", inputs={"name": "Ada"}, timeout=60)


def call_attempts(flowyard: Flowyard) -> None:
    run = greeted(flowyard)

    page = flowyard.attempts.get_logs(run.instance_id, "say", 1)

    assert page.is_complete
    assert list(flowyard.follow_log(run.instance_id, "say", 1)) == page.lines
    with flowyard.attempts.stream_logs(run.instance_id, "say", 1) as events:
        told = [(one.event, one.data) for one in events]
    assert [data["text"] for kind, data in told if kind == "line"] == [
        line.text for line in page.lines
    ]
    assert told[-1] == ("end", {"next_after": page.next_after})


def call_callbacks(flowyard: Flowyard) -> None:
    with pytest.raises(ForbiddenError) as caught:
        flowyard.callbacks.post(greeted(flowyard).instance_id, "say", 1, "not-its-token")

    assert caught.value.code == "callback_refused"


def call_commands(flowyard: Flowyard) -> None:
    made = flowyard.instances.create(PROJECT, template="rest", inputs={"seconds": 600})
    accepted = flowyard.instances.cancel(made.instance_id, wait=10)

    kinds = [one.kind for one in flowyard.commands.list(made.instance_id)]

    assert accepted.outcome == "applied"
    assert kinds == ["cancel", "start"]
    assert flowyard.commands.get(made.instance_id, accepted.command_id).actor


def call_deliveries(flowyard: Flowyard) -> None:
    with receiver() as hook:
        made = flowyard.webhooks.create(PROJECT, url=hook.url, events=["instance.failed"])
        run = flowyard.run_and_wait(PROJECT, "break", check=False, timeout=60)
        first = hook.take()

        listed = flowyard.deliveries.list(PROJECT, made.webhook_id, event="instance.failed").all()
        shown = flowyard.deliveries.get(PROJECT, made.webhook_id, listed[0].delivery_id)
        flowyard.deliveries.redeliver(PROJECT, made.webhook_id, shown.delivery_id)
        again = hook.take()
        flowyard.webhooks.delete(PROJECT, made.webhook_id)

    assert [str(one.delivery_id) for one in listed] == [first.headers["webhook-id"]]
    assert shown.payload == first.json()
    assert first.json()["data"]["instance"]["instance_id"] == str(run.instance_id)
    assert again.headers["webhook-id"] == first.headers["webhook-id"]


def call_draft_revisions(flowyard: Flowyard) -> None:
    first = next(iter(flowyard.draft_revisions.list(PROJECT, "greet")))

    assert "key: greet" in flowyard.draft_revisions.get(PROJECT, "greet", first.revision).source


def call_drafts(flowyard: Flowyard) -> None:
    shared = flowyard.templates.get_draft(PROJECT, "greet")
    mine = flowyard.drafts.put_mine(
        PROJECT,
        "greet",
        source=FLOWS["greet"],
        base_revision=shared.revision,
        if_none_match="*",
    )

    assert flowyard.drafts.get_mine(PROJECT, "greet").etag == mine.etag
    assert [one.has_draft for one in flowyard.drafts.list(PROJECT, "greet").items] == [True]
    assert flowyard.drafts.delete_mine(PROJECT, "greet", if_match=mine.etag).user == mine.user


def call_filters(flowyard: Flowyard) -> None:
    flowyard.filters.put(PROJECT, "instances", "broken", parameters={"status": ["failed"]})

    assert [one.name for one in flowyard.filters.list(PROJECT, "instances")] == ["broken"]
    assert flowyard.filters.get(PROJECT, "instances", "broken").resource == "instances"
    flowyard.instances.list(PROJECT, filter="broken").all()
    assert flowyard.filters.delete(PROJECT, "instances", "broken").name == "broken"


def call_imports(flowyard: Flowyard) -> None:
    flow = ImportFile(name="release.yaml", text="schema_version: v1\nspec: {nodes: []}\n")

    found = flowyard.imports.create(PROJECT, files=[flow], mode="preview")

    assert [one.file for one in found.diagnostics]


def call_instances(flowyard: Flowyard) -> None:
    made = flowyard.instances.bulk_create(PROJECT, items=[SLEEPER, SLEEPER]).items
    ids = [one.instance_id for one in made]
    for one in ids:
        await_status(flowyard, one, "running")

    taken = flowyard.instances.pause_many(PROJECT, instance_ids=ids)
    first = flowyard.instances.set_priority(ids[0], priority=9, wait=10)

    assert [one.instance_id for one in taken.items] == ids
    assert first.outcome == "applied"
    assert flowyard.instances.resume(ids[0], wait=10).outcome == "applied"
    assert flowyard.instances.get_definition(ids[0]).document["key"] == "rest"
    listed = flowyard.instances.list(PROJECT, label=["by:bulk"], limit=1)
    assert sorted(one.instance_id for one in listed) == sorted(ids)
    copy = flowyard.instances.clone(ids[0], start=False)
    assert flowyard.instances.get(copy.instance_id).status == "created"
    with flowyard.instances.stream_events(ids[0]) as events:
        assert next(iter(events)).event == "snapshot"
    held = flowyard.instances.put_hold(ids[0], reason="Audit")
    assert flowyard.instances.get_hold(ids[0]) == held
    assert flowyard.instances.delete_hold(ids[0]).reason == "Audit"
    with pytest.raises(NotFoundError):
        flowyard.instances.get_hold(ids[0])
    flowyard.instances.cancel_many(PROJECT, instance_ids=[*ids, copy.instance_id])


def call_me(flowyard: Flowyard) -> None:
    assert flowyard.me.get().actor


def call_nodes(flowyard: Flowyard) -> None:
    run = flowyard.run_and_wait(PROJECT, "break", check=False, timeout=60)

    failed = flowyard.nodes.get(run.instance_id, "boom")
    flowyard.nodes.retry(run.instance_id, "boom", wait=10)
    again = flowyard.wait(run.instance_id, check=False, timeout=60)
    (taken,) = flowyard.nodes.skip_many(run.instance_id, node_ids=["boom"]).items
    assert taken.command_id is not None
    settled = flowyard.commands.get(run.instance_id, taken.command_id, wait=10)

    assert failed.allowed
    assert settled.outcome == "applied"
    assert [one.number for one in again.failed_nodes[0].attempts] == [1, 2]
    assert flowyard.wait(run.instance_id, timeout=60).is_succeeded
    many = flowyard.run_and_wait(PROJECT, "many", timeout=60)
    assert [one.index for one in flowyard.nodes.list_items(many.instance_id, "each")] == [0, 1, 2]


def call_plugin_gateways(flowyard: Flowyard) -> None:
    (gateway,) = flowyard.plugin_gateways.list()

    assert gateway.started_at <= gateway.renewed_at


def call_plugins(flowyard: Flowyard) -> None:
    noop = flowyard.plugins.get("noop", "1.0")

    assert noop in flowyard.plugins.list().all()
    assert {one.template for one in flowyard.plugins.list_uses("noop", "1.0", project=PROJECT)}


def call_presets(flowyard: Flowyard) -> None:
    flowyard.presets.put(PROJECT, "greet", "eve", inputs={"name": "Eve"})

    run = flowyard.run_and_wait(PROJECT, "greet", preset="eve", timeout=60)

    assert run.outputs["greeting"] == "Hello, Eve!"
    assert [one.name for one in flowyard.presets.list(PROJECT, "greet")] == ["eve"]
    assert flowyard.presets.get(PROJECT, "greet", "eve").inputs == {"name": "Eve"}
    flowyard.presets.delete(PROJECT, "greet", "eve")


def call_projects(flowyard: Flowyard) -> None:
    assert PROJECT in [one.name for one in flowyard.projects.list()]
    assert flowyard.projects.get(PROJECT).created_at.utcoffset() is not None
    template = flowyard.templates.get(PROJECT, "greet")
    runs = flowyard.projects.get_last_runs(PROJECT, template_id=[template.template_id])
    assert [one.template_id for one in runs.items] == [template.template_id]
    assert flowyard.projects.get_waiting_count(PROJECT).bound
    flowyard.projects.list_waiting(PROJECT, kind="failure").all()
    flowyard.projects.list_secrets(PROJECT).all()
    flowyard.projects.put_categories(PROJECT, names=["nightly"])
    usual = flowyard.projects.get_retention(PROJECT)
    rule = flowyard.projects.put_retention(PROJECT, mode="delete", after_seconds=90 * 86400)
    assert (rule.mode, rule.is_default, rule.actor) == ("delete", False, flowyard.me.get().actor)
    assert flowyard.projects.delete_retention(PROJECT).after_seconds == usual.after_seconds
    assert flowyard.projects.list_archives(PROJECT).all() == []
    assert flowyard.projects.list_archived_instances(PROJECT).all() == []


def call_queues(flowyard: Flowyard) -> None:
    (queue,) = flowyard.queues.list()

    assert flowyard.queues.get(queue.queue).window > 0


def call_templates(flowyard: Flowyard) -> None:
    applied = flowyard.templates.apply(PROJECT, FLOWS["greet"])
    checked = flowyard.templates.validate(PROJECT, "flowyard: 1\nnodes: []\n")
    mocked = flowyard.templates.mock_run(PROJECT, "rest", inputs={"seconds": 600})

    assert not applied.changed
    assert checked.problems
    assert flowyard.wait(mocked.instance_id, timeout=60).instance.is_mock
    assert flowyard.templates.update(PROJECT, "greet", title="Greet").title == "Greet"
    assert flowyard.templates.put_favourite(PROJECT, "greet").favourite
    assert "greet" in [one.key for one in flowyard.templates.list(PROJECT, favourite=True)]
    flowyard.templates.delete_favourite(PROJECT, "greet")
    assert flowyard.templates.rollback(PROJECT, "greet", version=1).version.number


def call_variables(flowyard: Flowyard) -> None:
    flowyard.variables.put(PROJECT, "region", value={"name": "north", "zones": [1, 2]})

    assert [one.value for one in flowyard.variables.list(PROJECT)] == [
        {"name": "north", "zones": [1, 2]}
    ]
    assert flowyard.variables.put(PROJECT, "region", value=None).value is None
    flowyard.variables.delete(PROJECT, "region")


def call_versions(flowyard: Flowyard) -> None:
    latest = next(iter(flowyard.versions.list(PROJECT, "greet")))

    assert flowyard.versions.get(PROJECT, "greet", latest.number).document["key"] == "greet"
    problems = flowyard.versions.check_inputs(PROJECT, "greet", latest.number, inputs={}).problems
    assert [one.loc for one in problems] == [["body", "inputs", "name"]]


def call_webhooks(flowyard: Flowyard) -> None:
    with receiver() as hook:
        made = flowyard.webhooks.create(PROJECT, url=hook.url, events=["node.failed"])
        webhook_id = made.webhook_id
        sent = flowyard.webhooks.ping(PROJECT, webhook_id)
        told = hook.take()
        rotated = flowyard.webhooks.rotate_secret(PROJECT, webhook_id, overlap_seconds=0)

    assert (told.headers["webhook-id"], told.json()["type"]) == (
        str(sent.delivery_id),
        "webhook.ping",
    )
    assert rotated.secret is not None
    assert rotated.secret.startswith("whsec_")
    assert rotated.secret != made.secret
    off = flowyard.webhooks.update(PROJECT, webhook_id, enabled=False, labels={"team": "core"})
    assert (off.disabled_reason, off.labels) == ("person", {"team": "core"})
    assert flowyard.webhooks.get(PROJECT, webhook_id) == off
    assert off in flowyard.webhooks.list(PROJECT).all()
    flowyard.webhooks.update(PROJECT, webhook_id, enabled=True)
    since = sent.occurred_at - timedelta(minutes=1)
    assert flowyard.webhooks.redeliver(PROJECT, webhook_id, since=since).redelivered == 0
    assert flowyard.webhooks.delete(PROJECT, webhook_id).webhook_id == webhook_id
    changes = flowyard.projects.list_webhook_changes(PROJECT, webhook_id=webhook_id)
    assert {one.kind for one in changes} >= {"created", "pinged", "deleted"}


CALLS: dict[str, Callable[[Flowyard], None]] = {
    name.removeprefix("call_"): cast("Callable[[Flowyard], None]", call)
    for name, call in list(globals().items())
    if name.startswith("call_")
}


def test_no_group_is_left_out() -> None:
    assert set(CALLS) == set(inspect.get_annotations(Operations))


@pytest.mark.parametrize("group", CALLS)
def test_a_group_does_what_its_methods_say(flowyard: Flowyard, group: str) -> None:
    CALLS[group](flowyard)


async def test_the_client_that_awaits_does_the_same(
    flowyard: Flowyard, dev_server: DevServer
) -> None:
    run = greeted(flowyard)
    async with AsyncFlowyard(dev_server.address, dev_server.token) as awaiting:
        same = await awaiting.instances.get(run.instance_id)
        listed: list[UUID] = [one.instance_id async for one in awaiting.instances.list(PROJECT)]
        async with awaiting.instances.stream_events(run.instance_id) as events:
            kinds: list[Any] = [one.event async for one in events]

    assert same == run.instance
    assert run.instance_id in listed
    assert kinds == ["snapshot", "end"]
