"""The four workloads, each driven and read back through the public API.

A workload counts only if everything that it started stands there as succeeded
afterwards, node by node; the times are those that the server stored.
"""

import time
from collections.abc import Callable, Sequence
from enum import StrEnum

import orjson

from flowyard.ids import new_id
from flowyard_cli.bench.documents import chain, fanout
from flowyard_cli.bench.measures import gaps, spread_ms
from flowyard_cli.client import API, Client, Params
from flowyard_cli.commands.options import project_path
from flowyard_cli.errors import BenchFailedError, RefusedError
from flowyard_cli.follow import follow, read_instance
from flowyard_cli.terminal import JsonObject
from flowyard_cli.views import InstanceView, NodeView

PROJECT = "bench"
"""Where the bench keeps its templates and instances, apart from people's."""

LABEL = "bench"
"""Label that holds the instances of one measurement together."""

CHAIN_INSTANCES = 200
"""Instances of the chain workload. Source: the floor is defined on 200 x 20."""

CHAIN_NODES = 20
"""Nodes of each of them."""

LATENCY_NODES = 200
"""Nodes of the latency workload's only instance."""

FANOUT_WIDTH = 500
"""Branches of the fan-out."""

START_RUNS = 100
"""Runs of the start workload, one after another."""

PATIENCE_SECONDS = 120.0
"""How long a workload may take before the bench gives up."""

_LOOK_SECONDS = 0.25
_EXISTS = 409


class Workload(StrEnum):
    """What can be measured."""

    CHAIN = "chain"
    LATENCY = "latency"
    FANOUT = "fanout"
    START = "start"


Measure = Callable[[Client], JsonObject]
"""Runs one workload and returns its numbers."""


def prepare(client: Client) -> None:
    """Make sure that the bench's own project exists."""
    try:
        client.post(f"{API}/projects", {"name": PROJECT, "title": "Benchmarks"})
    except RefusedError as error:
        if error.status != _EXISTS:
            raise


def measure_chain(client: Client) -> JsonObject:
    """Run many chains at once: from the first accepted start to the last end."""
    template = _publish(client, chain("bench-chain", CHAIN_NODES))
    item = {"template": template, "inputs": {}, "start": True}
    label = str(new_id())
    body = {"items": [{**item, "labels": {LABEL: label}} for _ in range(CHAIN_INSTANCES)]}
    created = client.post(project_path(PROJECT, "instances", "actions", "bulk-create"), body)
    ids = [str(row["instance_id"]) for row in created["items"]]
    _await_all(client, label, len(ids))
    views = [_checked(client, instance_id, CHAIN_NODES) for instance_id in ids]
    started = min(view.created_at for view in views if view.created_at)
    ended = max(view.ended_at for view in views if view.ended_at)
    wall = (ended - started).total_seconds()
    nodes = CHAIN_INSTANCES * CHAIN_NODES
    return {"wall_s": round(wall, 3), "nodes_per_s": round(nodes / wall, 1)}


def measure_latency(client: Client) -> JsonObject:
    """Run one long chain alone: the time from each node's end to the next one's."""
    template = _publish(client, chain("bench-latency", LATENCY_NODES))
    view = _run(client, template, LATENCY_NODES)
    ends = [node.ended_at for node in _activities(view) if node.ended_at is not None]
    return dict(spread_ms(gaps(ends)))


def measure_fanout(client: Client) -> JsonObject:
    """Run one node, then many at once, then one: from its start to its end."""
    template = _publish(client, fanout("bench-fanout", FANOUT_WIDTH))
    view = _run(client, template, FANOUT_WIDTH + 2)
    if view.created_at is None or view.ended_at is None:
        raise BenchFailedError("Expected the fan-out to have a start and an end, but it has not")
    return {"wall_s": round((view.ended_at - view.created_at).total_seconds(), 3)}


def measure_start(client: Client) -> JsonObject:
    """Run single nodes one after another: from the request to the end as the client sees it."""
    template = _publish(client, chain("bench-start", 1))
    _run(client, template, 1)
    seconds: list[float] = []
    ids: list[str] = []
    for _ in range(START_RUNS):
        begun = time.monotonic()
        instance_id = _start(client, template)
        _await_end(client, instance_id)
        seconds.append(time.monotonic() - begun)
        ids.append(instance_id)
    for instance_id in ids:
        _checked(client, instance_id, 1)
    return dict(spread_ms(seconds))


MEASURES: dict[Workload, Measure] = {
    Workload.CHAIN: measure_chain,
    Workload.LATENCY: measure_latency,
    Workload.FANOUT: measure_fanout,
    Workload.START: measure_start,
}
"""How each workload is measured."""


def _publish(client: Client, document: JsonObject) -> str:
    path = project_path(PROJECT, "templates", "actions", "apply")
    answer = client.post_yaml(path, orjson.dumps(document).decode())
    return str(answer["template"]["key"])


def _start(client: Client, template: str, *, label: str = "") -> str:
    labels = {LABEL: label} if label else {}
    body = {"template": template, "inputs": {}, "labels": labels, "start": True}
    created = client.post(project_path(PROJECT, "instances"), body)
    return str(created["instance_id"])


def _run(client: Client, template: str, nodes: int) -> InstanceView:
    """Run one instance unobserved: what is measured is not disturbed by looking."""
    label = str(new_id())
    instance_id = _start(client, template, label=label)
    _await_all(client, label, 1)
    return _checked(client, instance_id, nodes)


def _await_end(client: Client, instance_id: str) -> None:
    """Return as soon as the event stream tells of the end."""
    for view in follow(client, instance_id):
        if view.is_settled:
            return


def _await_all(client: Client, label: str, count: int) -> None:
    """Look from time to time whether all are settled: looking costs the server work, too."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    path = project_path(PROJECT, "instances")
    open_ones: Params = {
        "label": [f"{LABEL}:{label}"],
        "status": ["created", "running"],
        "limit": 1,
    }
    while client.get(path, open_ones)["items"]:
        if time.monotonic() > deadline:
            raise BenchFailedError(
                f"Expected {count} instances to end within {PATIENCE_SECONDS:.0f} s,"
                " but some still run"
            )
        time.sleep(_LOOK_SECONDS)


def _checked(client: Client, instance_id: str, nodes: int) -> InstanceView:
    """Return an instance that succeeded in every one of its nodes, as the API shows it."""
    view = read_instance(client, instance_id)
    done = [node for node in _activities(view) if node.status == "succeeded"]
    if view.status != "succeeded" or len(done) != nodes:
        raise BenchFailedError(
            f"Expected instance {instance_id} to succeed with {nodes} nodes,"
            f" but it is {view.status} with {len(done)}"
        )
    return view


def _activities(view: InstanceView) -> Sequence[NodeView]:
    return [node for node in view.nodes if node.kind == "activity"]
