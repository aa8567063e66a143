"""One node by itself."""

from dataclasses import replace

import pytest

from flowyard.engine.alone import alone, settable, why_not_alone
from flowyard.engine.graph import FailurePolicy, Graph
from flowyard.engine.inlining import expand
from flowyard.engine.inputs import InputSpec
from flowyard.engine.lifecycle import InstanceStatus
from flowyard.engine.snapshot import Plan, Seed
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, exclusive, graph, inline, mapped, optioned
from tests.support.undoing import inputs_of


def _flow() -> Graph:
    flow = graph(
        "start look build check end",
        activity("look", exports={"found": "found"}),
        optioned(
            activity("build", {"tag": "${tag}", "from": "${found}", "at": "${place}"}),
            run_when="found == 1",
        ),
        exclusive("check"),
        inputs=(InputSpec(name="tag"),),
        constants={"place": "here"},
        computed={"label": "${tag}-${place}"},
        outputs={"made": "${nodes.build.id}"},
    )
    return replace(flow, on_failure=FailurePolicy.ROLLBACK)


def test_a_node_runs_alone_with_the_variables_of_its_flow() -> None:
    given = {"found": "disk", "place": "there"}
    flow = alone(_flow(), "build", given)

    seed = Seed(instance_id="", start_id="build", variables=given)
    driver = Driver(flow, {"tag": "1.0"}, plan=Plan(seed=seed))
    driver.start()

    assert driver.ready() == ["build"]
    assert inputs_of(driver, "build") == {"tag": "1.0", "from": "disk", "at": "there"}

    driver.succeed("build")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert list(driver.snapshot.nodes) == ["start", "build", "end"]


def test_a_variable_that_nobody_gives_is_missing_at_the_node() -> None:
    driver = Driver(
        alone(_flow(), "build", ()),
        {"tag": "1.0"},
        plan=Plan(seed=Seed(instance_id="", start_id="build")),
    )
    driver.start()

    failure = driver.snapshot.nodes["build"].failure
    assert driver.instance_status() is InstanceStatus.FAILED
    assert failure is not None
    assert "found" in failure.message


def test_what_would_be_computed_is_taken_as_it_is_given() -> None:
    flow = alone(_flow(), "build", {"label": "mine"})

    assert flow.computed == {}
    assert flow.constants == {"place": "here", "label": None}


def test_an_inline_subflow_brings_its_nodes_along() -> None:
    child = graph("start step end", activity("step", {"n": "${n}"}), constants={"n": 7})
    whole = expand(graph("start sub after end", inline("sub")), {"sub": child})

    driver = Driver(alone(whole, "sub", ()), plan=Plan(seed=Seed(instance_id="", start_id="sub")))
    driver.start()

    assert inputs_of(driver, "sub.step") == {"n": 7}

    driver.succeed("sub.step")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("node_id", "words"),
    [
        ("start", "is start"),
        ("check", "is exclusive"),
        ("sub.step", "inline"),
        ("nowhere", "is none"),
    ],
)
def test_only_what_does_something_runs_alone(node_id: str, words: str) -> None:
    refusal = why_not_alone(_flow(), node_id)

    assert refusal is not None
    assert words in refusal


def test_a_map_may_run_alone() -> None:
    assert why_not_alone(graph("start all end", mapped("all", [1])), "all") is None


def test_declared_and_exported_variables_may_be_given() -> None:
    assert settable(_flow()) == {"tag", "place", "label", "found"}
