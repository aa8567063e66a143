"""A client of the public API for tests that break what is behind it."""

import json
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from flowyard.ids import new_id

PROJECT = "cluster"
PAGE = 200
LOOK_SECONDS = 0.2
ENDED = frozenset({"succeeded", "cancelled", "failed"})
TRY_AGAIN = frozenset({429, 502, 503, 504})

JsonObject = dict[str, Any]


class ApiDriver:
    """Asks again while a server is away; every write carries an ``Idempotency-Key``."""

    def __init__(self, url: str, token: str) -> None:
        self.address = url
        self.token = token
        self._http = httpx.Client(
            base_url=f"{url}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = 60,
        **options: Any,
    ) -> Any:
        """Send a request until it is answered, and return the answer, decoded."""
        sent = {**(headers or {})}
        if method != "GET":
            sent["Idempotency-Key"] = str(new_id())
        deadline = time.monotonic() + seconds
        while True:
            answer = self._sent(method, path, headers=sent, **options)
            if answer is not None:
                if answer.is_error:
                    raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
                return answer.json()
            if time.monotonic() > deadline:
                raise RuntimeError(f"{method} {path} was not answered within {seconds} s")
            time.sleep(LOOK_SECONDS)

    def create_project(self) -> None:
        self.request("POST", "/projects", json={"name": PROJECT})

    def publish(self, source: str) -> str:
        """Publish a document and return its template's key."""
        applied = self.request(
            "POST",
            f"/projects/{PROJECT}/templates/actions/apply",
            content=source,
            headers={"Content-Type": "application/yaml"},
        )
        key: str = applied["template"]["key"]
        return key

    def start_instances(
        self,
        count: int,
        template: str,
        *,
        run: str,
        inputs: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """Create and start instances in one request, and return their ids."""
        item = {
            "template": template,
            "labels": {"run": run},
            "inputs": inputs or {},
            "start": True,
        }
        created = self.request(
            "POST",
            f"/projects/{PROJECT}/instances/actions/bulk-create",
            json={"items": [item] * count},
        )
        return [instance["instance_id"] for instance in created["items"]]

    def statuses(self, run: str) -> dict[str, str]:
        """Return the status of each instance of a run, keyed by id."""
        found: dict[str, str] = {}
        cursor: str | None = None
        while True:
            params: dict[str, str | int] = {"label": f"run:{run}", "limit": PAGE}
            if cursor is not None:
                params["cursor"] = cursor
            page = self.request("GET", f"/projects/{PROJECT}/instances", params=params)
            found |= {item["instance_id"]: item["status"] for item in page["items"]}
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def wait_all_final(self, run: str, *, seconds: float = 120) -> dict[str, str]:
        """Wait until no instance of a run goes on by itself, and return their statuses."""
        deadline = time.monotonic() + seconds
        while True:
            statuses = self.statuses(run)
            going = [one for one, status in statuses.items() if status not in ENDED]
            if not going:
                return statuses
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(going)} did not end, such as {self._words(going[0])}")
            time.sleep(LOOK_SECONDS)

    def instance(self, instance_id: str) -> JsonObject:
        shown: JsonObject = self.request("GET", f"/instances/{instance_id}")
        return shown

    def until(
        self, instance_id: str, is_so: Callable[[JsonObject], object], *, seconds: float = 90
    ) -> JsonObject:
        """Return an instance once something is so of it."""
        deadline = time.monotonic() + seconds
        while not is_so(shown := self.instance(instance_id)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"That did not come: {self._words(instance_id)}")
            time.sleep(LOOK_SECONDS)
        return shown

    def operate(self, instance_id: str, verb: str, *, node_id: str = "", **options: Any) -> None:
        """Send a command about an instance or one of its nodes, and wait until it is settled."""
        place = f"/instances/{instance_id}" + (f"/nodes/{node_id}" if node_id else "")
        settled = self.request(
            "POST", f"{place}/actions/{verb}", params={"wait": 20}, json=options or None
        )
        if settled["outcome"] != "applied":
            raise RuntimeError(f"{verb} was not applied: {settled}")

    def retry(self, instance_id: str, node_id: str) -> None:
        self.request("POST", f"/instances/{instance_id}/nodes/{node_id}/actions/retry")

    def _sent(self, method: str, path: str, **options: Any) -> httpx.Response | None:
        """Return the answer, or None when the same request should be sent again."""
        try:
            answer = self._http.request(method, path, **options)
        except httpx.TransportError:
            return None
        if answer.status_code in TRY_AGAIN:
            return None
        is_in_flight = (
            answer.status_code == httpx.codes.CONFLICT
            and answer.json()["code"] == "request_in_flight"
        )
        return None if is_in_flight else answer

    def _words(self, instance_id: str) -> str:
        shown = self.instance(instance_id)
        nodes = [
            {key: node[key] for key in ("node_id", "status", "reason", "check_at", "attempts")}
            for node in shown["nodes"]
            if node["status"] not in {"succeeded", "pending"}
        ]
        return json.dumps({"instance_id": instance_id, "status": shown["status"], "nodes": nodes})
