"""Whether an instance can still go on by itself."""

from flowyard.engine.draft import Draft
from flowyard.engine.effects import Decision
from flowyard.engine.ending import revive
from flowyard.engine.entering import move
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.graph import FailurePolicy
from flowyard.engine.inner import follow_failures
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus
from flowyard.engine.mapping import follow_items
from flowyard.engine.rollback import begin_rollback, go_on
from flowyard.engine.snapshot import Failure, Phase


def settle(draft: Draft) -> Decision:
    """Bring the instance's status in line with its nodes, and return the decision.

    Raises
    ------
    BrokenInvariantError
        Raised if no token is left although the end was not reached.
    """
    if draft.phase is Phase.FORWARD:
        _follow(draft)
    if draft.phase is Phase.ROLLBACK:
        if draft.status not in FINAL_INSTANCE_STATUSES:
            go_on(draft)
    elif draft.status is InstanceStatus.RUNNING and draft.active_count == 0:
        if draft.failed_count == 0:
            raise BrokenInvariantError("Expected a token under way, but none is left")
        if draft.graph.on_failure is FailurePolicy.ROLLBACK:
            begin_rollback(draft, _cause(draft))
        else:
            draft.set_status(InstanceStatus.FAILED)
    elif draft.active_count > 0:
        revive(draft)
    return draft.decide()


def _follow(draft: Draft) -> None:
    """Bring on the maps and inline subflows that wait for what has changed."""
    # One after the other: a subflow is given up only when no token in it is on its way.
    while targets := follow_items(draft) or follow_failures(draft):
        move(draft, targets)


def _cause(draft: Draft) -> Failure | None:
    """Return the first failure of a node, as the reason for what follows."""
    failed = [state for state in draft.states() if state.is_stopped and state.failure]
    first = min(failed, key=lambda state: (state.ended_at or draft.at, state.node_id), default=None)
    return None if first is None else first.failure
