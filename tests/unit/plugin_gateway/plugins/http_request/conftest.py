from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from flowyard_plugin_gateway.plugins.http_request import HttpRequest
from tests.unit.plugin_gateway.plugins.http_request.receiver import Receiver, hang
from tests.unit.plugin_gateway.support import StillClock


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def plugin(receiver: Receiver, clock: StillClock) -> AsyncIterator[HttpRequest]:
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    app = Starlette(
        routes=[Route("/hang", hang), Route("/{path:path}", receiver.answer, methods=methods)]
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield HttpRequest(client, clock)
