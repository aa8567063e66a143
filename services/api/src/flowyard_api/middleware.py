"""What happens around every request: its id, span, limits, headers and numbers."""

import logging
import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowyard.clock import Clock
from flowyard.ids import new_id
from flowyard.telemetry.logs import current_work
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.propagation import parse
from flowyard.telemetry.spans import Span
from flowyard.telemetry.tracing import Tracing
from flowyard_api.dependencies.preferences import APPLIED_HEADER
from flowyard_api.deprecation import deprecation_headers
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
_CALLBACKS = f"{PREFIX}/callbacks/"
_NAMED_BY_PATHS = ("instance_id", "node_id", "project")
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
        scope["flowyard.is_traced"] = parse(traceparent) is not None
        with self._tracing.span(
            "api.request",
            traceparent=traceparent if scope["flowyard.is_traced"] else None,
            attributes={"http.request.method": scope["method"], "url.path": _path_of(scope)},
        ) as span:
            named = current_work.set(_RequestWork(scope))
            try:
                await self._handle(scope, _limited(scope, headers, receive), send, span)
            finally:
                current_work.reset(named)

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
            _log.info("A client has gone before its request was read")
        except Exception as error:  # noqa: BLE001  # a request's outermost place: the process goes on
            _log.exception("Request failed")
            span.fail("internal_error", type(error).__name__)
            if sender.status is None:
                detail = PROBLEMS["internal_error"].detail
                await problem_response(request, "internal_error", detail)(scope, receive, sender)
        self._count(scope, sender, self._clock.monotonic() - began)

    def _count(self, scope: Scope, sender: "_Sender", seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown").removeprefix(PREFIX)
        status = str(sender.status or 0)
        _log.debug("Request answered", extra={"status": status, "seconds": round(seconds, 6)})
        self._metrics.count(
            "flowyard_api_requests_total", method=scope["method"], route=route, status=status
        )
        if not sender.is_held:
            self._metrics.observe("flowyard_api_request_seconds", seconds, route=route)


class _RequestWork:
    """What a log line names a request by, and what it is about once that is known."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @property
    def log_facts(self) -> Mapping[str, object]:
        scope = self._scope
        given = scope.get("path_params", {})
        facts = {
            "request_id": scope["flowyard.request_id"],
            "method": scope["method"],
            "path": _path_of(scope),
        }
        facts.update((name, str(given[name])) for name in _NAMED_BY_PATHS if name in given)
        if "node_id" in facts and "number" in given:
            facts["attempt"] = given["number"]
        return facts


def _path_of(scope: Scope) -> str:
    """Return the path for people: a callback's token stays between its two ends."""
    path = str(scope["path"])
    return f"{path.rpartition('/')[0]}/***" if path.startswith(_CALLBACKS) else path


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
        for name, value in deprecation_headers(self._scope).items():
            headers.append(name, value)
        headers[REQUEST_ID_HEADER] = self._scope["flowyard.request_id"]
        self.is_stream = headers.get("content-type", "").startswith("text/event-stream")
        self.is_held = self.is_stream or APPLIED_HEADER in headers
        if self._span is None:
            return
        self._span.set("http.response.status_code", message["status"])
        route = getattr(self._scope.get("route"), "path", None)
        if route is not None:
            self._span.set("http.route", route)
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
