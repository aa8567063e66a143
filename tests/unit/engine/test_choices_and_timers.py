from datetime import timedelta

import pytest

from flowyard.engine.effects import (
    CancelChild,
    Decision,
    DispatchStep,
    StartChild,
)
from flowyard.engine.events import (
    CancelInstance,
    ChildEnded,
    ChooseBranches,
    DeliverCallback,
    ForceSucceed,
    PauseNode,
    ResetTimer,
    RestartSubflow,
    RetryNode,
    SetPriority,
    SetVariables,
    TimerElapsed,
)
from flowyard.engine.graph import Graph, InputSpec, RetryPolicy, VariableType
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import AttemptState, NodeMark, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    chain,
    choice,
    graph,
    loop,
    mapped,
    optioned,
    split_join,
    subflow,
)

POLICY = RetryPolicy(times=3, interval_seconds=60)


def begun(flow: Graph) -> Driver:
    driver = Driver(flow)
    driver.start()
    return driver


def code(decision: Decision) -> str | None:
    return None if decision.rejection is None else decision.rejection.code


def attempt(driver: Driver, node_id: str) -> AttemptState:
    found = driver.snapshot.nodes[node_id].attempt
    assert found is not None
    return found


def test_a_person_sends_a_token_the_way_that_no_condition_has_found() -> None:
    driver = begun(choice(("False", "False"), default=False))

    driver.send(ChooseBranches(node_id="choose", at=driver.tick(), targets=("b2",)))

    state = driver.snapshot.nodes["choose"]
    assert (state.status, state.mark, state.failure) == (
        NodeStatus.SUCCEEDED,
        NodeMark.FORCED,
        None,
    )
    assert driver.dispatched[-1].node_id == "b2"
    assert driver.instance_status() is InstanceStatus.RUNNING


def test_a_converge_waits_for_exactly_the_branches_that_were_chosen() -> None:
    driver = begun(split_join(3, when=("False", "False", "False")))

    targets = ("b1-1", "b3-1")
    driver.send(ChooseBranches(node_id="split", at=driver.tick(), targets=targets))
    driver.succeed("b1-1")
    assert driver.reason("join") is WaitReason.BRANCHES
    driver.succeed("b3-1")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("targets", "wanted"),
    [
        (("b1", "b2"), "invalid_choice"),
        ((), "invalid_choice"),
        (("elsewhere",), "unknown_branch"),
    ],
)
def test_a_choice_that_the_gateway_does_not_have_is_refused(
    targets: tuple[str, ...], wanted: str
) -> None:
    driver = begun(choice(("False", "False"), default=False))

    decision = driver.send(ChooseBranches(node_id="choose", at=driver.tick(), targets=targets))

    assert code(decision) == wanted


def test_a_branch_cannot_be_chosen_twice() -> None:
    driver = begun(split_join(2, when=("False", "False")))

    targets = ("b1-1", "b1-1")
    decision = driver.send(ChooseBranches(node_id="split", at=driver.tick(), targets=targets))

    assert code(decision) == "invalid_choice"


def test_a_choice_cannot_go_round_a_loop_more_often_than_its_limit() -> None:
    driver = begun(loop("True", loop_limit=1))
    driver.succeed("work")
    driver.succeed("work")
    assert driver.status("check") is NodeStatus.FAILED

    again = driver.send(ChooseBranches(node_id="check", at=driver.tick(), targets=("work",)))
    on = driver.send(ChooseBranches(node_id="check", at=driver.tick(), targets=("end",)))

    assert code(again) == "loop_limit"
    assert code(on) is None
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_a_wait_ends_at_the_time_that_it_is_reset_to() -> None:
    driver = begun(chain(1))
    driver.wait("a1", after=timedelta(hours=1))
    driver.send(ResetTimer(node_id="a1", at=driver.tick(), after=timedelta(seconds=30)))
    due_at = attempt(driver, "a1").wait_until
    assert due_at == driver.at + timedelta(seconds=30)
    assert driver.snapshot.nodes["a1"].check_at == due_at

    driver.elapse("a1")

    assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=1, step=1)


def test_a_timer_that_was_reset_to_later_does_not_fire_at_its_first_time() -> None:
    driver = begun(chain(1))
    driver.wait("a1", after=timedelta(seconds=5))
    first = attempt(driver, "a1").wait_until
    assert first is not None
    driver.send(ResetTimer(node_id="a1", at=driver.tick(), after=timedelta(hours=1)))

    decision = driver.send(TimerElapsed(key=driver.key("a1"), at=first))

    assert decision.is_stale


def test_a_timer_that_is_reset_to_nothing_ends_at_once() -> None:
    driver = begun(chain(1))
    driver.wait("a1", after=timedelta(hours=1))

    driver.send(ResetTimer(node_id="a1", at=driver.tick(), after=timedelta()))

    assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=1, step=1)


def test_the_pause_before_a_retry_can_be_reset() -> None:
    driver = begun(graph("start a1 end", optioned(activity("a1"), retry=POLICY)))
    driver.fail("a1")

    driver.send(ResetTimer(node_id="a1", at=driver.tick(), after=timedelta(seconds=5)))
    state = driver.snapshot.nodes["a1"]
    assert state.resume_at == state.check_at == driver.at + timedelta(seconds=5)
    driver.send(ResetTimer(node_id="a1", at=driver.tick(), after=timedelta()))

    assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=2, step=0)


@pytest.mark.parametrize("after", [timedelta(seconds=-1), timedelta(days=9999)])
def test_a_time_out_of_bounds_is_refused(after: timedelta) -> None:
    driver = begun(chain(1))
    driver.wait("a1")

    assert code(driver.send(ResetTimer(node_id="a1", at=driver.tick(), after=after))) == (
        "invalid_time"
    )


def test_a_subflow_that_is_restarted_gets_a_new_child_and_the_old_ones_end_is_stale() -> None:
    driver = begun(graph("start sub end", subflow("sub", inputs={"n": 1})))

    driver.send(RestartSubflow(node_id="sub", at=driver.tick(), inputs={"n": 2}))

    assert driver.effects[-2] == CancelChild(node_id="sub", number=1)
    started = driver.effects[-1]
    assert isinstance(started, StartChild)
    assert (started.number, started.inputs) == (2, {"n": 2})
    ended = ChildEnded(node_id="sub", number=1, at=driver.tick(), succeeded=False, outputs={})
    assert driver.send(ended).is_stale
    assert driver.reason("sub") is WaitReason.CHILD


def test_a_failed_subflow_that_is_restarted_takes_the_inputs_of_its_last_run() -> None:
    driver = begun(graph("start sub end", subflow("sub", inputs={"n": 1})))
    driver.send(ChildEnded(node_id="sub", number=1, at=driver.tick(), succeeded=False, outputs={}))
    assert driver.instance_status() is InstanceStatus.FAILED

    driver.send(RestartSubflow(node_id="sub", at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.children[-1].number == 2
    assert driver.children[-1].inputs == {"n": 1}


def test_an_item_of_a_map_is_operated_on_by_its_own_id() -> None:
    driver = begun(graph("start m end", mapped("m", [1, 2])))
    driver.fail("m:0")
    driver.succeed("m:1")
    assert driver.status("m") is NodeStatus.FAILED

    driver.send(RetryNode(node_id="m:0", at=driver.tick()))
    driver.succeed("m:0")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_a_failed_map_that_is_retried_runs_only_what_has_failed() -> None:
    driver = begun(graph("start m end", mapped("m", [1, 2])))
    driver.fail("m:0")
    driver.succeed("m:1")
    count = len(driver.dispatched)

    driver.send(RetryNode(node_id="m", at=driver.tick()))

    assert [one.node_id for one in driver.dispatched[count:]] == ["m:0"]


def test_a_map_that_is_forced_to_succeed_cancels_its_items() -> None:
    driver = begun(graph("start m a2 end", mapped("m", [1, 2])))

    driver.send(ForceSucceed(node_id="m", at=driver.tick(), outputs={"results": []}))

    assert driver.status("m") is NodeStatus.SUCCEEDED
    assert driver.status("m:0") is driver.status("m:1") is NodeStatus.CANCELLED
    assert driver.dispatched[-1].node_id == "a2"


def test_a_satellite_has_no_breakpoints() -> None:
    driver = begun(graph("start m end", mapped("m", [1])))

    assert code(driver.send(PauseNode(node_id="m:5", at=driver.tick()))) == "forbidden_operation"


def test_variables_that_no_node_has_used_yet_can_be_changed() -> None:
    flow = graph("start a1 a2 end", activity("a2", {"x": "${x}"}), constants={"x": 1})
    driver = begun(flow)

    driver.send(SetVariables(at=driver.tick(), values={"x": 2}))
    driver.succeed("a1")

    assert attempt(driver, "a2").inputs == {"x": 2}


def test_a_variable_that_was_used_is_refused_with_the_nodes_that_did() -> None:
    flow = graph("start a1 a2 end", activity("a1", {"x": "${x}"}), constants={"x": 1, "y": 1})
    driver = begun(flow)

    decision = driver.send(SetVariables(at=driver.tick(), values={"y": 2, "x": 2}))

    assert decision.rejection is not None
    assert decision.rejection.code == "variable_used"
    assert "a1" in decision.rejection.message
    assert driver.snapshot.variables["y"] == 1


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"unknown": 1}, "unknown_variable"),
        ({"count": "many"}, "invalid_input"),
        ({"count": {"$secret": "A"}}, "reserved_key"),
        ({"x": {"$secret": "A"}}, "reserved_key"),
    ],
)
def test_values_that_do_not_fit_are_refused(values: dict[str, str], wanted: str) -> None:
    count = InputSpec(name="count", type=VariableType.INTEGER, is_required=False, default=1)
    driver = begun(chain(1, inputs=(count,), constants={"x": 1}))

    assert code(driver.send(SetVariables(at=driver.tick(), values=values))) == wanted


@pytest.mark.parametrize("priority", [-1, 10])
def test_a_priority_out_of_bounds_is_refused(priority: int) -> None:
    driver = begun(chain(1))

    decision = driver.send(SetPriority(at=driver.tick(), priority=priority))

    assert code(decision) == "invalid_priority"


def test_a_priority_stands_in_the_snapshot() -> None:
    driver = begun(chain(1))

    driver.send(SetPriority(at=driver.tick(), priority=9))

    assert driver.snapshot.priority == 9


def test_several_callbacks_reach_the_same_attempt_one_after_the_other() -> None:
    driver = begun(chain(1))

    for step in range(3):
        driver.wait("a1", WaitReason.CALLBACK, None, state={"seen": step})
        decision = driver.send(
            DeliverCallback(node_id="a1", number=1, at=driver.tick(), data={"call": step})
        )
        assert decision.rejection is None
        assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=1, step=step + 1)
    driver.succeed("a1")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_a_rollback_of_an_instance_that_was_never_started_just_cancels_it() -> None:
    driver = Driver(chain(1))

    driver.send(CancelInstance(at=driver.tick(), is_rollback=True))

    assert driver.instance_status() is InstanceStatus.CANCELLED
