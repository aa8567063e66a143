"""What expressions know of the system, of the project and of nodes that have run."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

import pytest
from msgspec import structs

from flowyard.engine.graph import Activity, InputSpec, JsonValue, Node
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import ParentLink, Plan
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    chain,
    converge,
    edge,
    exclusive,
    graph,
    parallel,
)

PARENT = ParentLink(instance_id=uuid.UUID(int=9), node_id="deploy", number=2)


def inputs(driver: Driver, node_id: str) -> Mapping[str, JsonValue]:
    attempt = driver.snapshot.nodes[node_id].attempt
    assert attempt is not None
    assert attempt.inputs is not None
    return attempt.inputs


def message(driver: Driver, node_id: str) -> str:
    failure = driver.snapshot.nodes[node_id].failure
    assert failure is not None
    return failure.message


def shown(expression: str, *, parent: ParentLink | None = None, **facts: object) -> JsonValue:
    """Return what an expression is at the first node of an instance."""
    driver = Driver(graph("start a end", activity("a", {"x": f"${{{expression}}}"})), parent=parent)
    driver.snapshot.facts = structs.replace(driver.snapshot.facts, **facts)
    driver.start()
    return inputs(driver, "a")["x"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("instance.id", "00000000-0000-0000-0000-000000000001"),
        ("instance.name", "test"),
        ("instance.project", "example"),
        ("instance.actor", "tester"),
        ("instance.started_at", "2026-01-01T00:00:01+00:00"),
        ("instance.template", "release"),
        ("instance.url", "http://flowyard.example/instances/1"),
        ("instance.parent", None),
    ],
)
def test_an_expression_knows_its_instance(expression: str, value: JsonValue) -> None:
    found = shown(expression, template="release", url="http://flowyard.example/instances/1")

    assert found == value


def test_a_child_knows_who_started_it() -> None:
    assert shown("instance.parent", parent=PARENT) == {
        "id": "00000000-0000-0000-0000-000000000009",
        "node": "deploy",
        "attempt": 2,
    }


def test_an_expression_knows_the_projects_variables() -> None:
    plan = Plan(project_variables={"region": "eu", "sizes": [1, 2]})

    assert shown("project.region", plan=plan) == "eu"
    assert shown("project", plan=plan) == {"region": "eu", "sizes": [1, 2]}


def test_a_variable_named_project_hides_the_projects_variables() -> None:
    driver = Driver(
        graph("start a end", activity("a", {"x": "${project}"}), constants={"project": "mine"})
    )
    driver.snapshot.facts = structs.replace(
        driver.snapshot.facts, plan=Plan(project_variables={"region": "eu"})
    )

    driver.start()

    assert inputs(driver, "a") == {"x": "mine"}


def test_a_variable_that_the_project_has_not_stops_the_node_with_the_nearest_name() -> None:
    driver = Driver(graph("start a end", activity("a", {"x": "${project.regionn}"})))
    driver.snapshot.facts = structs.replace(
        driver.snapshot.facts, plan=Plan(project_variables={"region": "eu"})
    )

    driver.start()

    assert "'regionn' is none; perhaps 'region' is meant" in message(driver, "a")


def test_automatic_outputs_are_read_by_their_full_names() -> None:
    driver = Driver(
        graph(
            "start work check",
            exclusive("check"),
            edge("check", "work", 'nodes.work["_loop"] < 3'),
            edge("check", "show", default=True),
            activity("show", {"r": '${nodes["work"]["_result"]}', "n": '${nodes.work["_loop"]}'}),
            "show end",
        )
    )

    driver.start()
    for _ in range(3):
        driver.succeed("work")

    assert inputs(driver, "show") == {"r": True, "n": 3}


def test_automatic_outputs_stand_in_no_list_of_outputs() -> None:
    driver = Driver(
        graph("start a b end", activity("b", {"all": "${nodes.a}", "n": "${len(nodes.a)}"}))
    )

    driver.start()
    driver.succeed("a", {"x": 1})

    assert inputs(driver, "b") == {"all": {"x": 1}, "n": 1}


@pytest.mark.parametrize(
    "expression", ["nodes.a._result", "nodes.a._loop", 'nodes.a["_state"]', 'nodes.a["__class__"]']
)
def test_other_names_with_an_underscore_lead_nowhere(expression: str) -> None:
    driver = Driver(graph("start a b end", activity("b", {"x": f"${{{expression}}}"})))

    driver.start()
    driver.succeed("a", {"x": 1})

    assert driver.status("b") is NodeStatus.FAILED


def test_the_result_of_a_node_that_runs_is_not_known() -> None:
    driver = Driver(
        graph(
            "start split slow join end",
            "split quick show join",
            parallel("split"),
            converge("join"),
            activity("show", {"x": '${nodes.slow["_result"]}'}),
        )
    )

    driver.start()
    driver.succeed("quick")

    assert "'_result' is none" in message(driver, "show")


def test_the_last_of_several_writers_wins_in_parallel_branches() -> None:
    one = graph(
        "start split left join show end",
        "split right join",
        parallel("split"),
        converge("join"),
        activity("left", exports={"image": "made"}),
        activity("right", exports={"image": "made"}),
        activity("show", {"x": "${image}"}),
    )
    for first, last in (("left", "right"), ("right", "left")):
        driver = Driver(one)
        driver.start()
        driver.succeed(first, {"made": first})
        driver.succeed(last, {"made": last})

        assert inputs(driver, "show") == {"x": last}


def test_the_last_round_of_a_loop_wins() -> None:
    driver = Driver(
        graph(
            "start work check",
            activity("work", exports={"image": "made"}),
            exclusive("check"),
            edge("check", "work", "loop < 3"),
            edge("check", "end", default=True),
            outputs={"image": "${image}"},
        )
    )

    driver.start()
    for turn in (1, 2, 3):
        driver.succeed("work", {"made": turn})

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.snapshot.outputs == {"image": 3}


SCRIPT = 'for f in *; do echo "${HOME}/${f%.*} $${x}"; done'


def shell(verbatim: frozenset[str]) -> Node:
    return Node(
        node_id="a",
        kind=activity("a").kind,
        activity=Activity(
            plugin="shell",
            version="1.0",
            inputs={"script": SCRIPT, "args": ["${version}"]},
            verbatim=verbatim,
        ),
    )


def test_a_verbatim_input_is_taken_as_it_is_and_the_others_are_rendered() -> None:
    driver = Driver(
        graph("start a end", shell(frozenset({"script"})), constants={"version": "1.4.2"})
    )

    driver.start()

    assert inputs(driver, "a") == {"script": SCRIPT, "args": ["1.4.2"]}


def test_the_same_text_is_an_expression_where_nothing_says_otherwise() -> None:
    driver = Driver(graph("start a end", shell(frozenset()), constants={"version": "1.4.2"}))

    driver.start()

    assert driver.status("a") is NodeStatus.FAILED


@pytest.mark.parametrize("where", ["computed", "input", "output", "condition"])
def test_a_failure_says_expression_position_and_known_names(where: str) -> None:
    broken = "1 + nothing"
    if where == "condition":
        one = graph(
            "start a1 choose",
            exclusive("choose"),
            edge("choose", "b", broken),
            edge("choose", "end", default=True),
            "b end",
            constants={"known": 1},
        )
    elif where == "input":
        one = graph(
            "start a1 b end", activity("b", {"x": f"${{{broken}}}"}), constants={"known": 1}
        )
    else:
        bad: dict[str, JsonValue] = {"x": f"${{{broken}}}"}
        is_computed = where == "computed"
        one = chain(
            1,
            constants={"known": 1},
            computed=bad if is_computed else {},
            outputs={} if is_computed else bad,
        )
    driver = Driver(one)

    driver.start()
    if where != "computed":
        driver.succeed("a1")

    node = {"computed": "start", "input": "b", "output": "end", "condition": "choose"}[where]
    failure = driver.snapshot.nodes[node].failure
    assert failure is not None
    assert failure.code == "expression_failed"
    assert "at position 4 of ${1 + nothing}; known names: instance, known, " in failure.message


def test_a_condition_of_visibility_that_fails_stops_the_start() -> None:
    one = replace(chain(1), inputs=(InputSpec(name="x", visible_when="y"), InputSpec(name="z")))
    driver = Driver(one, {"z": "1"})

    driver.start()

    failure = driver.snapshot.nodes["start"].failure
    assert failure is not None
    assert failure.code == "invalid_inputs"
    assert "in visible_when of input x, at position 0 of ${y}" in failure.message
