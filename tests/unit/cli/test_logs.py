from typing import Any

import httpx
import orjson
import pytest

from flowyard_cli.client import Client
from flowyard_cli.commands.logs import LogLevel, latest_attempt, read_log
from flowyard_cli.errors import RefusedError, UsageError
from flowyard_cli.target import Target

ID = "0197c0de-0000-7000-8000-000000000001"


class Server:
    """Answers requests in turn, and keeps what was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.URL] = []
        self.status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        return httpx.Response(
            self.status,
            content=orjson.dumps(self.answers.pop(0)),
            headers={"Content-Type": "application/json"},
        )

    def client(self) -> Client:
        target = Target(server="http://flowyard.example", token=ID)
        return Client(target, transport=httpx.MockTransport(self))


def page(*texts: str, after: int, is_complete: bool = False) -> dict[str, Any]:
    return {
        "lines": [{"text": text} for text in texts],
        "next_after": after,
        "is_complete": is_complete,
    }


def read(server: Server, **options: Any) -> list[str]:
    with server.client() as client:
        return [line["text"] for line in read_log(client, ID, "deploy:3", 2, **options)]


def test_a_log_is_read_page_by_page_until_it_is_complete() -> None:
    server = Server(page("a", "b", after=2), page("c", after=3, is_complete=True))

    assert read(server) == ["a", "b", "c"]
    assert [url.params["after"] for url in server.asked] == ["0", "2"]
    assert server.asked[0].path == f"/api/v1/instances/{ID}/nodes/deploy:3/attempts/2/logs"


def test_a_log_that_is_not_followed_ends_with_what_there_is() -> None:
    server = Server(page("a", after=1), page(after=1))

    assert read(server) == ["a"]
    assert "wait" not in server.asked[0].params


class Streaming:
    """Answers each request with the next stream; one that is None is no server at all."""

    def __init__(self, *streams: str | None) -> None:
        self.streams = list(streams)
        self.asked: list[httpx.URL] = []
        self.slept = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        text = self.streams.pop(0)
        if text is None:
            raise httpx.ConnectError("nobody listens", request=request)
        return httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream"})

    def read(self, **options: Any) -> list[str]:
        target = Target(server="http://flowyard.example", token=ID)

        def sleep(_: float) -> None:
            self.slept += 1

        with Client(target, transport=httpx.MockTransport(self), sleep=sleep) as client:
            found = read_log(client, ID, "deploy:3", 2, follow=True, **options)
            return [line["text"] for line in found]


def event(sequence: int, text: str) -> str:
    data = orjson.dumps({"sequence": sequence, "text": text}).decode()
    return f"event: line\nid: {sequence}\ndata: {data}\n\n"


END = 'event: end\nid: 2\ndata: {"next_after":2}\n\n'


def test_a_log_that_is_followed_is_a_stream_that_goes_on_where_it_broke_off() -> None:
    server = Streaming(
        ": open\n\n" + event(1, "a") + ": still here\n\n",
        None,
        event(2, "b") + END,
    )

    assert server.read(level=LogLevel.WARNING) == ["a", "b"]
    assert [url.params["after"] for url in server.asked] == ["0", "1", "1"]
    assert {url.params["level"] for url in server.asked} == {"warning"}
    assert server.asked[0].path.endswith("/nodes/deploy:3/attempts/2/logs/stream")
    assert server.slept == 2


def test_a_log_that_cannot_be_followed_is_refused_at_once() -> None:
    answer = {"status": 404, "code": "not_found", "detail": "No such attempt"}
    server = Server(answer)
    server.status = 404

    with pytest.raises(RefusedError, match="No such attempt"):
        read(server, follow=True)


def test_the_latest_attempt_is_the_one_with_the_highest_number() -> None:
    server = Server({"status": "running", "attempts": [{"number": 2}, {"number": 10}]})

    with server.client() as client:
        assert latest_attempt(client, ID, "a") == 10


def test_a_node_that_was_not_begun_has_no_log() -> None:
    server = Server({"status": "pending", "attempts": []})

    with server.client() as client, pytest.raises(UsageError, match="a is pending"):
        latest_attempt(client, ID, "a")
