"""What happens around a request: what is said of it, and when its client goes away."""

import io
import logging
from typing import Any

import orjson
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from flowyard.clock import SystemClock
from flowyard.telemetry.logs import JsonFormatter, JsonHandler
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


async def _fails(scope: Scope, receive: Receive, send: Send) -> None:
    del receive, send
    # What a router does with a path that it knows.
    scope["path_params"] = {"instance_id": "i-1", "node_id": "deploy", "number": 2, "token": "t0p"}
    raise ValueError("broken")


async def test_lines_of_a_request_name_it_and_what_it_is_about_but_no_token_of_a_callback() -> None:
    stream, spans = io.StringIO(), InMemorySpanExporter()
    handler = JsonHandler(stream)
    handler.setFormatter(JsonFormatter("api"))
    logger = logging.getLogger("flowyard.api")
    logger.addHandler(handler)
    scope: dict[str, Any] = {
        **SCOPE,
        "path": "/api/v1/callbacks/i-1/deploy/2/t0p",
        "headers": [
            (b"x-request-id", b"r-1"),
            (b"traceparent", f"00-{5:032x}-{6:016x}-01".encode()),
        ],
    }

    async def send(message: Message) -> None:
        del message

    async with Tracing("api", exporter=spans) as tracing:
        middleware = RequestMiddleware(
            _fails, tracing=tracing, metrics=Metrics("api"), clock=SystemClock()
        )
        await middleware(scope, _gone, send)
    logger.removeHandler(handler)

    line = orjson.loads(stream.getvalue().splitlines()[0])
    [span] = spans.get_finished_spans()
    assert line["message"] == "Request failed"
    assert {name: line[name] for name in ("request_id", "instance_id", "node_id", "attempt")} == {
        "request_id": "r-1",
        "instance_id": "i-1",
        "node_id": "deploy",
        "attempt": 2,
    }
    assert line["trace_id"] == f"{5:032x}"
    assert line["path"] == "/api/v1/callbacks/i-1/deploy/2/***"
    assert "t0p" not in stream.getvalue() + span.to_json()
