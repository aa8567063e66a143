"""Rollback: compensations in the reverse order of what succeeded."""

import uuid
from datetime import timedelta

from flowyard.engine.effects import NotifyParent, StartChild, WithdrawAttempt
from flowyard.engine.events import (
    CancelInstance,
    ChildEnded,
    ForceFail,
    ForceSucceed,
    PauseInstance,
    ResumeInstance,
    RetryNode,
    SkipNode,
    StepSucceeded,
)
from flowyard.engine.graph import (
    Compensation,
    Subflow,
)
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import Failure, ParentLink, Phase, WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import activity, graph, optioned
from tests.support.playing import check, reloaded
from tests.support.undoing import cancel, inputs_of, reached, rolled_back, row, undone

_PARENT = ParentLink(instance_id=uuid.UUID(int=2), node_id="child", number=1)


def test_a_cancel_with_rollback_undoes_one_by_one_in_reverse_order() -> None:
    driver = reached(Driver(row()), "a", "b")

    cancel(driver)

    assert driver.snapshot.phase is Phase.ROLLBACK
    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.status("c") is NodeStatus.CANCELLED
    assert WithdrawAttempt(node_id="c", number=1) in driver.effects
    assert driver.ready() == ["b:rollback"]

    driver.succeed("b:rollback")

    assert driver.ready() == ["a:rollback"]

    driver.succeed("a:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED
    assert driver.snapshot.ended_at == driver.at
    check(driver.snapshot)


def test_with_nothing_to_undo_a_rollback_is_a_cancel() -> None:
    driver = reached(Driver(row(), parent=_PARENT))

    cancel(driver)

    assert driver.instance_status() is InstanceStatus.CANCELLED
    assert driver.effects[-1] == NotifyParent(succeeded=False, outputs={})


def test_an_instance_that_was_not_started_ends_at_once() -> None:
    driver = Driver(row())

    cancel(driver)

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_a_failure_rolls_back_by_itself_where_the_template_says_so() -> None:
    driver = reached(Driver(rolled_back(row())), "a", "b")

    driver.fail("c", code="no_disk")

    assert driver.status("c") is NodeStatus.CANCELLED
    assert driver.ready() == ["b:rollback"]
    assert driver.snapshot.failure == Failure(code="no_disk", message="It broke")


def test_a_failure_waits_for_a_person_where_the_template_says_nothing() -> None:
    driver = reached(Driver(row()), "a", "b")

    driver.fail("c")

    assert driver.instance_status() is InstanceStatus.FAILED
    assert driver.snapshot.phase is Phase.FORWARD


def test_a_failed_instance_can_be_cancelled_with_rollback() -> None:
    driver = reached(Driver(row()), "a", "b")
    driver.fail("c")

    cancel(driver)

    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.ready() == ["b:rollback"]


def test_the_cause_stays_when_a_compensation_fails_and_is_tried_again() -> None:
    driver = reached(Driver(rolled_back(row())), "a", "b")
    driver.fail("c", code="no_disk")

    driver.fail("b:rollback", code="still_in_use")

    assert driver.instance_status() is InstanceStatus.FAILED
    assert driver.reason("b:rollback") is WaitReason.INCIDENT
    assert driver.status("a:rollback") is NodeStatus.PENDING

    driver.send(RetryNode(node_id="b:rollback", at=driver.tick()))
    driver.succeed("b:rollback")

    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.ready() == ["a:rollback"]
    assert driver.snapshot.failure == Failure(code="no_disk", message="It broke")


def test_a_failed_compensation_can_be_skipped() -> None:
    driver = reached(Driver(row()), "a", "b")
    cancel(driver)
    driver.fail("b:rollback")

    driver.send(SkipNode(node_id="b:rollback", at=driver.tick()))

    assert driver.ready() == ["a:rollback"]


def test_a_plain_cancel_ends_a_rollback_at_once() -> None:
    driver = reached(Driver(row(), parent=_PARENT), "a", "b")
    cancel(driver)
    driver.fail("b:rollback")

    driver.send(CancelInstance(at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.CANCELLED
    assert driver.status("b:rollback") is NodeStatus.CANCELLED
    assert driver.effects[-1] == NotifyParent(succeeded=False, outputs={})
    check(driver.snapshot)


def test_asking_for_a_rollback_again_changes_nothing() -> None:
    driver = reached(Driver(row()), "a", "b")
    cancel(driver)
    before = reloaded(driver.snapshot)

    cancel(driver)

    assert driver.snapshot == before


def test_a_pause_holds_the_next_compensation_back() -> None:
    driver = reached(Driver(row()), "a", "b")
    cancel(driver)
    driver.send(PauseInstance(at=driver.tick()))

    driver.succeed("b:rollback")

    assert driver.instance_status() is InstanceStatus.PAUSED
    assert driver.ready() == []

    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.ready() == ["a:rollback"]


def test_a_queued_compensation_that_a_pause_has_withdrawn_goes_out_on_resume() -> None:
    driver = reached(Driver(row()), "a", "b")
    cancel(driver)
    driver.send(PauseInstance(at=driver.tick(), withdrawn=frozenset({"b:rollback"})))

    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.dispatched[-1].node_id == "b:rollback"
    assert driver.ready() == ["b:rollback"]


def test_the_last_compensation_of_a_paused_rollback_ends_it_on_resume() -> None:
    driver = reached(Driver(row()), "a")
    cancel(driver)
    driver.send(PauseInstance(at=driver.tick()))
    driver.succeed("a:rollback")

    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_a_paused_instance_is_rolled_back_without_being_resumed() -> None:
    driver = reached(Driver(row()), "a")
    driver.send(PauseInstance(at=driver.tick()))

    cancel(driver)

    assert driver.ready() == ["a:rollback"]


def test_a_compensation_uses_the_outputs_of_its_node_and_variables() -> None:
    node = undone("a", image="${nodes.a.image}", why="${reason}")
    driver = Driver(graph("start a b end", node, constants={"reason": "moved"}))
    driver.start()
    driver.succeed("a", {"image": "app:7"})

    cancel(driver)

    assert inputs_of(driver, "a:rollback") == {"image": "app:7", "why": "moved"}


def test_inputs_that_cannot_be_rendered_stop_the_rollback_for_a_person() -> None:
    driver = reached(Driver(graph("start a b end", undone("a", image="${nodes.a.image}"))), "a")

    cancel(driver)

    assert driver.instance_status() is InstanceStatus.FAILED
    failure = driver.snapshot.nodes["a:rollback"].failure
    assert failure is not None
    assert "image" in failure.message

    driver.send(RetryNode(node_id="a:rollback", at=driver.tick(), inputs={"image": "app:7"}))

    assert driver.ready() == ["a:rollback"]


def test_a_compensation_may_wait_and_a_late_result_of_what_was_cancelled_is_stale() -> None:
    driver = reached(Driver(row()), "a", "b")
    late = StepSucceeded(key=driver.key("c"), at=driver.tick(), outputs={})
    cancel(driver)

    driver.wait("b:rollback", after=timedelta(seconds=5))

    assert driver.send(late).is_stale
    assert driver.instance_status() is InstanceStatus.RUNNING

    driver.elapse("b:rollback")
    driver.succeed("b:rollback")

    assert driver.ready() == ["a:rollback"]


def test_a_subflow_may_undo_a_node() -> None:
    undo = Compensation(subflow=Subflow(template="take-back", version=2, inputs={"n": 1}))
    driver = reached(
        Driver(graph("start a b end", optioned(activity("a"), compensation=undo))), "a"
    )

    cancel(driver)

    assert driver.children == [
        StartChild(node_id="a:rollback", number=1, template="take-back", version=2, inputs={"n": 1})
    ]

    driver.send(
        ChildEnded(node_id="a:rollback", number=1, at=driver.tick(), succeeded=True, outputs={})
    )

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_a_new_owner_goes_on_where_another_one_has_stopped() -> None:
    driver = reached(Driver(row()), "a", "b")
    cancel(driver)
    driver.snapshot = reloaded(driver.snapshot)
    driver.succeed("b:rollback")
    driver.snapshot = reloaded(driver.snapshot)

    driver.succeed("a:rollback")

    assert driver.instance_status() is InstanceStatus.CANCELLED


def test_a_person_may_say_how_a_compensation_ends() -> None:
    driver = reached(Driver(row()), "a", "b")
    cancel(driver)

    driver.send(ForceFail(node_id="b:rollback", at=driver.tick()))

    assert driver.instance_status() is InstanceStatus.FAILED
    assert WithdrawAttempt(node_id="b:rollback", number=1) in driver.effects

    driver.send(ForceSucceed(node_id="b:rollback", at=driver.tick(), outputs={}))

    assert driver.instance_status() is InstanceStatus.RUNNING
    assert driver.ready() == ["a:rollback"]
    check(driver.snapshot)


def test_nothing_that_was_cancelled_can_be_taken_up_again() -> None:
    driver = reached(Driver(row()), "a", "b")
    cancel(driver)

    decision = driver.send(RetryNode(node_id="c", at=driver.tick()))

    assert decision.rejection is not None
    assert decision.rejection.code == "forbidden_operation"


def test_a_stop_at_a_node_holds_no_compensation_back() -> None:
    driver = reached(Driver(row()), "a")
    driver.snapshot.breakpoints = frozenset({"a", "b"})

    cancel(driver)

    assert driver.ready() == ["a:rollback"]
