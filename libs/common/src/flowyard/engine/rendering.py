"""The inputs of a node, with their expressions evaluated."""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from flowyard.engine.draft import Draft
from flowyard.engine.ending import expression_failure
from flowyard.engine.expressions import ExpressionError, has_expressions, render
from flowyard.engine.graph import JsonValue
from flowyard.engine.snapshot import Failure, NodeState

MAX_INPUT_BYTES = 256 * 1024
"""Largest rendered inputs of one attempt, as JSON; the same bound as for outputs."""

_NOTHING: AbstractSet[str] = frozenset()


def rendered(
    draft: Draft,
    state: NodeState,
    inputs: Mapping[str, JsonValue],
    verbatim: AbstractSet[str] = _NOTHING,
) -> dict[str, JsonValue] | Failure:
    """Return a node's inputs with their expressions evaluated, or why that cannot be.

    Parameters
    ----------
    verbatim
        Names of inputs that are taken as they are.
    """
    if not inputs:
        return {}
    scope = draft.scope(state)
    found: dict[str, JsonValue] = {}
    is_grown = False
    for name, value in inputs.items():
        if name in verbatim:
            found[name] = value
            continue
        is_grown = is_grown or has_expressions(value)
        try:
            found[name] = render(value, scope)
        except ExpressionError as error:
            return expression_failure(error, f"input {name} of node {state.node_id}")
    # What stands in the document as it is was bounded with the document.
    size = size_of(found) if is_grown else 0
    if size > MAX_INPUT_BYTES:
        return Failure(
            code="input_too_large",
            message=f"Expected inputs of at most {MAX_INPUT_BYTES} bytes, but they take {size}",
        )
    return found


def size_of(value: JsonValue) -> int:
    """Return how many bytes a value takes as JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode())
