"""How the bench sees the end of one run."""

import httpx
import orjson

from flowyard_cli.bench.processes import Processes
from flowyard_cli.bench.stand import Stand
from flowyard_cli.client import TIMEOUT, Client
from flowyard_cli.target import Target

ID = "0197c0de-0000-7000-8000-000000000001"


class Server:
    """Holds the answer to a start until the instance has a status, and has one stream for it."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.method == "POST":
            return httpx.Response(201, json={"instance_id": ID, "status": self.status})
        body = {"instance_id": ID, "name": "n", "revision": 3, "status": "succeeded", "nodes": []}
        return httpx.Response(200, content=b"data: " + orjson.dumps(body) + b"\n\n")

    def run(self) -> list[str]:
        """Return what was asked while one instance ran."""
        target = Target(server="http://flowyard.example", token=ID)
        with Client(target, transport=httpx.MockTransport(self)) as client:
            assert Stand(client, Processes({})).run("bench-start") == ID
        return [f"{one.method} {one.url.path}" for one in self.asked]


def test_a_run_that_ends_soon_is_one_request() -> None:
    server = Server("succeeded")

    assert server.run() == ["POST /api/v1/projects/bench/instances"]
    name, _, seconds = server.asked[0].headers["Prefer"].partition("=")
    assert name == "wait"
    assert TIMEOUT.read is not None
    assert 0 < int(seconds) < TIMEOUT.read


def test_a_run_whose_answer_was_not_held_is_followed_to_its_end() -> None:
    assert Server("created").run() == [
        "POST /api/v1/projects/bench/instances",
        f"GET /api/v1/instances/{ID}/events",
    ]
