"""Webhooks to a real receiver on loopback."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from flowyard.plugin_testing import ATTEMPT_ID, PROBE_START, PluginProbe, ProbeClock
from flowyard.storage.database import Database
from flowyard.telemetry.serving import AppServer
from flowyard_plugin_gateway.http_client import new_client
from flowyard_plugin_gateway.plugins.notify import Notify
from flowyard_plugin_gateway.plugins.notify_models import NotifyInputs, NotifyOutputs
from flowyard_plugin_gateway.signing import sign
from tests.integration.plugin_gateway.support import Gateway
from tests.support.ports import free_port
from tests.support.steps import insert_attempt, ready_step, step_key

Probe = PluginProbe[NotifyInputs, NotifyOutputs]


TEXT_SECRET = "open sesame"  # noqa: S105 - nobody's
BROKEN_SECRET = "whsec_not base64!"  # noqa: S105 - nobody's


class Receiver:
    """Keeps what it was sent, and answers what a test tells it to."""

    def __init__(self) -> None:
        self.url = ""
        self.response = Response(status_code=204)
        self.headers: httpx.Headers = httpx.Headers()
        self.body = b""
        self.calls = 0

    async def answer(self, request: Request) -> Response:
        self.headers = httpx.Headers(request.headers.raw)
        self.body = await request.body()
        self.calls += 1
        return self.response


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    kept = Receiver()
    app = Starlette(routes=[Route("/{path:path}", kept.answer, methods=["GET", "POST"])])
    async with AppServer(app, "127.0.0.1", 0) as running:
        kept.url = f"{running.url}/hook"
        yield kept


@pytest.fixture
async def notify() -> AsyncIterator[Probe]:
    async with new_client() as client:
        clock = ProbeClock()
        yield PluginProbe(Notify(client, clock), clock=clock)


def inputs(receiver: Receiver, **webhook: Any) -> dict[str, Any]:
    return {
        "subject": "Größe",
        "text": "It failed.",
        "data": {"version": 2},
        "webhook": {"url": receiver.url} | webhook,
    }


async def test_a_webhook_tells_what_happened_and_where(notify: Probe, receiver: Receiver) -> None:
    run = await notify.run(inputs(receiver))

    assert orjson.loads(receiver.body) == {
        "subject": "Größe",
        "text": "It failed.",
        "data": {"version": 2},
        "project": "demo",
        "instance_id": "018f0000-0000-7000-8000-000000000001",
        "node_id": "node",
        "attempt": 1,
    }
    assert run.outputs.model_dump(exclude_defaults=True) == {
        "channel": "webhook",
        "message_id": str(ATTEMPT_ID),
        "status": 204,
    }


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        (TEXT_SECRET, b"open sesame"),
        ("whsec_" + base64.b64encode(b"\x00\xff raw").decode(), b"\x00\xff raw"),
    ],
    ids=["text", "base64"],
)
async def test_the_signature_covers_id_time_and_body(
    notify: Probe, receiver: Receiver, secret: str, key: bytes
) -> None:
    await notify.run(inputs(receiver, secret=secret))

    at = str(int(PROBE_START.timestamp()))
    signed = f"{ATTEMPT_ID}.{at}.".encode() + receiver.body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    assert receiver.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert receiver.headers["webhook-timestamp"] == at
    assert receiver.headers["webhook-id"] == str(ATTEMPT_ID)


async def test_receivers_can_deduplicate_on_the_attempt(notify: Probe, receiver: Receiver) -> None:
    await notify.run(inputs(receiver))

    assert receiver.headers["idempotency-key"] == str(ATTEMPT_ID)


async def test_without_a_secret_the_call_is_not_signed(notify: Probe, receiver: Receiver) -> None:
    await notify.run(inputs(receiver))

    assert "webhook-signature" not in receiver.headers


async def test_a_receiver_may_want_a_body_and_headers_of_its_own(
    notify: Probe, receiver: Receiver
) -> None:
    payload = {"msgtype": "text"}

    await notify.run(inputs(receiver, payload=payload, headers={"Authorization": "Bearer x"}))

    assert orjson.loads(receiver.body) == payload
    assert receiver.headers["authorization"] == "Bearer x"
    assert receiver.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_any_other_status_than_success_is_a_failure_after_one_call(
    notify: Probe, receiver: Receiver, status: int
) -> None:
    receiver.response = Response(status_code=status)

    run = await notify.run(inputs(receiver))

    assert (run.failure.code, run.failure.outputs["status"]) == ("http_status", status)
    assert receiver.calls == 1


async def test_a_signed_call_is_not_redirected(notify: Probe, receiver: Receiver) -> None:
    receiver.response = RedirectResponse(receiver.url, 307)

    run = await notify.run(inputs(receiver, secret=TEXT_SECRET))

    assert (run.failure.code, receiver.calls) == ("http_status", 1)


async def test_a_receiver_that_is_not_there_is_a_failure(notify: Probe, receiver: Receiver) -> None:
    run = await notify.run(inputs(receiver, url=f"http://127.0.0.1:{free_port()}"))

    assert run.failure.code == "connection_failed"


async def test_a_secret_that_is_not_what_it_says_is_told_without_it(
    notify: Probe, receiver: Receiver
) -> None:
    run = await notify.run(inputs(receiver, secret=BROKEN_SECRET))

    assert (run.failure.code, receiver.calls) == ("invalid_inputs", 0)
    assert "not base64!" not in run.failure.message


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Mark": "a\r\nX-Other: b"},
        {"X-Mark": "a\nb"},
        {"X-Mark\r\nX-Other": "a"},
        {"X-Mark": "a\x00"},
        {"Webhook-Signature": "v1,forged"},
        {"CONTENT-TYPE": "text/plain"},
    ],
)
def test_no_header_can_be_smuggled_in_or_replaced(headers: dict[str, str]) -> None:
    webhook = {"url": "http://chat.test", "headers": headers}

    with pytest.raises(ValidationError):
        NotifyInputs.model_validate({"webhook": webhook})


@pytest.mark.parametrize(("idempotent", "is_repeatable"), [(True, True), (False, False)])
async def test_only_the_author_knows_that_a_receiver_drops_repetitions(
    *, idempotent: bool, is_repeatable: bool
) -> None:
    webhook = {"url": "http://chat.test", "idempotent": idempotent}
    given = NotifyInputs.model_validate({"webhook": webhook})

    async with new_client() as client:
        assert Notify(client).is_idempotent(given) == is_repeatable


@pytest.mark.parametrize("given", [{}, {"webhook": None, "mail": None}])
def test_a_channel_has_to_be_chosen(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="give either webhook or mail"):
        NotifyInputs.model_validate(given)


async def test_rule_11_the_secret_is_opened_by_the_gateway_and_comes_out_nowhere(
    database: Database, gateway: Gateway, demo: UUID, receiver: Receiver
) -> None:
    del demo
    key = step_key()
    await insert_attempt(database, key)
    given = inputs(receiver, secret={"$secret": "TOKEN"})

    result = await gateway.result(ready_step(key, plugin="notify", inputs=given))

    headers = receiver.headers
    expected = sign(
        TEXT_SECRET, headers["webhook-id"], int(headers["webhook-timestamp"]), receiver.body
    )
    assert (result.outcome, headers["webhook-signature"]) == ("succeeded", expected)
    assert TEXT_SECRET not in result.model_dump_json()


async def test_what_a_receiver_gets_twice_has_one_id(
    database: Database, gateway: Gateway, receiver: Receiver
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    step = ready_step(key, plugin="notify", inputs=inputs(receiver, idempotent=True))

    ids = set()
    for _ in range(2):
        await gateway.result(step)
        await gateway.stored()
        ids.add(receiver.headers["webhook-id"])

    assert (ids, receiver.calls) == ({str(step.attempt_id)}, 2)


async def test_a_webhook_is_called_once_however_often_its_step_is_delivered(
    database: Database, gateway: Gateway, receiver: Receiver
) -> None:
    key = step_key()
    await insert_attempt(database, key)
    step = ready_step(key, plugin="notify", inputs=inputs(receiver))

    first = await gateway.result(step)
    await gateway.stored()
    second = await gateway.result(step)

    assert (first.outcome, second.outcome, receiver.calls) == ("succeeded", "succeeded", 1)
