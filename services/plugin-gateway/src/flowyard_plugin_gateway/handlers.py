"""The HTTP interface: steps in, lines out; and the list of plugins."""

import asyncio
from contextlib import aclosing

import orjson
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from flowyard.contracts.plugin_api import PLUGINS_PATH, STEPS_PATH, StepBatch
from flowyard.telemetry.health import Readiness, health_routes
from flowyard.telemetry.metrics import Metrics
from flowyard_plugin_gateway.intake import StepIntake
from flowyard_plugin_gateway.registry import PluginRegistry
from flowyard_plugin_gateway.stream import StepStream

MAX_BATCH_BYTES = 64 * 1024 * 1024
"""Largest request: 256 steps with the largest inputs that are allowed."""


_LINES = [(b"content-type", b"application/x-ndjson")]


def create_app(
    *, intake: StepIntake, registry: PluginRegistry, metrics: Metrics, readiness: Readiness
) -> Starlette:
    """Return the gateway's ASGI app."""

    async def list_plugins(_: Request) -> Response:
        infos = [info.model_dump(mode="json") for info in registry.infos()]
        return Response(orjson.dumps(infos), media_type="application/json")

    return Starlette(
        routes=[
            Route(STEPS_PATH, StepsEndpoint(intake), methods=["POST"]),
            Route(PLUGINS_PATH, list_plugins),
            *health_routes(metrics, readiness),
        ],
        exception_handlers={ClientDisconnect: _nobody_listens},
    )


class StepsEndpoint:
    """Takes a batch of steps and streams what becomes known about them.

    It speaks ASGI itself: the general streaming response costs several tasks for each
    request, and sends the end of an answer apart from its last lines.
    """

    def __init__(self, intake: StepIntake) -> None:
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _read(Request(scope, receive))
        if body is None:
            refusal = _problem(413, "request_too_large", "Expected at most 64 MiB of steps.")
            await refusal(scope, receive, send)
            return
        try:
            batch = StepBatch.model_validate_json(body)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
            refusal = _problem(422, "invalid_batch", "Expected a batch of steps.", problems)
            await refusal(scope, receive, send)
            return
        await _answer(self._intake.accept(batch), receive, send)


async def _answer(stream: StepStream, receive: Receive, send: Send) -> None:
    leaving = asyncio.create_task(_wait_gone(receive))
    leaving.add_done_callback(lambda _: stream.cut())
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _LINES})
        async with aclosing(stream.chunks()) as chunks:
            async for chunk in chunks:
                is_last = stream.is_complete
                await send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
                if is_last:
                    return
        await send({"type": "http.response.body", "body": b""})
    finally:
        leaving.cancel()


async def _wait_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nobody_listens(_: Request, __: Exception) -> Response:
    """Answer a worker that died while it sent its batch: that is no fault of this process."""
    return _problem(400, "incomplete_request", "Expected a whole batch, but the caller has gone.")


async def _read(request: Request) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BATCH_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _problem(status: int, code: str, detail: str, errors: object = ()) -> Response:
    body = {"status": status, "code": code, "detail": detail, "errors": errors}
    return Response(orjson.dumps(body), status_code=status, media_type="application/problem+json")
