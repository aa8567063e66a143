"""Which facts only say again what is stored: the usual ones of those that change nothing."""

from flowyard.engine.events import Event, StepFailed, StepSucceeded, StepWaited
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import Snapshot


def repeats(snapshot: Snapshot, event: Event) -> bool:
    """Tell whether a stale fact about a node's latest attempt is what was stored of it.

    Of earlier attempts nothing is known any more, so a repetition about one of those
    counts as stale alone.
    """
    if not isinstance(event, StepSucceeded | StepFailed | StepWaited):
        return False
    node = snapshot.nodes.get(event.key.node_id)
    attempt = None if node is None else node.attempt
    if node is None or attempt is None or attempt.number != event.key.number:
        return False
    if event.key.step != attempt.step:
        # A further step follows upon a wait alone.
        return isinstance(event, StepWaited) and event.key.step < attempt.step
    match event:
        case StepSucceeded():
            return attempt.status is NodeStatus.SUCCEEDED
        case StepFailed(code=code):
            failure = attempt.failure
            return (
                attempt.status is NodeStatus.FAILED and failure is not None and failure.code == code
            )
        case StepWaited():
            return node.status is NodeStatus.WAITING
