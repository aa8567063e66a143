"""Which stale facts only say again what is stored."""

import pytest
from msgspec.structs import replace

from flowyard.engine.events import (
    AttemptKey,
    Event,
    StepFailed,
    StepStarted,
    StepSucceeded,
    StepWaited,
)
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import AttemptState, Failure, NodeState, Snapshot, WaitReason
from flowyard.testing.driving import EPOCH, snapshot_of
from flowyard.testing.graphs import chain
from flowyard_scheduler.repetition import repeats

ATTEMPT = AttemptState(number=2, status=NodeStatus.SUCCEEDED, step=1, opened_at=EPOCH)


def told(attempt: AttemptState, *, status: NodeStatus = NodeStatus.SUCCEEDED) -> Snapshot:
    snapshot = snapshot_of(chain(1))
    snapshot.nodes["a1"] = NodeState(node_id="a1", status=status, attempt=attempt)
    return snapshot


def key(number: int = 2, step: int = 1) -> AttemptKey:
    return AttemptKey(node_id="a1", number=number, step=step)


def succeeded(number: int = 2, step: int = 1) -> Event:
    return StepSucceeded(key=key(number, step), at=EPOCH, outputs={})


def failed(code: str) -> Event:
    return StepFailed(key=key(), at=EPOCH, code=code, message="")


def waited(step: int) -> Event:
    return StepWaited(key=key(step=step), at=EPOCH, reason=WaitReason.TIMER, after=None, state=None)


def test_a_success_is_said_again_only_of_an_attempt_that_has_succeeded() -> None:
    assert repeats(told(ATTEMPT), succeeded())
    assert not repeats(told(replace(ATTEMPT, status=NodeStatus.CANCELLED)), succeeded())
    assert not repeats(told(ATTEMPT), failed("no_luck"))


def test_a_failure_is_said_again_only_with_its_code() -> None:
    lost = Failure(code="outcome_unknown", message="")
    snapshot = told(replace(ATTEMPT, status=NodeStatus.FAILED, failure=lost))

    assert repeats(snapshot, failed("outcome_unknown"))
    assert not repeats(snapshot, failed("no_luck"))


@pytest.mark.parametrize(
    ("step", "status", "is_repeated"),
    [
        (0, NodeStatus.READY, True),
        (1, NodeStatus.WAITING, True),
        (1, NodeStatus.CANCELLED, False),
        (2, NodeStatus.WAITING, False),
    ],
)
def test_a_wait_is_said_again_while_it_lasts_and_after_it(
    step: int, status: NodeStatus, *, is_repeated: bool
) -> None:
    assert repeats(told(ATTEMPT, status=status), waited(step)) is is_repeated


def test_nothing_is_known_of_other_attempts_and_steps() -> None:
    assert not repeats(told(ATTEMPT), succeeded(number=1))
    assert not repeats(told(ATTEMPT), succeeded(step=0))
    assert not repeats(snapshot_of(chain(1)), succeeded())
    assert not repeats(told(ATTEMPT), StepStarted(key=key(), at=EPOCH))
