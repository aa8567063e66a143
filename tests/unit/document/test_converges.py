"""Which converge ends a split, and where one is put in."""

from tests.unit.document.compiled import compiled, converges, pairs


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
