from dataclasses import replace

from flowyard.engine.graph import (
    FailurePolicy,
    Graph,
    InputSpec,
    JsonValue,
    NodeOptions,
    Option,
    RetryPolicy,
    Scheme,
    VariableType,
)
from flowyard.testing.graphs import activity, edge, exclusive, graph, subflow
from flowyard_api.usecases.diffing import FieldChange, ItemChange, compare, compare_layouts


def test_equal_graphs_do_not_differ() -> None:
    one = graph("start a end", inputs=(InputSpec(name="x"),), constants={"c": [1]})

    diff = compare(one, one)

    assert (diff.nodes, diff.edges, diff.inputs, diff.variables, diff.outputs) == ((),) * 5


def test_an_activitys_inputs_are_compared_one_by_one() -> None:
    before = graph("start a end", activity("a", {"url": "old", "same": 1}))
    after = graph("start a end", activity("a", {"url": "new", "same": 1, "more": True}))

    (change,) = compare(before, after).nodes

    assert change.fields == (
        FieldChange(field="activity.inputs.url", before="old", after="new"),
        FieldChange(field="activity.inputs.more", before=None, after=True),
    )


def test_a_node_that_becomes_a_subflow_shows_both_kinds() -> None:
    (change,) = compare(graph("start a end"), graph("start a end", subflow("a"))).nodes

    assert FieldChange(field="kind", before="activity", after="subflow") in change.fields
    assert FieldChange(field="subflow.template", before=None, after="child") in change.fields


def test_conditions_are_fields_of_edges() -> None:
    def choice(condition: str) -> list[ItemChange]:
        before = graph("start c", exclusive("c"), edge("c", "end", "x == 1"))
        after = graph("start c", exclusive("c"), edge("c", "end", condition))
        return list(compare(before, after).edges)

    assert choice("x == 1") == []
    assert choice("x == 2") == [
        ItemChange(
            item_id="c -> end",
            change="changed",
            fields=(FieldChange(field="condition", before="x == 1", after="x == 2"),),
        )
    ]


def test_a_variable_that_becomes_computed_has_changed() -> None:
    before = graph("start end", constants={"v": "1"}, outputs={"o": "1"})
    after = graph("start end", computed={"v": "1"}, outputs={"o": "2", "p": "3"})

    diff = compare(before, after)

    assert diff.variables[0].fields == (
        FieldChange(field="kind", before="constant", after="computed"),
    )
    assert [(one.item_id, one.change) for one in diff.outputs] == [("o", "changed"), ("p", "added")]


def test_options_are_compared_one_by_one() -> None:
    before = graph("start a end")
    options = NodeOptions(is_optional=True, retry=RetryPolicy(times=2, interval_seconds=5))
    after = replace(
        before, nodes={**before.nodes, "a": replace(before.nodes["a"], options=options)}
    )

    (change,) = compare(before, after).nodes

    assert [(one.field, one.after) for one in change.fields if one.field != "options.retry"] == [
        ("options.is_optional", True)
    ]
    assert "options.retry" in [one.field for one in change.fields]


def test_schemes_lazy_variables_and_the_failure_policy_are_compared() -> None:
    before = graph("start a end")
    after = replace(
        before,
        schemes=(Scheme(name="quick"),),
        lazy={"late": "${loop}"},
        on_failure=FailurePolicy.ROLLBACK,
    )

    diff = compare(before, after)

    assert diff.schemes == (ItemChange(item_id="quick", change="added"),)
    assert diff.variables == (ItemChange(item_id="late", change="added"),)
    assert diff.settings == (
        ItemChange(
            item_id="on_failure",
            change="changed",
            fields=(FieldChange(field="value", before="stop", after="rollback"),),
        ),
    )


def test_the_options_of_a_select_are_one_field() -> None:
    spec = InputSpec(name="x", type=VariableType.SELECT, options=(Option(value=1),))
    before = graph("start a end", inputs=(spec,))
    after = graph("start a end", inputs=(replace(spec, options=(Option(value=2),)),))

    (change,) = compare(before, after).inputs

    assert [one.field for one in change.fields] == ["options"]


def test_options_and_columns_of_inputs_are_compared() -> None:
    def asking(label: str, column: str) -> Graph:
        specs = (
            InputSpec(name="a", type=VariableType.SELECT, options=(Option(value=1, label=label),)),
            InputSpec(name="b", type=VariableType.TABLE, columns=(InputSpec(name=column),)),
        )
        return graph("start a end", inputs=specs)

    found = compare(asking("One", "x"), asking("Uno", "y"))

    assert [(one.item_id, [change.field for change in one.fields]) for one in found.inputs] == [
        ("a", ["options"]),
        ("b", ["columns"]),
    ]
    assert found.inputs[0].fields[0].after == [{"value": 1, "label": "Uno"}]


def _drawn(*, title: str = "", **layout: list[JsonValue]) -> dict[str, JsonValue]:
    return {"key": "release", "title": title, "layout": {**layout}}


def test_nodes_that_stand_elsewhere_are_told_apart_from_all_else() -> None:
    before, after = _drawn(a=[0, 0], b=[10, 0], c=[5, 5]), _drawn(a=[0, 0], b=[20, 0], d=[1, 1])

    diff = compare_layouts(before, after)

    assert [(one.item_id, one.change) for one in diff.items] == [
        ("c", "removed"),
        ("b", "changed"),
        ("d", "added"),
    ]
    assert diff.items[1].fields == (FieldChange(field="position", before=[10, 0], after=[20, 0]),)
    assert diff.is_all


def test_a_drawing_is_not_all_that_differs_where_a_title_does() -> None:
    diff = compare_layouts(_drawn(a=[0, 0]), _drawn(title="Release", a=[1, 0]))

    assert diff.items
    assert not diff.is_all


def test_drawings_that_are_the_same_do_not_differ() -> None:
    diff = compare_layouts(_drawn(a=[0, 0]), _drawn(a=[0, 0]))

    assert (diff.items, diff.is_all) == ((), False)
    assert not compare_layouts({"key": "a"}, {"key": "a"}).items


def test_a_diff_of_equal_graphs_is_empty() -> None:
    one = graph("start a end")

    assert compare(one, one).is_empty
    assert not compare(one, graph("start b end")).is_empty
