import pytest

from flowyard.engine.effects import DispatchStep, NotifyParent, WithdrawAttempt
from flowyard.engine.events import (
    CancelInstance,
    DecideApproval,
    DeliverCallback,
    PauseInstance,
    ResumeInstance,
    RetryNode,
    SkipNode,
    StartInstance,
    StepSucceeded,
)
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import ParentLink, Resume, ResumeKind, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import chain, choice, split_join


def started(length: int = 2) -> Driver:
    driver = Driver(chain(length))
    driver.start()
    return driver


def test_a_second_start_is_rejected() -> None:
    driver = started()

    decision = driver.send(StartInstance(at=driver.tick()))

    assert decision.rejection is not None
    assert decision.rejection.code == "forbidden_operation"


def test_pausing_lets_the_running_node_end_and_starts_nothing_new() -> None:
    driver = started()
    driver.send(PauseInstance(at=driver.tick()))

    driver.succeed("a1")

    assert driver.instance_status() is InstanceStatus.PAUSED
    assert driver.reason("a2") is WaitReason.PAUSED
    assert len(driver.dispatched) == 1


def test_resuming_starts_what_was_kept_back() -> None:
    driver = started()
    driver.send(PauseInstance(at=driver.tick()))
    driver.succeed("a1")

    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.dispatched[-1] == DispatchStep(node_id="a2", number=1, step=0)


def test_a_queued_step_that_was_withdrawn_by_a_pause_is_dispatched_on_resume() -> None:
    driver = started()
    driver.send(PauseInstance(at=driver.tick(), withdrawn=frozenset({"a1"})))
    assert driver.reason("a1") is WaitReason.PAUSED

    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=1, step=0)
    assert driver.reason("a1") is WaitReason.QUEUED


def test_a_failure_while_paused_shows_when_resumed() -> None:
    driver = started()
    driver.send(PauseInstance(at=driver.tick()))
    driver.fail("a1")
    assert driver.instance_status() is InstanceStatus.PAUSED

    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.FAILED


def test_a_retry_opens_a_further_attempt_with_the_same_inputs() -> None:
    driver = started()
    driver.fail("a1")

    driver.send(RetryNode(node_id="a1", at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.dispatched[-1] == DispatchStep(node_id="a1", number=2, step=0)
    assert driver.snapshot.nodes["a1"].visits == 1


def test_a_retry_takes_edited_inputs() -> None:
    driver = started()
    driver.fail("a1")

    driver.send(RetryNode(node_id="a1", at=driver.tick(), inputs={"x": 2}))

    attempt = driver.snapshot.nodes["a1"].attempt
    assert attempt is not None
    assert attempt.inputs == {"x": 2}


def test_a_retry_while_paused_waits_for_the_resume() -> None:
    driver = started()
    driver.fail("a1")
    driver.send(RetryNode(node_id="a1", at=driver.tick()))
    driver.send(PauseInstance(at=driver.tick()))
    driver.fail("a1")

    driver.send(RetryNode(node_id="a1", at=driver.tick()))
    assert driver.reason("a1") is WaitReason.PAUSED
    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.dispatched[-1].number == 3


def test_a_gateway_is_evaluated_again_by_a_retry() -> None:
    driver = Driver(choice(("x > 0",), default=False, constants={"x": 0}))
    driver.start()
    driver.snapshot.variables = {"x": 1}

    driver.send(RetryNode(node_id="choose", at=driver.tick()))

    assert driver.status("choose") is NodeStatus.SUCCEEDED
    assert driver.dispatched[-1].node_id == "b1"


def test_a_gateway_accepts_no_inputs() -> None:
    driver = Driver(choice(("False",), default=False))
    driver.start()

    decision = driver.send(RetryNode(node_id="choose", at=driver.tick(), inputs={}))

    assert decision.rejection is not None
    assert decision.rejection.code == "inputs_not_accepted"


def test_a_skipped_node_lets_its_token_pass_without_outputs() -> None:
    driver = started()
    driver.fail("a1")

    driver.send(SkipNode(node_id="a1", at=driver.tick()))

    assert driver.status("a1") is NodeStatus.SKIPPED
    assert driver.dispatched[-1].node_id == "a2"
    assert driver.instance_status() is InstanceStatus.RUNNING


def test_a_gateway_cannot_be_skipped() -> None:
    driver = Driver(choice(("False",), default=False))
    driver.start()

    decision = driver.send(SkipNode(node_id="choose", at=driver.tick()))

    assert decision.rejection is not None


def test_skipping_the_last_failed_node_ends_the_instance() -> None:
    driver = started(1)
    driver.fail("a1")

    driver.send(SkipNode(node_id="a1", at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.SUCCEEDED


@pytest.mark.parametrize("command", [RetryNode, SkipNode])
def test_a_node_that_has_not_failed_allows_no_repair(
    command: type[RetryNode] | type[SkipNode],
) -> None:
    driver = started()

    decision = driver.send(command(node_id="a1", at=driver.tick()))

    assert decision.rejection is not None
    assert decision.rejection.code == "forbidden_operation"


def test_an_unknown_node_is_rejected() -> None:
    driver = started()

    decision = driver.send(SkipNode(node_id="nowhere", at=driver.tick()))

    assert decision.rejection is not None
    assert decision.rejection.code == "unknown_node"


def test_cancelling_ends_everything_and_later_results_are_stale() -> None:
    driver = Driver(split_join(2))
    driver.start()
    driver.fail("b1-1")
    running = driver.key("b2-1")

    driver.send(CancelInstance(at=driver.tick()))
    late = driver.send(StepSucceeded(key=running, at=driver.tick(), outputs={}))

    assert driver.instance_status() is InstanceStatus.CANCELLED
    assert driver.status("b1-1") is NodeStatus.CANCELLED
    assert driver.status("b2-1") is NodeStatus.CANCELLED
    assert WithdrawAttempt(node_id="b2-1", number=1) in driver.effects
    assert late.is_stale
    assert driver.snapshot.active_count == 0
    assert driver.snapshot.failed_count == 0


def test_a_created_instance_can_be_cancelled() -> None:
    driver = Driver(chain())

    driver.send(CancelInstance(at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_an_early_callback_is_kept_until_its_wait_arrives() -> None:
    driver = started()
    callback = DeliverCallback(node_id="a1", number=1, at=driver.tick(), data={"ok": True})

    assert driver.send(callback).is_deferred
    driver.wait("a1", reason=WaitReason.CALLBACK, after=None)
    driver.send(callback)

    attempt = driver.snapshot.nodes["a1"].attempt
    assert attempt is not None
    assert attempt.step == 1
    assert attempt.resume == Resume(kind=ResumeKind.CALLBACK, data={"ok": True})


def test_a_callback_for_a_closed_attempt_is_rejected() -> None:
    driver = started()
    driver.succeed("a1")

    decision = driver.send(DeliverCallback(node_id="a1", number=1, at=driver.tick(), data=None))

    assert decision.rejection is not None
    assert decision.rejection.code == "attempt_closed"


@pytest.mark.parametrize("approved", [True, False])
def test_an_approval_resumes_the_node_with_the_decision(*, approved: bool) -> None:
    driver = started()
    driver.wait("a1", reason=WaitReason.APPROVAL, after=None)

    driver.send(
        DecideApproval(
            node_id="a1", at=driver.tick(), approved=approved, comment="fine", actor="ann"
        )
    )

    attempt = driver.snapshot.nodes["a1"].attempt
    assert attempt is not None
    assert attempt.resume == Resume(
        kind=ResumeKind.APPROVAL, data={"approved": approved, "comment": "fine", "actor": "ann"}
    )


def test_a_timer_is_not_an_approval() -> None:
    driver = started()
    driver.wait("a1")

    decision = driver.send(
        DecideApproval(node_id="a1", at=driver.tick(), approved=True, comment="", actor="ann")
    )

    assert decision.rejection is not None


def test_a_cancelled_child_tells_its_parent() -> None:
    link = ParentLink(instance_id=Driver(chain()).snapshot.facts.instance_id, node_id="s", number=1)
    driver = Driver(chain(), parent=link)
    driver.start()

    driver.send(CancelInstance(at=driver.tick()))

    assert driver.effects[-1] == NotifyParent(succeeded=False, outputs={})
