"""Optional nodes are left out, and a sound graph is left."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowyard.engine.graph import (
    Edge,
    Graph,
    InputSpec,
    Node,
    NodeKind,
    NodeOptions,
    Scheme,
    Subflow,
    SubflowMode,
    Variables,
)
from flowyard.engine.pruning import (
    NOT_OPTIONAL,
    NOTHING_LEFT,
    UNKNOWN_NODE,
    UNKNOWN_SCHEME,
    PruneError,
    default_schemes,
    excluded_by,
    planned,
    prune,
)
from flowyard.engine.references import Dangling, dangling
from flowyard.engine.snapshot import Plan
from flowyard.engine.validation import check_structure, complete
from flowyard.testing.graphs import (
    activity,
    conditional_parallel,
    converge,
    edge,
    exclusive,
    graph,
    parallel,
)
from tests.support.random_graphs import structured_graphs

OPTIONAL = NodeOptions(is_optional=True)


def optional(whole: Graph, *node_ids: str) -> Graph:
    """Return a graph in which some nodes may be left out."""
    nodes = {
        node_id: replace(node, options=OPTIONAL) if node_id in node_ids else node
        for node_id, node in whole.nodes.items()
    }
    return replace(whole, nodes=nodes)


def pairs(pruned: Graph) -> list[tuple[str, str]]:
    return [(one.source, one.target) for one in pruned.edges]


def refusal(whole: Graph, *excluded: str) -> tuple[str, str]:
    with pytest.raises(PruneError) as caught:
        prune(whole, excluded)
    return caught.value.reason, caught.value.name


def test_what_led_to_a_node_leads_to_what_came_behind_it() -> None:
    whole = optional(graph("start a b c end"), "b")

    assert pairs(prune(whole, ["b"])) == [("start", "a"), ("a", "c"), ("c", "end")]


def test_a_row_of_nodes_can_be_left_out() -> None:
    whole = optional(graph("start a b c end"), "a", "b")

    assert pairs(prune(whole, ["a", "b"])) == [("start", "c"), ("c", "end")]


def test_an_empty_branch_of_a_parallel_gateway_is_dropped() -> None:
    whole = optional(graph("start p a j c end", "p b j", parallel("p"), converge("j")), "b")

    left = prune(whole, ["b"])

    assert pairs(left) == [("start", "p"), ("p", "a"), ("a", "j"), ("j", "c"), ("c", "end")]
    assert left.nodes["p"].converge_id == "j"


def test_a_parallel_gateway_without_branches_vanishes_with_its_converge() -> None:
    whole = optional(graph("start p a j c end", "p b j", parallel("p"), converge("j")), "a", "b")

    left = prune(whole, ["a", "b"])

    assert list(left.nodes) == ["start", "c", "end"]
    assert pairs(left) == [("start", "c"), ("c", "end")]


def test_gateways_within_gateways_vanish_from_the_inside() -> None:
    whole = graph(
        *("start p q a k j z end", "q b k", "p c j"),
        *(parallel("p"), parallel("q"), converge("k"), converge("j")),
    )
    whole = optional(whole, "a", "b", "c")

    assert prune(whole, ["a", "b"]).nodes.keys() == {"start", "p", "c", "j", "z", "end"}
    assert prune(whole, ["a", "b", "c"]).nodes.keys() == {"start", "z", "end"}


def test_other_ways_to_the_converge_of_an_empty_gateway_lead_past_it() -> None:
    whole = graph(
        *("x p a j z end", "p b j", "x c j", "start x"),
        *(exclusive("x"), parallel("p"), converge("j")),
        *(edge("x", "p", "1 == 1"), edge("x", "c", default=True)),
    )
    whole = optional(whole, "a", "b")

    left = prune(whole, ["a", "b"])

    assert check_structure(whole) == ()
    assert check_structure(left) == ()
    assert [(one.source, one.target) for one in left.edges if one.target == "z"] == [
        ("x", "z"),
        ("c", "z"),
    ]


def test_a_choice_without_nodes_is_still_a_choice() -> None:
    whole = graph(
        *("start x a z end", "x b z"),
        exclusive("x"),
        *(edge("x", "a", "1 == 2"), edge("x", "b", default=True)),
    )
    whole = optional(whole, "a", "b")

    left = prune(whole, ["a", "b"])

    assert [(one.target, one.condition) for one in left.outgoing["x"]] == [
        ("z", "1 == 2"),
        ("z", None),
    ]


def test_a_conditional_parallel_gateway_stays() -> None:
    whole = graph(
        *("start s a j z end", "s b j"),
        *(conditional_parallel("s"), converge("j")),
        *(edge("s", "a", "1 == 1"), edge("s", "b", "1 == 1")),
    )
    whole = optional(whole, "a", "b")

    left = prune(whole, ["a", "b"])

    assert [one.target for one in left.outgoing["s"]] == ["j", "j"]
    assert check_structure(left) == ()


def test_a_loop_keeps_its_way_back() -> None:
    whole = graph("start a b x z end", exclusive("x"), edge("x", "a", "loop < 3"))
    whole = optional(replace_default(whole), "a")

    left = prune(whole, ["a"])

    assert [(one.target, one.is_back) for one in left.outgoing["x"]] == [("z", False), ("b", True)]
    assert check_structure(left) == ()


def replace_default(whole: Graph) -> Graph:
    """Return a graph in which the way on from ``x`` is its default."""
    edges = tuple(
        replace(one, is_default=True) if (one.source, one.target) == ("x", "z") else one
        for one in whole.edges
    )
    return replace(whole, edges=edges)


def test_unknown_nodes_and_nodes_that_always_run_are_refused() -> None:
    whole = optional(graph("start a b end"), "a")

    assert refusal(whole, "a", "c") == (UNKNOWN_NODE, "c")
    assert refusal(whole, "b") == (NOT_OPTIONAL, "b")


def test_something_has_to_be_left() -> None:
    assert refusal(optional(graph("start a end"), "a"), "a") == (NOTHING_LEFT, "")


def test_schemes_keep_what_any_of_them_keeps() -> None:
    whole = replace(
        optional(graph("start a b c d end"), "a", "b", "c"),
        schemes=(
            Scheme(name="quick", keeps=frozenset({"a"}), is_default=True),
            Scheme(name="checked", keeps=frozenset({"b"})),
        ),
    )

    assert excluded_by(whole, []) == frozenset()
    assert excluded_by(whole, ["quick"]) == {"b", "c"}
    assert excluded_by(whole, ["quick", "checked"]) == {"c"}
    assert default_schemes(whole) == ("quick",)
    assert list(planned(whole, Plan(schemes=("quick",), excluded=frozenset({"a"}))).nodes) == [
        *("start", "d", "end")
    ]
    assert planned(whole, Plan()) is whole


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(PruneError) as caught:
        excluded_by(graph("start a end"), ["quick"])

    assert (caught.value.reason, caught.value.name) == (UNKNOWN_SCHEME, "quick")


def flattened() -> Graph:
    """Return a flow with an inline subflow in which two nodes run beside each other."""
    outer = graph("start before deploy after end")
    inner = graph(*("start p build j test end", "p lint j"), *(parallel("p"), converge("j")))
    deploy = Node(
        node_id="deploy",
        kind=NodeKind.SUBFLOW,
        subflow=Subflow(template="inner", version=1, mode=SubflowMode.INLINE),
        options=OPTIONAL,
    )
    moved = {
        f"deploy.{key}": replace(
            node,
            node_id=f"deploy.{key}",
            converge_id=f"deploy.{node.converge_id}" if node.converge_id else None,
            options=OPTIONAL if node.kind is NodeKind.ACTIVITY else node.options,
        )
        for key, node in inner.nodes.items()
    }
    edges = [
        replace(one, source=f"deploy.{one.source}", target=f"deploy.{one.target}")
        for one in inner.edges
    ]
    return replace(
        outer,
        nodes={**outer.nodes, "deploy": deploy, **moved},
        edges=(*outer.edges, *edges),
        scopes={"deploy": Variables()},
        schemes=(Scheme(name="all", keeps=frozenset({"deploy"})),),
    )


def test_the_nodes_of_an_inline_subflow_vanish_with_it() -> None:
    left = prune(flattened(), ["deploy", "deploy.lint"])

    assert list(left.nodes) == ["start", "before", "after", "end"]
    assert left.scopes == {}
    assert left == prune(flattened(), ["deploy"])


def test_a_node_within_an_inline_subflow_can_be_left_out() -> None:
    left = prune(flattened(), ["deploy.build", "deploy.lint"])

    assert [one for one in left.nodes if one.startswith("deploy.")] == [
        *("deploy.start", "deploy.test", "deploy.end")
    ]
    assert ("deploy.start", "deploy.test") in pairs(left)
    assert pairs(left)[:4] == pairs(flattened())[:4]


def test_within_an_inline_subflow_something_has_to_be_left() -> None:
    inner = ("deploy.build", "deploy.lint", "deploy.test")

    assert refusal(flattened(), *inner) == (NOTHING_LEFT, "deploy")


def test_schemes_choose_among_the_nodes_of_their_own_flow_only() -> None:
    assert excluded_by(flattened(), ["all"]) == frozenset()


def test_what_only_left_out_nodes_use_is_not_asked_for() -> None:
    whole = graph(
        "start a b end",
        activity("a", {"x": "${made} ${later} ${shared}"}),
        activity("b", {"x": "${shared}"}),
        inputs=(*(InputSpec(name=name) for name in ("made_of", "later_of", "shared", "unused")),),
        computed={"made": "${made_of}", "idle": "${unused}"},
        lazy={"later": "${later_of}"},
    )

    left = prune(optional(whole, "a"), ["a"])

    assert {spec.name: spec.is_required for spec in left.inputs} == {
        "made_of": False,
        "later_of": False,
        "shared": True,
        "unused": True,
    }
    assert (left.computed, left.lazy) == ({"idle": "${unused}"}, {})


def test_what_is_computed_for_nobody_still_needs_its_inputs() -> None:
    whole = graph(
        "start a b end",
        activity("a", {"x": "${level}"}),
        inputs=(InputSpec(name="level"),),
        computed={"idle": "${level.upper()}"},
    )

    left = prune(optional(whole, "a"), ["a"])

    assert left.inputs == whole.inputs
    assert left.computed == whole.computed


def test_what_is_missed_by_the_nodes_that_are_left_is_told() -> None:
    whole = graph(
        "start a b c end",
        activity("a", exports={"image": "id", "kept": "id"}),
        activity("b", {"x": "${image} ${nodes.a.id} ${kept}"}, exports={"kept": "id"}),
        outputs={"y": "${nodes.a.id}"},
    )
    whole = optional(whole, "a")

    assert dangling(whole, prune(whole, ["a"])) == (
        Dangling(node_id="b", name="image"),
        Dangling(node_id="b", name="nodes.a"),
        Dangling(node_id="", name="nodes.a"),
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(structured_graphs(), st.data())
def test_whatever_is_left_out_of_a_sound_graph_a_sound_one_is_left(
    whole: Graph, data: st.DataObject
) -> None:
    activities = [key for key, node in whole.nodes.items() if node.kind is NodeKind.ACTIVITY]
    whole = optional(whole, *activities)
    excluded = data.draw(st.sets(st.sampled_from(activities)))

    left = pruned(whole, excluded)

    if left is None:
        assert excluded == set(activities)
        return
    assert check_structure(left) == ()
    assert not excluded & left.nodes.keys()
    assert set(activities) - excluded <= left.nodes.keys()
    assert left == complete_again(left)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(structured_graphs(), st.data())
def test_leaving_out_one_after_the_other_is_leaving_out_all_at_once(
    whole: Graph, data: st.DataObject
) -> None:
    activities = [key for key, node in whole.nodes.items() if node.kind is NodeKind.ACTIVITY]
    kept = activities[0]
    whole = optional(whole, *activities[1:])
    excluded = data.draw(st.permutations([key for key in activities if key != kept]))

    step_by_step = whole
    for node_id in excluded:
        step_by_step = prune(step_by_step, [node_id])

    assert step_by_step == prune(whole, excluded)


def test_every_choice_of_a_small_graph_leaves_a_sound_one() -> None:
    names = ("a", "b", "c", "d", "e")
    whole = graph(
        *("start p a q b k j e end", "q c k", "p d j"),
        *(parallel("p"), parallel("q"), converge("k"), converge("j")),
    )
    whole = optional(whole, *names)
    choices = [one for size in range(len(names)) for one in combinations(names, size)]

    assert [one for one in choices if check_structure(prune(whole, one))] == []


def pruned(whole: Graph, excluded: set[str]) -> Graph | None:
    """Return what is left of a graph; None where that is nothing."""
    try:
        return prune(whole, excluded)
    except PruneError as error:
        if error.reason != NOTHING_LEFT:
            raise
        return None


def complete_again(left: Graph) -> Graph:
    found = complete(left.nodes, left.edges, left.start_id, left.end_id)
    return replace(left, nodes=found.nodes, edges=found.edges)


def test_edges_of_a_flow_are_not_mistaken_for_those_of_a_subflow() -> None:
    left = prune(flattened(), ["deploy.lint"])

    assert Edge(source="before", target="deploy") in left.edges
    assert left.nodes["deploy.p"].converge_id == "deploy.j"
