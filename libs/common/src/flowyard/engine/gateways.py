"""Which way a token takes at a gateway, and when a converge lets it pass."""

from collections.abc import Mapping

from msgspec.structs import replace

from flowyard.engine.boolrule import BoolRuleError, evaluate_boolrule
from flowyard.engine.draft import Draft
from flowyard.engine.ending import REVIEW_CHECK, expression_failure, fail, leave
from flowyard.engine.expressions import ExpressionError, evaluate
from flowyard.engine.graph import Edge, Node
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import Failure, NodeState, WaitReason

MAX_ENTERED = 20_000
"""Nodes that one decision may go through before a loop has to come to some work.

Twice as many as a graph may have; half a second.
"""

MAX_CONDITION_CHARS = 400
"""How much of a condition a failure repeats."""


def has_arrived(draft: Draft, node: Node) -> bool:
    """Count a branch at its converge, and tell whether it was the last one."""
    split_id = draft.graph.split_of.get(node.node_id)
    split = draft.find(split_id) if split_id is not None else None
    if split is None or not split.expected:
        # From outside of the branches: an exclusive gateway may end at a converge too.
        return True
    before = draft.find(node.node_id)
    is_waiting = before is not None and before.status is NodeStatus.WAITING
    arrived = (before.arrived if before is not None and is_waiting else 0) + 1
    if arrived >= split.expected:
        if before is not None and is_waiting:
            draft.put(replace(before, arrived=arrived))
        draft.put(replace(split, expected=0))
        return True
    state = before or NodeState(node_id=node.node_id, status=NodeStatus.READY)
    if not is_waiting:
        state = replace(
            state,
            status=NodeStatus.READY,
            reason=WaitReason.BRANCHES,
            check_at=draft.at + REVIEW_CHECK,
            reached_at=draft.at,
            ended_at=None,
        )
        draft.put(state)
    draft.put(replace(state, status=NodeStatus.WAITING, arrived=arrived))
    return False


def enter_exclusive(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    """Follow the one branch whose condition holds; none or several stop the node."""
    edges = _true_edges(draft, node, state)
    if isinstance(edges, Failure):
        return fail(draft, state, edges)
    if len(edges) > 1 and not node.takes_first:
        targets = ", ".join(edge.target for edge in edges)
        return fail(
            draft,
            state,
            Failure(
                code="several_branches_match",
                message=f"Expected one branch to match, but those to {targets} all do",
            ),
        )
    if edges[0].is_back and state.visits > node.loop_limit:
        return fail(
            draft,
            state,
            Failure(
                code="loop_limit",
                message=f"Expected at most {node.loop_limit} rounds,"
                f" but this is round {state.visits}",
            ),
        )
    if edges[0].is_back and draft.entered_count > MAX_ENTERED:
        return fail(
            draft,
            state,
            Failure(
                code="endless_loop",
                message="Expected work or a wait within a loop,"
                f" but it has gone through {draft.entered_count} nodes without any",
            ),
        )
    leave(draft, state)
    return (edges[0].target,)


def enter_conditional(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    """Start every branch whose condition holds."""
    edges = _true_edges(draft, node, state)
    if isinstance(edges, Failure):
        return fail(draft, state, edges)
    return split(draft, state, edges)


def split(draft: Draft, state: NodeState, edges: tuple[Edge, ...]) -> tuple[str, ...]:
    """Start the given branches, and note how many the converge has to collect."""
    leave(draft, replace(state, expected=len(edges)))
    return tuple(edge.target for edge in edges)


def _true_edges(draft: Draft, node: Node, state: NodeState) -> tuple[Edge, ...] | Failure:
    """Return the edges whose conditions hold, else the default one, else why there is none."""
    edges = draft.graph.outgoing[node.node_id]
    scope = draft.scope(state)
    chosen: tuple[Edge, ...] = ()
    try:
        for edge in edges:
            if not edge.is_default and _holds(edge, scope):
                chosen = (*chosen, edge)
                if node.takes_first:
                    break
    except ExpressionError as error:
        return expression_failure(error, f"a condition of node {node.node_id}")
    except BoolRuleError as error:
        return _boolrule_failure(error, node, edge)
    chosen = chosen or tuple(edge for edge in edges if edge.is_default)
    if not chosen:
        return Failure(
            code="no_branch_matches",
            message="Expected a branch to match or a default, but there is neither",
        )
    return chosen


def _boolrule_failure(error: BoolRuleError, node: Node, edge: Edge) -> Failure:
    where = "" if error.position is None else f"at position {error.position} of "
    return Failure(
        code=error.code,
        message=f"{error.reason} (in a condition of node {node.node_id},"
        f" {where}{_shortened(error.condition)}; written as {_shortened(edge.boolrule or '')})",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_CONDITION_CHARS else f"{text[:MAX_CONDITION_CHARS]}..."


def _holds(edge: Edge, names: Mapping[str, object]) -> bool:
    """Tell whether a branch may be taken."""
    if edge.boolrule is not None:
        return evaluate_boolrule(edge.boolrule, names)
    return edge.condition is None or bool(evaluate(edge.condition, names))
