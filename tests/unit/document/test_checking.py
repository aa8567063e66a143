"""What is found in a document that can be read but not run."""

import pytest

from flowyard.document import check_document
from tests.unit.document.compiled import PLUGINS, found, written

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
