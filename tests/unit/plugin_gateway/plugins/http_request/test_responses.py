"""What is made of the answer, or of none."""

from typing import Any

import httpx
import pytest
from starlette.responses import Response

from flowyard.contracts.plugin import Done, Failed
from flowyard_plugin_gateway.plugins.http_request import HttpRequest
from flowyard_plugin_gateway.plugins.http_request_models import HttpRequestInputs
from tests.unit.plugin_gateway.plugins.http_request.receiver import (
    ORIGIN,
    Receiver,
    call,
    code,
    outputs,
)
from tests.unit.plugin_gateway.support import context


@pytest.mark.parametrize(
    ("status", "expected", "is_success"),
    [
        (204, ["200-299"], True),
        (404, ["200-299"], False),
        (404, ["200-299", 404], True),
        (404, ["404"], True),
        (302, ["200-299"], False),
    ],
)
async def test_the_status_decides_on_success(
    plugin: HttpRequest,
    receiver: Receiver,
    status: int,
    expected: list[Any],
    is_success: bool,  # noqa: FBT001 - a column of the table
) -> None:
    receiver.responses = [Response(status_code=status)]

    answer = await call(plugin, expected_status=expected)

    assert isinstance(answer, Done) == is_success
    if isinstance(answer, Failed):
        assert (answer.code, answer.outputs["status"]) == ("http_status", status)


@pytest.mark.parametrize(
    ("mode", "body"), [("auto", {"a": 1}), ("json", {"a": 1}), ("text", '{"a": 1}'), ("none", None)]
)
async def test_the_body_is_read_as_the_author_says(
    plugin: HttpRequest, receiver: Receiver, mode: str, body: Any
) -> None:
    receiver.responses = [Response('{"a": 1}', media_type="application/json")]

    answer = await call(plugin, response=mode)

    assert outputs(answer).body == body


async def test_what_has_to_be_json_and_is_not_is_a_failure(
    plugin: HttpRequest, receiver: Receiver
) -> None:
    receiver.responses = [Response("<html>", media_type="text/html")]

    assert code(await call(plugin, response="json")) == "invalid_response"


async def test_a_pointer_that_leads_nowhere_is_a_failure_that_keeps_the_body(
    plugin: HttpRequest,
) -> None:
    answer = await call(plugin, extract={"name": "/items/0/name"})

    assert isinstance(answer, Failed)
    assert (answer.code, answer.outputs["body"]) == ("extract_failed", {"id": 7, "ok": True})


async def test_a_response_over_the_bound_is_not_read_to_its_end(
    plugin: HttpRequest, receiver: Receiver
) -> None:
    receiver.responses = [Response(b"x" * (1024 * 1024 + 1))]

    assert code(await call(plugin)) == "response_too_large"


async def test_no_answer_in_time_is_a_timeout(plugin: HttpRequest) -> None:
    assert code(await call(plugin, url=f"{ORIGIN}/hang", timeout=0.01)) == "timeout"


async def test_a_connection_that_is_refused_is_named_without_the_address_query() -> None:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:  # noqa: S501 - plain
        answer = await HttpRequest(client).execute(
            context(), HttpRequestInputs(url="http://127.0.0.1:1/?token=hunter2")
        )

    assert isinstance(answer, Failed)
    assert answer.code == "connection_failed"
    assert "hunter2" not in answer.message
