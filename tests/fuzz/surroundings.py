"""What inputs from outside meet: names for expressions, a flow under way, a sealed secret."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from flowyard.document import compile_document, read_document
from flowyard.engine.expressions import SecretName
from flowyard.engine.graph import Graph, SubflowMode
from flowyard.engine.snapshot import Snapshot
from flowyard.storage.database import dump_json
from flowyard.storage.graph_codec import decode_graph, encode_graph
from flowyard.testing.driving import Driver

NAMES: Mapping[str, Any] = {
    "n": 3,
    "f": 2.5,
    "big": 2**63 - 1,
    "s": "text",
    "long": "a" * 100_000,
    "items": [1, "2", None, {"k": [True]}],
    "many": list(range(2000)),
    "o": {"a": {"b": 1}, "c": "x"},
    "t": True,
    "secrets": {"TOKEN": SecretName("TOKEN")},
    "deep": [[[[[[[[[[1]]]]]]]]]],
}
"""What expressions may read."""

FLOW = """\
flowyard: 1
key: flow
inputs:
  many: {type: multi_select, options: [a, b, c], default: [a]}
  name: {type: string, default: x, pattern: "[a-z]+", max_length: 1000}
  rows: {type: table, columns: {host: string, port: {type: integer, maximum: 65535}}, default: []}
  how: {type: json, default: null}
computed: {twice: "${name * 2}"}
nodes:
  - {id: work, plugin: noop@1.0, inputs: {x: "${twice}"}, retry: {times: 2}, deadline: 10m}
  - {id: each, plugin: noop@1.0, map: {items: "${[1, 2]}"}, inputs: {x: "${item}"}}
  - id: ask
    exclusive:
      - {when: "nodes.work.x == 1", next: work}
      - {default: true, next: end}
"""
"""Runs through most of what an instance may do."""


def flow_graph() -> Graph:
    """Return the graph of :data:`FLOW`."""
    return compile_document(read_document(FLOW), plugins=None)


def started() -> Snapshot:
    """Return an instance of the flow whose first node is dispatched."""
    driver = Driver(flow_graph())
    driver.start()
    return driver.snapshot


def pinned(graph: Graph) -> Graph:
    """Return a graph whose subflows are pinned, as publishing does it.

    Inline ones become instances of their own: what they consist of is not here.
    """
    nodes = {
        node_id: replace(
            node, subflow=replace(node.subflow, version=1, mode=SubflowMode.INDEPENDENT)
        )
        if node.subflow is not None
        else node
        for node_id, node in graph.nodes.items()
    }
    return replace(graph, nodes=nodes)


def drive(graph: Graph) -> None:
    """Store a graph, read it again, and run it for a while as if all work succeeded."""
    stored = decode_graph(orjson.loads(dump_json(encode_graph(graph))))
    assert stored == graph
    driver = Driver(stored)
    driver.start()
    for _ in range(10):
        ready = driver.ready()
        if not ready:
            break
        driver.succeed(ready[0], {"x": 1})
    dump_json([dict(driver.snapshot.variables), driver.snapshot.outputs])
