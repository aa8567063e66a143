"""Renders what goes wrong as problem documents, and describes them in OpenAPI."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from flowyard.engine.graph import JsonValue
from flowyard.errors import FlowyardError
from flowyard_api.errors import PROBLEMS, RETRY_AFTER_SECONDS, ApiError, Fault, problem
from flowyard_api.models.problem import ProblemView

PROBLEM_MEDIA_TYPE = "application/problem+json"
"""Media type of every error."""

PROBLEM_HEADERS: dict[int, dict[str, Any]] = {
    401: {
        "WWW-Authenticate": {
            "description": "How to authenticate.",
            "required": True,
            "schema": {"type": "string"},
            "example": "Bearer",
        }
    },
    **{
        status: {
            "Retry-After": {
                "description": "Seconds after which to try again.",
                "required": True,
                "schema": {"type": "integer", "minimum": 0},
                "example": RETRY_AFTER_SECONDS,
            }
        }
        for status in (429, 503)
    },
}
"""What errors carry besides their body, keyed by status, as OpenAPI describes it."""

_HTTP_CODES = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
_MALFORMED = frozenset({"json_invalid"})


def problem_response(
    request: Request,
    code: str,
    detail: str,
    *,
    errors: Sequence[Fault] = (),
    facts: Mapping[str, JsonValue] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document as the answer to a request."""
    status, body = problem(
        code, detail, request_id=request.scope["flowyard.request_id"], errors=errors, facts=facts
    )
    request.scope["flowyard.code"] = code
    more = dict(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        more["WWW-Authenticate"] = "Bearer"
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        more["Retry-After"] = str((facts or {}).get("retry_after_seconds", RETRY_AFTER_SECONDS))
    return Response(
        orjson.dumps(body), status_code=status, headers=more, media_type=PROBLEM_MEDIA_TYPE
    )


def problem_responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that answers with these codes, with an example each."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in sorted(codes):
        kind = PROBLEMS[code]
        _, body = problem(code, kind.detail, request_id="0197c0de-0000-7000-8000-000000000001")
        entry = found.setdefault(
            kind.status,
            {
                "model": ProblemView,
                "description": "",
                "content": {PROBLEM_MEDIA_TYPE: {"examples": {}}},
            },
        )
        named = f"`{code}`: {kind.title}"
        entry["description"] = f"{entry['description']}; {named}".removeprefix("; ")
        entry["content"][PROBLEM_MEDIA_TYPE]["examples"][code] = {
            "summary": kind.title,
            "value": body,
        }
    return found


def add_problem_handlers(app: FastAPI) -> None:
    """Have an app answer every error with a problem document."""

    @app.exception_handler(FlowyardError)
    async def on_refusal(request: Request, error: FlowyardError) -> Response:
        if error.code not in PROBLEMS:
            raise error
        if not isinstance(error, ApiError):
            return problem_response(request, error.code, str(error))
        return problem_response(
            request, error.code, str(error), errors=error.errors, facts=error.facts
        )

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [_fault(one) for one in error.errors()]
        if any(fault.type in _MALFORMED for fault in faults):
            return problem_response(
                request, "malformed_body", f"Expected JSON, but {faults[0].msg}", errors=faults
            )
        noun = "1 field is not" if len(faults) == 1 else f"{len(faults)} fields are not"
        detail = f"Expected a valid request, but {noun}"
        return problem_response(request, "invalid_request", detail, errors=faults)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        code = _HTTP_CODES.get(HTTPStatus(error.status_code), "malformed_body")
        headers = dict(error.headers or {})
        if code == "method_not_allowed":
            headers["Allow"] = ", ".join(_methods(app, request))
        detail = f"{request.method} {request.url.path}: {error.detail}"
        return problem_response(request, code, detail, headers=headers)


def _methods(app: FastAPI, request: Request) -> list[str]:
    """Return all methods of an address: each has a route of its own, which knows no others."""
    found: set[str] = set()
    for route in app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found.update(getattr(route, "methods", None) or ())
    return sorted(found)


def _fault(error: Mapping[str, Any]) -> Fault:
    loc = tuple(part for part in error["loc"] if isinstance(part, (str, int)))
    message = error["msg"]
    if error["type"] == "json_invalid":
        message = f"it cannot be parsed: {error.get('ctx', {}).get('error', message)}"
    return Fault(loc=loc, msg=message, type=error["type"])
