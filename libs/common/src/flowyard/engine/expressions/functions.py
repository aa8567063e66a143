"""The functions that expressions may call; pure, and bounded before they compute."""

import json
from collections.abc import Callable, Mapping

from flowyard.engine.expressions.errors import RefusedError
from flowyard.engine.expressions.limits import MAX_DEPTH, MAX_INTEGER_BITS
from flowyard.engine.expressions.values import (
    Meter,
    Reference,
    bounded,
    bounded_text,
    kind,
    new_key,
    to_text,
)

Function = Callable[..., object]
"""Takes the meter of the evaluation and the arguments of the call."""

_MISSING = object()
_MAX_DIGITS = 1233
"""Decimal digits of the widest allowed integer."""
_TOO_DEEP = f"Expected JSON of at most {MAX_DEPTH} nested levels"
_MAX_ROUNDING = 400
"""Places before and after the point that a number can have at all."""
_BASES = range(2, 37)


def items_of(meter: Meter, value: object) -> list[object]:
    """Return what a loop over a value goes through: items, characters or keys.

    Raises
    ------
    RefusedError
        Raised if there is nothing to go through, or too much.
    """
    match value:
        case list():
            bounded(len(value))
            meter.charge_items(len(value))
            return list(value)
        case str():
            bounded(len(value))
            meter.charge_items(len(value))
            return list(value)
        case Mapping():
            bounded(len(value))
            meter.charge_items(len(value))
            return list(value)
        case _:
            raise RefusedError(f"Expected a list, a text or an object, but got {kind(value)}")


def _readable(value: object) -> object:
    if isinstance(value, Reference):
        raise RefusedError("Expected a value that can be read, but a secret cannot")
    return value


def _number(value: object) -> int | float:
    if not isinstance(value, int | float):
        raise RefusedError(f"Expected a number, but got {kind(value)}")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise RefusedError(f"Expected an integer, but got {kind(value)}")
    return value


def _len(_meter: Meter, value: object, /) -> int:
    if not isinstance(value, str | list | Mapping):
        raise RefusedError(f"Expected a list, a text or an object, but got {kind(value)}")
    return len(value)


def _str(meter: Meter, value: object = "", /) -> str:
    meter.charge_deep(_readable(value))
    return to_text(value)


def _int(_meter: Meter, value: object = 0, base: object = _MISSING, /) -> int:
    match value:
        case str() if len(value) <= (_MAX_DIGITS if base is _MISSING else MAX_INTEGER_BITS):
            try:
                return int(value) if base is _MISSING else int(value, _base(base))
            except ValueError as error:
                raise RefusedError("Expected the text of an integer, but it is none") from error
        case int() | float() if base is _MISSING:
            return int(value)
        case str():
            raise RefusedError(f"Expected an integer of at most {_MAX_DIGITS} digits")
        case _:
            raise RefusedError(f"Expected a number or its text, but got {kind(value)}")


def _base(value: object) -> int:
    base = _integer(value)
    if base not in _BASES:
        raise RefusedError("Expected a base from 2 to 36")
    return base


def _float(_meter: Meter, value: object = 0.0, /) -> float:
    match value:
        case int() | float():
            number = value
        case str() if len(value) <= _MAX_DIGITS:
            try:
                number = float(value)
            except ValueError as error:
                raise RefusedError("Expected the text of a number, but it is none") from error
        case _:
            raise RefusedError(f"Expected a number or its text, but got {kind(value)}")
    try:
        return float(number)
    except OverflowError as error:
        raise RefusedError("Expected a smaller number") from error


def _bool(_meter: Meter, value: object = False, /) -> bool:  # noqa: FBT002 - as in Python
    return bool(value)


def _abs(_meter: Meter, value: object, /) -> object:
    return abs(_number(value))


def _round(_meter: Meter, value: object, places: object = None, /) -> object:
    number = _number(value)
    if places is None:
        return round(number)
    if abs(_integer(places)) > _MAX_ROUNDING:
        raise RefusedError(f"Expected at most {_MAX_ROUNDING} places")
    try:
        return round(number, _integer(places))
    except OverflowError as error:
        raise RefusedError("Expected a smaller number") from error


def _sum(meter: Meter, values: object, /) -> object:
    return sum(_number(value) for value in items_of(meter, values))


def _extreme(
    choose: Callable[..., object],
) -> Function:
    def apply(meter: Meter, /, *values: object, default: object = _MISSING) -> object:
        candidates = items_of(meter, values[0]) if len(values) == 1 else list(values)
        if not candidates:
            if default is _MISSING:
                raise RefusedError("Expected at least one value, but there is none")
            return default
        meter.charge_deep(candidates)
        return _compared(lambda: choose(candidates))

    return apply


def _compared(choose: Callable[[], object]) -> object:
    try:
        return choose()
    except TypeError as error:
        raise RefusedError("Expected values that can be compared with each other") from error


def _sorted(meter: Meter, values: object, /, *, reverse: object = False) -> object:
    items = items_of(meter, values)
    for _ in range(len(items).bit_length()):
        meter.charge_deep(items)
    return _compared(lambda: sorted(items, reverse=bool(reverse)))  # type: ignore[type-var]


def _any(meter: Meter, values: object, /) -> bool:
    return any(items_of(meter, values))


def _all(meter: Meter, values: object, /) -> bool:
    return all(items_of(meter, values))


def _range(meter: Meter, /, *bounds: object) -> list[int]:
    numbers = [_integer(bound) for bound in bounds]
    if not 1 <= len(numbers) <= 3 or (len(numbers) == 3 and numbers[2] == 0):  # noqa: PLR2004
        raise RefusedError("Expected range(end), range(start, end) or range(start, end, step)")
    span = range(*numbers)
    # len() fails on spans that do not fit a machine word.
    bounded((span[-1] - span[0]) // span.step + 1 if span else 0)
    meter.charge_items(len(span))
    return list(span)


def _list(meter: Meter, values: object = (), /) -> list[object]:
    return items_of(meter, list(values) if isinstance(values, tuple) else values)


def _dict(meter: Meter, values: object = None, /, **fields: object) -> dict[str, object]:
    built: dict[str, object] = {}
    if isinstance(values, Mapping):
        for key in items_of(meter, values):
            built[new_key(key)] = values[key]
    elif values is not None:
        for pair in items_of(meter, values):
            if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004
                raise RefusedError("Expected an object or a list of pairs of key and value")
            built[new_key(pair[0])] = pair[1]
    return {**built, **fields}


def _zip(meter: Meter, /, *columns: object) -> list[object]:
    return [
        list(row) for row in zip(*(items_of(meter, column) for column in columns), strict=False)
    ]


def _enumerate(meter: Meter, values: object, start: object = 0) -> list[object]:
    return [
        [number, value]
        for number, value in enumerate(items_of(meter, values), start=_integer(start))
    ]


def _json(meter: Meter, value: object, /) -> str:
    meter.charge_deep(_readable(value))
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return to_text(value)


def _parse_json(meter: Meter, text: object, /) -> object:
    if not isinstance(text, str):
        raise RefusedError(f"Expected a text, but got {kind(text)}")
    bounded_text(len(text))
    meter.charge_items(len(text))
    try:
        parsed: object = json.loads(
            text, object_pairs_hook=_parsed_object, parse_constant=_parsed_constant
        )
    except ValueError as error:
        raise RefusedError("Expected a text that is JSON, but it is none") from error
    except RecursionError as error:
        raise RefusedError(_TOO_DEEP) from error
    _check_depth(parsed)
    return parsed


def _check_depth(value: object) -> None:
    """Refuse what is nested too deeply, level by level."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, list):
                below.extend(item)
            elif isinstance(item, dict):
                below.extend(item.values())
        if not below:
            return
        level = below
    raise RefusedError(_TOO_DEEP)


def _parsed_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {new_key(key): value for key, value in pairs}


def _parsed_constant(_name: str) -> object:
    raise RefusedError("Expected a finite number, but it is none")


FUNCTIONS: dict[str, Function] = {
    "abs": _abs,
    "all": _all,
    "any": _any,
    "bool": _bool,
    "dict": _dict,
    "enumerate": _enumerate,
    "float": _float,
    "int": _int,
    "json": _json,
    "len": _len,
    "list": _list,
    "max": _extreme(max),
    "min": _extreme(min),
    "parse_json": _parse_json,
    "range": _range,
    "round": _round,
    "sorted": _sorted,
    "str": _str,
    "sum": _sum,
    "zip": _zip,
}
"""The allow-list, by name; ``math`` and the clock are not in it."""
