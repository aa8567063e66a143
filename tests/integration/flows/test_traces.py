"""What an instance's trace tells, across retries, waits, people and children."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from itertools import chain

import pytest

from flowyard.contracts.plugin import Done, Failed
from flowyard.storage.database import Database
from tests.integration.plugin_gateway.support import ProbeOutputs
from tests.support.flowyard import LOOK_SECONDS, PATIENCE_SECONDS, Flowyard, running_flowyard
from tests.support.witness import SeenSpan, Witness

CHILD = """
flowyard: 1
key: below
nodes:
  - {id: work, plugin: probe@1.0, inputs: {text: child}}
"""

TRACED = """
flowyard: 1
key: traced
nodes:
  - id: flaky
    plugin: probe@1.0
    inputs: {say: flaky}
    retry: {times: 1, interval: 50ms, codes: [no_luck]}
  - id: ask
    plugin: approval@1.0
    inputs: {message: "Go on?"}
  - id: below
    subflow: below
"""


@pytest.fixture(scope="module")
def collector() -> Iterator[Witness]:
    with Witness() as started:
        yield started


@pytest.fixture
async def flowyard(
    database: Database, collector: Witness, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Flowyard]:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    async with running_flowyard(database) as started:
        yield started


def caller() -> tuple[str, str]:
    """Return a trace of somebody else's, and the header that hands it on."""
    trace_id = secrets.token_hex(16)
    return trace_id, f"00-{trace_id}-{secrets.token_hex(8)}-01"


class Trace:
    """The spans of one trace."""

    def __init__(self, spans: list[SeenSpan]) -> None:
        self.spans = spans
        self.by_id = {one.span_id: one for one in spans}

    def named(self, name: str, **attributes: str | int) -> list[SeenSpan]:
        wanted = {f"flowyard.{key}": value for key, value in attributes.items()}
        return [
            one
            for one in self.spans
            if one.name == name and wanted.items() <= one.attributes.items()
        ]

    def one(self, name: str, **attributes: str | int) -> SeenSpan:
        (found,) = self.named(name, **attributes)
        return found

    def parent(self, span: SeenSpan) -> SeenSpan:
        return self.by_id[span.parent_id]


async def ended_trace(collector: Witness, trace_id: str) -> Trace:
    """Return a trace once the end of its instance is in it, with all that came before."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            spans = [one for one in collector.spans() if one.trace_id == trace_id]
            known = {one.span_id for one in spans}
            orphans = [one for one in spans if one.parent_id and one.parent_id not in known]
            if any(one.name == "instance.end" for one in spans) and len(orphans) <= 1:
                return Trace(spans)
            await asyncio.sleep(LOOK_SECONDS)


async def _approve(flowyard: Flowyard, instance_id: str, traceparent: str) -> None:
    """Approve once it is asked for."""
    path = f"/instances/{instance_id}/nodes/ask/actions/approve"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = await flowyard.client.post(path, json={}, headers={"traceparent": traceparent})
            if answer.is_success:
                return
            await asyncio.sleep(LOOK_SECONDS)


async def played(flowyard: Flowyard, collector: Witness) -> tuple[str, Trace, Trace, str]:
    """Run the flow; return its id, its trace, its child's, and the id of the approver's trace."""
    tries = iter([Failed(code="no_luck", message="Not yet.")])
    done = Done(ProbeOutputs.model_validate({"text": "done"}))
    flowyard.probe.answers["flaky"] = lambda _: next(chain(tries, [done]))
    await flowyard.publish(CHILD, TRACED)
    trace_id, header = caller()
    approver_id, approver = caller()
    answer = await flowyard.client.post(
        "/projects/shop/instances", json={"template": "traced"}, headers={"traceparent": header}
    )
    instance_id: str = answer.json()["instance_id"]
    await _approve(flowyard, instance_id, approver)
    await flowyard.until_status(instance_id, "succeeded")
    trace = await ended_trace(collector, trace_id)
    (child_start,) = [
        one
        for one in collector.spans()
        if one.name == "instance.start" and one.attributes.get("flowyard.parent") == instance_id
    ]
    return instance_id, trace, await ended_trace(collector, child_start.trace_id), approver_id


async def test_an_instance_is_one_tree_of_attempts_hops_and_waits(
    flowyard: Flowyard, collector: Witness
) -> None:
    instance_id, trace, _, approver_id = await played(flowyard, collector)

    start = trace.one("instance.start")
    first = trace.one("node.attempt", node="flaky", attempt=1)
    second = trace.one("node.attempt", node="flaky", attempt=2)
    assert (first.is_failed, second.is_failed) == (True, False)
    assert first.attributes["error.type"] == "no_luck"
    assert second.links == (first.place,)
    for attempt in (first, second):
        assert trace.parent(attempt) == start
        (dispatch,) = [
            one for one in trace.named("step.dispatch") if one.parent_id == attempt.span_id
        ]
        (execute,) = [
            one for one in trace.named("step.execute") if one.parent_id == dispatch.span_id
        ]
        assert [one.parent_id for one in trace.named("plugin.execute")].count(execute.span_id) == 1
    assert trace.parent(trace.one("node.wait", node="flaky", reason="retry")) == start

    asked = trace.one("node.wait", node="ask", reason="approval")
    assert trace.parent(asked) == trace.one("node.attempt", node="ask")
    assert [link[0] for link in asked.links] == [approver_id]
    assert trace.parent(trace.one("instance.end")) == start
    assert {one.attributes.get("flowyard.instance", instance_id) for one in trace.spans} == {
        instance_id
    }


async def test_a_child_has_a_trace_of_its_own_that_is_linked_to_its_attempt(
    flowyard: Flowyard, collector: Witness
) -> None:
    _, trace, child, _ = await played(flowyard, collector)

    attempt = trace.one("node.attempt", node="below")
    start = child.one("instance.start")
    assert start.links == (attempt.place,)
    assert start.parent_id == ""
    assert child.parent(child.one("node.attempt", node="work")) == start
    assert trace.parent(trace.one("node.wait", node="below", reason="child")) == attempt


async def test_every_span_of_a_node_says_what_it_is_about(
    flowyard: Flowyard, collector: Witness
) -> None:
    _, trace, _, _ = await played(flowyard, collector)

    for name in ("node.attempt", "step.dispatch", "node.wait"):
        for span in trace.named(name, node="flaky"):
            told = {key: span.attributes.get(f"flowyard.{key}") for key in _TOLD}
            assert told == _TOLD | {"attempt": told["attempt"]}, name


_TOLD = {
    "project": "shop",
    "template": "traced",
    "version": 1,
    "node": "flaky",
    "attempt": 0,
    "plugin": "probe@1.0",
}


async def test_instances_of_a_bulk_have_traces_of_their_own_linked_to_the_request(
    flowyard: Flowyard, collector: Witness
) -> None:
    await flowyard.publish(CHILD)
    trace_id, header = caller()
    answer = await flowyard.client.post(
        "/projects/shop/instances/actions/bulk-create",
        json={"items": [{"template": "below"}] * 3},
        headers={"traceparent": header},
    )
    ids = {one["instance_id"] for one in answer.json()["items"]}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            starts = [
                one
                for one in collector.spans()
                if one.name == "instance.start" and one.attributes["flowyard.instance"] in ids
            ]
            if len(starts) == len(ids):
                break
            await asyncio.sleep(LOOK_SECONDS)

    assert len({one.trace_id for one in starts}) == len(ids)
    assert {link[0] for one in starts for link in one.links} == {trace_id}


@pytest.mark.parametrize(("wanted", "expected"), [("always", "1"), ("never", "0")])
async def test_one_instance_is_recorded_or_not_as_it_was_asked_for(
    flowyard: Flowyard, collector: Witness, wanted: str, expected: str
) -> None:
    del collector
    await flowyard.publish(CHILD)
    flags = "00" if wanted == "always" else "01"
    header = caller()[1][:-2] + flags

    answer = await flowyard.client.post(
        "/projects/shop/instances",
        json={"template": "below", "trace": wanted},
        headers={"traceparent": header},
    )

    async with flowyard.database.hot() as connection:
        stored = await connection.fetchval(
            "SELECT traceparent FROM instance WHERE instance_id = $1",
            answer.json()["instance_id"],
        )
    assert stored[-1] == expected
