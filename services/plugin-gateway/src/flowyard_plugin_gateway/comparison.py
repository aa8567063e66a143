"""Comparing what stands in JSON with what an author expects there."""

from collections.abc import Callable
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Annotated, Literal

from pydantic import JsonValue, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "contains", "matches", "exists"]
"""How two values are compared."""

Order = Literal["==", "!=", "<", "<=", ">", ">="]
"""How two numbers are compared."""

ORDERS: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
"""The operators that need an order."""

MAX_MATCHED_CHARACTERS = 100_000
"""Longest text that is searched for a pattern."""


class PatternError(ValueError):
    """Raised for text that is no regular expression."""


def holds(operator: Operator, found: JsonValue, expected: JsonValue) -> bool:
    """Tell whether a value that was found is what was expected; another kind never is.

    Numbers are compared by value, so that 1 equals 1.0; true is no number. Text
    is ordered by its characters, which suits dates as ISO 8601 writes them.

    Raises
    ------
    PatternError
        Raised if ``matches`` is given what is no regular expression.
    """
    match operator:
        case "==":
            return equal(found, expected)
        case "!=":
            return not equal(found, expected)
        case "contains":
            return _contains(found, expected)
        case "matches":
            return isinstance(found, str) and matches(found, expected)
        case "exists":
            return expected is not False
        case _:
            return _is_ordered(operator, found, expected)


def equal(left: JsonValue, right: JsonValue) -> bool:
    """Tell whether two JSON values are the same."""
    if _is_number(left) and _is_number(right):
        return left == right
    if type(left) is not type(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def compare(operator: Order, found: float, expected: float) -> bool:
    """Tell whether a number compares as expected; a NaN compares with nothing."""
    if found != found:  # noqa: PLR0124 - only a NaN differs from itself
        return False
    return holds(operator, found, expected)


def matches(text: str, pattern: JsonValue) -> bool:
    """Tell whether a regular expression is found in a text.

    Raises
    ------
    PatternError
        Raised if it is none.
    """
    try:
        pattern_of(str(pattern)).validate_python(text[:MAX_MATCHED_CHARACTERS])
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=256)
def pattern_of(pattern: str) -> TypeAdapter[str]:
    """Return what accepts exactly the texts in which a regular expression is found.

    It is pydantic's own, made in Rust: its time is linear in the text, so that no
    pattern of an author and no answer of a server can hold up the others.

    Raises
    ------
    PatternError
        Raised if it is none.
    """
    try:
        return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    except SchemaError as error:
        raise PatternError("Expected a regular expression, but found something else") from error


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _contains(found: JsonValue, expected: JsonValue) -> bool:
    if isinstance(found, str):
        return isinstance(expected, str) and expected in found
    if isinstance(found, list):
        return any(equal(item, expected) for item in found)
    return isinstance(found, dict) and isinstance(expected, str) and expected in found


def _is_ordered(operator: str, found: JsonValue, expected: JsonValue) -> bool:
    order = ORDERS[operator]
    if isinstance(found, str) and isinstance(expected, str):
        return bool(order(found, expected))  # type: ignore[arg-type]
    if isinstance(found, bool) or isinstance(expected, bool):
        return False
    if isinstance(found, int | float) and isinstance(expected, int | float):
        return order(found, expected)
    return False
