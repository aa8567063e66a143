"""Operators whose results are bounded before they are computed."""

import ast
import operator
from collections.abc import Callable, Mapping

from flowyard.engine.expressions.errors import RefusedError
from flowyard.engine.expressions.limits import MAX_INTEGER_BITS
from flowyard.engine.expressions.values import (
    Meter,
    Reference,
    bounded,
    bounded_text,
    kind,
)

Operator = Callable[..., object]
"""Takes one or two operands."""

_SCALARS = frozenset({int, float, bool, type(None)})


def operators(meter: Meter) -> dict[type[ast.AST], Operator]:
    """Return the operators of one evaluator, by the node that stands for each.

    Parameters
    ----------
    meter
        Is charged for what they cost.
    """
    return {
        **{node: _binary(sign, compute, meter) for node, (sign, compute) in _BINARY.items()},
        **{node: _unary(sign, compute) for node, (sign, compute) in _UNARY.items()},
        **{node: _ordering(sign, compare, meter) for node, (sign, compare) in _ORDER.items()},
        ast.Not: operator.not_,
        ast.Is: _same,
        ast.IsNot: lambda left, right: not _same(left, right),
        ast.Eq: lambda left, right: _equal(left, right, meter),
        ast.NotEq: lambda left, right: not _equal(left, right, meter),
        ast.In: lambda item, container: _contains(item, container, meter),
        ast.NotIn: lambda item, container: not _contains(item, container, meter),
    }


def _refuse(sign: str, *operands: object) -> RefusedError:
    kinds = " and ".join(kind(operand) for operand in operands)
    return RefusedError(f"Expected values that {sign} can work on, but got {kinds}")


def _binary(
    sign: str, compute: Callable[[object, object, Meter], object], meter: Meter
) -> Operator:
    def apply(left: object, right: object) -> object:
        try:
            result = compute(left, right, meter)
        except ZeroDivisionError as error:
            raise RefusedError(f"Expected a divisor other than 0 for {sign}") from error
        except OverflowError as error:
            raise RefusedError(f"Expected a smaller result of {sign}") from error
        if result is NotImplemented:
            raise _refuse(sign, left, right)
        return result

    return apply


def _unary(sign: str, compute: Operator) -> Operator:
    def apply(operand: object) -> object:
        if not isinstance(operand, int) and (sign == "~" or not isinstance(operand, float)):
            raise _refuse(sign, operand)
        return compute(operand)

    return apply


def _ordering(sign: str, compare: Operator, meter: Meter) -> Operator:
    def apply(left: object, right: object) -> object:
        if type(left) not in _SCALARS:
            meter.charge_deep(left)
        try:
            return compare(left, right)
        except TypeError as error:
            raise _refuse(sign, left, right) from error

    return apply


def _equal(left: object, right: object, meter: Meter) -> bool:
    if isinstance(left, Reference) or isinstance(right, Reference):
        raise _refuse("==", left, right)
    if type(left) not in _SCALARS and type(right) not in _SCALARS:
        meter.charge_deep(left)
    return left == right


def _same(left: object, right: object) -> bool:
    if isinstance(left, Reference):
        raise _refuse("is", left, right)
    return left is right


def _contains(item: object, container: object, meter: Meter) -> bool:
    match item, container:
        case (str(), str()):
            meter.charge_chars(len(container), len(item))
            return item in container
        case (Reference(), _):
            raise _refuse("in", item, container)
        case (_, list()):
            meter.charge_deep(container)
            return item in container
        case (str(), Mapping()):
            return item in container
        case _:
            raise _refuse("in", item, container)


def _add(left: object, right: object, meter: Meter) -> object:
    match left, right:
        case (int() | float(), int() | float()):
            return left + right
        case (str(), str()):
            count = len(left) + len(right)
            bounded_text(count)
            meter.charge_chars(count)
            return left + right
        case (list(), list()):
            count = len(left) + len(right)
            bounded(count)
            meter.charge_items(count)
            return left + right
        case _:
            return NotImplemented


def _multiply(left: object, right: object, meter: Meter) -> object:
    match left, right:
        case (int(), int()):
            _bounded_bits(left.bit_length() + right.bit_length())
            return left * right
        case (int() | float(), int() | float()):
            return left * right
        case (int(), str() | list()):
            return _repeat(right, left, meter)
        case (str() | list(), int()):
            return _repeat(left, right, meter)
        case _:
            return NotImplemented


def _repeat(value: str | list[object], times: int, meter: Meter) -> object:
    count = len(value) * max(times, 0)
    if isinstance(value, str):
        bounded_text(count)
        meter.charge_chars(count)
    else:
        bounded(count)
        meter.charge_items(count)
    return value * max(times, 0) if count else value[:0]


def _power(left: object, right: object, _meter: Meter) -> object:
    match left, right:
        case (int(), int()):
            if abs(left) > 1:
                _bounded_bits(left.bit_length() * abs(right))
            return left**right
        case (int() | float(), int() | float()):
            result = left**right
            if isinstance(result, complex):
                raise RefusedError("Expected a real result of **, but it is none")
            return result
        case _:
            return NotImplemented


def _shift_left(left: object, right: object, _meter: Meter) -> object:
    if not isinstance(left, int) or not isinstance(right, int):
        return NotImplemented
    if right < 0:
        raise RefusedError("Expected a shift by 0 or more")
    _bounded_bits(left.bit_length() + right if left else 0)
    return left << right if left else 0


def _shift_right(left: object, right: object, _meter: Meter) -> object:
    if not isinstance(left, int) or not isinstance(right, int):
        return NotImplemented
    if right < 0:
        raise RefusedError("Expected a shift by 0 or more")
    return left >> right


def _bounded_bits(bits: int) -> None:
    if bits > MAX_INTEGER_BITS:
        raise RefusedError(f"Expected an integer of at most {MAX_INTEGER_BITS} bits")


def _on_numbers(
    compute: Callable[[float, float], object],
) -> Callable[[object, object, Meter], object]:
    def apply(left: object, right: object, _meter: Meter) -> object:
        if isinstance(left, int | float) and isinstance(right, int | float):
            return compute(left, right)
        return NotImplemented

    return apply


def _on_integers(
    compute: Callable[[int, int], object],
) -> Callable[[object, object, Meter], object]:
    def apply(left: object, right: object, _meter: Meter) -> object:
        if isinstance(left, int) and isinstance(right, int):
            return compute(left, right)
        return NotImplemented

    return apply


_BINARY: dict[type[ast.AST], tuple[str, Callable[[object, object, Meter], object]]] = {
    ast.Add: ("+", _add),
    ast.Sub: ("-", _on_numbers(operator.sub)),
    ast.Mult: ("*", _multiply),
    ast.Div: ("/", _on_numbers(operator.truediv)),
    ast.FloorDiv: ("//", _on_numbers(operator.floordiv)),
    ast.Mod: ("%", _on_numbers(operator.mod)),
    ast.Pow: ("**", _power),
    ast.LShift: ("<<", _shift_left),
    ast.RShift: (">>", _shift_right),
    ast.BitAnd: ("&", _on_integers(operator.and_)),
    ast.BitOr: ("|", _on_integers(operator.or_)),
    ast.BitXor: ("^", _on_integers(operator.xor)),
}

_UNARY: dict[type[ast.AST], tuple[str, Operator]] = {
    ast.USub: ("-", operator.neg),
    ast.UAdd: ("+", operator.pos),
    ast.Invert: ("~", operator.invert),
}

_ORDER: dict[type[ast.AST], tuple[str, Operator]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
