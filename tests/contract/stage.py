"""A shop on a ``flowyard dev``, and whatever has to be there before a request can be answered."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
from typing_extensions import override

from tests.contract.flows import BUILD, FLOWS, RELEASE, renamed
from tests.support.dev_server import DevServer

PROJECT = "shop"
PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.02
MOST_WEBHOOKS = 15
"""Older ones are cleared away; a project may have a few more than that."""

JsonObject = dict[str, Any]


class BuildServer(ThreadingHTTPServer):
    """Is asked for builds, and remembers where it has to report."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Order)
        self.reports: list[str] = []
        """Callback addresses, in the order of the requests."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/builds"

    @property
    def hooks_url(self) -> str:
        """Where anything may be told."""
        return f"http://127.0.0.1:{self.server_port}/hooks"


class _Order(BaseHTTPRequestHandler):
    server: BuildServer

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/builds":
            self.server.reports.append(json.loads(text)["report_to"])
        self.send_response(202)
        self.send_header("content-length", "0")
        self.end_headers()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Stage:
    """A client of the API that brings instances and templates to where something can be asked."""

    http: httpx.Client
    builds: BuildServer
    made: int = 0
    """Counts templates, so that each has a key of its own."""
    kept: dict[str, str] = field(default_factory=dict)
    """Instances that are read and not operated on, keyed by template."""

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Send a request that has to succeed, and return its answer, decoded."""
        answer = self.http.request(method, path, **options)
        if answer.is_error:
            raise StageError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def prepare(self) -> None:
        """Have the shop with all its flows, whatever has become of them; repeatable."""
        if self.http.get(f"/projects/{PROJECT}").is_error:
            self.send("POST", "/projects", json={"name": PROJECT, "title": "The web shop"})
        for name in ("platform", "billing"):
            self.http.post("/projects", json={"name": name, "title": name.title()})
        for document in FLOWS:
            key = document.partition("key: ")[2].partition("\n")[0]
            self.http.post(f"{self.template(key)}/actions/restore")
            self.publish(document)
        for resource in ("instances", "templates"):
            body = {"description": "What is ours", "parameters": {"label": ["team:shop"]}}
            self.send("PUT", f"/projects/{PROJECT}/filters/{resource}/ours", json=body)
        self.kept.clear()

    def template(self, key: str) -> str:
        return f"/projects/{PROJECT}/templates/{key}"

    def publish(self, document: str) -> None:
        self.send(
            "POST",
            f"/projects/{PROJECT}/templates/actions/apply",
            content=document,
            headers={"Content-Type": "application/yaml"},
        )

    def fresh_template(self, *, is_published: bool = True) -> str:
        """Return the key of a template that nobody else uses."""
        self.made += 1
        key = f"release-service-{self.made}"
        document = renamed(RELEASE, key)
        if is_published:
            self.publish(document)
        else:
            body = {"key": key, "source": document}
            self.send("POST", f"/projects/{PROJECT}/templates", json=body)
        return key

    def instance(self, template: str, **body: Any) -> str:
        """Return a new instance, started unless ``start`` is false."""
        made = self.send(
            "POST", f"/projects/{PROJECT}/instances", json={"template": template, **body}
        )
        instance_id: str = made["instance_id"]
        return instance_id

    def standing(self, template: str, node_id: str, status: str, **body: Any) -> str:
        """Return a new instance of which a node has come to a status."""
        instance_id = self.instance(template, **body)
        self._await(f"{template}: {node_id}", lambda: self._status(instance_id, node_id), status)
        return instance_id

    def shown(self, template: str, node_id: str, status: str) -> str:
        """Return an instance to be read, the same one each time."""
        if template not in self.kept:
            self.kept[template] = self.standing(template, node_id, status)
        return self.kept[template]

    def webhook(self) -> str:
        """Return a new webhook; a project has room for a few, so old ones make room for it."""
        path = f"/projects/{PROJECT}/webhooks"
        found = self.send("GET", path, params={"limit": 200})["items"]
        for one in found[:-MOST_WEBHOOKS]:
            self.http.delete(f"{path}/{one['webhook_id']}")
        body = {
            "url": self.builds.hooks_url,
            "events": ["instance.failed", "node.waiting_for_approval"],
            "description": "Opens a ticket per failure",
            "templates": ["release-service"],
        }
        webhook_id: str = self.send("POST", path, json=body)["webhook_id"]
        return webhook_id

    def delivery(self) -> tuple[str, str]:
        """Return a new webhook, and something that it was told."""
        webhook_id = self.webhook()
        path = f"/projects/{PROJECT}/webhooks/{webhook_id}"
        delivery_id: str = self.send("POST", f"{path}/actions/ping")["delivery_id"]
        self._await(
            f"delivery {delivery_id}",
            lambda: self.send("GET", f"{path}/deliveries/{delivery_id}")["status"],
            "delivered",
        )
        return webhook_id, delivery_id

    def callback(self) -> tuple[str, list[str]]:
        """Return an instance that waits for a callback, and what its address consists of."""
        document = BUILD.partition("key: ")[2].partition("\n")[0]
        known = len(self.builds.reports)
        instance_id = self.standing(
            document, "build", "waiting", inputs={"address": self.builds.url}
        )
        (address,) = [one for one in self.builds.reports[known:] if instance_id in one]
        return instance_id, urlsplit(address).path.split("/")[-4:]

    def ended(self) -> str:
        """Return an instance that has succeeded."""
        instance_id = self.instance("pick-place", inputs={"place": "test"}, name="Pick a place")
        path = f"/instances/{instance_id}"
        self._await(path, lambda: self.send("GET", path)["status"], "succeeded")
        return instance_id

    def _await(self, what: str, read: Callable[[], str | None], status: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := read()) != status:
            if time.monotonic() > deadline:
                raise StageError(f"{what}: expected it to be {status}, but it is {found}")
            time.sleep(LOOK_SECONDS)

    def _status(self, instance_id: str, node_id: str) -> str | None:
        nodes = self.send("GET", f"/instances/{instance_id}")["nodes"]
        return next((one["status"] for one in nodes if one["node_id"] == node_id), None)


class StageError(Exception):
    """Raised if something could not be brought to where it was wanted."""


def archive(server: DevServer, token: str) -> None:
    """Have an archive in the shop, with an instance in it that has just ended."""
    with stage_on(server.address, token) as stage:
        stage.ended()
    own = {"FLOWYARD_API_RETENTION_MODE": "archive", "FLOWYARD_API_RETENTION_DAYS": "1e-9"}
    where = ("--project", PROJECT, "--data", str(server.folder.path), "-o", "json")
    done = server.run("archive", "run", *where, environment=own)
    if done.status != 0 or not done.json()["archived"]:
        raise StageError(f"Expected an archived instance, but got {done.out} {done.err}")


@contextmanager
def stage_on(address: str, token: str) -> Iterator[Stage]:
    """Yield a stage on a server; the shop is there, with all its flows."""
    builds = BuildServer()
    threading.Thread(target=builds.serve_forever, name="builds", daemon=True).start()
    try:
        with httpx.Client(
            base_url=f"{address}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            trust_env=False,
        ) as http:
            stage = Stage(http=http, builds=builds)
            stage.prepare()
            yield stage
    finally:
        builds.shutdown()
        builds.server_close()
