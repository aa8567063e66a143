"""What a condition says once it is read: bamboo's coercions, and its way through a chain."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from flowyard.engine.boolrule.errors import BoolRuleError
from flowyard.engine.boolrule.grammar import Chain, Comparison, Operator, Value

_NOT_CONVERTIBLE = (TypeError, ValueError, OverflowError)


def holds(chain: Chain, condition: str) -> bool:
    """Tell whether a condition holds.

    A chain is walked from left to right without precedence: an ``or`` after something true
    ends it as true, an ``and`` after something false ends it as false.

    Raises
    ------
    BoolRuleError
        Raised if operands cannot be compared.
    """
    has_passed = _one_holds(chain.conditions[0], condition)
    for joint, following in zip(chain.joints, chain.conditions[1:], strict=True):
        if has_passed == (joint == "or"):
            return has_passed
        has_passed = _one_holds(following, condition)
    return has_passed


def _one_holds(part: Comparison | Chain, condition: str) -> bool:
    if isinstance(part, Chain):
        return holds(part, condition)
    left, right = _coerced(_plain(part.left), part.operator, _plain(part.right))
    try:
        return bool(_COMPARED[part.operator](left, right))
    except TypeError as error:
        reason = (
            f"Expected two values that {part.operator} can compare,"
            f" but they are {_kind(left)} and {_kind(right)}"
        )
        raise BoolRuleError(condition=condition, position=None, reason=reason) from error


def _kind(value: Any) -> str:
    names = {bool: "a truth value", int: "a whole number", float: "a number", str: "a text"}
    return names.get(type(value), "a list")


def _plain(operand: Value | tuple[Value, ...]) -> Any:
    if isinstance(operand, Value):
        return operand.value
    return [item.value for item in operand]


def _coerced(left: Any, asked: Operator, right: Any) -> tuple[Any, Any]:
    match asked:
        case "in" | "notin":
            return left, _extended(left, right)
        case "issuperset" | "notissuperset":
            return _listed(left), _listed(right)
        case _:
            return _alike(left, right)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _extended(left: Any, right: Any) -> Any:
    """Return a list with its items also as what is looked for in it."""
    if not isinstance(right, list):
        return right
    if isinstance(left, int):
        return right + [number for item in right if (number := _integer(item)) is not None]
    if isinstance(left, str):
        return right + [str(item) for item in right]
    return right


def _integer(value: Any) -> int | None:
    try:
        return int(value)
    except _NOT_CONVERTIBLE:
        return None


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Return both sides as whole numbers if one is one, else as texts if one is one.

    Truth values are whole numbers too. What cannot be converted stays as it is.
    """
    try:
        if isinstance(left, int):
            right = int(right)
        elif isinstance(right, int):
            left = int(left)
    except _NOT_CONVERTIBLE:
        return left, right
    if isinstance(left, str):
        return left, str(right)
    if isinstance(right, str):
        return str(left), right
    return left, right


def _includes(left: Any, right: Any) -> bool:
    return set(left).issuperset(right)


_COMPARED: Mapping[Operator, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
    "issuperset": _includes,
    "notissuperset": lambda left, right: not _includes(left, right),
}
