"""What happens around every request: its id, span, limits, headers and numbers."""

import logging
import re
from typing import Final

from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowyard.clock import Clock
from flowyard.ids import new_id
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.propagation import parse
from flowyard.telemetry.tracing import Span, Tracing
from flowyard_api.dependencies.preferences import APPLIED_HEADER
from flowyard_api.errors import PROBLEMS
from flowyard_api.handlers.documentation import CONTENT_POLICY
from flowyard_api.problems import problem_response

_log = logging.getLogger("flowyard.api")

MAX_BODY_BYTES: Final = 1024 * 1024
"""Largest body of a request; the largest documents in use are a tenth of it."""

MAX_IMPORT_BYTES: Final = 16 * 1024 * 1024
"""Largest body of an import: an export of another system holds all flows of a project."""

REQUEST_ID_HEADER: Final = "X-Request-ID"
"""Names one request; a client may bring its own."""

PREFIX: Final = "/api/v1"
"""Where all routes are that OpenAPI describes."""

_IMPORT_PATH = re.compile(rf"{PREFIX}/projects/[^/]+/imports")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_DOCUMENTATION = "/docs"
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class RequestMiddleware:
    """Wraps the app; see the module.

    Parameters
    ----------
    app
        What answers.
    tracing, metrics, clock
        Where spans and numbers go, and what measures them.
    """

    def __init__(self, app: ASGIApp, *, tracing: Tracing, metrics: Metrics, clock: Clock) -> None:
        self._app = app
        self._tracing = tracing
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID_HEADER, "")
        scope["flowyard.request_id"] = given if _GIVEN_ID.fullmatch(given) else str(new_id())
        if scope["path"] in _QUIET_PATHS:
            scope["flowyard.traceparent"] = None
            await self._app(scope, receive, _Sender(scope, send))
            return
        traceparent = headers.get("traceparent")
        with self._tracing.span(
            "api.request",
            traceparent=traceparent if parse(traceparent) else None,
            attributes={"http.request.method": scope["method"], "url.path": scope["path"]},
            kind=SpanKind.SERVER,
        ) as span:
            await self._handle(scope, _limited(scope, headers, receive), send, span)

    async def _handle(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        scope["flowyard.traceparent"] = span.traceparent
        began = self._clock.monotonic()
        sender = _Sender(scope, send, span)
        request = Request(scope)
        try:
            if _has_nul(scope):
                response = problem_response(
                    request, "invalid_request", "Expected an address without NUL, but it has one"
                )
                await response(scope, receive, sender)
            else:
                await self._app(scope, receive, sender)
        except ClientDisconnect:
            # Its body will never be whole, and nobody waits for an answer. Nothing was stored.
            _log.info("A client has gone before its request was read", extra=_of(scope))
        except Exception as error:  # noqa: BLE001  # a request's outermost place: the process goes on
            _log.exception("Request failed", extra=_of(scope))
            span.fail("internal_error", type(error).__name__)
            if sender.status is None:
                detail = PROBLEMS["internal_error"].detail
                await problem_response(request, "internal_error", detail)(scope, receive, sender)
        self._count(scope, sender, self._clock.monotonic() - began)

    def _count(self, scope: Scope, sender: "_Sender", seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown").removeprefix(PREFIX)
        status = str(sender.status or 0)
        self._metrics.count(
            "flowyard_api_requests_total", method=scope["method"], route=route, status=status
        )
        if not sender.is_held:
            self._metrics.observe("flowyard_api_request_seconds", seconds, route=route)


def _of(scope: Scope) -> dict[str, str]:
    """Return what tells one request from others in the log."""
    return {
        "method": scope["method"],
        "path": scope["path"],
        "request_id": scope["flowyard.request_id"],
    }


class _Sender:
    """Adds what every answer carries, and remembers its status."""

    def __init__(self, scope: Scope, send: Send, span: Span | None = None) -> None:
        self._scope = scope
        self._send = send
        self._span = span
        self.status: int | None = None
        self.is_stream = False
        self.is_held = False
        """Whether somebody looked on for as long as it took, which tells nothing of the server."""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begin(message)
        await self._send(message)

    def _begin(self, message: Message) -> None:
        self.status = message["status"]
        headers = MutableHeaders(scope=message)
        for name, value in _SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        if self._scope["path"].startswith(_DOCUMENTATION):
            headers["Content-Security-Policy"] = CONTENT_POLICY
        headers.setdefault("Cache-Control", "no-store")
        headers[REQUEST_ID_HEADER] = self._scope["flowyard.request_id"]
        self.is_stream = headers.get("content-type", "").startswith("text/event-stream")
        self.is_held = self.is_stream or APPLIED_HEADER in headers
        if self._span is None:
            return
        self._span.set("http.response.status_code", message["status"])
        code = self._scope.get("flowyard.code")
        if code is not None:
            self._span.set("flowyard.code", code)
        if self.is_stream:
            # No span stays open as long as somebody looks on.
            self._span.end()


def _limited(scope: Scope, headers: Headers, receive: Receive) -> Receive:
    announced = headers.get("content-length", "")
    most = MAX_IMPORT_BYTES if _IMPORT_PATH.fullmatch(scope["path"]) else MAX_BODY_BYTES
    is_announced_too_large = announced.isdecimal() and _exceeds(announced, most)
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if is_announced_too_large or received > most:
            # The one exception that FastAPI lets through while it reads a body.
            raise HTTPException(413, f"Expected at most {most} bytes")
        return message

    return limited if scope["method"] not in ("GET", "HEAD") else receive


def _exceeds(announced: str, most: int) -> bool:
    # By length first: Python refuses to read very long numbers.
    return len(announced) > len(str(most)) or int(announced) > most


def _has_nul(scope: Scope) -> bool:
    return "\x00" in scope["path"] or b"%00" in scope["query_string"]
