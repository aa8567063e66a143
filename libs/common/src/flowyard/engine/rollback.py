"""Rollback: compensations in the reverse order of what succeeded, one at a time.

Rules: the next compensation follows from the states of the nodes alone, so that whoever
owns the instance goes on where another one has stopped. A node is undone once, for the
last visit on which it was begun. What a rerun has taken over is not undone: the instance
that did it could have been.
"""

from collections.abc import Iterator
from datetime import datetime

from flowyard.engine.attempts import QUEUED_CHECK, begin, fail_attempt
from flowyard.engine.draft import Draft
from flowyard.engine.effects import NotifyParent
from flowyard.engine.ending import cancel_node, dependents, revive
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.graph import COMPENSATION, SATELLITE_SEPARATOR, Compensation, Node
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.rendering import rendered
from flowyard.engine.snapshot import Failure, NodeMark, NodeState, Phase, WaitReason

_NOT_DONE_HERE = frozenset({NodeMark.IGNORED, NodeMark.REUSED})
"""Marks of nodes that count as succeeded without having done anything in this instance."""


def begin_rollback(draft: Draft, cause: Failure | None) -> None:
    """Stop everything that is open, and begin to undo what succeeded.

    Asked for once more, it changes nothing.

    Parameters
    ----------
    cause
        What the instance shows as its failure; None for a person who has cancelled it.
    """
    if draft.phase is Phase.ROLLBACK:
        return
    draft.set_phase(Phase.ROLLBACK)
    draft.set_failure(cause)
    draft.set_status(InstanceStatus.RUNNING)
    for state in tuple(draft.states()):
        if state.is_open or state.status is NodeStatus.FAILED:
            cancel_node(draft, state)
    go_on(draft)


def go_on(draft: Draft) -> None:
    """Run the next compensation, wait for a person where one failed, or end the instance."""
    if draft.status is InstanceStatus.PAUSED:
        return
    while not _is_held(draft):
        owner = _next(draft)
        if owner is None:
            _end(draft)
            return
        _compensate(draft, *owner)


def _is_held(draft: Draft) -> bool:
    """Bring the status in line with the compensation under way; tell whether there is one."""
    begun = [undo for _, undo in _compensated(draft) if undo is not None]
    if any(undo.is_open for undo in begun):
        revive(draft)
        return True
    if any(undo.status is NodeStatus.FAILED for undo in begun):
        draft.set_status(InstanceStatus.FAILED)
        return True
    revive(draft)
    return False


def _compensated(draft: Draft) -> Iterator[tuple[Node, NodeState | None]]:
    """Yield the nodes that have a compensation, each with the state of that."""
    for node in draft.graph.nodes.values():
        if node.options.compensation is not None:
            yield node, draft.find(_id_of(node))


def _id_of(node: Node) -> str:
    return f"{node.node_id}{SATELLITE_SEPARATOR}{COMPENSATION}"


def _next(draft: Draft) -> tuple[Node, NodeState] | None:
    """Return the node to be undone next: the last one to end, by the graph where several did."""
    found: tuple[datetime, Node, NodeState] | None = None
    for node, undo in _compensated(draft):
        state = draft.find(node.node_id)
        if undo is not None or state is None or not _is_to_be_undone(draft, node, state):
            continue
        ended_at = state.ended_at or draft.at
        if found is None or ended_at >= found[0]:
            found = (ended_at, node, state)
    return None if found is None else found[1:]


def _is_to_be_undone(draft: Draft, node: Node, state: NodeState) -> bool:
    if state.mark is NodeMark.REUSED:
        return False
    if _has_succeeded(state):
        return True
    return _compensation(node).covers_failed and _was_begun(draft, node, state)


def _has_succeeded(state: NodeState) -> bool:
    """Tell whether the last visit on which a node was begun was a success."""
    if state.status is NodeStatus.SUCCEEDED:
        return state.mark not in _NOT_DONE_HERE
    attempt = state.attempt
    return attempt is not None and attempt.status is NodeStatus.SUCCEEDED


def _was_begun(draft: Draft, node: Node, state: NodeState) -> bool:
    return state.attempt is not None or (
        node.map is not None and any(True for _ in dependents(draft, node.node_id))
    )


def _compensation(node: Node) -> Compensation:
    if node.options.compensation is None:
        raise BrokenInvariantError(f"Expected a compensation of node {node.node_id}")
    return node.options.compensation


def _compensate(draft: Draft, owner: Node, state: NodeState) -> None:
    """Begin to undo a node; it may have ended at once, in a mocked run or for bad inputs."""
    undo = draft.graph.find(_id_of(owner))
    if undo is None:
        raise BrokenInvariantError(f"Expected a compensation of node {owner.node_id}")
    entered = NodeState(
        node_id=undo.node_id,
        status=NodeStatus.READY,
        visits=state.visits,
        reason=WaitReason.QUEUED,
        check_at=draft.at + QUEUED_CHECK,
        reached_at=draft.at,
    )
    draft.put(entered)
    work = undo.activity or undo.subflow
    verbatim = frozenset[str]() if undo.activity is None else undo.activity.verbatim
    inputs = rendered(draft, entered, {} if work is None else work.inputs, verbatim)
    if isinstance(inputs, Failure):
        fail_attempt(draft, undo, entered, inputs)
    else:
        begin(draft, undo, entered, inputs)


def _end(draft: Draft) -> None:
    draft.ended_at = draft.at
    draft.set_status(InstanceStatus.CANCELLED)
    if draft.snapshot.facts.parent is not None:
        draft.effects.append(NotifyParent(succeeded=False, outputs={}))
