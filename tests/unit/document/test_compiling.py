"""From a document to a graph."""

from flowyard.document import (
    compile_document,
    read_document,
)
from flowyard.engine.graph import NodeKind
from tests.unit.document.compiled import compiled, pairs, written


def test_start_and_end_are_implied() -> None:
    graph = compiled("- {id: a, plugin: noop@1.0}")

    assert list(graph.nodes) == ["start", "a", "end"]
    assert pairs(graph) == {("start", "a"), ("a", "end")}
    assert (graph.start_id, graph.end_id) == ("start", "end")


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
