"""An HTTP server outside of Flowyard that counts what was done to it, and collects spans.

It runs in a thread of the test's own process, with a loop of its own, so that it
survives whatever the test kills.
"""

import asyncio
import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flowyard.telemetry.serving import AppServer
from tests.support.witness_metrics import SeenPoint, points_of

START_SECONDS = 10
LOOK_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSpan:
    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str | int | bool]
    links: tuple[tuple[str, str], ...] = ()
    """Trace and span ids."""
    is_failed: bool = False
    kind: int = 0
    seconds: float = 0.0

    @property
    def place(self) -> tuple[str, str]:
        """What links to it name it by."""
        return (self.trace_id, self.span_id)


class Witness:
    """Counts effects by the attempt that they carry, and keeps the spans that it is sent."""

    def __init__(self, *, effect_seconds: float = 0.05) -> None:
        self._effect_seconds = effect_seconds
        self._begun: Counter[str] = Counter()
        self._said: list[Any] = []
        self._open: list[int] = []
        self._most_open = 0
        self._spans: list[SeenSpan] = []
        self._points: list[SeenPoint] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)
        self._listening = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._released = asyncio.Event()
        self._released.set()
        self.url = ""
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._listening.wait(START_SECONDS):
            raise RuntimeError("The witness does not listen")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._in_loop(self._released.set)
        self._in_loop(self._stopping.set)
        self._thread.join(START_SECONDS)

    def hold(self) -> None:
        """Let calls arrive but answer none, until released: what is in flight stays there."""
        self._in_loop(self._released.clear)

    def release(self) -> None:
        """Answer the calls that are held, and all that follow."""
        self._in_loop(self._released.set)

    def wait_for_effects(self, count: int, *, seconds: float = 60) -> None:
        """Wait until this many calls have arrived: the run is in the middle then."""
        deadline = time.monotonic() + seconds
        while (seen := self.effects().total()) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"Only {seen} of {count} effects were seen")
            time.sleep(LOOK_SECONDS)

    def effects(self) -> Counter[str]:
        """Return how often each attempt took effect, keyed by attempt id."""
        with self._lock:
            return Counter(self._begun)

    def repeated(self) -> dict[str, int]:
        """Return the attempts that took effect more than once."""
        return {attempt: count for attempt, count in self.effects().items() if count > 1}

    def said(self) -> list[Any]:
        """Return the JSON that each call brought, in the order of their arrival."""
        with self._lock:
            return list(self._said)

    def callers(self) -> list[int]:
        """Return the ports from which the calls come that are open now."""
        with self._lock:
            return list(self._open)

    def most_open(self) -> int:
        """Return how many calls were open at once, at most; one whose caller has gone is not."""
        with self._lock:
            return self._most_open

    def spans(self) -> list[SeenSpan]:
        """Return all spans so far."""
        with self._lock:
            return list(self._spans)

    def points(self) -> list[SeenPoint]:
        """Return all points of metrics so far."""
        with self._lock:
            return list(self._points)

    def _in_loop(self, act: Callable[[], None]) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(act)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = Starlette(
            routes=self._routes(),
            exception_handlers={ClientDisconnect: _nobody_listens},
        )
        async with AppServer(app, "127.0.0.1", 0) as server:
            self.url = server.url
            self.port = server.port
            self._listening.set()
            await self._stopping.wait()

    def _routes(self) -> list[Route]:
        return [
            Route("/effects", self._effect, methods=["POST"]),
            Route("/hangs", self._hang, methods=["POST"]),
            Route("/unsteady", self._refuse_first, methods=["POST"]),
            Route("/v1/traces", self._traces, methods=["POST"]),
            Route("/v1/metrics", self._metrics, methods=["POST"]),
        ]

    async def _effect(self, request: Request) -> Response:
        with self._taken_in(request):
            said = await self._heard(request)
            await asyncio.sleep(self._effect_seconds)
            await _first(self._released.wait(), _hung_up(request))
        return JSONResponse({"done": True, "said": said})

    async def _hang(self, request: Request) -> Response:
        with self._taken_in(request):
            await self._heard(request)
            await _first(self._stopping.wait(), _hung_up(request))
        return Response(status_code=503)

    async def _refuse_first(self, request: Request) -> Response:
        said = await self._heard(request)
        with self._lock:
            is_first = self._said.count(said) == 1
        return JSONResponse({"done": not is_first}, status_code=503 if is_first else 200)

    @contextmanager
    def _taken_in(self, request: Request) -> Iterator[None]:
        port = 0 if request.client is None else request.client.port
        # It counts on arrival: the caller may be dead before the answer.
        with self._lock:
            self._begun[request.headers.get("Idempotency-Key", "")] += 1
            self._open.append(port)
            self._most_open = max(self._most_open, len(self._open))
        try:
            yield
        finally:
            with self._lock:
                self._open.remove(port)

    async def _heard(self, request: Request) -> Any:
        body = await request.body()
        said = json.loads(body) if body else None
        with self._lock:
            self._said.append(said)
        return said

    async def _traces(self, request: Request) -> Response:
        spans = spans_of(await _unpacked(request))
        with self._lock:
            self._spans.extend(spans)
        return Response(status_code=200, media_type="application/x-protobuf")

    async def _metrics(self, request: Request) -> Response:
        points = points_of(await _unpacked(request))
        with self._lock:
            self._points.extend(points)
        return Response(status_code=200, media_type="application/x-protobuf")


async def _unpacked(request: Request) -> bytes:
    body = await request.body()
    return gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body


async def _nobody_listens(_: Request, error: Exception) -> Response:
    del error
    return Response(status_code=400)


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait for whichever ends first, and let go of the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


_FAILED = 2
"""OTLP's STATUS_CODE_ERROR."""


def _value(value: AnyValue) -> str | int | bool:
    kind = value.WhichOneof("value")
    found: str | int | bool = getattr(value, kind) if kind else ""
    return found


def spans_of(body: bytes) -> list[SeenSpan]:
    """Return the spans of one OTLP request."""
    found: list[SeenSpan] = []
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        names = {
            pair.key: pair.value.string_value
            for pair in resource.resource.attributes
            if pair.key == "service.name"
        }
        found += [
            SeenSpan(
                service=names.get("service.name", ""),
                name=span.name,
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_id=span.parent_span_id.hex(),
                attributes={pair.key: _value(pair.value) for pair in span.attributes},
                links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
                is_failed=span.status.code == _FAILED,
                kind=span.kind,
                seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
            )
            for scope in resource.scope_spans
            for span in scope.spans
        ]
    return found
