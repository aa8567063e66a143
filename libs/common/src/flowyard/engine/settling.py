"""Whether an instance can still go on by itself."""

from flowyard.engine.draft import Draft
from flowyard.engine.effects import Decision
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.lifecycle import InstanceStatus


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
    elif draft.status is InstanceStatus.FAILED and draft.active_count > 0:
        draft.set_failure(None)
        draft.set_status(InstanceStatus.RUNNING)
    return draft.decide()
