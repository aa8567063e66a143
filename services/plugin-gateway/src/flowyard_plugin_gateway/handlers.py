"""The HTTP interface: steps in, lines out; and the list of plugins."""

import orjson
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from flowyard.contracts.plugin_api import PLUGINS_PATH, STEPS_PATH, StepBatch
from flowyard.telemetry.health import Readiness, health_routes
from flowyard.telemetry.metrics import Metrics
from flowyard_plugin_gateway.intake import StepIntake
from flowyard_plugin_gateway.registry import PluginRegistry

MAX_BATCH_BYTES = 64 * 1024 * 1024
"""Largest request: 256 steps with the largest inputs that are allowed."""


def create_app(
    *, intake: StepIntake, registry: PluginRegistry, metrics: Metrics, readiness: Readiness
) -> Starlette:
    """Return the gateway's ASGI app."""

    async def run_steps(request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return _problem(413, "request_too_large", "Expected at most 64 MiB of steps.")
        try:
            batch = StepBatch.model_validate_json(body)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
            return _problem(422, "invalid_batch", "Expected a batch of steps.", problems)
        return StreamingResponse(intake.accept(batch).chunks(), media_type="application/x-ndjson")

    async def list_plugins(_: Request) -> Response:
        infos = [info.model_dump(mode="json") for info in registry.infos()]
        return Response(orjson.dumps(infos), media_type="application/json")

    return Starlette(
        routes=[
            Route(STEPS_PATH, run_steps, methods=["POST"]),
            Route(PLUGINS_PATH, list_plugins),
            *health_routes(metrics, readiness),
        ],
        exception_handlers={ClientDisconnect: _nobody_listens},
    )


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
