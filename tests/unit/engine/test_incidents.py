"""What has gone wrong once must not keep an instance from its end."""

from datetime import timedelta

from flowyard.engine.events import (
    AdvanceBroken,
    ChildEnded,
    PauseInstance,
    ResumeInstance,
    RetryNode,
)
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.snapshot import WaitReason
from flowyard.testing.driving import Driver
from flowyard.testing.graphs import chain, converge, graph, parallel, subflow


def broken(driver: Driver) -> AdvanceBroken:
    return AdvanceBroken(at=driver.tick(), code="engine_error", message="It broke")


def test_an_instance_that_was_an_incident_ends_well_when_its_last_step_does() -> None:
    driver = Driver(chain(1))
    driver.start()
    driver.send(broken(driver))
    assert driver.instance_status() is InstanceStatus.FAILED

    driver.succeed("a1")

    assert driver.instance_status() is InstanceStatus.SUCCEEDED
    assert driver.snapshot.failure is None


def test_an_incident_is_not_looked_at_again_at_once() -> None:
    driver = Driver(chain(1))
    driver.start()
    driver.at += timedelta(hours=1)

    driver.send(broken(driver))

    check_at = driver.snapshot.nodes["a1"].check_at
    assert check_at is not None
    assert check_at > driver.at + timedelta(hours=1)


def test_a_wait_beyond_all_calendars_fails_its_node() -> None:
    driver = Driver(chain(1))
    driver.start()

    driver.wait("a1", after=timedelta(days=3_000_000))

    assert driver.status("a1") is NodeStatus.FAILED
    failure = driver.snapshot.nodes["a1"].failure
    assert failure is not None
    assert failure.code == "wait_too_long"


def test_a_subflow_that_is_retried_in_a_pause_starts_its_child_on_resume() -> None:
    driver = Driver(
        graph(
            "start split sub join end",
            "split side join",
            parallel("split"),
            converge("join"),
            subflow("sub"),
        )
    )
    driver.start()
    driver.send(ChildEnded(node_id="sub", number=1, at=driver.tick(), succeeded=False, outputs={}))
    driver.send(PauseInstance(at=driver.tick()))
    children = len(driver.children)

    driver.send(RetryNode(node_id="sub", at=driver.tick(), inputs={"x": 2}))
    assert len(driver.children) == children
    assert driver.reason("sub") is WaitReason.PAUSED
    driver.send(ResumeInstance(at=driver.tick()))

    assert driver.children[-1].inputs == {"x": 2}
    assert driver.children[-1].number == 2
    assert driver.reason("sub") is WaitReason.CHILD
