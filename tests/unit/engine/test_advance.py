from datetime import timedelta

import pytest

from flowyard.engine.advance import advance
from flowyard.engine.effects import DispatchStep, NotifyParent, StartChild
from flowyard.engine.errors import UnknownAttemptError
from flowyard.engine.events import (
    AttemptKey,
    ChildEnded,
    StepFailed,
    StepStarted,
    StepSucceeded,
    TimerElapsed,
)
from flowyard.engine.graph import InputSpec, VariableType
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import ParentLink, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    chain,
    graph,
    split_join,
    subflow,
)


def test_a_chain_runs_node_by_node_to_its_end() -> None:
    driver = Driver(chain(2))

    driver.start()
    assert driver.dispatched == [DispatchStep(node_id="a1", number=1, step=0)]
    driver.succeed("a1")
    driver.succeed("a2")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert set(driver.statuses().values()) == {NodeStatus.SUCCEEDED}
    assert driver.snapshot.active_count == 0


def test_a_failure_stops_only_its_own_path() -> None:
    driver = Driver(split_join(2, length=2))

    driver.start()
    driver.fail("b1-1")
    assert driver.instance_status() is InstanceStatus.RUNNING
    driver.succeed("b2-1")
    driver.succeed("b2-2")

    assert driver.instance_status() is InstanceStatus.FAILED
    assert driver.reason("b1-1") is WaitReason.INCIDENT


def test_outputs_are_seen_by_later_nodes_and_exported_names_too() -> None:
    flow = graph(
        "start build deploy end",
        activity("build", exports={"artifact": "image"}),
        activity("deploy", {"image": "${nodes.build.image}", "same": "${artifact}"}),
        outputs={"deployed": "${artifact}"},
    )
    driver = Driver(flow)

    driver.start()
    driver.succeed("build", {"image": "app:1"})

    attempt = driver.snapshot.nodes["deploy"].attempt
    assert attempt is not None
    assert attempt.inputs == {"image": "app:1", "same": "app:1"}
    driver.succeed("deploy")
    assert driver.snapshot.outputs == {"deployed": "app:1"}


def test_an_input_that_cannot_be_rendered_fails_the_node_with_a_recorded_attempt() -> None:
    driver = Driver(graph("start a end", activity("a", {"x": "${missing}"})))

    driver.start()

    node = driver.snapshot.nodes["a"]
    assert node.status is NodeStatus.FAILED
    assert node.attempt is not None
    assert node.attempt.number == 1
    assert not node.attempt.is_open
    assert driver.dispatched == []


def test_inputs_that_are_too_large_fail_the_node() -> None:
    flow = graph(
        "start a end",
        activity("a", {"x": "${big}", "y": "${big}"}),
        constants={"big": "x" * 200_000},
    )
    driver = Driver(flow)

    driver.start()

    failure = driver.snapshot.nodes["a"].failure
    assert failure is not None
    assert failure.code == "input_too_large"


def test_missing_inputs_fail_the_start() -> None:
    driver = Driver(chain(1, inputs=_x()))

    driver.start()

    failure = driver.snapshot.nodes["start"].failure
    assert failure is not None
    assert failure.code == "invalid_inputs"
    assert driver.instance_status() is InstanceStatus.FAILED


def test_a_wait_frees_the_node_and_the_timer_dispatches_the_next_step() -> None:
    driver = Driver(chain(1))
    driver.start()

    driver.wait("a1", after=timedelta(seconds=30), state={"seen": 1})
    node = driver.snapshot.nodes["a1"]
    assert (node.status, node.reason) == (NodeStatus.WAITING, WaitReason.TIMER)
    driver.elapse("a1")

    assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=1, step=1)
    attempt = driver.snapshot.nodes["a1"].attempt
    assert attempt is not None
    assert attempt.state == {"seen": 1}


def test_a_timer_that_is_not_due_changes_nothing() -> None:
    driver = Driver(chain(1))
    driver.start()
    driver.wait("a1", after=timedelta(seconds=30))

    decision = driver.send(TimerElapsed(key=driver.key("a1"), at=driver.tick()))

    assert decision.is_stale


def test_rule_4_a_repeated_result_changes_nothing() -> None:
    driver = Driver(chain(2))
    driver.start()
    repeated = StepSucceeded(key=driver.key("a1"), at=driver.tick(), outputs={})
    driver.send(repeated)

    decision = driver.send(repeated)

    assert decision.is_stale
    assert not decision.changes
    assert not decision.effects


def test_rule_4_a_result_of_an_older_step_changes_nothing() -> None:
    driver = Driver(chain(1))
    driver.start()
    older = driver.key("a1")
    driver.wait("a1")
    driver.elapse("a1")

    decision = driver.send(StepSucceeded(key=older, at=driver.tick(), outputs={}))

    assert decision.is_stale


def test_rule_4_a_late_result_of_a_closed_attempt_changes_nothing() -> None:
    driver = Driver(chain(1))
    driver.start()
    first = driver.key("a1")
    driver.fail("a1")

    decision = driver.send(StepSucceeded(key=first, at=driver.tick(), outputs={}))

    assert decision.is_stale
    assert driver.status("a1") is NodeStatus.FAILED


def test_rule_1_an_attempt_that_the_snapshot_does_not_know_asks_for_a_reload() -> None:
    driver = Driver(chain(1))
    driver.start()
    unknown = AttemptKey(node_id="a1", number=2, step=0)

    with pytest.raises(UnknownAttemptError):
        advance(driver.snapshot, StepStarted(key=unknown, at=driver.tick()))


def test_a_report_of_a_running_step_moves_its_check_on() -> None:
    driver = Driver(chain(1))
    driver.start()

    driver.send(StepStarted(key=driver.key("a1"), at=driver.tick()))
    first = driver.snapshot.nodes["a1"].check_at
    driver.send(StepStarted(key=driver.key("a1"), at=driver.tick()))
    second = driver.snapshot.nodes["a1"].check_at

    assert driver.status("a1") is NodeStatus.RUNNING
    assert first is not None
    assert second is not None
    assert second > first


def test_a_subflow_starts_a_child_and_takes_over_its_outputs() -> None:
    driver = Driver(graph("start sub end", subflow("sub", inputs={"v": "${1 + 1}"})))

    driver.start()
    assert driver.children == [
        StartChild(node_id="sub", number=1, template="child", version=1, inputs={"v": 2})
    ]
    driver.send(
        ChildEnded(
            node_id="sub", number=1, at=driver.tick(), succeeded=True, outputs={"image": "i"}
        )
    )

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.snapshot.nodes["sub"].outputs == {"image": "i"}


def test_a_cancelled_child_fails_the_subflow() -> None:
    driver = Driver(graph("start sub end", subflow("sub")))
    driver.start()

    driver.send(ChildEnded(node_id="sub", number=1, at=driver.tick(), succeeded=False, outputs={}))

    failure = driver.snapshot.nodes["sub"].failure
    assert failure is not None
    assert failure.code == "child_cancelled"


def test_a_child_tells_its_parent_how_it_ended() -> None:
    parent = ParentLink(
        instance_id=Driver(chain()).snapshot.facts.instance_id, node_id="s", number=1
    )
    driver = Driver(chain(1, outputs={"x": 1}), parent=parent)

    driver.start()
    driver.succeed("a1")

    assert driver.effects[-1] == NotifyParent(succeeded=True, outputs={"x": 1})


def test_secrets_are_rendered_as_references() -> None:
    flow = graph("start a end", activity("a", {"auth": "Bearer ${secrets.TOKEN}"}))
    driver = Driver(flow)

    driver.start()

    attempt = driver.snapshot.nodes["a"].attempt
    assert attempt is not None
    assert attempt.inputs == {"auth": {"$concat": ["Bearer ", {"$secret": "TOKEN"}]}}


def test_a_failed_step_keeps_what_the_plugin_left() -> None:
    driver = Driver(chain(1))
    driver.start()

    decision = driver.send(
        StepFailed(
            key=driver.key("a1"), at=driver.tick(), code="c", message="m", outputs={"exit": 3}
        )
    )

    attempts = [change for change in decision.changes if hasattr(change, "attempt")]
    assert attempts[0].attempt.outputs == {"exit": 3}
    assert driver.snapshot.nodes["a1"].outputs == {}


def _x() -> tuple[InputSpec, ...]:
    return (InputSpec(name="x", type=VariableType.INTEGER),)
