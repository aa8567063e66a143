"""What is sent."""

from typing import Any

import pytest
from pydantic import ValidationError

from flowyard_plugin_gateway.plugins.http_request import HttpRequest
from flowyard_plugin_gateway.plugins.http_request_models import HttpRequestInputs
from tests.unit.plugin_gateway.plugins.http_request.receiver import (
    ORIGIN,
    Receiver,
    call,
    code,
    outputs,
)
from tests.unit.plugin_gateway.support import ATTEMPT_ID, context


async def test_a_json_body_goes_out_and_json_comes_back(
    plugin: HttpRequest, receiver: Receiver
) -> None:
    answer = await call(
        plugin,
        method="POST",
        json={"version": "1.4.2"},
        query={"dry": True, "zone": ["a", "b"]},
        headers={"X-Team": "ops"},
        extract={"id": "/id"},
    )

    request, body = receiver.requests[0]
    assert body == b'{"version":"1.4.2"}'
    assert str(request.url.query) == "dry=true&zone=a&zone=b"
    assert request.headers["x-team"] == "ops"
    found = outputs(answer)
    assert (found.status, found.body, found.values) == (200, {"id": 7, "ok": True}, {"id": 7})
    assert found.headers == {"content-type": "application/json"}


async def test_every_call_carries_the_attempt_and_the_trace(
    plugin: HttpRequest, receiver: Receiver
) -> None:
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    await call(plugin, context(traceparent=traceparent))

    assert receiver.last.headers["idempotency-key"] == str(ATTEMPT_ID)
    assert receiver.last.headers["traceparent"] == traceparent


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        ({"type": "bearer", "token": "t0k"}, "authorization", "Bearer t0k"),
        ({"type": "basic", "username": "u", "password": "p"}, "authorization", "Basic dTpw"),
        ({"type": "header", "name": "X-Api-Key", "value": "k"}, "x-api-key", "k"),
    ],
)
async def test_each_kind_of_auth_becomes_its_header(
    plugin: HttpRequest, receiver: Receiver, auth: dict[str, str], name: str, value: str
) -> None:
    await call(plugin, auth=auth)

    assert receiver.last.headers[name] == value


async def test_a_header_of_the_user_takes_the_place_of_ours_whatever_its_case(
    plugin: HttpRequest, receiver: Receiver
) -> None:
    await call(plugin, headers={"idempotency-KEY": "mine"})

    assert receiver.last.headers.getlist("idempotency-key") == ["mine"]


@pytest.mark.parametrize(
    "inputs",
    [{"url": "http://host:port/"}, {"headers": {"X-Name": "\u4f60"}}],
)
async def test_a_url_or_header_that_cannot_be_sent_is_an_author_s_mistake(
    plugin: HttpRequest, inputs: dict[str, Any]
) -> None:
    assert code(await call(plugin, **inputs)) == "invalid_inputs"


@pytest.mark.parametrize(
    ("method", "idempotent", "expected"),
    [
        ("GET", None, True),
        ("HEAD", None, True),
        ("PUT", None, False),
        ("DELETE", None, False),
        ("POST", None, False),
        ("POST", True, True),
        ("GET", False, False),
    ],
)
async def test_only_reads_are_idempotent_unless_the_user_says_so(
    plugin: HttpRequest,
    method: str,
    idempotent: bool | None,  # noqa: FBT001 - a column of the table
    expected: bool,  # noqa: FBT001
) -> None:
    inputs = HttpRequestInputs.model_validate(
        {"url": ORIGIN, "method": method, "idempotent": idempotent}
    )

    assert plugin.is_idempotent(inputs) == expected


@pytest.mark.parametrize(
    "inputs",
    [
        {"url": "ftp://x"},
        {"json": {}, "body": "x"},
        {"callback": True, "poll": {"until": {"pointer": "", "equals": 1}}},
        {"timeout": 61},
        {"expected_status": ["ok"]},
        {"auth": {"type": "magic"}},
        {"unknown": 1},
    ],
)
def test_contradictions_and_unknown_fields_are_refused(inputs: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpRequestInputs.model_validate({"url": ORIGIN, **inputs})
