"""A receiver of webhooks: keeps what it was sent, checks it, and answers what it is told to."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowyard.telemetry.serving import AppServer


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a webhook."""

    path: str
    headers: httpx.Headers
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def payload(self) -> Any:
        return orjson.loads(self.body)

    @property
    def event(self) -> str:
        found: str = self.payload["type"]
        return found

    def is_signed_with(self, secret: str) -> bool:
        """Tell whether one of the signatures is right, as the Standard Webhooks say."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join(
            [self.message_id.encode(), self.headers["webhook-timestamp"].encode(), self.body]
        )
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{right}" in self.headers["webhook-signature"].split()


@dataclass(kw_only=True)
class Receiver:
    """What is told to it, by path."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, Callable[[], Response]] = field(default_factory=dict)
    """What a path answers; 204 where nothing is said."""
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Paths that answer once their event is set."""

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        headers = httpx.Headers(request.headers.raw)
        self.calls.append(Call(path=path, headers=headers, body=await request.body()))
        if path in self.held:
            await self.held[path].wait()
        return self.answers.get(path, lambda: Response(status_code=204))()

    def at(self, path: str) -> list[Call]:
        """Return the calls of one path."""
        return [call for call in self.calls if call.path == path]

    def events(self, path: str = "/hook") -> list[str]:
        return [call.event for call in self.at(path)]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = Starlette(routes=[Route("/{path:path}", receiver.answer, methods=["GET", "POST"])])
    async with AppServer(app, "127.0.0.1", 0) as running:
        receiver.url = running.url
        yield receiver
        for held in receiver.held.values():
            held.set()
