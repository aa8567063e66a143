"""What a trace backend shows of one instance: asked for by its query API."""

import secrets
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.observability.flows import CHILD, TRACED
from tests.support.api_driver import PROJECT
from tests.support.cluster import Cluster
from tests.support.observability import Zipkin
from tests.support.witness import Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(600)]

EXPORT_SECONDS = 60
Span = dict[str, Any]


CLOCKS_MICROSECONDS = 50_000
"""How far the clock of Postgres may differ from that of a process, on one machine."""


class Tree:
    """The spans of one trace, by their parents."""

    def __init__(self, spans: list[Span]) -> None:
        self.spans = sorted(spans, key=lambda span: span["timestamp"])
        self.by_id = {span["id"]: span for span in spans}

    @property
    def roots(self) -> list[Span]:
        return [span for span in self.spans if span.get("parentId") not in self.by_id]

    def below(self, span: Span) -> list[Span]:
        return [one for one in self.spans if one.get("parentId") == span["id"]]

    def named(self, name: str, **tags: str) -> list[Span]:
        wanted = {f"flowyard.{key}": value for key, value in tags.items()}
        return [
            span
            for span in self.spans
            if span["name"] == name and wanted.items() <= span.get("tags", {}).items()
        ]

    def one(self, name: str, **tags: str) -> Span:
        (found,) = self.named(name, **tags)
        return found

    def lines(self) -> Iterator[str]:
        """Yield the tree as text: what, who, when since the first span's begin, for how long."""
        first = self.spans[0]["timestamp"]
        for root in self.roots:
            yield from self._lines(root, 0, first)

    def _lines(self, span: Span, depth: int, first: int) -> Iterator[str]:
        tags = span.get("tags", {})
        about = " ".join(
            f"{key}={tags[f'flowyard.{key}']}"
            for key in ("node", "attempt", "step", "reason", "status")
            if f"flowyard.{key}" in tags
        )
        links = "".join(
            f" ->{tags[tag].split('|')[1]}" for tag in tags if tag.startswith("otlp.link.")
        )
        failed = f" FAILED {tags['error.type']}" if "error.type" in tags else ""
        yield (
            f"{(span['timestamp'] - first) / 1000:9.1f} ms {span.get('duration', 0) / 1000:8.1f} ms"
            f"  {'  ' * depth}{span['name']} [{span['localEndpoint']['serviceName']}]"
            f" {about}{failed} ({span['id']}{links})"
        )
        for child in self.below(span):
            yield from self._lines(child, depth + 1, first)


def _links(span: Span) -> list[tuple[str, str]]:
    """Return trace and span ids; the collector writes each link as one tag."""
    tags = span.get("tags", {})
    found = sorted(tag for tag in tags if tag.startswith("otlp.link."))
    return [(parts[0], parts[1]) for parts in (tags[tag].split("|") for tag in found)]


def _ended(zipkin: Zipkin, trace_id: str) -> Tree:
    """Return a trace once its end is in it, and every span's parent but the caller's."""
    deadline = time.monotonic() + EXPORT_SECONDS
    while True:
        tree = Tree(zipkin.trace(trace_id))
        if tree.named("instance.end") and len(tree.roots) == 1:
            return tree
        if time.monotonic() > deadline:
            shown = "\n".join(tree.lines()) if tree.spans else "nothing"
            pytest.fail(f"The trace {trace_id} is not whole:\n{shown}")
        time.sleep(0.1)


def _waits(node_id: str, reason: str) -> Any:
    return lambda shown: any(
        node["node_id"] == node_id and node["reason"] == reason for node in shown["nodes"]
    )


def _outsider() -> tuple[str, dict[str, str]]:
    """Return the id of a trace that is recorded, and the header that brings it along."""
    trace_id = secrets.token_hex(16)
    return trace_id, {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}


class Played:
    """One instance that has ended, and what the backend knows of it."""

    def __init__(self, cluster: Cluster, zipkin: Zipkin, witness: Witness) -> None:
        api = cluster.api
        self.caller = secrets.token_hex(8)
        created = api.request(
            "POST",
            f"/projects/{PROJECT}/instances",
            json={"template": "traced", "inputs": {"witness": witness.url}},
            headers={"traceparent": f"00-{secrets.token_hex(16)}-{self.caller}-01"},
        )
        self.instance_id: str = created["instance_id"]
        api.until(self.instance_id, _waits("later", "callback"))
        (address,) = [one["call_back"] for one in witness.said() if "call_back" in (one or "")]
        self.calling, called = _outsider()
        path = urlsplit(address).path.removeprefix("/api/v1")
        api.request("POST", path, json={"fine": True}, headers=called)
        api.until(self.instance_id, _waits("ask", "approval"))
        self.approving, approved = _outsider()
        path = f"/instances/{self.instance_id}/nodes/ask/actions/approve"
        api.request("POST", path, json={}, headers=approved)
        shown = api.until(self.instance_id, lambda shown: shown["ended_at"] is not None)
        self.status = shown["status"]
        self.tree = _ended(zipkin, shown["trace_id"])
        (below,) = [node for node in shown["nodes"] if node["node_id"] == "below"]
        self.child = api.instance(below["attempts"][-1]["child_instance_id"])
        self.child_tree = _ended(zipkin, self.child["trace_id"])


@pytest.fixture(scope="module")
def played(cluster: Cluster, zipkin: Zipkin, witness: Witness) -> Played:
    cluster.api.publish(CHILD)
    cluster.api.publish(TRACED)
    return Played(cluster, zipkin, witness)


def test_an_instance_is_one_tree_with_its_retry_callback_approval_and_subflow(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = played.tree
    with capsys.disabled():
        sys.stdout.writelines(f"\n{line}" for line in ("", *tree.lines()))
        sys.stdout.writelines(f"\n{line}" for line in ("", *played.child_tree.lines(), ""))

    (root,) = tree.roots
    start = tree.one("instance.start")
    assert played.status == "succeeded"
    assert (root["name"], root["parentId"]) == ("api.request", played.caller)
    assert start["parentId"] == root["id"]
    assert tree.one("instance.end")["parentId"] == start["id"]
    attempts = tree.named("node.attempt")
    assert {span["parentId"] for span in attempts} == {start["id"]}
    assert [
        (span["tags"]["flowyard.node"], span["tags"]["flowyard.attempt"]) for span in attempts
    ] == [("unsteady", "1"), ("unsteady", "2"), ("later", "1"), ("ask", "1"), ("below", "1")]


def test_each_step_goes_from_its_attempt_through_worker_and_gateway_to_the_outside(
    played: Played,
) -> None:
    tree = played.tree

    for number in ("1", "2"):
        attempt = tree.one("node.attempt", node="unsteady", attempt=number)
        (dispatch,) = [one for one in tree.below(attempt) if one["name"] == "step.dispatch"]
        (execute,) = tree.below(dispatch)
        (plugin,) = [one for one in tree.below(execute) if one["name"] == "plugin.execute"]
        (call,) = tree.below(plugin)
        services = [
            one["localEndpoint"]["serviceName"]
            for one in (attempt, dispatch, execute, plugin, call)
        ]
        assert services == [
            "scheduler",
            "scheduler",
            "worker",
            "plugin-gateway",
            "plugin-gateway",
        ]
        assert (execute["name"], call["kind"]) == ("step.execute", "CLIENT")


def test_no_span_ends_before_it_begins_or_lies_outside_of_the_instance(played: Played) -> None:
    for tree in (played.tree, played.child_tree):
        first = tree.spans[0]["timestamp"]
        last = tree.one("instance.end")["timestamp"]
        for span in tree.spans:
            # Each process has a clock of its own, and those of this machine are one.
            assert first <= span["timestamp"] <= last + CLOCKS_MICROSECONDS, span
            assert span.get("duration", 0) >= 0, span


def test_waits_say_for_what_and_a_retry_is_linked_to_the_attempt_before(played: Played) -> None:
    tree = played.tree
    first, second = tree.named("node.attempt", node="unsteady")

    assert "error.type" in first["tags"]
    assert "error.type" not in second["tags"]
    assert _links(second) == [(first["traceId"], first["id"])]
    waits = {
        (span["tags"]["flowyard.node"], span["tags"]["flowyard.reason"])
        for span in tree.named("node.wait")
    }
    assert {
        ("unsteady", "retry"),
        ("later", "callback"),
        ("ask", "approval"),
        ("below", "child"),
    } <= waits


def test_a_wait_is_linked_to_the_request_that_ended_it(played: Played) -> None:
    (called,) = played.tree.named("node.wait", reason="callback")
    (approved,) = played.tree.named("node.wait", reason="approval")

    assert [trace_id for trace_id, _ in _links(called)] == [played.calling]
    assert [trace_id for trace_id, _ in _links(approved)] == [played.approving]


def test_a_child_has_a_trace_of_its_own_linked_to_the_attempt_that_started_it(
    played: Played,
) -> None:
    attempt = played.tree.one("node.attempt", node="below")
    (start,) = played.child_tree.roots

    assert start["name"] == "instance.start"
    assert start["traceId"] != attempt["traceId"]
    assert start["tags"]["flowyard.parent"] == played.instance_id
    assert _links(start) == [(attempt["traceId"], attempt["id"])]


def test_what_the_deployed_collector_exports_by_otlp_is_what_the_backend_shows(
    played: Played, recorder: Witness
) -> None:
    trace_id = played.tree.spans[0]["traceId"]
    recorded = {span.span_id: span for span in recorder.spans() if span.trace_id == trace_id}

    assert recorded.keys() == played.tree.by_id.keys()
    for span in played.tree.spans:
        one = recorded[span["id"]]
        # Zipkin knows lower-case names alone.
        assert (one.name.lower(), one.service, one.parent_id) == (
            span["name"],
            span["localEndpoint"]["serviceName"],
            span.get("parentId", ""),
        )
        assert list(one.links) == _links(span)
        ours = {key: value for key, value in one.attributes.items() if key.startswith("flowyard.")}
        for key, value in ours.items():
            shown = span["tags"][key]
            assert shown == (str(value).lower() if isinstance(value, bool) else str(value))
