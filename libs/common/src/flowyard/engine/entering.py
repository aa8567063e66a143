"""What happens when a token reaches a node: the rules of every node kind.

Theory of operation: tokens wait in a work list, so that a long row of gateways
needs no recursion. Entering a node yields the nodes that receive a token next;
an activity or a subflow yields none, its token stays until it ends.
"""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from flowyard.engine.attempts import (
    QUEUED_CHECK,
    begin_attempt,
    begin_child,
    expression_failure,
    fail,
    fail_attempt,
    leave,
    park,
)
from flowyard.engine.binding import bind_inputs
from flowyard.engine.draft import Draft
from flowyard.engine.effects import NotifyParent
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.expressions import ExpressionError, has_expressions, render
from flowyard.engine.gateways import enter_conditional, enter_exclusive, has_arrived, split
from flowyard.engine.graph import JsonValue, Node, NodeKind
from flowyard.engine.lifecycle import InstanceStatus, NodeStatus
from flowyard.engine.settling import revive
from flowyard.engine.snapshot import Failure, NodeState, WaitReason

MAX_INPUT_BYTES = 256 * 1024
"""Largest rendered inputs of one attempt, as JSON; the same bound as for outputs."""


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
        if draft.status is InstanceStatus.PAUSED:
            park(draft, node)
        else:
            pending.extend(enter(draft, node, is_new_visit=True))


def enter(draft: Draft, node: Node, *, is_new_visit: bool) -> tuple[str, ...]:
    """Enter a node, and return where tokens go next.

    Parameters
    ----------
    node
        What is entered.
    is_new_visit
        False when a failed visit is tried again.
    """
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
        case _:
            assert_never(node.kind)


def _enter_start(draft: Draft, state: NodeState) -> tuple[str, ...]:
    graph = draft.graph
    binding = bind_inputs(graph.inputs, draft.snapshot.given)
    if binding.problems:
        first = binding.problems[0]
        return fail(draft, state, Failure(code="invalid_inputs", message=first.message))
    variables = {**binding.values, **graph.constants}
    draft.set_variables(variables)
    for name, value in graph.computed.items():
        try:
            computed = render(value, draft.scope(state.visits))
        except ExpressionError as error:
            return fail(draft, state, expression_failure(error, f"variable {name}"))
        variables = {**variables, name: computed}
        draft.set_variables(variables)
    return leave(draft, state)


def _enter_activity(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    activity = node.activity
    if activity is None:
        raise BrokenInvariantError(f"Expected an activity at node {node.node_id}")
    inputs = _rendered(draft, state, activity.inputs)
    if isinstance(inputs, Failure):
        return fail_attempt(draft, state, inputs)
    begin_attempt(draft, state, inputs)
    return ()


def _enter_subflow(draft: Draft, node: Node, state: NodeState) -> tuple[str, ...]:
    inputs = _rendered(draft, state, node.subflow.inputs if node.subflow else {})
    if isinstance(inputs, Failure):
        return fail_attempt(draft, state, inputs)
    begin_child(draft, node, state, inputs)
    return ()


def _rendered(
    draft: Draft, state: NodeState, inputs: Mapping[str, JsonValue]
) -> dict[str, JsonValue] | Failure:
    if not inputs:
        return {}
    scope = draft.scope(state.visits)
    rendered: dict[str, JsonValue] = {}
    for name, value in inputs.items():
        try:
            rendered[name] = render(value, scope)
        except ExpressionError as error:
            return expression_failure(error, f"input {name} of node {state.node_id}")
    if has_expressions(dict(inputs)):
        size = len(json.dumps(rendered, ensure_ascii=False).encode())
        if size > MAX_INPUT_BYTES:
            return Failure(
                code="input_too_large",
                message=f"Expected inputs of at most {MAX_INPUT_BYTES} bytes, but they take {size}",
            )
    return rendered


def _enter_end(draft: Draft, state: NodeState) -> tuple[str, ...]:
    try:
        outputs = render(dict(draft.graph.outputs), draft.scope(state.visits))
    except ExpressionError as error:
        return fail(draft, state, expression_failure(error, "an output"))
    if not isinstance(outputs, dict):
        raise BrokenInvariantError("Expected an object as outputs")
    leave(draft, state)
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
    draft.outputs = outputs
    draft.ended_at = draft.at
    draft.set_status(InstanceStatus.SUCCEEDED)
    if draft.snapshot.facts.parent is not None:
        draft.effects.append(NotifyParent(succeeded=True, outputs=outputs))
