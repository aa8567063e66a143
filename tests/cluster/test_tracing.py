"""One instance is one trace, from the API to the plugin, across four processes."""

import secrets
import time

import pytest

from tests.cluster.flows import EFFECTS, EFFECTS_PER_INSTANCE
from tests.support.api_driver import PROJECT
from tests.support.cluster import Cluster
from tests.support.witness import SeenSpan, Witness

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(180)]

EXPORT_SECONDS = 20
PATH = [
    "plugin.execute",
    "step.execute",
    "step.dispatch",
    "node.attempt",
    "instance.start",
    "api.request",
]
"""From the innermost span outwards."""

SERVICES = ["plugin-gateway", "worker", "scheduler", "scheduler", "api", "api"]
"""Who records each of these."""


def _spans_of(collector: Witness, trace_id: str) -> dict[str, SeenSpan]:
    return {span.span_id: span for span in collector.spans() if span.trace_id == trace_id}


def _wait_for_spans(collector: Witness, trace_id: str) -> dict[str, SeenSpan]:
    deadline = time.monotonic() + EXPORT_SECONDS
    while time.monotonic() < deadline:
        spans = _spans_of(collector, trace_id)
        # Every process sends its spans when it likes.
        inner = [span for span in spans.values() if span.name == PATH[0]]
        paths = [_path_outwards(span, spans) for span in inner]
        if [len(path) for path in paths] == [len(PATH)] * EFFECTS_PER_INSTANCE:
            return spans
        time.sleep(0.05)
    return _spans_of(collector, trace_id)


def _path_outwards(span: SeenSpan, spans: dict[str, SeenSpan]) -> list[SeenSpan]:
    path = [span]
    while path[-1].parent_id in spans:
        path.append(spans[path[-1].parent_id])
    return path


def test_one_instance_is_one_trace_from_the_api_to_the_plugin(
    cluster: Cluster, collector: Witness, witness: Witness
) -> None:
    template = cluster.api.publish(EFFECTS)
    trace_id, caller = secrets.token_hex(16), secrets.token_hex(8)

    started = cluster.api.request(
        "POST",
        f"/projects/{PROJECT}/instances",
        json={"template": template, "labels": {"run": "trace"}, "inputs": {"witness": witness.url}},
        headers={"traceparent": f"00-{trace_id}-{caller}-01"},
    )
    instance_id = started["instance_id"]
    cluster.api.wait_all_final("trace")
    spans = _wait_for_spans(collector, trace_id)

    assert cluster.api.instance(instance_id)["trace_id"] == trace_id
    inner = [span for span in spans.values() if span.name == "plugin.execute"]
    assert len(inner) == EFFECTS_PER_INSTANCE
    for span in inner:
        path = _path_outwards(span, spans)
        assert [one.name for one in path] == PATH
        assert [one.service for one in path] == SERVICES
        assert path[-1].parent_id == caller
    assert {span.attributes.get("flowyard.instance", instance_id) for span in spans.values()} == {
        instance_id
    }
