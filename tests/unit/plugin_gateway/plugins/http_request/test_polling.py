"""Work that goes on after the answer, and is asked after."""

from datetime import timedelta

from starlette.responses import JSONResponse, Response

from flowyard.contracts.plugin import Failed, Wait
from flowyard_plugin_gateway.plugins.http_request import HttpRequest
from tests.unit.plugin_gateway.plugins.http_request.receiver import (
    ORIGIN,
    Receiver,
    call,
    code,
    outputs,
)
from tests.unit.plugin_gateway.support import StillClock, context


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
