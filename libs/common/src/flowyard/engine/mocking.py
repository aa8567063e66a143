"""Results that nodes are given instead of being run.

Rules: a node's own result counts first. What lies in an inline subflow, and what runs
on behalf of a node, is run where that node is to be run, and else succeeds without
outputs: the compensation of a node that was never run has nothing to undo.
"""

from msgspec.structs import replace

from flowyard.engine.draft import Draft
from flowyard.engine.ending import give_up, succeed
from flowyard.engine.graph import (
    INNER_SEPARATOR,
    SATELLITE_SEPARATOR,
    Node,
    SubflowMode,
    owner_of,
    scope_of,
)
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import AttemptState, Mock, NodeMark, NodeState, Plan


def play(
    draft: Draft, node: Node, state: NodeState, attempt: AttemptState
) -> tuple[str, ...] | None:
    """End an open attempt with its canned result; None where the node is to be run.

    Returns
    -------
    tuple or None
        Where the token goes.
    """
    mock = _result_of(draft.snapshot.facts.plan, node)
    if mock is None:
        return None
    status = NodeStatus.SUCCEEDED if mock.failure is None else NodeStatus.FAILED
    closed = replace(
        attempt,
        status=status,
        outputs=mock.outputs,
        failure=mock.failure,
        started_at=draft.at,
        closed_at=draft.at,
    )
    draft.change_attempt(state.node_id, closed)
    if mock.failure is not None:
        state = replace(state, attempt=replace(closed, outputs=None))
        return give_up(draft, node, state, mock.failure, outputs=mock.outputs)
    state = replace(state, attempt=replace(closed, inputs=None, outputs=None))
    return succeed(draft, state, mock.outputs, mark=NodeMark.MOCKED)


def play_map(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...] | None:
    """End a map with its canned result before its items are known; None where it is entered.

    Returns
    -------
    tuple or None
        Where the token goes.
    """
    mock = _result_of(draft.snapshot.facts.plan, node)
    if mock is None:
        return None
    if mock.failure is not None:
        # Without an attempt there is nothing that a policy could have tried again.
        return give_up(draft, node, state, mock.failure, outputs=mock.outputs, may_retry=False)
    return succeed(draft, state, mock.outputs, mark=NodeMark.MOCKED)


def _result_of(plan: Plan, node: Node) -> Mock | None:
    """Return what a node is given; None where it is run, or entered.

    Entered is an inline subflow without a result of its own, and whatever has results for
    something in it.
    """
    mock = mock_of(plan, node.node_id)
    if mock is None or mock.is_run:
        return None
    is_inline = (
        node.map is None and node.subflow is not None and node.subflow.mode is SubflowMode.INLINE
    )
    if is_inline and node.node_id not in plan.mocks:
        return None
    if is_inline or node.map is not None:
        prefixes = (node.node_id + SATELLITE_SEPARATOR, node.node_id + INNER_SEPARATOR)
        if any(name.startswith(prefixes) for name in plan.mocks):
            return None
    return mock


def mock_of(plan: Plan, node_id: str) -> Mock | None:
    """Return the canned result of a node, or None where it is run."""
    if not plan.is_mocked and not plan.mocks:
        return None
    found = plan.mocks.get(node_id)
    if found is not None:
        return found
    above = owner_of(node_id) or scope_of(node_id)
    if not above:
        return Mock() if plan.is_mocked else None
    outer = mock_of(plan, above)
    return outer if outer is None or outer.is_run else Mock()
