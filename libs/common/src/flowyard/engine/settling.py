"""Whether an instance can still go on by itself."""

from flowyard.engine.draft import Draft
from flowyard.engine.effects import Decision
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.lifecycle import InstanceStatus


def revive(draft: Draft) -> None:
    """Take a failed instance up again; settling decides whether it stays so."""
    if draft.status is InstanceStatus.FAILED:
        draft.set_failure(None)
        draft.set_status(InstanceStatus.RUNNING)


def settle(draft: Draft) -> Decision:
    """Bring the instance's status in line with its nodes, and return the decision.

    Raises
    ------
    BrokenInvariantError
        Raised if no token is left although the end was not reached.
    """
    if draft.status is InstanceStatus.RUNNING and draft.active_count == 0:
        if draft.failed_count == 0:
            raise BrokenInvariantError("Expected a token under way, but none is left")
        draft.set_status(InstanceStatus.FAILED)
    elif draft.active_count > 0:
        revive(draft)
    return draft.decide()
