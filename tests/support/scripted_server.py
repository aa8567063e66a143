"""A real HTTP server in a thread that answers what a test has written down, in order."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import orjson
from typing_extensions import override

from tests.support.ports import free_port


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is answered to one request."""

    status: int = 200
    body: Any = None
    """JSON; bytes are sent as they are."""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_lost: bool = False
    """The connection is closed instead."""
    breaks_off: bool = False
    """The connection is closed before the body is whole."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request that has come."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


Answering = Callable[[Asked], Reply]


@dataclass
class ScriptedServer:
    """Replies with what it is given, in order, and keeps what it was asked."""

    port: int
    replies: list[Reply | Answering] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, *replies: Reply | Answering) -> None:
        self.replies += replies

    def keys(self) -> list[str | None]:
        """Return the idempotency key of each request."""
        return [one.headers.get("idempotency-key") for one in self.asked]

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if not self.replies:
            return Reply(status=599, body={"code": "not_scripted", "detail": asked.path})
        found = self.replies.pop(0)
        return found(asked) if callable(found) else found


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    script: ScriptedServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(size),
        )
        reply = cast("_Listener", self.server).script.reply(asked)
        if reply.is_lost:
            self.close_connection = True
            return
        body = reply.body if isinstance(reply.body, bytes) else orjson.dumps(reply.body)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + int(reply.breaks_off)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or reply.breaks_off

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def scripted_server(port: int | None = None) -> Iterator[ScriptedServer]:
    """Yield a server on a free port, or on a given one."""
    script = ScriptedServer(port or free_port())
    listener = _Listener(("127.0.0.1", script.port), _Handler)
    listener.script = script
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
