"""Graphs as JSON, exactly and small: what has its default value is left out.

The form is private to the storage room: people read and write documents.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_LOOP_LIMIT,
    DEFAULT_QUEUE,
    Activity,
    Edge,
    Graph,
    InputSpec,
    JsonValue,
    Node,
    NodeKind,
    Subflow,
    VariableType,
)

Encoded = dict[str, Any]
"""One encoded thing."""


def encode_graph(graph: Graph) -> Encoded:
    """Return a graph as JSON.

    Values of inputs, constants and the like are shared with the graph, not copied.
    """
    return _without_defaults(
        {
            "start": graph.start_id,
            "end": graph.end_id,
            "nodes": [_encode_node(node) for node in graph.nodes.values()],
            "edges": [_encode_edge(edge) for edge in graph.edges],
            "inputs": [_encode_input(spec) for spec in graph.inputs],
            "constants": _pairs(graph.constants),
            "computed": _pairs(graph.computed),
            "outputs": _pairs(graph.outputs),
        },
        {"inputs": [], "constants": [], "computed": [], "outputs": []},
    )


def decode_graph(encoded: Mapping[str, Any]) -> Graph:
    """Return the graph that :func:`encode_graph` was given."""
    nodes = [_decode_node(node) for node in encoded["nodes"]]
    return Graph(
        nodes={node.node_id: node for node in nodes},
        edges=tuple(_decode_edge(edge) for edge in encoded["edges"]),
        start_id=encoded["start"],
        end_id=encoded["end"],
        inputs=tuple(_decode_input(spec) for spec in encoded.get("inputs", ())),
        constants=dict(encoded.get("constants", ())),
        computed=dict(encoded.get("computed", ())),
        outputs=dict(encoded.get("outputs", ())),
    )


_ValueT = TypeVar("_ValueT")


def _pairs(values: Mapping[str, _ValueT]) -> list[list[str | _ValueT]]:
    """Return a mapping as pairs: computed variables have an order, which jsonb objects lose."""
    return [[name, value] for name, value in values.items()]


def _without_defaults(encoded: Encoded, defaults: Encoded) -> Encoded:
    return {
        key: value
        for key, value in encoded.items()
        if key not in defaults or not _is_same(value, defaults[key])
    }


def _is_same(value: JsonValue, default: JsonValue) -> bool:
    """Compare exactly: ``False`` is not ``0`` and ``1`` is not ``1.0``."""
    return type(value) is type(default) and value == default


_NODE_DEFAULTS: Encoded = {
    "name": "",
    "activity": None,
    "subflow": None,
    "exports": [],
    "converge": None,
    "loop_limit": DEFAULT_LOOP_LIMIT,
}


def _encode_node(node: Node) -> Encoded:
    return _without_defaults(
        {
            "id": node.node_id,
            "kind": node.kind.value,
            "name": node.name,
            "activity": _encode_activity(node.activity) if node.activity else None,
            "subflow": _encode_subflow(node.subflow) if node.subflow else None,
            "exports": _pairs(node.exports),
            "converge": node.converge_id,
            "loop_limit": node.loop_limit,
        },
        _NODE_DEFAULTS,
    )


def _decode_node(encoded: Mapping[str, Any]) -> Node:
    activity, subflow = encoded.get("activity"), encoded.get("subflow")
    return Node(
        node_id=encoded["id"],
        kind=NodeKind(encoded["kind"]),
        name=encoded.get("name", ""),
        activity=_decode_activity(activity) if activity is not None else None,
        subflow=_decode_subflow(subflow) if subflow is not None else None,
        exports=dict(encoded.get("exports", ())),
        converge_id=encoded.get("converge"),
        loop_limit=encoded.get("loop_limit", DEFAULT_LOOP_LIMIT),
    )


_ACTIVITY_DEFAULTS: Encoded = {
    "inputs": [],
    "queue": DEFAULT_QUEUE,
    "timeout": DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    "secret_outputs": [],
}


def _encode_activity(activity: Activity) -> Encoded:
    return _without_defaults(
        {
            "plugin": activity.plugin,
            "version": activity.version,
            "inputs": _pairs(activity.inputs),
            "queue": activity.queue,
            "timeout": activity.timeout_seconds,
            "secret_outputs": sorted(activity.secret_outputs),
        },
        _ACTIVITY_DEFAULTS,
    )


def _decode_activity(encoded: Mapping[str, Any]) -> Activity:
    return Activity(
        plugin=encoded["plugin"],
        version=encoded["version"],
        inputs=dict(encoded.get("inputs", ())),
        queue=encoded.get("queue", DEFAULT_QUEUE),
        timeout_seconds=encoded.get("timeout", DEFAULT_ATTEMPT_TIMEOUT_SECONDS),
        secret_outputs=frozenset(encoded.get("secret_outputs", ())),
    )


def _encode_subflow(subflow: Subflow) -> Encoded:
    return _without_defaults(
        {
            "template": subflow.template,
            "version": subflow.version,
            "inputs": _pairs(subflow.inputs),
        },
        {"version": None, "inputs": []},
    )


def _decode_subflow(encoded: Mapping[str, Any]) -> Subflow:
    return Subflow(
        template=encoded["template"],
        version=encoded.get("version"),
        inputs=dict(encoded.get("inputs", ())),
    )


_EDGE_DEFAULTS: Encoded = {"when": None, "default": False, "back": False, "name": ""}


def _encode_edge(edge: Edge) -> Encoded:
    return _without_defaults(
        {
            "from": edge.source,
            "to": edge.target,
            "when": edge.condition,
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
        is_default=encoded.get("default", False),
        is_back=encoded.get("back", False),
        name=encoded.get("name", ""),
    )


_INPUT_DEFAULTS: Encoded = {
    "type": VariableType.STRING.value,
    "required": True,
    "default": None,
    "description": "",
    "choices": [],
    "pattern": None,
    "minimum": None,
    "maximum": None,
}


def _encode_input(spec: InputSpec) -> Encoded:
    return _without_defaults(
        {
            "name": spec.name,
            "type": spec.type.value,
            "required": spec.is_required,
            "default": spec.default,
            "description": spec.description,
            "choices": list(spec.choices),
            "pattern": spec.pattern,
            "minimum": spec.minimum,
            "maximum": spec.maximum,
        },
        _INPUT_DEFAULTS,
    )


def _decode_input(encoded: Mapping[str, Any]) -> InputSpec:
    return InputSpec(
        name=encoded["name"],
        type=VariableType(encoded.get("type", VariableType.STRING)),
        is_required=encoded.get("required", True),
        default=encoded.get("default"),
        description=encoded.get("description", ""),
        choices=tuple(encoded.get("choices", ())),
        pattern=encoded.get("pattern"),
        minimum=encoded.get("minimum"),
        maximum=encoded.get("maximum"),
    )
