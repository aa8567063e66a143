"""From a document to a graph: converges that are put in, and what is checked."""

from textwrap import dedent

import pytest

from flowyard.contracts.plugin_api import PluginInfo
from flowyard.document import (
    DocumentError,
    check_document,
    compile_document,
    read_document,
)
from flowyard.engine.graph import Graph, NodeKind


def plugin(name: str, version: str = "1.0", **properties: object) -> PluginInfo:
    return PluginInfo(
        name=name,
        version=version,
        title=name,
        description="",
        idempotency="never",
        inputs_schema={
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
            "required": [key for key in properties if key.startswith("must")],
        },
        outputs_schema={},
    )


PLUGINS = {
    (info.name, info.version): info
    for info in (
        plugin("noop"),
        plugin("noop", "2.0"),
        plugin(
            "call",
            must_url={"type": "string"},
            count={"type": "integer", "maximum": 5},
            body={"type": "object", "additionalProperties": {"type": "string"}},
        ),
    )
}


def compiled(nodes: str, *, head: str = "") -> Graph:
    return compile_document(read_document(written(nodes, head=head)), plugins=PLUGINS)


def written(nodes: str, *, head: str = "") -> str:
    """Return a document; the first line of the nodes is line 4, after a head of one line line 5."""
    return "flowyard: 1\nkey: k\n" + dedent(head) + "nodes:\n" + dedent(nodes).lstrip("\n")


def pairs(graph: Graph) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in graph.edges}


def converges(graph: Graph) -> dict[str, str]:
    return {node.node_id: node.converge_id for node in graph.nodes.values() if node.converge_id}


def test_start_and_end_are_implied() -> None:
    graph = compiled("- {id: a, plugin: noop@1.0}")

    assert list(graph.nodes) == ["start", "a", "end"]
    assert pairs(graph) == {("start", "a"), ("a", "end")}
    assert (graph.start_id, graph.end_id) == ("start", "end")


def test_a_converge_that_is_written_is_the_splits() -> None:
    graph = compiled(
        """
        - {id: fan, parallel: [a, b]}
        - {id: a, plugin: noop@1.0, next: join}
        - {id: b, plugin: noop@1.0}
        - {id: join, converge: true}
        """
    )

    assert converges(graph) == {"fan": "join"}
    assert "fan-converge" not in graph.nodes


def test_a_converge_is_put_in_before_the_node_where_branches_meet() -> None:
    graph = compiled(
        """
        - {id: fan, parallel: [a, b]}
        - {id: a, plugin: noop@1.0, next: after}
        - {id: b, plugin: noop@1.0}
        - {id: after, plugin: noop@1.0}
        """
    )

    assert converges(graph) == {"fan": "fan-converge"}
    assert list(graph.nodes) == ["start", "fan", "a", "b", "fan-converge", "after", "end"]
    assert pairs(graph) >= {
        ("a", "fan-converge"),
        ("b", "fan-converge"),
        ("fan-converge", "after"),
    }
    assert ("b", "after") not in pairs(graph)


def test_branches_that_meet_at_the_end_converge_before_it() -> None:
    graph = compiled(
        """
        - {id: fan, parallel: [a, b, end]}
        - {id: a, plugin: noop@1.0, next: end}
        - {id: b, plugin: noop@1.0}
        """
    )

    assert converges(graph) == {"fan": "fan-converge"}
    assert ("fan", "fan-converge") in pairs(graph)


def test_nested_splits_that_meet_at_one_node_converge_from_the_inside_out() -> None:
    graph = compiled(
        """
        - {id: outer, parallel: [inner, c]}
        - {id: inner, parallel: [a, b]}
        - {id: a, plugin: noop@1.0, next: after}
        - {id: b, plugin: noop@1.0, next: after}
        - {id: c, plugin: noop@1.0}
        - {id: after, plugin: noop@1.0}
        """
    )

    assert converges(graph) == {"outer": "outer-converge", "inner": "inner-converge"}
    assert pairs(graph) >= {
        ("a", "inner-converge"),
        ("b", "inner-converge"),
        ("inner-converge", "outer-converge"),
        ("c", "outer-converge"),
        ("outer-converge", "after"),
    }


def test_the_outer_split_keeps_a_written_converge_that_both_meet_at() -> None:
    graph = compiled(
        """
        - {id: outer, parallel: [inner, c]}
        - {id: inner, parallel: [a, b]}
        - {id: a, plugin: noop@1.0, next: join}
        - {id: b, plugin: noop@1.0, next: join}
        - {id: c, plugin: noop@1.0}
        - {id: join, converge: true}
        """
    )

    assert converges(graph) == {"outer": "join", "inner": "inner-converge"}


def test_splits_in_two_ways_of_a_choice_get_a_converge_each() -> None:
    graph = compiled(
        """
        - id: choose
          exclusive: [{when: "true", next: one}, {default: true, next: two}]
        - {id: one, parallel: [a, b]}
        - {id: a, plugin: noop@1.0, next: after}
        - {id: b, plugin: noop@1.0, next: after}
        - {id: two, parallel: [c, d]}
        - {id: c, plugin: noop@1.0, next: after}
        - {id: d, plugin: noop@1.0}
        - {id: after, plugin: noop@1.0}
        """
    )

    assert converges(graph) == {"one": "one-converge", "two": "two-converge"}


def test_a_way_beside_a_split_does_not_run_through_its_converge() -> None:
    graph = compiled(
        """
        - id: choose
          exclusive: [{when: "true", next: fan}, {default: true, next: after}]
        - {id: fan, parallel: [a, b]}
        - {id: a, plugin: noop@1.0, next: after}
        - {id: b, plugin: noop@1.0}
        - {id: after, plugin: noop@1.0}
        """
    )

    assert ("choose", "after") in pairs(graph)


def test_a_loop_around_a_split_leads_back_past_its_converge() -> None:
    graph = compiled(
        """
        - {id: fan, parallel: [a, b]}
        - {id: a, plugin: noop@1.0, next: check}
        - {id: b, plugin: noop@1.0}
        - id: check
          exclusive: [{when: "true", next: fan}, {default: true, next: end}]
        """
    )

    assert pairs(graph) >= {("fan-converge", "check"), ("check", "fan"), ("check", "end")}
    assert [(edge.source, edge.target) for edge in graph.edges if edge.is_back] == [
        ("check", "fan")
    ]


def test_a_split_with_one_branch_ends_where_the_split_around_it_does() -> None:
    graph = compiled(
        """
        - {id: outer, parallel: [some, b]}
        - id: some
          conditional_parallel: [{when: "true", next: a}]
        - {id: a, plugin: noop@1.0, next: after}
        - {id: b, plugin: noop@1.0}
        - {id: after, plugin: noop@1.0}
        """
    )

    assert converges(graph) == {"outer": "outer-converge", "some": "some-converge"}


def test_the_id_of_a_converge_that_is_put_in_is_free() -> None:
    graph = compiled(
        """
        - {id: fan, parallel: [a, fan-converge]}
        - {id: a, plugin: noop@1.0, next: end}
        - {id: fan-converge, plugin: noop@1.0}
        """
    )

    assert converges(graph) == {"fan": "fan-converge-2"}


def test_the_order_of_branches_is_kept() -> None:
    graph = compiled(
        """
        - {id: fan, parallel: [b, after, a]}
        - {id: a, plugin: noop@1.0, next: after}
        - {id: b, plugin: noop@1.0}
        - {id: after, plugin: noop@1.0}
        """
    )

    assert [edge.target for edge in graph.outgoing["fan"]] == ["b", "fan-converge", "a"]


def test_variables_and_conditions_reach_the_graph() -> None:
    graph = compiled(
        """
        - id: choose
          exclusive: [{when: "${x} > 1", next: end, name: big}, {default: true, next: a}]
          loop_limit: 7
        - {id: a, plugin: noop@2.0, timeout: 5, export: {y: z}}
        """,
        head="""\
        inputs: {x: integer}
        constants: {one: 1}
        computed: {two: "${one + 1}"}
        outputs: {three: "${two + 1}"}
        """,
    )

    edge = graph.outgoing["choose"][0]
    assert (edge.condition, edge.name) == ("(x) > 1", "big")
    assert graph.nodes["choose"].loop_limit == 7
    assert graph.nodes["a"].exports == {"y": "z"}
    assert [spec.name for spec in graph.inputs] == ["x"]
    assert graph.constants == {"one": 1}
    assert graph.computed == {"two": "${one + 1}"}
    assert graph.outputs == {"three": "${two + 1}"}


BAD_GRAPHS = {
    "a cycle without an exclusive gateway": (
        """
        - {id: a, plugin: noop@1.0}
        - {id: b, plugin: noop@1.0, next: a}
        """,
        [("cycle_outside_exclusive", "b", 5, 3)],
    ),
    "an unreachable node": (
        """
        - {id: a, plugin: noop@1.0, next: end}
        - {id: b, plugin: noop@1.0}
        """,
        [("unreachable_node", "b", 5, 3)],
    ),
    "a written converge that one branch passes by": (
        """
        - {id: fan, parallel: [a, b, c]}
        - {id: a, plugin: noop@1.0, next: join}
        - {id: b, plugin: noop@1.0}
        - {id: join, converge: true, next: end}
        - {id: c, plugin: noop@1.0, next: end}
        """,
        [("unbalanced_parallel", "fan", 4, 3)],
    ),
    "a branch of two that passes by the written converge": (
        """
        - {id: fan, parallel: [a, b]}
        - {id: a, plugin: noop@1.0}
        - {id: join, converge: true, next: end}
        - {id: b, plugin: noop@1.0, next: end}
        """,
        [("unbalanced_parallel", "fan", 4, 3)],
    ),
    "an exclusive gateway that leaves its branch": (
        """
        - {id: fan, parallel: [a, choose]}
        - {id: a, plugin: noop@1.0, next: join}
        - id: choose
          exclusive: [{when: "true", next: join}, {default: true, next: end}]
        - {id: join, converge: true}
        """,
        [("jump_out_of_branch", "choose", 6, 3)],
    ),
    "a jump from branch to branch": (
        """
        - {id: fan, parallel: [a, choose]}
        - {id: a, plugin: noop@1.0, next: after}
        - id: choose
          exclusive: [{when: "true", next: after}, {default: true, next: a}]
        - {id: after, plugin: noop@1.0}
        """,
        [("jump_into_branch", "a", 5, 3)],
    ),
    "a loop without a way out": (
        """
        - {id: a, plugin: noop@1.0}
        - id: again
          exclusive: [{when: "true", next: a}, {default: true, next: again}]
        """,
        [
            ("no_way_to_end", "a", 4, 3),
            ("no_way_to_end", "again", 5, 3),
        ],
    ),
}


def found(nodes: str, *, head: str = "") -> list[tuple[str, str | None, int | None, int | None]]:
    text = written(nodes, head=head)
    with pytest.raises(DocumentError) as caught:
        compile_document(read_document(text), plugins=PLUGINS)
    assert check_document(text, plugins=PLUGINS) == caught.value.problems
    return [(one.code, one.node_id, one.line, one.column) for one in caught.value.problems]


@pytest.mark.parametrize("name", BAD_GRAPHS)
def test_a_problem_of_the_graph_is_told_at_its_node(name: str) -> None:
    nodes, expected = BAD_GRAPHS[name]

    assert found(nodes) == expected


BAD_CONTENTS = {
    "an unknown plugin": (
        "- {id: a, plugin: noob@1.0}",
        [("unknown_plugin", "a", 4, 19)],
    ),
    "an unknown version": (
        "- {id: a, plugin: noop@3.0}",
        [("unknown_plugin_version", "a", 4, 19)],
    ),
    "a missing input": (
        "- {id: a, plugin: call@1.0}",
        [("missing_input", "a", 4, 3)],
    ),
    "an unknown input": (
        "- {id: a, plugin: noop@1.0, inputs: {x: 1}}",
        [("unknown_input", "a", 4, 38)],
    ),
    "an input of the wrong type": (
        "- {id: a, plugin: call@1.0, inputs: {must_url: 1}}",
        [("invalid_input", "a", 4, 48)],
    ),
    "an input out of bounds": (
        "- {id: a, plugin: call@1.0, inputs: {must_url: x, count: 6}}",
        [("invalid_input", "a", 4, 58)],
    ),
    "a wrong part of an input": (
        "- {id: a, plugin: call@1.0, inputs: {must_url: x, body: {a: '${k}', b: 1}}}",
        [("unknown_name", "a", 4, 61), ("invalid_input", "a", 4, 72)],
    ),
    "an unknown name": (
        "- {id: a, plugin: call@1.0, inputs: {must_url: '${urll}'}}",
        [("unknown_name", "a", 4, 48)],
    ),
    "an unknown node": (
        "- {id: a, plugin: call@1.0, inputs: {must_url: '${nodes.b.url}'}}",
        [("unknown_name", "a", 4, 48)],
    ),
    "an unknown name in a condition": (
        "- {id: a, exclusive: [{when: x, next: end}]}",
        [("unknown_name", "a", 4, 30)],
    ),
}


@pytest.mark.parametrize("name", BAD_CONTENTS)
def test_a_problem_of_a_plugin_or_name_is_told_in_its_place(name: str) -> None:
    nodes, expected = BAD_CONTENTS[name]

    assert found(nodes) == expected


def test_names_of_computed_values_and_outputs_are_checked() -> None:
    head = "computed: {one: 1, two: '${one}', x: '${y}', y: '${three}'}\noutputs: {z: '${five}'}\n"

    assert found("- {id: a, plugin: noop@1.0, export: {three: x}}", head=head) == [
        ("unknown_name", None, 3, 38),
        ("unknown_name", None, 3, 49),
        ("unknown_name", None, 4, 14),
    ]


def test_values_of_expressions_are_not_checked_against_the_schema() -> None:
    graph = compiled(
        """
        - id: a
          plugin: call@1.0
          inputs:
            must_url: "${instance.name}"
            count: "${loop}"
            body: {a: "${secrets.TOKEN}", b: "${nodes['a'].x if true else 1}"}
        """
    )

    assert graph.nodes["a"].kind is NodeKind.ACTIVITY


def test_plugins_are_not_checked_when_they_are_not_known() -> None:
    document = read_document(written("- {id: a, plugin: unheard-of@1.0}"))

    assert compile_document(document, plugins=None).nodes["a"].activity is not None


def test_everything_is_found_in_one_go() -> None:
    text = written(
        """
        - {id: a, plugin: noob@1.0, nxt: b}
        - {id: b, plugin: call@1.0, timeout: soon, next: a}
        """
    )

    problems = check_document(text, plugins=PLUGINS)

    assert {(one.code, one.line) for one in problems} == {
        ("unknown_plugin", 4),
        ("unknown_key", 4),
        ("missing_input", 5),
        ("invalid_value", 5),
        ("cycle_outside_exclusive", 5),
    }


@pytest.mark.parametrize(
    ("target", "code"), [("b", "unknown_target"), ("a b", "invalid_value"), ("5", "wrong_type")]
)
def test_the_shape_is_not_judged_while_targets_are_unknown(target: str, code: str) -> None:
    text = written(f"- {{id: a, plugin: noop@1.0, next: {target}}}\n- {{id: c, plugin: noop@1.0}}")

    assert [one.code for one in check_document(text, plugins=None)] == [code]


def test_a_sound_document_has_no_problem() -> None:
    assert check_document(written("- {id: a, plugin: noop@1.0}"), plugins=PLUGINS) == ()


def test_text_that_is_no_document_is_told_by_checking_too() -> None:
    assert [one.code for one in check_document("[", plugins=None)] == ["invalid_yaml"]
    assert [one.code for one in check_document("a", plugins=None)] == ["wrong_type"]
    assert "missing_key" in [one.code for one in check_document("nodes: []", plugins=None)]
