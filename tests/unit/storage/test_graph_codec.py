"""Graphs come back from storage as they went in."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from flowyard.engine.graph import (
    Activity,
    Edge,
    Graph,
    InputSpec,
    JsonValue,
    Node,
    NodeKind,
    Option,
    Subflow,
    VariableType,
)
from flowyard.storage.graph_codec import decode_graph, encode_graph
from flowyard.testing.graphs import chain, loop, split_join

TEXT = st.text(max_size=5)
VALUE: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=4,
)
VALUES = st.dictionaries(TEXT, VALUE, max_size=3)
NODES = st.builds(
    Node,
    node_id=TEXT,
    kind=st.sampled_from(NodeKind),
    name=TEXT,
    activity=st.none()
    | st.builds(
        Activity,
        plugin=TEXT,
        version=TEXT,
        inputs=VALUES,
        queue=TEXT | st.just("default"),
        timeout_seconds=st.just(60.0) | st.floats(1, 100),
        secret_outputs=st.frozensets(TEXT, max_size=1),
    ),
    subflow=st.none()
    | st.builds(Subflow, template=TEXT, version=st.none() | st.integers(1, 9), inputs=VALUES),
    exports=st.dictionaries(TEXT, TEXT, max_size=2),
    converge_id=st.none() | TEXT,
    loop_limit=st.just(1000) | st.integers(1, 9),
)
EDGES = st.builds(
    Edge,
    source=TEXT,
    target=TEXT,
    condition=st.none() | TEXT,
    is_default=st.booleans(),
    is_back=st.booleans(),
    name=TEXT,
)
COLUMNS = st.builds(InputSpec, name=TEXT, type=st.sampled_from(VariableType), default=VALUE)
COUNTS = st.none() | st.integers(0, 9)
INPUTS = st.builds(
    InputSpec,
    name=TEXT,
    label=TEXT,
    placeholder=TEXT,
    group=TEXT,
    options=st.lists(st.builds(Option, value=VALUE, label=TEXT), max_size=2).map(tuple),
    columns=st.lists(COLUMNS, max_size=2).map(tuple),
    pattern_message=TEXT,
    min_length=COUNTS,
    max_length=COUNTS,
    min_items=COUNTS,
    max_items=COUNTS,
    is_shown=st.booleans(),
    visible_when=st.none() | TEXT,
    type=st.sampled_from(VariableType),
    is_required=st.booleans(),
    default=VALUE,
    description=TEXT,
    choices=st.lists(VALUE, max_size=2).map(tuple),
    pattern=st.none() | TEXT,
    minimum=st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    maximum=st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
)
GRAPHS = st.builds(
    Graph,
    nodes=st.lists(NODES, max_size=4).map(lambda nodes: {node.node_id: node for node in nodes}),
    edges=st.lists(EDGES, max_size=4).map(tuple),
    start_id=TEXT,
    end_id=TEXT,
    inputs=st.lists(INPUTS, max_size=2).map(tuple),
    constants=VALUES,
    computed=VALUES,
    outputs=VALUES,
)


@settings(max_examples=300, deadline=None)
@given(GRAPHS)
def test_a_graph_survives_storage_exactly(graph: Graph) -> None:
    decoded = decode_graph(json.loads(json.dumps(encode_graph(graph))))

    assert decoded == graph
    assert repr(decoded) == repr(graph)


@settings(max_examples=100, deadline=None)
@given(GRAPHS)
def test_the_order_of_variables_survives_a_store_that_sorts_keys(graph: Graph) -> None:
    decoded = decode_graph(json.loads(json.dumps(encode_graph(graph), sort_keys=True)))

    assert list(decoded.nodes) == list(graph.nodes)
    assert list(decoded.computed) == list(graph.computed)


def test_what_has_its_default_value_takes_no_room() -> None:
    assert encode_graph(chain(1)) == {
        "start": "start",
        "end": "end",
        "nodes": [
            {"id": "start", "kind": "start"},
            {"id": "a1", "kind": "activity", "activity": {"plugin": "noop", "version": "1.0"}},
            {"id": "end", "kind": "end"},
        ],
        "edges": [{"from": "start", "to": "a1"}, {"from": "a1", "to": "end"}],
    }


def test_splits_and_loops_come_back_whole() -> None:
    for graph in (split_join(3, when=["x"], default=True), loop("again", loop_limit=3)):
        assert decode_graph(encode_graph(graph)) == graph
