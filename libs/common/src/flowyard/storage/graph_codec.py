"""Graphs as JSON, exactly and small: what has its default value is left out.

The form is private to the storage room: people read and write documents.
"""

from collections.abc import Mapping
from typing import Any

from flowyard.engine.graph import (
    DEFAULT_LOOP_LIMIT,
    Edge,
    FailurePolicy,
    Graph,
    Node,
    NodeKind,
    Scheme,
    Variables,
)
from flowyard.storage.input_codec import decode_input, encode_input
from flowyard.storage.work_codec import (
    Encoded,
    decode_activity,
    decode_map,
    decode_options,
    decode_subflow,
    encode_activity,
    encode_map,
    encode_options,
    encode_subflow,
    pairs,
    without_defaults,
)


def encode_graph(graph: Graph) -> Encoded:
    """Return a graph as JSON.

    Values of inputs, constants and the like are shared with the graph, not copied.
    """
    return without_defaults(
        {
            "start": graph.start_id,
            "end": graph.end_id,
            "nodes": [_encode_node(node) for node in graph.nodes.values()],
            "edges": [_encode_edge(edge) for edge in graph.edges],
            "inputs": [encode_input(spec) for spec in graph.inputs],
            "constants": pairs(graph.constants),
            "computed": pairs(graph.computed),
            "lazy": pairs(graph.lazy),
            "outputs": pairs(graph.outputs),
            "scopes": pairs({key: _encode_scope(one) for key, one in graph.scopes.items()}),
            "schemes": [_encode_scheme(scheme) for scheme in graph.schemes],
            "on_failure": graph.on_failure.value,
        },
        {
            "inputs": [],
            "constants": [],
            "computed": [],
            "lazy": [],
            "outputs": [],
            "scopes": [],
            "schemes": [],
            "on_failure": FailurePolicy.STOP.value,
        },
    )


def decode_graph(encoded: Mapping[str, Any]) -> Graph:
    """Return the graph that :func:`encode_graph` was given."""
    nodes = [_decode_node(node) for node in encoded["nodes"]]
    return Graph(
        nodes={node.node_id: node for node in nodes},
        edges=tuple(_decode_edge(edge) for edge in encoded["edges"]),
        start_id=encoded["start"],
        end_id=encoded["end"],
        inputs=tuple(decode_input(spec) for spec in encoded.get("inputs", ())),
        constants=dict(encoded.get("constants", ())),
        computed=dict(encoded.get("computed", ())),
        lazy=dict(encoded.get("lazy", ())),
        outputs=dict(encoded.get("outputs", ())),
        scopes={key: _decode_scope(one) for key, one in encoded.get("scopes", ())},
        schemes=tuple(_decode_scheme(scheme) for scheme in encoded.get("schemes", ())),
        on_failure=FailurePolicy(encoded.get("on_failure", FailurePolicy.STOP)),
    )


def _encode_scope(scope: Variables) -> Encoded:
    return without_defaults(
        {
            "inputs": [encode_input(spec) for spec in scope.inputs],
            "constants": pairs(scope.constants),
            "computed": pairs(scope.computed),
            "lazy": pairs(scope.lazy),
            "outputs": pairs(scope.outputs),
        },
        {"inputs": [], "constants": [], "computed": [], "lazy": [], "outputs": []},
    )


def _decode_scope(encoded: Mapping[str, Any]) -> Variables:
    return Variables(
        inputs=tuple(decode_input(spec) for spec in encoded.get("inputs", ())),
        constants=dict(encoded.get("constants", ())),
        computed=dict(encoded.get("computed", ())),
        lazy=dict(encoded.get("lazy", ())),
        outputs=dict(encoded.get("outputs", ())),
    )


def _encode_scheme(scheme: Scheme) -> Encoded:
    return without_defaults(
        {
            "name": scheme.name,
            "keeps": sorted(scheme.keeps),
            "default": scheme.is_default,
            "description": scheme.description,
        },
        {"keeps": [], "default": False, "description": ""},
    )


def _decode_scheme(encoded: Mapping[str, Any]) -> Scheme:
    return Scheme(
        name=encoded["name"],
        keeps=frozenset(encoded.get("keeps", ())),
        is_default=encoded.get("default", False),
        description=encoded.get("description", ""),
    )


_NODE_DEFAULTS: Encoded = {
    "name": "",
    "activity": None,
    "subflow": None,
    "map": None,
    "options": {},
    "exports": [],
    "converge": None,
    "loop_limit": DEFAULT_LOOP_LIMIT,
    "takes_first": False,
}


def _encode_node(node: Node) -> Encoded:
    return without_defaults(
        {
            "id": node.node_id,
            "kind": node.kind.value,
            "name": node.name,
            "activity": encode_activity(node.activity) if node.activity else None,
            "subflow": encode_subflow(node.subflow) if node.subflow else None,
            "map": encode_map(node.map) if node.map else None,
            "options": encode_options(node.options),
            "exports": pairs(node.exports),
            "converge": node.converge_id,
            "loop_limit": node.loop_limit,
            "takes_first": node.takes_first,
        },
        _NODE_DEFAULTS,
    )


def _decode_node(encoded: Mapping[str, Any]) -> Node:
    activity, subflow, spec = encoded.get("activity"), encoded.get("subflow"), encoded.get("map")
    return Node(
        node_id=encoded["id"],
        kind=NodeKind(encoded["kind"]),
        name=encoded.get("name", ""),
        activity=decode_activity(activity) if activity is not None else None,
        subflow=decode_subflow(subflow) if subflow is not None else None,
        map=decode_map(spec) if spec is not None else None,
        options=decode_options(encoded.get("options", {})),
        exports=dict(encoded.get("exports", ())),
        converge_id=encoded.get("converge"),
        loop_limit=encoded.get("loop_limit", DEFAULT_LOOP_LIMIT),
        takes_first=encoded.get("takes_first", False),
    )


_EDGE_DEFAULTS: Encoded = {
    "when": None,
    "boolrule": None,
    "default": False,
    "back": False,
    "name": "",
}


def _encode_edge(edge: Edge) -> Encoded:
    return without_defaults(
        {
            "from": edge.source,
            "to": edge.target,
            "when": edge.condition,
            "boolrule": edge.boolrule,
            "default": edge.is_default,
            "back": edge.is_back,
            "name": edge.name,
        },
        _EDGE_DEFAULTS,
    )


def _decode_edge(encoded: Mapping[str, Any]) -> Edge:
    return Edge(
        source=encoded["from"],
        target=encoded["to"],
        condition=encoded.get("when"),
        boolrule=encoded.get("boolrule"),
        is_default=encoded.get("default", False),
        is_back=encoded.get("back", False),
        name=encoded.get("name", ""),
    )
