import httpx
import orjson

from flowyard_cli.client import Client
from flowyard_cli.follow import follow, read_events
from flowyard_cli.target import Target
from flowyard_cli.views import InstanceView

ID = "0197c0de-0000-7000-8000-000000000001"


class Server:
    """An instance whose streams are given; None is one that breaks off at once."""

    def __init__(self, *streams: bytes | None) -> None:
        self.streams = list(streams)
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == f"/api/v1/instances/{ID}/events"
        content = self.streams.pop(0)
        if content is None:
            raise httpx.ReadError("broken off")
        return httpx.Response(200, content=content)

    def views(self) -> list[InstanceView]:
        target = Target(server="http://flowyard.example", token=ID)
        transport = httpx.MockTransport(self)
        with Client(target, transport=transport, sleep=self.pauses.append) as client:
            return list(follow(client, ID))


def snapshot(revision: int, status: str) -> bytes:
    nodes = [{"node_id": node_id, "status": "pending"} for node_id in ("a", "b")]
    head = {"instance_id": ID, "name": "n", "revision": revision, "status": status}
    return b"event: snapshot\ndata: " + orjson.dumps({**head, "nodes": nodes}) + b"\n\n"


def event(revision: int, status: str, **nodes: str) -> bytes:
    changed = [{"node_id": node_id, "status": word} for node_id, word in nodes.items()]
    body = orjson.dumps({"revision": revision, "status": status, "nodes": changed})
    return b"id: 1\nevent: change\ndata: " + body + b"\n\n"


def test_every_event_changes_the_view_until_the_instance_is_final() -> None:
    server = Server(
        snapshot(0, "created")
        + event(1, "running", a="ready")
        + b": heartbeat\n\n"
        + event(2, "running", a="succeeded", b="ready")
        + event(3, "succeeded", b="succeeded")
        + event(4, "never seen")
    )

    views = server.views()

    assert [view.status for view in views] == ["created", "running", "running", "succeeded"]
    assert [[node.status for node in view.nodes] for view in views] == [
        ["pending", "pending"],
        ["ready", "pending"],
        ["succeeded", "ready"],
        ["succeeded", "succeeded"],
    ]


def test_an_event_about_what_is_known_already_changes_nothing() -> None:
    server = Server(snapshot(5, "running") + event(5, "running") + event(6, "succeeded"))

    assert [view.revision for view in server.views()] == [5, 6]


def test_a_stream_that_breaks_off_is_opened_again_and_begins_with_everything() -> None:
    server = Server(snapshot(1, "running"), None, b"", snapshot(3, "succeeded"))

    assert [view.revision for view in server.views()] == [1, 3]
    assert server.pauses == [0.2, 0.4, 0.8]


def test_lines_that_are_no_event_are_passed_over() -> None:
    lines = iter([": hello", "", "data: {", "", "data: [1]", "", 'data: {"a":', "data: 1}", ""])

    assert list(read_events(lines)) == [{"a": 1}]
