"""Random graphs with every option that a node may have, and random ways to run them."""

from dataclasses import replace

from hypothesis import strategies as st

from flowyard.engine.graph import (
    Activity,
    Compensation,
    ConcurrencyKey,
    Deadline,
    DeadlineAction,
    FailurePolicy,
    Graph,
    MapSpec,
    Node,
    NodeKind,
    NodeOptions,
    RetryPolicy,
    Subflow,
)
from flowyard.engine.inlining import expand
from flowyard.engine.snapshot import NO_PLAN, Failure, Mock, Plan
from flowyard.testing.graphs import activity, inline
from tests.support.random_graphs import structured_graphs

_CHILD = Subflow(template="child", version=1, inputs={"i": "${loop}"})
_NOTICE = Activity(plugin="notify", version="1.0", inputs={"n": "${loop}"})
_UNDO = Activity(plugin="undo", version="1.0")

_RETRIES = (
    None,
    RetryPolicy(times=1, interval_seconds=5),
    RetryPolicy(times=2, interval_seconds=1, factor=2, jitter=0.5, codes=("broken", "deadline")),
)
_DEADLINES = (
    None,
    Deadline(seconds=3),
    Deadline(seconds=3, action=DeadlineAction.SKIP),
    Deadline(seconds=3, action=DeadlineAction.NOTIFY, notice=_NOTICE),
)
_CONDITIONS = (None, None, None, "True", "False", "loop < 2", "missing")
_ACTORS = (None, None, None, "ann", "${missing}")
_KEYS = (None, None, None, "db", "db-${loop}", "${missing}")


@st.composite
def _options(draw: st.DrawFn) -> NodeOptions:
    key = draw(st.sampled_from(_KEYS))
    return NodeOptions(
        ignores_failure=draw(st.sampled_from((False, False, True))),
        is_retryable=draw(st.sampled_from((True, True, False))),
        is_skippable=draw(st.sampled_from((True, True, False))),
        retry=draw(st.sampled_from(_RETRIES)),
        deadline=draw(st.sampled_from(_DEADLINES)),
        run_when=draw(st.sampled_from(_CONDITIONS)),
        run_as=draw(st.sampled_from(_ACTORS)),
        concurrency=None if key is None else ConcurrencyKey(limit=1, key=key),
    )


@st.composite
def _work(draw: st.DrawFn, node_id: str, *, depth: int) -> tuple[Node, Graph | None]:
    """Draw what runs at a place, and for an inline subflow the graph in it."""
    options = draw(_options())
    kinds = ("activity", "activity", "child", "map", "map of children", *("inline",) * depth)
    kind = draw(st.sampled_from(kinds))
    exports = draw(st.sampled_from(({}, {"v": "n"}, {"ok": "_result", "round": "_loop"})))
    undo = draw(st.sampled_from((None, Compensation(activity=_UNDO), Compensation(subflow=_CHILD))))
    if undo is not None and not kind.startswith("map"):
        covers_failed = draw(st.booleans())
        options = replace(options, compensation=replace(undo, covers_failed=covers_failed))
    child = None
    node = replace(activity(node_id, {"i": "${loop}"}), exports=exports)
    if kind == "inline":
        child = draw(optioned_graphs(depth=depth - 1))
        node = inline(node_id, exports=exports)
    elif kind == "child":
        node = replace(node, kind=NodeKind.SUBFLOW, activity=None, subflow=_CHILD)
    elif kind.startswith("map"):
        over = MapSpec(
            items=list(range(draw(st.integers(0, 3)))),
            concurrency=draw(st.integers(1, 2)),
            tolerated=draw(st.integers(0, 1)),
        )
        node = replace(node, kind=NodeKind.MAP, map=over)
        if kind == "map of children":
            node = replace(node, activity=None, subflow=_CHILD)
    return replace(node, options=options), child


@st.composite
def optioned_graphs(draw: st.DrawFn, *, depth: int = 2) -> Graph:
    """Draw a graph whose nodes are work of every kind with options of every kind."""
    flow = draw(structured_graphs(depth=min(depth, 1)))
    nodes = dict(flow.nodes)
    children: dict[str, Graph] = {}
    for node in flow.nodes.values():
        if node.activity is not None and draw(st.integers(0, 3)):
            nodes[node.node_id], child = draw(_work(node.node_id, depth=depth))
            if child is not None:
                children[node.node_id] = child
    policy = draw(st.sampled_from(FailurePolicy))
    return expand(replace(flow, nodes=nodes, on_failure=policy), children)


@st.composite
def plans(draw: st.DrawFn, flow: Graph) -> Plan:
    """Draw how a graph is run: mostly for real, else with canned results."""
    if draw(st.integers(0, 3)):
        return NO_PLAN
    node_ids = draw(st.lists(st.sampled_from(sorted(flow.nodes)), unique=True, max_size=3))
    results = (
        Mock(outputs={"n": 1}),
        Mock(failure=Failure(code="broken", message="It broke")),
        Mock(is_run=True),
    )
    mocks = {node_id: draw(st.sampled_from(results)) for node_id in node_ids}
    return Plan(mocks=mocks, is_mocked=draw(st.booleans()))
