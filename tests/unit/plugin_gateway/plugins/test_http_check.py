"""The gate, look by look, against a server that stands in this process."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from pydantic import ValidationError
from typing_extensions import override

from flowyard.plugin_testing import PluginProbe, ProbeClock, ProbedRun
from flowyard_plugin_gateway.plugins.http_check import HttpCheck
from flowyard_plugin_gateway.plugins.http_check_models import HttpCheckInputs, HttpCheckOutputs

URL = "http://shop.test/health"

READY = {"all": [{"pointer": "/status", "value": "ready"}]}
BROKEN = {"any": [{"pointer": "/status", "value": "broken"}]}

Answers = list[httpx.Response | Exception]


class Scripted(httpx.AsyncBaseTransport):
    """Answers in order, the last one again and again, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: Answers = []
        self.requests: list[httpx.Request] = []

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        place = min(len(self.requests), len(self.answers)) - 1
        answer = self.answers[place]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture
def server() -> Scripted:
    return Scripted()


@pytest.fixture
def clock() -> ProbeClock:
    return ProbeClock()


@pytest.fixture
async def probe(
    server: Scripted, clock: ProbeClock
) -> AsyncIterator[PluginProbe[HttpCheckInputs, HttpCheckOutputs]]:
    async with httpx.AsyncClient(transport=server) as client:
        yield PluginProbe(HttpCheck(client, clock), clock=clock)


Probe = PluginProbe[HttpCheckInputs, HttpCheckOutputs]


def status(text: str, code: int = 200) -> httpx.Response:
    return httpx.Response(code, json={"status": text})


def pauses(run: ProbedRun[HttpCheckOutputs]) -> list[float]:
    return [(wait.after or timedelta(0)).total_seconds() for wait in run.waits]


async def test_the_status_alone_decides_where_no_condition_is_given(
    probe: Probe, server: Scripted
) -> None:
    server.answers = [httpx.Response(503), httpx.Response(204)]

    run = await probe.run({"http": {"url": URL}})

    assert run.outputs.model_dump() == {
        "passed": True,
        "looks": 2,
        "last_status": 204,
        "last_value": None,
        "samples": [],
    }


async def test_it_looks_until_the_condition_holds(probe: Probe, server: Scripted) -> None:
    server.answers = [status("starting"), status("starting"), status("ready")]

    run = await probe.run({"http": {"url": URL, "pass_when": READY}, "interval": 5})

    assert (run.outputs.looks, run.outputs.last_value) == (3, "ready")
    assert pauses(run) == [5, 5]
    assert run.outputs.samples[0].labels == {"pointer": "/status"}


async def test_the_successes_have_to_follow_each_other(probe: Probe, server: Scripted) -> None:
    ready, broken = status("ready"), httpx.ConnectError("refused")
    server.answers = [ready, ready, broken, ready, ready, ready]

    run = await probe.run({"http": {"url": URL, "pass_when": READY}, "successes": 3})

    assert run.outputs.looks == 6


async def test_what_says_that_it_failed_ends_the_check_at_once(
    probe: Probe, server: Scripted
) -> None:
    server.answers = [status("starting"), status("broken", 500)]

    run = await probe.run({"http": {"url": URL, "pass_when": READY, "fail_when": BROKEN}})

    assert run.failure.code == "check_failed"
    assert run.failure.outputs["last_value"] == "broken"
    assert run.failure.outputs["passed"] is False


async def test_a_failing_status_ends_the_check_at_once(probe: Probe, server: Scripted) -> None:
    server.answers = [httpx.Response(410)]

    run = await probe.run({"http": {"url": URL, "failing_status": ["404-410"]}})

    assert (run.failure.code, run.failure.outputs["last_status"]) == ("check_failed", 410)


async def test_a_status_that_was_not_expected_does_not_pass(probe: Probe, server: Scripted) -> None:
    server.answers = [status("ready", 500), status("ready", 200)]

    run = await probe.run({"http": {"url": URL, "pass_when": READY}})

    assert run.outputs.looks == 2


async def test_the_last_look_is_when_the_time_is_over(
    probe: Probe, server: Scripted, clock: ProbeClock
) -> None:
    server.answers = [status("starting")]

    run = await probe.run({"http": {"url": URL, "pass_when": READY}, "interval": 10, "timeout": 25})

    assert run.failure.code == "check_timeout"
    assert pauses(run) == [10, 10, 5]
    assert (run.failure.outputs["looks"], clock.monotonic()) == (4, 25)


async def test_a_check_that_does_not_hold_may_let_the_flow_go_on(
    probe: Probe, server: Scripted
) -> None:
    server.answers = [status("broken")]

    run = await probe.run({"http": {"url": URL, "fail_when": BROKEN}, "on_failure": "continue"})

    assert (run.outputs.passed, run.outputs.last_value) == (False, "broken")


async def test_the_pauses_grow_up_to_a_bound_until_something_passes(
    probe: Probe, server: Scripted
) -> None:
    waiting, ready = status("starting"), status("ready")
    server.answers = [waiting, waiting, waiting, waiting, ready, waiting, ready, ready]

    run = await probe.run(
        {
            "http": {"url": URL, "pass_when": READY},
            "interval": 10,
            "backoff": 2,
            "max_interval": 30,
            "successes": 2,
        }
    )

    assert pauses(run) == [10, 20, 30, 30, 10, 10, 10]


async def test_calls_without_an_answer_count_as_not_yet_up_to_a_bound(
    probe: Probe, server: Scripted
) -> None:
    refused = httpx.ConnectError("refused")
    server.answers = [refused, refused, status("starting"), refused, refused, refused]

    run = await probe.run({"http": {"url": URL, "pass_when": READY}, "max_faults": 3})

    assert run.failure.code == "connection_failed"
    assert run.failure.outputs["looks"] == 6
    assert run.failure.outputs["last_value"] == "starting"


@pytest.mark.parametrize(
    ("body", "content_type", "rule"),
    [
        ('{"a": [1, {"b": 2}]}', "application/json", {"pointer": "/a/1/b", "value": 2}),
        (' {"a": 1}', "text/plain", {"pointer": "/a", "operator": "<", "value": 2}),
        ("all is ready", "text/plain", {"operator": "contains", "value": "ready"}),
        ("<p>v1.17</p>", "text/html", {"operator": "matches", "value": r"v1\.\d+"}),
        ("{broken", "application/json", {"operator": "matches", "value": "^.broken"}),
        ("{}", "application/json", {"pointer": "/a", "operator": "exists", "value": False}),
        ('{"a": null}', "application/json", {"pointer": "/a", "operator": "exists"}),
    ],
)
async def test_what_a_body_may_be(
    probe: Probe, server: Scripted, body: str, content_type: str, rule: dict[str, Any]
) -> None:
    server.answers = [httpx.Response(200, text=body, headers={"content-type": content_type})]

    run = await probe.run({"http": {"url": URL, "pass_when": {"all": [rule]}}, "timeout": 0.5})

    assert run.outputs.passed


@pytest.mark.parametrize("operator", ["==", "!=", "exists", "contains"])
async def test_nothing_is_true_of_what_is_not_there(
    probe: Probe, server: Scripted, operator: str
) -> None:
    server.answers = [status("ready")]
    rule = {"any": [{"pointer": "/other", "operator": operator, "value": None}]}

    run = await probe.run({"http": {"url": URL, "pass_when": rule}, "timeout": 1})

    assert run.failure.code == "check_timeout"


async def test_all_and_any_have_to_hold_together(probe: Probe, server: Scripted) -> None:
    server.answers = [
        httpx.Response(200, json={"ready": 3, "wanted": 3, "zone": "c"}),
        httpx.Response(200, json={"ready": 2, "wanted": 3, "zone": "a"}),
        httpx.Response(200, json={"ready": 3, "wanted": 3, "zone": "a"}),
    ]
    rule = {
        "all": [{"pointer": "/ready", "value": 3}, {"pointer": "/wanted", "value": 3}],
        "any": [{"pointer": "/zone", "value": "a"}, {"pointer": "/zone", "value": "b"}],
    }

    run = await probe.run({"http": {"url": URL, "pass_when": rule}})

    assert run.outputs.looks == 3
    assert [sample.value for sample in run.outputs.samples] == [3, 3, "a"]


async def test_a_query_by_post_carries_its_body_and_credentials(
    probe: Probe, server: Scripted
) -> None:
    server.answers = [httpx.Response(200)]

    await probe.run(
        {
            "http": {
                "url": URL,
                "method": "POST",
                "json": {"app": "shop"},
                "headers": {"x-scope": "a"},
                "auth": {"type": "bearer", "token": "open sesame"},
            }
        }
    )

    [request] = server.requests
    assert orjson.loads(request.content) == {"app": "shop"}
    assert request.headers["authorization"] == "Bearer open sesame"
    assert request.headers["x-scope"] == "a"


async def test_large_values_are_not_kept(probe: Probe, server: Scripted) -> None:
    large = {"text": "x" * 100_000, "list": ["x"] * 100_000, "status": "starting"}
    server.answers = [httpx.Response(200, json=large)]
    rule = {"all": [{"pointer": f"/{name}", "operator": "exists"} for name in ("text", "list")]}

    run = await probe.run({"http": {"url": URL, "pass_when": rule}})

    text, items = run.outputs.samples
    assert (len(str(text.value)), items.value) == (1000, None)


async def test_only_changes_are_logged(probe: Probe, server: Scripted) -> None:
    refused = httpx.ConnectError("refused")
    starting = status("starting")
    server.answers = [starting, starting, refused, refused, starting, status("ready")]

    run = await probe.run({"http": {"url": URL, "pass_when": READY}})

    assert [(line.level, line.text) for line in run.logs] == [
        ("info", "Looked found=not_yet look=1 status=200"),
        ("warning", "Looked found=connection_failed look=3 status=None"),
        ("info", "Looked found=not_yet look=5 status=200"),
        ("info", "Looked found=passes look=6 status=200"),
    ]


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({}, "give either http or prometheus"),
        ({"http": {"url": "ftp://x"}}, "pattern"),
        ({"http": {"url": URL, "pass_when": {}}}, "give all, any or both"),
        ({"http": {"url": URL, "json": {"a": 1}}}, "json needs the method POST"),
    ],
)
def test_inputs_that_make_no_sense_are_refused(inputs: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        HttpCheckInputs.model_validate(inputs)


@pytest.mark.parametrize(
    ("operator", "value", "problem"),
    [
        ("<", [1], "needs a number or a text"),
        ("<", True, "needs a number or a text"),
        ("matches", 1, "needs a text"),
        ("matches", "(", "regular expression"),
        ("exists", "yes", "true, false or nothing"),
        ("~", 1, "Input should be"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(
    operator: str, value: Any, problem: str
) -> None:
    rule = {"all": [{"pointer": "/a", "operator": operator, "value": value}]}

    with pytest.raises(ValidationError, match=problem):
        HttpCheckInputs.model_validate({"http": {"url": URL, "pass_when": rule}})
