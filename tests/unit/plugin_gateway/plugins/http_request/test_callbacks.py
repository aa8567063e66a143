"""Work that goes on after the answer, and calls back."""

from datetime import timedelta
from typing import Any

import pytest

from flowyard.contracts.plugin import Wait
from flowyard_plugin_gateway.plugins.http_request import HttpRequest
from tests.unit.plugin_gateway.plugins.http_request.receiver import Receiver, call, code, outputs
from tests.unit.plugin_gateway.support import context


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
