"""What a definition says beside its nodes: schemes, lazy variables, the failure policy."""

import pytest

from flowyard.document import compile_document, read_document, to_yaml
from flowyard.engine.graph import FailurePolicy, Scheme
from tests.unit.document.optioned import KNOWN, compiled, conforms, flow, problems

LAZY = """\
inputs: {x: {type: string}}
lazy: {%s}
"""


def test_lazy_variables_reach_the_graph_and_know_nodes_and_each_other() -> None:
    head = LAZY % 'a1: "${b1} ${x}", b1: "${nodes.a.id}"'
    document = read_document(flow('plugin: call@1.0, inputs: {must_url: "${a1}"}', head=head))

    graph = compile_document(document, plugins=KNOWN)

    assert graph.lazy == {"a1": "${b1} ${x}", "b1": "${nodes.a.id}"}
    assert read_document(to_yaml(document.canonical())) == document
    assert conforms(flow("plugin: noop@1.0", head=head))


@pytest.mark.parametrize(
    ("lazy", "code"),
    [
        ('a1: "${nowhere}"', "unknown_name"),
        ('a1: "${1 +}"', "expression_syntax"),
        ('a1: "${b1}", b1: "${a1}"', "circular_variable"),
        ('a1: "${a1}"', "circular_variable"),
        ('x: "1"', "duplicate_variable"),
    ],
)
def test_lazy_variables_are_checked(lazy: str, code: str) -> None:
    assert [one.code for one in problems(flow("plugin: noop@1.0", head=LAZY % lazy))] == [code]


def schemed(schemes: str, *, optional: str = "true") -> str:
    return (
        f"flowyard: 1\nkey: k\nschemes: {{{schemes}}}\nnodes:\n"
        f"  - {{id: a, plugin: noop@1.0, optional: {optional}}}\n  - {{id: b, plugin: noop@1.0}}\n"
    )


def test_schemes_reach_the_graph_and_survive() -> None:
    text = schemed("quick: {keeps: [], default: true, description: Fast}, all: {keeps: [a]}")
    document = read_document(text)

    graph = compile_document(document, plugins=KNOWN)

    assert graph.schemes == (
        Scheme(name="quick", is_default=True, description="Fast"),
        Scheme(name="all", keeps=frozenset({"a"})),
    )
    assert read_document(to_yaml(document.canonical())) == document
    assert conforms(text)


@pytest.mark.parametrize(
    ("schemes", "code"),
    [
        ("quick: {keeps: [b]}", "conflicting_options"),
        ("quick: {keeps: [c]}", "unknown_target"),
        ("quick: {}", "missing_key"),
        ("quick: {keep: []}", "unknown_key"),
        ("a b: {keeps: []}", "invalid_value"),
        ("quick: [a]", "wrong_type"),
    ],
)
def test_schemes_are_checked(schemes: str, code: str) -> None:
    assert code in [one.code for one in problems(schemed(schemes))]


def test_a_scheme_needs_something_to_leave_out() -> None:
    text = schemed("quick: {keeps: []}", optional="false")

    assert [one.code for one in problems(text)] == ["conflicting_options"]


def test_a_scheme_has_to_leave_something_to_run() -> None:
    text = flow("plugin: noop@1.0, optional: true", head="schemes: {none: {keeps: []}}\n")

    (problem,) = problems(text)
    assert (problem.code, problem.path) == ("nothing_left", ("schemes", "none"))


def test_a_failure_policy_reaches_the_graph() -> None:
    head = "on_failure: rollback\n"

    graph = compiled("plugin: noop@1.0, rollback: {plugin: noop@1.0}", head=head)

    assert graph.on_failure is FailurePolicy.ROLLBACK
    assert compiled("plugin: noop@1.0").on_failure is FailurePolicy.STOP


def test_a_rollback_needs_something_to_undo() -> None:
    (problem,) = problems(flow("plugin: noop@1.0", head="on_failure: rollback\n"))

    assert (problem.code, problem.path) == ("conflicting_options", ("on_failure",))
