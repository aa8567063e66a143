"""Against an HTTP server that stands in this process, as an ASGI app."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flowyard.contracts.plugin import Done, Failed, StepContext, Wait
from flowyard_plugin_gateway.plugins.http_request import HttpRequest
from flowyard_plugin_gateway.plugins.http_request_models import (
    HttpRequestInputs,
    HttpRequestOutputs,
)
from tests.unit.plugin_gateway.support import ATTEMPT_ID, StillClock, context

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


async def _hang(_: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError


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
        routes=[Route("/hang", _hang), Route("/{path:path}", receiver.answer, methods=methods)]
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield HttpRequest(client, clock)


async def call(plugin: HttpRequest, step: StepContext | None = None, **inputs: Any) -> Answer:
    given = HttpRequestInputs.model_validate({"url": f"{ORIGIN}/releases", **inputs})
    return await plugin.execute(step or context(), given)


def outputs(answer: Answer) -> HttpRequestOutputs:
    assert isinstance(answer, Done), answer
    return answer.outputs


def code(answer: Answer) -> str:
    assert isinstance(answer, Failed), answer
    return answer.code


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


async def test_long_work_is_polled_until_it_has_ended(
    plugin: HttpRequest, receiver: Receiver
) -> None:
    poll = {
        "url": ORIGIN + "/jobs/{/id}",
        "interval": 5,
        "until": {"pointer": "/status", "equals": "done"},
    }
    receiver.responses = [
        JSONResponse({"id": "a/b"}, status_code=202),
        JSONResponse({"status": "running"}),
        JSONResponse({"status": "done", "url": "x"}),
    ]

    begun = await call(plugin, method="POST", poll=poll)
    assert isinstance(begun, Wait)
    asked = await call(plugin, context(resume="timer", state=begun.state), method="POST", poll=poll)
    assert isinstance(asked, Wait)
    ended = await call(
        plugin,
        context(resume="timer", state=asked.state),
        method="POST",
        poll=poll,
        extract={"url": "/url"},
    )

    assert begun.after == asked.after == timedelta(seconds=5)
    assert [request.method for request, _ in receiver.requests] == ["POST", "GET", "GET"]
    assert receiver.last.url.path == "/jobs/a/b"
    assert receiver.last.scope["raw_path"] == b"/jobs/a%2Fb"
    assert "idempotency-key" not in receiver.last.headers
    assert outputs(ended).values == {"url": "x"}


async def test_work_that_has_failed_fails_the_node(plugin: HttpRequest, receiver: Receiver) -> None:
    poll = {
        "until": {"pointer": "/status", "equals": "done"},
        "failed_when": {"pointer": "/status", "one_of": ["failed", "aborted"]},
    }
    begun = await call(plugin, poll=poll)
    assert isinstance(begun, Wait)
    receiver.responses = [JSONResponse({"status": "aborted"})]

    answer = await call(plugin, context(resume="timer", state=begun.state), poll=poll)

    assert isinstance(answer, Failed)
    assert (answer.code, answer.outputs["body"]) == ("poll_failed", {"status": "aborted"})


async def test_a_receiver_that_restarts_is_polled_again_but_not_for_ever(
    plugin: HttpRequest, receiver: Receiver
) -> None:
    poll = {"until": {"pointer": "/status", "equals": "done"}}
    answer = await call(plugin, poll=poll)
    receiver.responses = [Response(status_code=503) for _ in range(3)]

    for _ in range(2):
        assert isinstance(answer, Wait)
        answer = await call(plugin, context(resume="timer", state=answer.state), poll=poll)
    assert isinstance(answer, Wait)

    last = await call(plugin, context(resume="timer", state=answer.state), poll=poll)
    assert code(last) == "http_status"


async def test_work_that_does_not_end_in_time_is_a_timeout(
    plugin: HttpRequest, clock: StillClock
) -> None:
    poll = {"until": {"pointer": "/status", "equals": "done"}, "timeout": 60}
    begun = await call(plugin, poll=poll)
    assert isinstance(begun, Wait)

    clock.push(61)

    answer = await call(plugin, context(resume="timer", state=begun.state), poll=poll)
    assert code(answer) == "timeout"


async def test_credentials_do_not_follow_a_location_to_another_host(
    plugin: HttpRequest, receiver: Receiver
) -> None:
    receiver.responses = [Response(status_code=202, headers={"location": "http://evil.test/x"})]

    answer = await call(plugin, poll={"until": {"pointer": "", "equals": 1}})

    assert code(answer) == "invalid_response"


@pytest.mark.parametrize(
    "inputs",
    [
        {"headers": {"X-Reply-To": "{callback_url}"}},
        {"json": {"notify": ["{callback_url}"]}},
        {"body": "notify={callback_url}"},
        {},
    ],
)
async def test_a_callback_address_goes_where_the_author_put_it_or_in_a_header(
    plugin: HttpRequest, receiver: Receiver, inputs: dict[str, Any]
) -> None:
    step = context()

    answer = await call(plugin, step, method="POST", callback=True, **inputs)

    request, body = receiver.requests[0]
    sent = f"{dict(request.headers)} {body.decode()}"
    assert sent.count(step.callback_url) == 1
    assert ("x-flowyard-callback-url" in request.headers) == (not inputs)
    assert isinstance(answer, Wait)
    assert answer.reason == "callback"


async def test_what_is_called_back_becomes_the_body(plugin: HttpRequest) -> None:
    waiting = await call(plugin, callback=True, method="POST")
    assert isinstance(waiting, Wait)

    answer = await call(
        plugin,
        context(resume="callback", data={"result": "ok"}, state=waiting.state),
        callback=True,
        method="POST",
        extract={"result": "/result"},
    )

    found = outputs(answer)
    assert (found.status, found.body, found.values) == (200, {"result": "ok"}, {"result": "ok"})


async def test_a_callback_that_does_not_come_in_time_is_a_timeout(plugin: HttpRequest) -> None:
    waiting = await call(plugin, callback=True, callback_timeout=60)
    assert isinstance(waiting, Wait)
    assert waiting.after == timedelta(seconds=60)

    answer = await call(
        plugin, context(resume="timer", state=waiting.state), callback=True, callback_timeout=60
    )
    assert code(answer) == "timeout"


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
