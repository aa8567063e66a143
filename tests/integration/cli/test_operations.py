"""Operations on a command line, against a real ``flowyard dev``."""

import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.dev_server import DevServer, dev_server

__all__ = ["dev_server"]

FLOW = """\
flowyard: 1
key: stepped
inputs:
  spare: {type: string, default: ""}
  seconds: {type: number, default: 600}
nodes:
  - id: rest
    plugin: sleep@1.0
    inputs: {seconds: "${seconds}"}
  - id: breaks
    plugin: fail@1.0
  - id: last
    plugin: assign@1.0
    inputs: {values: {said: "${spare}"}}
    export: {said: said}
outputs: {said: "${said}"}
"""


@pytest.fixture
def stepped(dev_server: DevServer, tmp_path: Path) -> str:
    """Apply the flow, and return an instance of it whose first node waits."""
    file = tmp_path / "stepped.yaml"
    file.write_text(FLOW)
    assert dev_server.run("apply", str(file)).status == 0
    instance = dev_server.run("run", "stepped").out.strip()
    _until(dev_server, instance, "rest", "waiting")
    return instance


def _shown(server: DevServer, instance: str) -> dict[str, Any]:
    found: dict[str, Any] = server.run("instances", "show", instance, "-o", "json").json()
    return found


def _node(server: DevServer, instance: str, node_id: str) -> dict[str, Any]:
    nodes = _shown(server, instance)["nodes"]
    found: dict[str, Any] = next(node for node in nodes if node["node_id"] == node_id)
    return found


def _until(server: DevServer, instance: str, node_id: str, status: str) -> None:
    deadline = time.monotonic() + 30
    while _node(server, instance, node_id)["status"] != status:
        assert time.monotonic() < deadline, (node_id, status)


def test_a_person_steps_in_all_the_way_to_the_end(dev_server: DevServer, stepped: str) -> None:
    changed = dev_server.run("instances", "set", stepped, "--var", "spare=hello")
    sooner = dev_server.run("instances", "priority", stepped, "--to", "9")
    stopped = dev_server.run("nodes", "pause", stepped, "breaks")
    woken = dev_server.run("nodes", "reset-timer", stepped, "rest", "--after", "0")
    _until(dev_server, stepped, "breaks", "ready")
    late = dev_server.run("instances", "set", stepped, "--var", "seconds=1")
    resumed = dev_server.run("nodes", "resume", stepped, "breaks")
    _until(dev_server, stepped, "breaks", "failed")
    refused = dev_server.run("nodes", "choose", stepped, "breaks", "last")
    forced = dev_server.run(
        "nodes", "force-succeed", stepped, "breaks", "--outputs", '{"x": 1}', "-o", "json"
    )
    done = dev_server.run("instances", "watch", stepped, "--output", "json")

    for one in (changed, sooner, stopped, woken, resumed):
        assert one.status == 0, one.err
        assert one.out.endswith(": applied\n")
    assert (late.status, refused.status) == (1, 1)
    assert "rest" in late.err
    assert forced.json()["outcome"] == "applied"
    assert done.json()["status"] == "succeeded"
    assert done.json()["outputs"] == {"said": "hello"}
    assert _node(dev_server, stepped, "breaks")["mark"] == "forced"


def test_a_node_is_stopped_and_others_are_told_that_one_cannot_be(
    dev_server: DevServer, stepped: str
) -> None:
    failed = dev_server.run("nodes", "force-fail", stepped, "rest", "--message", "Hangs")
    several = dev_server.run("nodes", "skip", stepped, "rest", "last", "-o", "json")

    assert failed.out == "force-fail: applied\n"
    assert several.status == 1
    first, second = orjson.loads(several.out)
    assert (first["target"], first["outcome"]) == ("rest", "applied")
    assert (second["target"], second["refused"]) == ("last", "forbidden_operation")
    assert dev_server.run("instances", "cancel", "--rollback", stepped).status == 0


def test_all_failed_nodes_are_retried_by_their_status(dev_server: DevServer, stepped: str) -> None:
    dev_server.run("nodes", "force-fail", stepped, "rest")

    retried = dev_server.run("nodes", "retry", stepped, "--status", "failed")
    neither = dev_server.run("nodes", "retry", stepped)
    both = dev_server.run("nodes", "retry", stepped, "rest", "--status", "failed")

    assert retried.out == "retry rest: accepted\n"
    assert (neither.status, both.status) == (2, 2)
    _until(dev_server, stepped, "rest", "waiting")
    assert dev_server.run("instances", "cancel", stepped).status == 0


def test_several_instances_are_cancelled_and_copied(dev_server: DevServer, stepped: str) -> None:
    clone = dev_server.run("instances", "clone", stepped, "--var", "seconds=300", "--priority", "8")
    other = clone.out.strip()
    cancelled = dev_server.run("instances", "cancel", stepped, other)
    again = dev_server.run("instances", "cancel", stepped, other)
    rerun = dev_server.run("instances", "rerun", stepped, "last", "-o", "json")
    made = str(rerun.json()["instance_id"])
    done = dev_server.run("instances", "watch", made, "--output", "json")

    assert clone.status == 0, clone.err
    assert cancelled.out == f"cancel {stepped}: applied\ncancel {other}: applied\n"
    assert again.status == 1
    assert done.json()["status"] == "succeeded"
    assert _shown(dev_server, other)["inputs"]["seconds"] == 300
    assert [_shown(dev_server, one)["priority"] for one in (stepped, other)] == [5, 8]
    assert _shown(dev_server, made)["origin"] == {"instance_id": stepped, "kind": "rerun"}
    assert {one["kind"] for one in _shown(dev_server, stepped)["copies"]} == {"clone", "rerun"}
