"""The world outside of Flowyard: what its flows act on, and what bears witness of it."""

import asyncio
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import override

from tests.support.witness import Witness

CALLBACK_HEADER = "X-Flowyard-Callback-Url"
CALLBACK_PAUSE_SECONDS = 0.5
EARLY_SECONDS = 5
"""How long an early callback may take: its caller waits for the answer meanwhile."""
SHORT_SECONDS = 0.03
SETTLED = frozenset({202, 410})
"""Taken in, or the attempt has ended without it."""
TRY_AGAIN = frozenset({429, 502, 503, 504})


@dataclass(slots=True)
class Call:
    """One effect, from its arrival on."""

    attempt: str
    tag: str
    name: str
    begun_at: float
    ended_at: float | None = None


class Outside(Witness):
    """Counts what is done, by attempt, tag and name; calls back, early or late."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[Call] = []
        self._failures: Counter[str] = Counter()
        self._polls: Counter[str] = Counter()
        self._callbacks: set[asyncio.Task[None]] = set()
        self.apis: Sequence[str] = ()
        """Addresses of the APIs; a callback goes to one after the other."""
        self.odd: list[str] = []
        """Answers to callbacks that nobody expects."""

    def calls(self) -> list[Call]:
        """Return all effects so far, in the order of their arrival."""
        with self._lock:
            return list(self._calls)

    @override
    def _routes(self) -> list[Route]:
        return [
            *super()._routes(),
            Route("/act", self._act, methods=["POST"]),
            Route("/flaky", self._flaky, methods=["POST"]),
            Route("/jobs", self._job, methods=["POST"]),
            Route("/jobs/{tag}", self._poll, methods=["GET"]),
            Route("/calls-back", self._calls_back, methods=["POST"]),
        ]

    async def _act(self, request: Request) -> Response:
        said = await self._noted(request)
        return JSONResponse({"said": said})

    async def _flaky(self, request: Request) -> Response:
        said = await self._noted(request)
        self._failures[said["tag"]] += 1
        is_over = self._failures[said["tag"]] > said["fails"]
        return JSONResponse({"said": said}, status_code=200 if is_over else 500)

    async def _job(self, request: Request) -> Response:
        said = await self._noted(request)
        return JSONResponse({"id": said["tag"]}, status_code=202)

    async def _poll(self, request: Request) -> Response:
        tag = request.path_params["tag"]
        self._polls[tag] += 1
        is_done = self._polls[tag] > 2
        return JSONResponse({"done": is_done, "tag": tag})

    async def _calls_back(self, request: Request) -> Response:
        said = await self._noted(request)
        path = urlsplit(request.headers[CALLBACK_HEADER]).path
        calling = asyncio.create_task(self._call_back(path, said))
        self._callbacks.add(calling)
        calling.add_done_callback(self._callbacks.discard)
        if said["after"] == 0:
            # The answer comes after the callback: it is early.
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(calling), EARLY_SECONDS)
        return JSONResponse({"said": said})

    async def _noted(self, request: Request) -> Any:
        """Note an effect on its arrival: the caller may be dead before the answer."""
        said = await request.json()
        attempt = request.headers.get("Idempotency-Key", "")
        call = Call(attempt, said["tag"], said["name"], time.monotonic())
        with self._lock:
            self._calls.append(call)
        await asyncio.sleep(_effect_seconds(attempt))
        call.ended_at = time.monotonic()
        return said

    async def _call_back(self, path: str, said: Any) -> None:
        await asyncio.sleep(said["after"])
        tried = 0
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            while True:
                url = self.apis[tried % len(self.apis)] + path
                tried += 1
                status = await _posted(client, url, {"tag": said["tag"]})
                if status in SETTLED:
                    return
                if status is not None and status not in TRY_AGAIN:
                    with self._lock:
                        self.odd.append(f"a callback of {said['tag']} was answered {status}")
                await asyncio.sleep(CALLBACK_PAUSE_SECONDS)


def _effect_seconds(attempt: str) -> float:
    """Return how long an effect takes: most are short, some are long enough to be cut off."""
    number = zlib.crc32(attempt.encode())
    return 0.5 + number % 3500 / 1000 if number % 3 == 0 else SHORT_SECONDS


async def _posted(client: httpx.AsyncClient, url: str, body: Any) -> int | None:
    try:
        answer = await client.post(url, json=body)
    except httpx.TransportError:
        return None
    return answer.status_code
