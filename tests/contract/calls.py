"""A request of each operation that is answered with a success, and what has to be there for it.

The keys are operation ids. Schemathesis puts what a call names into the requests that it makes up
(``tests.contract.hooks``), and the examples of the documentation are what the calls are answered
(``tests.contract.record``). A new route needs a call here, and ``make api-examples``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.contract.flows import BACKUP, RELEASE, renamed
from tests.contract.stage import PROJECT, Stage

_NOTHING = object()

SHOP = {"project": PROJECT}
SERVICE = {"project": PROJECT, "template": "release-service"}
MINE = {"name": "ours", "resource": "instances", "project": PROJECT}
NIGHT = {**SERVICE, "name": "night"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = _NOTHING
    text: str | None = None
    """A body that is YAML."""
    needs: frozenset[str] = frozenset()
    """What of it no other value can take the place of: ``query`` names, or ``body``."""

    @property
    def has_body(self) -> bool:
        return self.body is not _NOTHING


Maker = Callable[[Stage], Call]


def same(call: Call) -> Maker:
    return lambda _: call


def in_shop(**more: Any) -> Maker:
    return same(Call(path=SHOP, **more))


def of_service(**more: Any) -> Maker:
    return same(Call(path=SERVICE, **more))


def of_version(**more: Any) -> Maker:
    return same(Call(path={**SERVICE, "number": 1}, **more))


def of_fresh(**more: Any) -> Maker:
    return lambda stage: Call(path={**SHOP, "template": stage.fresh_template()}, **more)


def of_unpublished(**more: Any) -> Maker:
    def make(stage: Stage) -> Call:
        return Call(path={**SHOP, "template": stage.fresh_template(is_published=False)}, **more)

    return make


def reading(template: str, node_id: str, status: str, *, node: str = "", **more: Any) -> Maker:
    path = {**({"node_id": node} if node else {}), **more.pop("path", {})}

    def make(stage: Stage) -> Call:
        instance_id = stage.shown(template, node_id, status)
        return Call(path={"instance_id": instance_id, **path}, **more)

    return make


def at_node(template: str, node_id: str, status: str, **more: Any) -> Maker:
    """Return what makes a call about a node of a new instance."""
    path = more.pop("path", {})

    def make(stage: Stage) -> Call:
        instance_id = stage.standing(template, node_id, status)
        return Call(path={"instance_id": instance_id, "node_id": node_id, **path}, **more)

    return make


def of_instance(template: str, node_id: str, status: str, **more: Any) -> Maker:
    """Return what makes a call about a new instance as a whole."""
    path = more.pop("path", {})

    def make(stage: Stage) -> Call:
        return Call(path={"instance_id": stage.standing(template, node_id, status), **path}, **more)

    return make


def not_started(**more: Any) -> Maker:
    path = more.pop("path", {})

    def make(stage: Stage) -> Call:
        instance_id = stage.instance("release-service", start=False)
        return Call(path={"instance_id": instance_id, **path}, **more)

    return make


def operated(stage: Stage) -> Call:
    instance_id = stage.instance("release-service", start=False)
    answer = stage.send("POST", f"/instances/{instance_id}/actions/start")
    return Call(path={"instance_id": instance_id, "command_id": answer["command_id"]})


def with_items(stage: Stage) -> Call:
    instance_id = stage.standing("release-service", "ask", "waiting")
    stage.send("POST", f"/instances/{instance_id}/nodes/ask/actions/approve", params={"wait": 5})
    return Call(path={"instance_id": instance_id, "node_id": "deploy"})


def called_back(stage: Stage) -> Call:
    _, (instance_id, node_id, number, token) = stage.callback()
    path = {"instance_id": instance_id, "node_id": node_id, "number": int(number), "token": token}
    return Call(path=path, body={"state": "done", "image": "shop:1.4.2"})


def of_webhook(**more: Any) -> Maker:
    """Return what makes a call about a new webhook."""
    return lambda stage: Call(path={**SHOP, "webhook_id": stage.webhook()}, **more)


def new_webhook(stage: Stage) -> Call:
    # Makes room, too.
    stage.webhook()
    body = {
        "url": stage.builds.hooks_url,
        "events": ["instance.failed", "node.waiting_for_approval"],
        "description": "Opens a ticket per failure",
        "templates": ["release-service"],
        "labels": {"team": "shop"},
    }
    return Call(path=SHOP, body=body, needs=frozenset({"body"}))


def listed_webhooks(stage: Stage) -> Call:
    stage.webhook()
    return Call(path=SHOP)


def told(stage: Stage) -> Call:
    webhook_id, _ = stage.delivery()
    return Call(path={**SHOP, "webhook_id": webhook_id})


def delivered(stage: Stage) -> Call:
    webhook_id, delivery_id = stage.delivery()
    return Call(path={**SHOP, "webhook_id": webhook_id, "delivery_id": delivery_id})


def held(stage: Stage) -> Call:
    instance_id = stage.shown("release-service", "ask", "waiting")
    stage.send("PUT", f"/instances/{instance_id}/hold", json={"reason": "Audit 2026-14"})
    return Call(path={"instance_id": instance_id})


def signed_in(stage: Stage) -> Call:
    token = stage.http.headers["authorization"].removeprefix("Bearer ")
    headers = {"X-Flowyard-Console": "1"}
    return Call(headers=headers, body={"token": token}, needs=frozenset({"body"}))


def new_project(stage: Stage) -> Call:
    stage.made += 1
    body = {"name": f"shop-{stage.made}", "title": "The web shop"}
    return Call(body=body, needs=frozenset({"body"}))


def new_template(stage: Stage) -> Call:
    stage.made += 1
    key = f"release-service-{stage.made}"
    body = {"key": key, "source": renamed(RELEASE, key)}
    return Call(path=SHOP, body=body, needs=frozenset({"body"}))


def draft_revision(stage: Stage) -> Call:
    key = stage.fresh_template()
    return Call(path={**SHOP, "template": key, "revision": 1})


def _drafted(stage: Stage) -> dict[str, Any]:
    key = stage.fresh_template()
    stage.send(
        "PUT",
        f"{stage.template(key)}/drafts/mine",
        json={"source": renamed(RELEASE, key), "base_revision": 1},
        headers={"If-None-Match": "*"},
    )
    return {**SHOP, "template": key}


def my_draft(stage: Stage) -> Call:
    return Call(path=_drafted(stage), headers={"If-Match": "*"})


def draft_of(stage: Stage) -> Call:
    actor = stage.send("GET", "/me")["actor"]
    return Call(path={**_drafted(stage), "user": actor})


def new_draft(stage: Stage) -> Call:
    key = stage.fresh_template()
    body = {"source": renamed(RELEASE, key), "base_revision": 1}
    path = {**SHOP, "template": key}
    return Call(path=path, body=body, headers={"If-None-Match": "*"})


def _two_versions(stage: Stage) -> dict[str, Any]:
    key = stage.fresh_template()
    stage.publish(renamed(RELEASE.replace('"1.4.2"', '"1.4.3"'), key))
    return {**SHOP, "template": key}


def rolled_back(stage: Stage) -> Call:
    body = {"version": 1, "note": "1.4.3 does not start"}
    return Call(path=_two_versions(stage), body=body)


def compared(stage: Stage) -> Call:
    path = {**_two_versions(stage), "number": 2}
    return Call(path=path, query={"against": 1}, needs=frozenset({"against"}))


def preset(stage: Stage) -> Call:
    body = {"description": "What the night takes", "inputs": {"version": "1.4.2"}}
    stage.send("PUT", f"{stage.template('release-service')}/presets/night", json=body)
    return Call(path=NIGHT)


def saved_filter(stage: Stage) -> Call:
    body = {"description": "What failed and is ours", "parameters": {"status": ["failed"]}}
    stage.send("PUT", f"/projects/{PROJECT}/filters/instances/ours", json=body)
    return Call(path=MINE)


def variable(stage: Stage) -> Call:
    path = {**SHOP, "name": "region"}
    stage.send("PUT", f"/projects/{PROJECT}/variables/region", json={"value": "eu-central-1"})
    return Call(path=path)


def last_runs(stage: Stage) -> Call:
    found = stage.send("GET", stage.template("release-service"))
    query = {"template_id": [found["template_id"]]}
    return Call(path=SHOP, query=query, needs=frozenset({"template_id"}))


def imported(stage: Stage) -> Call:
    text = stage.send("GET", f"{stage.template('cool-down')}/versions/1/export")["text"]
    body = {"files": [{"name": "cool-down.yaml", "text": text}], "key_prefix": "sops-"}
    return Call(path=SHOP, body={**body, "mode": "preview"})


def many_instances(stage: Stage) -> Call:
    one, two = (stage.standing("cool-down", "rest", "waiting") for _ in range(2))
    body = {"instance_ids": [one, two]}
    return Call(path={**SHOP, "action": "pause"}, body=body, needs=frozenset({"body"}))


def operated_of(stage: Stage) -> Call:
    return Call(path={"instance_id": operated(stage).path["instance_id"]})


def of_outdated(which: Literal["used", "user"], **more: Any) -> Maker:
    """Return what makes a call about a subflow with a later version, or about what runs it."""

    def make(stage: Stage) -> Call:
        used = f"{stage.fresh_template()}-backup"
        user = f"{used}-user"
        stage.publish(renamed(BACKUP, used))
        stage.publish(f"flowyard: 1\nkey: {user}\nnodes:\n  - id: backup\n    subflow: {used}\n")
        stage.publish(renamed(BACKUP, used).replace("3600", "1800"))
        return Call(path={**SHOP, "template": {"used": used, "user": user}[which]}, **more)

    return make
