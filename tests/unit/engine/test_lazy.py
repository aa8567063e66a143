"""Lazy variables are rendered at each use, from what is known then."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from typing_extensions import override

from flowyard.engine.expressions import ExpressionError
from flowyard.engine.graph import Edge, Graph, JsonValue
from flowyard.engine.lazy import LazyValues, needed_by
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, chain, edge, exclusive, graph


def lazily(one: Graph, **lazy: JsonValue) -> Graph:
    return replace(one, lazy=lazy)


def inputs(driver: Driver, node_id: str) -> Mapping[str, JsonValue]:
    attempt = driver.snapshot.nodes[node_id].attempt
    assert attempt is not None
    assert attempt.inputs is not None
    return attempt.inputs


def failure(driver: Driver, node_id: str) -> str:
    found = driver.snapshot.nodes[node_id].failure
    assert found is not None
    assert found.code == "expression_failed"
    return found.message


def test_a_lazy_variable_is_rendered_anew_at_each_node() -> None:
    driver = Driver(
        lazily(
            graph(
                "start a b end",
                activity("a", {"x": "${turn}"}, exports={"step": "n"}),
                activity("b", {"x": "${turn}"}),
                constants={"step": 0},
            ),
            turn="${step + 1}",
        )
    )

    driver.start()
    assert inputs(driver, "a") == {"x": 1}
    driver.succeed("a", {"n": 7})
    assert inputs(driver, "b") == {"x": 8}


def test_a_lazy_variable_is_rendered_anew_on_each_round_of_a_loop() -> None:
    driver = Driver(
        lazily(
            graph(
                "start work check",
                activity("work", {"x": "${label}"}),
                exclusive("check"),
                edge("check", "work", "label == 'check 1'"),
                edge("check", "end", default=True),
            ),
            label="${'work' if loop == 0 else 'check'} ${loop}",
        )
    )

    driver.start()
    driver.succeed("work")

    assert inputs(driver, "work") == {"x": "check 2"}
    driver.succeed("work")
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_lazy_variables_use_each_other_in_any_order() -> None:
    driver = Driver(
        lazily(
            graph("start a end", activity("a", {"x": "${first}"}), constants={"c": 1}),
            first="<${second}>",
            second=["${third}", "${c}"],
            third={"deep": "${c + 1}"},
        )
    )

    driver.start()

    assert inputs(driver, "a") == {"x": '<[{"deep": 2}, 1]>'}


def test_a_lazy_variable_that_only_another_would_need_may_fail() -> None:
    driver = Driver(
        lazily(
            graph("start a end", activity("a", {"x": "${safe}"}), constants={"c": 1}),
            safe="${c if c == 1 else broken}",
            broken="${nothing}",
        )
    )

    driver.start()

    assert inputs(driver, "a") == {"x": 1}


def test_a_lazy_variable_that_fails_stops_the_node_with_its_name() -> None:
    driver = Driver(
        lazily(
            graph("start a end", activity("a", {"x": "${outer}"}), constants={"c": 1}),
            outer="${inner}",
            inner="${c + nothing}",
        )
    )

    driver.start()

    message = failure(driver, "a")
    assert "(in lazy variable inner)" in message
    assert "(in lazy variable outer)" in message
    assert "at position 4 of ${c + nothing}" in message
    assert "known names: c, inner, instance" in message


def test_a_circle_of_lazy_variables_stops_the_node_with_their_names() -> None:
    driver = Driver(
        lazily(
            graph("start a end", activity("a", {"x": "${first}"})),
            first="${second}",
            second="${third}",
            third="${second}",
        )
    )

    driver.start()

    assert driver.status("a") is NodeStatus.FAILED
    assert "but second needs third needs second" in failure(driver, "a")


def test_a_lazy_variable_that_needs_itself_stops_the_node() -> None:
    driver = Driver(lazily(graph("start a end", activity("a", {"x": "${me}"})), me="${me}"))

    driver.start()

    assert "but me needs me" in failure(driver, "a")


def test_a_variable_of_the_same_name_hides_a_lazy_one() -> None:
    driver = Driver(
        lazily(
            graph(
                "start a b end",
                activity("a", {"x": "${image}"}, exports={"image": "built"}),
                activity("b", {"x": "${image}"}),
            ),
            image="lazy",
        )
    )

    driver.start()
    assert inputs(driver, "a") == {"x": "lazy"}
    driver.succeed("a", {"built": "made"})
    assert inputs(driver, "b") == {"x": "made"}


@pytest.mark.parametrize("where", ["computed", "outputs", "condition"])
def test_a_lazy_variable_may_be_used_everywhere(where: str) -> None:
    one = chain(1)
    if where == "condition":
        one = graph(
            "start choose",
            exclusive("choose"),
            edge("choose", "a1", "twice == 2"),
            Edge(source="choose", target="end", is_default=True),
            "a1 end",
        )
    used: dict[str, JsonValue] = {"x": "${twice}"}
    driver = Driver(
        replace(
            one,
            lazy={"twice": "${1 + 1}"},
            computed=used if where == "computed" else {},
            outputs=used if where == "outputs" else {},
        )
    )

    driver.start()
    driver.succeed("a1")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.snapshot.variables == ({"x": 2} if where == "computed" else {})
    assert driver.snapshot.outputs == ({"x": 2} if where == "outputs" else {})


def test_a_secret_stays_a_reference_in_a_lazy_variable() -> None:
    driver = Driver(
        lazily(
            graph("start a end", activity("a", {"x": "Bearer ${header}"})),
            header="${secrets.TOKEN}",
        )
    )

    driver.start()

    assert inputs(driver, "a") == {"x": {"$concat": ["Bearer ", {"$secret": "TOKEN"}]}}


class Counting(dict[str, object]):
    """Names that count how often each is asked for."""

    def __init__(self) -> None:
        super().__init__(c=1)
        self.asked = 0

    @override
    def __getitem__(self, name: str) -> object:
        self.asked += 1
        return super().__getitem__(name)


def test_each_is_rendered_once_per_scope_however_often_it_is_needed() -> None:
    names = Counting()
    # Doubling forty times would never end if each use were rendered by itself.
    definitions: dict[str, JsonValue] = {"v0": "${c}"}
    definitions |= {f"v{index}": f"${{v{index - 1} + v{index - 1}}}" for index in range(1, 41)}
    found = LazyValues(definitions, names)
    for name in definitions:
        names[name] = found.get(name)

    assert found.get("v40") == 2**40
    assert names.asked == 81


def test_a_long_chain_needs_no_recursion() -> None:
    definitions: dict[str, JsonValue] = {"v0": "x"}
    definitions |= {f"v{index}": f"${{v{index - 1}}}" for index in range(1, 2000)}
    driver = Driver(
        replace(graph("start a end", activity("a", {"x": "${v1999}"})), lazy=definitions)
    )

    driver.start()

    assert inputs(driver, "a") == {"x": "x"}


def test_what_fails_is_kept_as_it_is() -> None:
    found = LazyValues({"a": "${nothing}"}, {})

    with pytest.raises(ExpressionError) as first:
        found.get("a")
    with pytest.raises(ExpressionError) as second:
        found.get("a")

    assert first.value is second.value


def test_what_lazy_variables_read_is_followed_through_circles() -> None:
    definitions: dict[str, JsonValue] = {"a": "${b + x}", "b": "${a + y}"}

    assert needed_by({"a"}, definitions) == {"a", "b", "x", "y"}
    assert needed_by({"z"}, definitions) == {"z"}
