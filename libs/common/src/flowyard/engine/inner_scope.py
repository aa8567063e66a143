"""The beginning of an inline subflow: its variables, and its nodes as if never reached."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from flowyard.engine.binding import bind_inputs
from flowyard.engine.draft import Draft
from flowyard.engine.ending import REVIEW_CHECK, dependents, expression_failure, give_up
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.expressions import ExpressionError, render
from flowyard.engine.graph import INNER_SEPARATOR, JsonValue, Node, NodeKind, Variables
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import AttemptState, Failure, NodeState, WaitReason


def start_of(scope_id: str) -> str:
    """Return the id of the first node within an inline subflow."""
    return f"{scope_id}{INNER_SEPARATOR}{NodeKind.START}"


def inner_states(draft: Draft, scope_id: str) -> Iterator[NodeState]:
    """Yield the states of the nodes within an inline subflow, at any depth."""
    prefix = scope_id + INNER_SEPARATOR
    return (one for one in dependents(draft, scope_id) if one.node_id.startswith(prefix))


def open_scope(
    draft: Draft, node: Node, state: NodeState, attempt: AttemptState
) -> tuple[str, ...]:
    """Begin an inline subflow with an open attempt, and return its first node.

    What an earlier run has left in its nodes is forgotten but for their attempts.

    Parameters
    ----------
    attempt
        Its inputs are what the subflow is given.
    """
    declared = draft.graph.scopes.get(node.node_id)
    if declared is None:
        raise BrokenInvariantError(f"Expected node {node.node_id} to be expanded")
    attempt = replace(attempt, status=NodeStatus.WAITING)
    draft.change_attempt(node.node_id, attempt)
    state = replace(
        state,
        status=NodeStatus.WAITING,
        reason=WaitReason.INNER,
        check_at=draft.at + REVIEW_CHECK,
        attempt=attempt,
        variables={},
    )
    draft.put(state)
    _forget(draft, node.node_id)
    failure = _set_variables(draft, node.node_id, declared, attempt.inputs or {})
    if failure is None:
        return (start_of(node.node_id),)
    closed = replace(attempt, status=NodeStatus.FAILED, failure=failure, closed_at=draft.at)
    draft.change_attempt(node.node_id, closed)
    return give_up(draft, node, replace(state, attempt=closed), failure, may_retry=False)


def _set_variables(
    draft: Draft, scope_id: str, declared: Variables, given: Mapping[str, JsonValue]
) -> Failure | None:
    """Give an inline subflow its variables; return why that cannot be."""
    binding = bind_inputs(declared.inputs, given, are_references_trusted=True)
    if binding.problems:
        return Failure(code="invalid_inputs", message=binding.problems[0].message)
    variables = {**binding.values, **declared.constants}
    draft.set_variables_of(scope_id, variables)
    first = NodeState(node_id=start_of(scope_id), status=NodeStatus.READY, visits=1)
    for name, value in declared.computed.items():
        try:
            computed = render(value, draft.scope(first))
        except ExpressionError as error:
            return expression_failure(error, f"variable {name}")
        # Nobody has seen this mapping yet: a copy for each variable would add up.
        variables[name] = computed
    return None


def _forget(draft: Draft, scope_id: str) -> None:
    """Have the nodes of an inline subflow look as if no token had reached them yet."""
    for state in tuple(inner_states(draft, scope_id)):
        if not state.is_open and state.visits:
            draft.put(
                replace(
                    state,
                    visits=0,
                    outputs={},
                    arrived=0,
                    expected=0,
                    retries=0,
                    variables={},
                )
            )
