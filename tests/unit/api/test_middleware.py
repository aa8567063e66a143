"""What happens around a request whose client goes away."""

import logging

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from flowyard.clock import SystemClock
from flowyard.telemetry.metrics import Metrics
from flowyard.telemetry.tracing import Tracing
from flowyard_api.middleware import RequestMiddleware

SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/api/v1/projects",
    "query_string": b"",
    "headers": [(b"content-length", b"100")],
}


async def _reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    del send
    await Request(scope, receive).body()


async def _gone() -> Message:
    return {"type": "http.disconnect"}


async def test_a_client_that_goes_in_the_middle_of_its_request_is_no_fault_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answered: list[Message] = []

    async def send(message: Message) -> None:
        answered.append(message)

    async with Tracing("api", sample_ratio=0) as tracing:
        middleware = RequestMiddleware(
            _reads_all, tracing=tracing, metrics=Metrics("api"), clock=SystemClock()
        )
        with caplog.at_level(logging.INFO, logger="flowyard.api"):
            await middleware(dict(SCOPE), _gone, send)

    assert answered == []
    assert [one.levelname for one in caplog.records] == ["INFO"]
