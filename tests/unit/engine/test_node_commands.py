import pytest

from flowyard.engine.effects import (
    CancelChild,
    Decision,
    DispatchStep,
    WithdrawAttempt,
)
from flowyard.engine.events import (
    ForceFail,
    ForceSucceed,
    PauseInstance,
    PauseNode,
    ResumeInstance,
    ResumeNode,
    RetryDue,
    RetryNode,
)
from flowyard.engine.graph import Graph, RetryPolicy
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import AttemptState, NodeMark, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import (
    activity,
    chain,
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


def test_a_node_that_is_forced_to_fail_stops_whatever_its_policies_say() -> None:
    node = optioned(activity("a1"), retry=POLICY, ignores_failure=True)
    driver = begun(graph("start a1 end", node))

    driver.send(ForceFail(node_id="a1", at=driver.tick(), message="Hangs"))

    state = driver.snapshot.nodes["a1"]
    assert state.status is NodeStatus.FAILED
    assert state.failure is not None
    assert (state.failure.code, state.failure.message) == ("forced_failure", "Hangs")
    assert driver.effects[-1] == WithdrawAttempt(node_id="a1", number=1)
    assert driver.instance_status() is InstanceStatus.FAILED


def test_a_late_result_of_a_node_that_was_forced_to_fail_changes_nothing() -> None:
    driver = begun(chain(1))
    driver.send(ForceFail(node_id="a1", at=driver.tick()))

    decision = driver.succeed("a1")

    assert decision.is_stale
    assert driver.status("a1") is NodeStatus.FAILED


def test_a_subflow_that_is_forced_to_fail_cancels_its_child() -> None:
    driver = begun(graph("start sub end", subflow("sub")))

    driver.send(ForceFail(node_id="sub", at=driver.tick()))

    assert driver.effects[-1] == CancelChild(node_id="sub", number=1)


def test_a_node_that_waits_for_its_retry_can_be_forced_to_fail() -> None:
    driver = begun(graph("start a1 end", optioned(activity("a1"), retry=POLICY)))
    driver.fail("a1")
    assert driver.reason("a1") is WaitReason.RETRY

    driver.send(ForceFail(node_id="a1", at=driver.tick()))

    assert driver.status("a1") is NodeStatus.FAILED
    assert driver.snapshot.nodes["a1"].resume_at is None


def test_a_node_that_a_token_waits_at_is_entered_when_it_is_forced_to_fail() -> None:
    driver = begun(chain(2, constants={"x": 1}))
    driver.send(PauseInstance(at=driver.tick()))
    driver.succeed("a1")

    driver.send(ForceFail(node_id="a2", at=driver.tick()))
    driver.send(ResumeInstance(at=driver.tick()))
    driver.send(RetryNode(node_id="a2", at=driver.tick()))

    assert driver.snapshot.nodes["a2"].visits == 1
    assert attempt(driver, "a2").number == 2
    assert driver.dispatched[-1] == DispatchStep(node_id="a2", number=2, step=0)


def test_a_forced_success_exports_what_it_is_given_and_lets_the_token_on() -> None:
    flow = graph("start a1 a2 end", activity("a1", exports={"image": "image"}))
    driver = begun(flow)

    driver.send(ForceSucceed(node_id="a1", at=driver.tick(), outputs={"image": "shop:2"}))

    state = driver.snapshot.nodes["a1"]
    assert (state.status, state.mark) == (NodeStatus.SUCCEEDED, NodeMark.FORCED)
    assert driver.snapshot.variables["image"] == "shop:2"
    assert WithdrawAttempt(node_id="a1", number=1) in driver.effects
    assert driver.dispatched[-1].node_id == "a2"


def test_a_failed_node_that_is_forced_to_succeed_brings_its_instance_back() -> None:
    driver = begun(chain(2))
    driver.fail("a1")

    driver.send(ForceSucceed(node_id="a1", at=driver.tick(), outputs={}))

    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.snapshot.nodes["a1"].failure is None
    assert driver.dispatched[-1].node_id == "a2"


def test_a_token_goes_on_no_further_than_a_pause_lets_it_after_a_forced_success() -> None:
    driver = begun(chain(2))
    driver.send(PauseInstance(at=driver.tick()))

    driver.send(ForceSucceed(node_id="a1", at=driver.tick(), outputs={}))

    assert driver.reason("a2") is WaitReason.PAUSED


@pytest.mark.parametrize(
    ("outputs", "wanted"),
    [
        ({"x": {"$secret": "A"}}, "reserved_key"),
        ({"token": "plain"}, "secret_output"),
        ({"x": "y" * 300_000}, "output_too_large"),
    ],
)
def test_outputs_that_no_person_may_give_are_refused(outputs: dict[str, str], wanted: str) -> None:
    node = activity("a1", secret_outputs=frozenset({"token"}))
    driver = begun(graph("start a1 end", node))

    decision = driver.send(ForceSucceed(node_id="a1", at=driver.tick(), outputs=outputs))

    assert code(decision) == wanted
    assert driver.status("a1") is NodeStatus.READY


def test_a_breakpoint_stops_the_token_that_reaches_it_and_others_go_on() -> None:
    driver = begun(split_join(2, 2))
    driver.send(PauseNode(node_id="b1-2", at=driver.tick()))

    driver.succeed("b1-1")
    driver.succeed("b2-1")

    assert driver.reason("b1-2") is WaitReason.BREAKPOINT
    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.dispatched[-1].node_id == "b2-2"


def test_a_node_that_is_resumed_lets_its_token_in_once() -> None:
    driver = begun(loop("loop < 2"))
    driver.succeed("work")
    assert driver.snapshot.nodes["work"].visits == 2
    driver.send(PauseNode(node_id="check", at=driver.tick()))
    driver.succeed("work")
    assert driver.reason("check") is WaitReason.BREAKPOINT

    driver.send(ResumeNode(node_id="check", at=driver.tick()))

    assert driver.snapshot.breakpoints == frozenset()
    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_a_breakpoint_can_be_set_before_the_start_and_taken_back() -> None:
    driver = Driver(chain(2))
    driver.send(PauseNode(node_id="a2", at=driver.tick()))
    driver.send(ResumeNode(node_id="a2", at=driver.tick()))
    driver.start()

    driver.succeed("a1")

    assert driver.reason("a2") is WaitReason.QUEUED


def test_a_breakpoint_keeps_its_token_when_the_instance_is_resumed() -> None:
    driver = begun(chain(2))
    driver.send(PauseInstance(at=driver.tick()))
    driver.succeed("a1")
    driver.send(PauseNode(node_id="a2", at=driver.tick()))

    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.reason("a2") is WaitReason.BREAKPOINT
    assert driver.instance_status() is InstanceStatus.RUNNING


def test_a_withdrawn_step_at_a_breakpoint_waits_for_both_resumes() -> None:
    driver = begun(chain(1))
    driver.send(PauseInstance(at=driver.tick(), withdrawn=frozenset({"a1"})))
    driver.send(PauseNode(node_id="a1", at=driver.tick()))

    driver.send(ResumeNode(node_id="a1", at=driver.tick()))
    assert driver.reason("a1") is WaitReason.PAUSED
    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=1, step=0)
    assert attempt(driver, "a1").number == 1


def test_a_converge_with_a_breakpoint_stops_behind_its_last_branch() -> None:
    driver = begun(split_join())
    driver.succeed("b1-1")
    driver.send(PauseNode(node_id="join", at=driver.tick()))

    driver.succeed("b2-1")
    assert driver.reason("join") is WaitReason.BREAKPOINT
    driver.send(ResumeNode(node_id="join", at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


def test_an_automatic_retry_waits_for_the_end_of_a_pause() -> None:
    driver = begun(graph("start a1 end", optioned(activity("a1"), retry=POLICY)))
    driver.fail("a1")
    driver.send(PauseInstance(at=driver.tick()))
    due_at = driver.snapshot.nodes["a1"].resume_at
    assert due_at is not None
    driver.at = due_at
    driver.send(RetryDue(node_id="a1", number=1, at=due_at))
    assert driver.reason("a1") is WaitReason.PAUSED
    assert len(driver.dispatched) == 1

    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=2, step=0)


def test_items_of_a_map_wait_for_the_end_of_a_pause() -> None:
    driver = begun(graph("start m end", mapped("m", [1, 2], concurrency=1)))
    driver.send(PauseInstance(at=driver.tick()))

    driver.succeed("m:0")
    assert driver.reason("m:1") is WaitReason.PAUSED
    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.dispatched[-1].node_id == "m:1"
