"""Graphs of inline subflows, flattened into one."""

from dataclasses import replace

import pytest

from flowyard.engine.graph import (
    MAX_MAP_ITEMS,
    Compensation,
    Graph,
    InputSpec,
    Node,
    Subflow,
    scope_of,
)
from flowyard.engine.inlining import (
    MAX_NESTING,
    MAX_NODES,
    InliningError,
    check_recursion,
    expand,
    renamed,
)
from flowyard.testing.graphs import (
    chain,
    converge,
    edge,
    exclusive,
    graph,
    inline,
    mapped,
    optioned,
    parallel,
    subflow,
)

CHILD = graph(
    "start split a join check",
    "split b join",
    parallel("split"),
    converge("join"),
    exclusive("check"),
    edge("check", "split", "loop < 2"),
    edge("check", "end", default=True),
    inputs=(InputSpec(name="tag"),),
    constants={"c": 1},
    lazy={"l": "${c}"},
    outputs={"o": "${c}"},
)


def flat(child: Graph = CHILD) -> Graph:
    return expand(graph("start deploy after end", inline("deploy")), {"deploy": child})


def test_inner_nodes_stand_behind_their_subflow_under_its_id() -> None:
    found = flat()

    assert list(found.nodes) == [
        "start",
        "deploy",
        *(f"deploy.{node_id}" for node_id in CHILD.nodes),
        "after",
        "end",
    ]
    assert found.nodes["deploy.split"].converge_id == "deploy.join"
    assert {scope_of(one.source) == scope_of(one.target) for one in found.edges} == {True}


def test_edges_that_lead_back_still_do() -> None:
    back = [(one.source, one.target) for one in flat().edges if one.is_back]

    assert back == [("deploy.check", "deploy.split")]


def test_what_a_child_declares_is_kept_by_the_id_of_its_node() -> None:
    declared = flat(flat()).scopes

    assert set(declared) == {"deploy", "deploy.deploy"}
    inner = declared["deploy.deploy"]
    assert (inner.inputs, inner.constants, inner.lazy, inner.outputs) == (
        CHILD.inputs,
        CHILD.constants,
        CHILD.lazy,
        CHILD.outputs,
    )


def test_ids_of_start_and_end_are_the_usual_ones_whatever_the_child_calls_them() -> None:
    child = graph("start a end")
    names = {"start": "s", "end": "e"}
    odd = replace(
        child,
        nodes={
            names.get(key, key): replace(node, node_id=names.get(key, key))
            for key, node in child.nodes.items()
        },
        edges=tuple(
            replace(
                one,
                source=names.get(one.source, one.source),
                target=names.get(one.target, one.target),
            )
            for one in child.edges
        ),
        start_id="s",
        end_id="e",
    )

    assert flat(odd) == flat(child)


def test_subflows_may_lie_in_each_other_only_so_deep() -> None:
    found = chain(1)
    for _ in range(MAX_NESTING):
        found = flat(found)

    with pytest.raises(InliningError, match="within each other") as refused:
        flat(found)

    assert (refused.value.reason, refused.value.node_id) == ("nesting_limit", "deploy")


def test_a_graph_may_have_only_so_many_nodes() -> None:
    with pytest.raises(InliningError) as refused:
        flat(chain(MAX_NODES))

    assert refused.value.reason == "too_many_nodes"


def test_recursion_is_refused_with_the_way_it_takes() -> None:
    inner = expand(graph("start x end", named("x", "a")), {"x": chain(1)})
    found = expand(graph("start y end", named("y", "b")), {"y": inner})

    with pytest.raises(InliningError, match="p/a > p/b > p/a") as refused:
        check_recursion(found, "p/a", lambda name: f"p/{name}")

    assert (refused.value.reason, refused.value.node_id) == ("recursion", "y")


def named(node_id: str, template: str) -> Node:
    node = inline(node_id)
    assert node.subflow is not None
    return replace(node, subflow=replace(node.subflow, template=template))


def test_the_same_template_twice_beside_each_other_is_no_recursion() -> None:
    found = expand(
        graph("start x y end", named("x", "a"), named("y", "a")), {"x": chain(1), "y": chain(1)}
    )

    check_recursion(found, "b", lambda name: name)


def test_renaming_reaches_subflows_and_compensations() -> None:
    undo = Compensation(subflow=Subflow(template="undo", version=1))
    found = renamed(
        graph("start x y end", subflow("x"), optioned(subflow("y"), compensation=undo)),
        lambda name: f"p/{name}",
    )

    x, y = found.nodes["x"], found.nodes["y"]
    assert x.subflow is not None
    assert x.subflow.template == "p/child"
    assert y.options.compensation is not None
    assert y.options.compensation.subflow == Subflow(template="p/undo", version=1)


@pytest.mark.parametrize("role", ["-1", "007", "٣", str(MAX_MAP_ITEMS), "x", "", "9" * 5000])
def test_only_the_index_of_a_possible_item_names_one(role: str) -> None:
    found = graph("start fan end", mapped("fan", [1]))

    assert found.find(f"fan:{role}") is None
    assert found.find(f"fan:{MAX_MAP_ITEMS - 1}") is not None
