"""An HTTP server that stands in this process, as an ASGI app, and calls to it."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flowyard.contracts.plugin import Done, Failed, StepContext, Wait
from flowyard_plugin_gateway.plugins.http_request import HttpRequest
from flowyard_plugin_gateway.plugins.http_request_models import (
    HttpRequestInputs,
    HttpRequestOutputs,
)
from tests.unit.plugin_gateway.support import context

ORIGIN = "http://deploy.test"

Answer = Done[HttpRequestOutputs] | Wait | Failed


class Receiver:
    """A deployment system: keeps what it was sent and answers what a test tells it to."""

    def __init__(self) -> None:
        self.requests: list[tuple[Request, bytes]] = []
        self.responses: list[Response] = []

    async def answer(self, request: Request) -> Response:
        self.requests.append((request, await request.body()))
        return self.responses.pop(0) if self.responses else JSONResponse({"id": 7, "ok": True})

    @property
    def last(self) -> Request:
        return self.requests[-1][0]


async def hang(_: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError


async def call(plugin: HttpRequest, step: StepContext | None = None, **inputs: Any) -> Answer:
    given = HttpRequestInputs.model_validate({"url": f"{ORIGIN}/releases", **inputs})
    return await plugin.execute(step or context(), given)


def outputs(answer: Answer) -> HttpRequestOutputs:
    assert isinstance(answer, Done), answer
    return answer.outputs


def code(answer: Answer) -> str:
    assert isinstance(answer, Failed), answer
    return answer.code
