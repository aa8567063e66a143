"""What happens when a token reaches a node: the rules of every node kind.

Theory of operation: tokens wait in a work list, so that a long row of gateways
needs no recursion. Entering a node yields the nodes that receive a token next;
an activity or a subflow yields none, its token stays until it ends.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import assert_never

from msgspec.structs import replace

from flowyard.engine.attempts import QUEUED_CHECK, begin, fail_attempt, park
from flowyard.engine.binding import bind_inputs
from flowyard.engine.draft import Draft
from flowyard.engine.effects import NotifyParent
from flowyard.engine.ending import (
    cancel_node,
    export_loop,
    expression_failure,
    fail,
    leave,
    revive,
)
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.expressions import ExpressionError, evaluate, render
from flowyard.engine.gateways import enter_conditional, enter_exclusive, has_arrived, split
from flowyard.engine.graph import (
    SATELLITE_SEPARATOR,
    JsonValue,
    Node,
    NodeKind,
    scope_of,
)
from flowyard.engine.inner import end_inline, enter_inline
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.mapping import enter_map
from flowyard.engine.rendering import rendered
from flowyard.engine.scope import LOOP
from flowyard.engine.seeding import edited_inputs, start_seeded
from flowyard.engine.snapshot import Failure, NodeMark, NodeState, WaitReason


def move(draft: Draft, targets: Iterable[str]) -> None:
    """Put a token on each target and follow them as far as they go by themselves.

    Parameters
    ----------
    draft
        Receives the changes and effects.
    targets
        Node ids, in order.
    """
    pending = deque(targets)
    while pending:
        node = draft.graph.nodes[pending.popleft()]
        if node.kind is NodeKind.CONVERGE and not has_arrived(draft, node):
            continue
        pending.extend(reach(draft, node))


def reach(draft: Draft, node: Node) -> tuple[str, ...]:
    """Enter a node, or keep the token in front of it; return where tokens go next."""
    if draft.status is InstanceStatus.PAUSED:
        park(draft, node)
        return ()
    if is_stopped(draft, node.node_id):
        park(draft, node, WaitReason.BREAKPOINT)
        return ()
    return enter(draft, node, is_new_visit=True)


def is_stopped(draft: Draft, node_id: str) -> bool:
    """Tell whether a person has asked for a stop at a node, or in the subflow it lies in."""
    while node_id and draft.breakpoints:
        if node_id in draft.breakpoints:
            return True
        node_id = scope_of(node_id)
    return False


def enter(draft: Draft, node: Node, *, is_new_visit: bool) -> tuple[str, ...]:
    """Enter a node, and return where tokens go next.

    Parameters
    ----------
    node
        What is entered.
    is_new_visit
        False when a failed visit is tried again.
    """
    draft.entered_count += 1
    before = draft.find(node.node_id)
    visits = (before.visits if before else 0) + is_new_visit
    state = NodeState(
        node_id=node.node_id,
        status=NodeStatus.READY,
        visits=visits,
        reason=WaitReason.QUEUED,
        check_at=draft.at + QUEUED_CHECK,
        arrived=before.arrived if before else 0,
        attempt=before.attempt if before else None,
        outputs=before.outputs if before else {},
        reached_at=before.reached_at if before and not is_new_visit else draft.at,
    )
    draft.put(state)
    if LOOP in node.exports.values():
        export_loop(draft, node, state)
    if node.options.run_when is not None:
        passed = _passed_over(draft, node, state, node.options.run_when)
        if passed is not None:
            return passed
    return _enter_kind(draft, node, state)


def _enter_kind(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    match node.kind:
        case NodeKind.START:
            return _enter_start(draft, state)
        case NodeKind.ACTIVITY:
            return _enter_activity(draft, node, state)
        case NodeKind.SUBFLOW:
            return _enter_subflow(draft, node, state)
        case NodeKind.EXCLUSIVE:
            return enter_exclusive(draft, node, state)
        case NodeKind.PARALLEL:
            return split(draft, state, draft.graph.outgoing[node.node_id])
        case NodeKind.CONDITIONAL_PARALLEL:
            return enter_conditional(draft, node, state)
        case NodeKind.CONVERGE:
            return leave(draft, replace(state, arrived=0))
        case NodeKind.END:
            return _enter_end(draft, state)
        case NodeKind.MAP:
            return enter_map(draft, node, state)
        case _:
            assert_never(node.kind)


def _passed_over(
    draft: Draft, node: Node, state: NodeState, condition: str
) -> tuple[str, ...] | None:
    """Return where the token goes past a node whose run condition does not hold, else None."""
    try:
        holds = bool(evaluate(condition, draft.scope(state)))
    except ExpressionError as error:
        return fail_attempt(draft, node, state, expression_failure(error, "run_when"))
    if holds:
        return None
    skipped = replace(state, outputs={}, mark=NodeMark.CONDITION)
    return leave(draft, skipped, NodeStatus.SKIPPED)


def _enter_start(draft: Draft, state: NodeState) -> tuple[str, ...]:
    if scope_of(state.node_id):
        return leave(draft, state)
    graph = draft.graph
    binding = bind_inputs(
        graph.inputs,
        draft.snapshot.given,
        # A parent may hand a secret of its own on.
        are_references_trusted=draft.snapshot.facts.parent is not None,
    )
    if binding.problems:
        first = binding.problems[0]
        return fail(draft, state, Failure(code="invalid_inputs", message=first.message))
    variables = {**binding.values, **graph.constants}
    draft.set_variables(variables)
    for name, value in graph.computed.items():
        try:
            computed = render(value, draft.scope(state))
        except ExpressionError as error:
            return fail(draft, state, expression_failure(error, f"variable {name}"))
        # Nobody has seen this mapping yet: a copy for each variable would add up.
        variables[name] = computed
    targets = leave(draft, state)
    return targets if draft.snapshot.facts.plan.seed is None else start_seeded(draft)


def _enter_activity(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    activity = node.activity
    if activity is None:
        raise BrokenInvariantError(f"Expected an activity at node {node.node_id}")
    inputs = _inputs(draft, state, activity.inputs, activity.verbatim)
    if isinstance(inputs, Failure):
        return fail_attempt(draft, node, state, inputs)
    return begin(draft, node, state, inputs)


def _enter_subflow(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    inputs = _inputs(draft, state, node.subflow.inputs if node.subflow else {})
    if isinstance(inputs, Failure):
        return fail_attempt(draft, node, state, inputs)
    if node.is_inline:
        return enter_inline(draft, node, state, inputs)
    return begin(draft, node, state, inputs)


def _inputs(
    draft: Draft,
    state: NodeState,
    inputs: Mapping[str, JsonValue],
    verbatim: frozenset[str] = frozenset(),
) -> dict[str, JsonValue] | Failure:
    """Return what a person has given for the node to begin at, else its inputs rendered."""
    edited = edited_inputs(draft, state)
    return rendered(draft, state, inputs, verbatim) if edited is None else dict(edited)


def _enter_end(draft: Draft, state: NodeState) -> tuple[str, ...]:
    scope_id = scope_of(state.node_id)
    declared = draft.graph.scopes[scope_id].outputs if scope_id else draft.graph.outputs
    try:
        outputs = render(dict(declared), draft.scope(state))
    except ExpressionError as error:
        return fail(draft, state, expression_failure(error, "an output"))
    if not isinstance(outputs, dict):
        raise BrokenInvariantError("Expected an object as outputs")
    leave(draft, state)
    if scope_id:
        return end_inline(draft, scope_id, outputs)
    finish(draft, outputs)
    return ()


def finish(draft: Draft, outputs: dict[str, JsonValue]) -> None:
    """End the instance well.

    Raises
    ------
    BrokenInvariantError
        Raised if another token is still under way.
    """
    if draft.active_count or draft.failed_count:
        raise BrokenInvariantError("Expected no other token at the end, but there is one")
    revive(draft)
    if draft.graph.has_notices:
        _end_notices(draft)
    draft.outputs = outputs
    draft.ended_at = draft.at
    draft.set_status(InstanceStatus.SUCCEEDED)
    if draft.snapshot.facts.parent is not None:
        draft.effects.append(NotifyParent(succeeded=True, outputs=outputs))


def _end_notices(draft: Draft) -> None:
    """End notifications that are still under way: they hold no instance back."""
    for state in tuple(draft.states()):
        if SATELLITE_SEPARATOR in state.node_id and (
            state.is_open or state.status is NodeStatus.FAILED
        ):
            cancel_node(draft, state)
