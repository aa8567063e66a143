"""The gate before a server that answers as Prometheus does, over loopback."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flowyard.contracts.plugin import Failed
from flowyard.plugin_testing import PluginProbe, ProbeClock, ProbedRun
from flowyard.telemetry.serving import AppServer
from flowyard_plugin_gateway.http_client import new_client
from flowyard_plugin_gateway.plugins.http_check import HttpCheck
from flowyard_plugin_gateway.plugins.http_check_models import HttpCheckInputs, HttpCheckOutputs
from tests.support.ports import free_port

Run = ProbedRun[HttpCheckOutputs]

QUERY = 'sum by (zone) (rate(errors_total{app="shop"}[5m]))'


class Prometheus:
    """Answers in order, the last answer again and again."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[Response] = []
        self.queries: list[str] = []

    async def answer(self, request: Request) -> Response:
        self.queries.append(request.query_params["query"])
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def vector(**values: str) -> Response:
    series = [{"metric": {"zone": zone}, "value": [1, text]} for zone, text in values.items()]
    return data("vector", series)


def data(kind: str, result: Any) -> Response:
    return JSONResponse({"status": "success", "data": {"resultType": kind, "result": result}})


@pytest.fixture
async def prometheus() -> AsyncIterator[Prometheus]:
    server = Prometheus()
    app = Starlette(routes=[Route("/mimir/api/v1/query", server.answer)])
    async with AppServer(app, "127.0.0.1", 0) as running:
        server.url = f"{running.url}/mimir/"
        yield server


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with new_client() as opened:
        yield opened


@pytest.fixture
def clock() -> ProbeClock:
    return ProbeClock()


@pytest.fixture
def probe(
    client: httpx.AsyncClient, clock: ProbeClock
) -> PluginProbe[HttpCheckInputs, HttpCheckOutputs]:
    return PluginProbe(HttpCheck(client, clock), clock=clock)


Probe = PluginProbe[HttpCheckInputs, HttpCheckOutputs]


async def check(probe: Probe, prometheus: Prometheus, **target: Any) -> Run:
    pass_when = {"operator": "<", "value": 0.5}
    known = {"url": prometheus.url, "query": QUERY, "pass_when": pass_when}
    return await probe.run({"prometheus": known | target, "timeout": 15, "max_faults": 2})


async def test_every_sample_has_to_be_below_the_threshold(
    probe: Probe, prometheus: Prometheus
) -> None:
    prometheus.answers = [vector(a="0.1", b="0.7"), vector(a="0.2", b="0.4")]

    run = await check(probe, prometheus)

    assert run.outputs.looks == 2
    assert [(sample.labels, sample.value) for sample in run.outputs.samples] == [
        ({"zone": "a"}, 0.2),
        ({"zone": "b"}, 0.4),
    ]
    assert (run.outputs.last_value, run.outputs.last_status) == (0.2, 200)
    assert prometheus.queries == [QUERY, QUERY]


async def test_any_sample_may_be_enough(probe: Probe, prometheus: Prometheus) -> None:
    prometheus.answers = [vector(a="0.1", b="0.7")]
    above = {"samples": "any", "operator": ">", "value": 0.5}

    run = await check(probe, prometheus, pass_when=above)

    assert run.outputs.looks == 1


async def test_a_scalar_is_one_sample(probe: Probe, prometheus: Prometheus) -> None:
    prometheus.answers = [data("scalar", [1, "0.25"])]

    run = await check(probe, prometheus)

    assert run.outputs.last_value == 0.25


async def test_what_is_not_a_number_neither_passes_nor_fails(
    probe: Probe, prometheus: Prometheus
) -> None:
    prometheus.answers = [vector(a="NaN")]
    failing = {"operator": "!=", "value": 0}

    run = await check(probe, prometheus, fail_when=failing)

    assert (run.failure.code, run.failure.outputs["last_value"]) == ("check_timeout", "NaN")


async def test_what_fails_is_looked_at_before_what_passes(
    probe: Probe, prometheus: Prometheus
) -> None:
    prometheus.answers = [vector(a="0.1", b="+Inf")]
    passing = {"samples": "any", "operator": "<", "value": 0.5}
    failing = {"samples": "any", "operator": ">", "value": 100}

    run = await check(probe, prometheus, pass_when=passing, fail_when=failing)

    assert run.failure.code == "check_failed"
    assert [sample["value"] for sample in run.failure.outputs["samples"]] == [0.1, "+Inf"]


@pytest.mark.parametrize(
    ("on_empty", "ended"), [("pass", "passed"), ("fail", "check_failed"), ("wait", "check_timeout")]
)
async def test_a_result_without_samples_means_what_the_author_says(
    probe: Probe, prometheus: Prometheus, on_empty: str, ended: str
) -> None:
    prometheus.answers = [vector()]

    run = await check(probe, prometheus, on_empty=on_empty)

    assert ended == (run.answer.code if isinstance(run.answer, Failed) else "passed")


async def test_a_query_that_the_server_rejects_fails_at_once(
    probe: Probe, prometheus: Prometheus
) -> None:
    prometheus.answers = [
        JSONResponse({"status": "error", "errorType": "bad_data", "error": "parse error"}, 400)
    ]

    run = await check(probe, prometheus)

    assert (run.failure.code, run.waits) == ("query_rejected", [])
    assert "parse error" in run.failure.message


async def test_a_query_for_a_range_fails_at_once(probe: Probe, prometheus: Prometheus) -> None:
    prometheus.answers = [data("matrix", [])]

    run = await check(probe, prometheus)

    assert (run.failure.code, run.waits) == ("query_rejected", [])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (PlainTextResponse("busy", 503), "http_status"),
        (PlainTextResponse("<html>"), "invalid_response"),
        (JSONResponse({"data": {"resultType": "vector", "result": [{}]}}), "invalid_response"),
    ],
    ids=["status", "text", "shape"],
)
async def test_answers_that_cannot_be_used_count_as_not_yet_up_to_a_bound(
    probe: Probe, prometheus: Prometheus, answer: Response, code: str
) -> None:
    prometheus.answers = [answer]

    run = await check(probe, prometheus)

    assert (run.failure.code, len(run.waits)) == (code, 1)


async def test_a_server_that_is_not_there_counts_as_not_yet_up_to_a_bound(probe: Probe) -> None:
    run = await probe.run(
        {"http": {"url": f"http://127.0.0.1:{free_port()}"}, "max_faults": 3, "timeout": 60}
    )

    assert (run.failure.code, len(run.waits)) == ("connection_failed", 2)


async def test_only_the_first_samples_are_kept(probe: Probe, prometheus: Prometheus) -> None:
    prometheus.answers = [vector(**{f"zone{number}": "0" for number in range(1000)})]

    run = await check(probe, prometheus)

    assert len(run.outputs.samples) == 20
