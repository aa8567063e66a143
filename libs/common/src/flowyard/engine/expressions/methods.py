"""The methods that expressions may call on texts, lists and objects.

No method is ever a value: a call names it, and it is found in the tables below
by the value's type, never by looking into the value. None of them changes what
it is called on, and none formats by a text that the author did not write.
"""

from collections.abc import Callable, Mapping

from flowyard.engine.expressions.errors import RefusedError
from flowyard.engine.expressions.functions import items_of
from flowyard.engine.expressions.limits import MAX_ITEMS
from flowyard.engine.expressions.values import (
    Meter,
    Reference,
    bounded,
    bounded_text,
    kind,
)

Method = Callable[..., object]
"""Takes the meter of the evaluation, the value, and the arguments of the call."""


def call_method(meter: Meter, value: object, name: str, arguments: list[object]) -> object:
    """Call an allowed method of a value.

    Raises
    ------
    RefusedError
        Raised if values of its kind have no such method, or the method refuses.
    """
    match value:
        case str():
            table = _TEXT
        case list():
            table = _LIST
        case Mapping():
            table = _OBJECT
        case _:
            table = {}
    method = table.get(name)
    if method is None:
        raise RefusedError(f"Expected a value with the method {name}, but got {kind(value)}")
    return method(meter, value, *arguments)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise RefusedError(f"Expected a text as argument, but got {kind(value)}")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise RefusedError(f"Expected an integer as argument, but got {kind(value)}")
    return value


def _simple(compute: Callable[[str], object]) -> Method:
    def apply(meter: Meter, text: str, /) -> object:
        meter.charge_chars(len(text))
        return compute(text)

    return apply


def _stripping(compute: Callable[[str, str | None], str]) -> Method:
    def apply(meter: Meter, text: str, chars: object = None, /) -> str:
        wanted = None if chars is None else _text(chars)
        meter.charge_chars(len(text), len(wanted or ""))
        return compute(text, wanted)

    return apply


def _searching(compute: Callable[[str, str], object]) -> Method:
    def apply(meter: Meter, text: str, sought: object, /) -> object:
        wanted = _text(sought)
        meter.charge_chars(len(text), len(wanted))
        return compute(text, wanted)

    return apply


def _affix(compute: Callable[[str, tuple[str, ...]], object]) -> Method:
    def apply(meter: Meter, text: str, affixes: object, /) -> object:
        meter.charge_deep(affixes)
        wanted = tuple(map(_text, affixes)) if isinstance(affixes, list) else (_text(affixes),)
        return compute(text, wanted)

    return apply


def _padding(compute: Callable[[str, int, str], str]) -> Method:
    def apply(meter: Meter, text: str, width: object, fill: object = " ", /) -> str:
        wanted = _integer(width)
        bounded_text(wanted)
        meter.charge_chars(max(wanted, len(text)))
        if len(_text(fill)) != 1:
            raise RefusedError("Expected one character to fill with")
        return compute(text, wanted, _text(fill))

    return apply


def _zfill(meter: Meter, text: str, width: object, /) -> str:
    wanted = _integer(width)
    bounded_text(wanted)
    meter.charge_chars(max(wanted, len(text)))
    return text.zfill(wanted)


def _splitting(compute: Callable[[str, str | None, int], list[str]]) -> Method:
    def apply(meter: Meter, text: str, sep: object = None, maxsplit: object = -1, /) -> list[str]:
        wanted = None if sep is None else _text(sep)
        if wanted == "":
            raise RefusedError("Expected a separator, but it is empty")
        limit = _integer(maxsplit)
        meter.charge_chars(len(text), len(wanted or ""))
        # One split more than is allowed shows that there would be too many.
        parts = compute(text, wanted, limit if 0 <= limit <= MAX_ITEMS else MAX_ITEMS)
        bounded(len(parts))
        meter.charge_items(len(parts))
        return parts

    return apply


def _splitlines(meter: Meter, text: str, /) -> list[str]:
    meter.charge_items(len(text))
    lines = text.splitlines()
    bounded(len(lines))
    return lines


def _join(meter: Meter, separator: str, values: object, /) -> str:
    parts = [_text(part) for part in items_of(meter, values)]
    count = sum(map(len, parts)) + len(separator) * max(len(parts) - 1, 0)
    bounded_text(count)
    meter.charge_chars(count)
    return separator.join(parts)


def _replace(meter: Meter, text: str, old: object, new: object, count: object = -1, /) -> str:
    before, after, limit = _text(old), _text(new), _integer(count)
    meter.charge_chars(2 * len(text), len(before))
    found = text.count(before)
    times = found if limit < 0 else min(found, limit)
    size = len(text) + times * (len(after) - len(before))
    bounded_text(size)
    meter.charge_chars(size)
    return text.replace(before, after, times)


def _list_count(meter: Meter, values: list[object], sought: object, /) -> int:
    meter.charge_deep(values)
    return values.count(_visible(sought))


def _list_index(meter: Meter, values: list[object], sought: object, /) -> int:
    meter.charge_deep(values)
    try:
        return values.index(_visible(sought))
    except ValueError as error:
        raise RefusedError("Expected the value in the list, but it is not there") from error


def _text_index(meter: Meter, text: str, sought: object, /) -> int:
    wanted = _text(sought)
    meter.charge_chars(len(text), len(wanted))
    place = text.find(wanted)
    if place < 0:
        raise RefusedError("Expected the text in the other, but it is not there")
    return place


def _visible(value: object) -> object:
    if isinstance(value, Reference):
        raise RefusedError("Expected a value that can be compared, but a secret cannot")
    return value


def _get(
    meter: Meter, value: Mapping[object, object], key: object, default: object = None, /
) -> object:
    meter.charge(1)
    if not isinstance(key, str):
        raise RefusedError(f"Expected a text as key, but got {kind(key)}")
    return value.get(key, default)


def _values(meter: Meter, value: Mapping[object, object], /) -> list[object]:
    return [value[key] for key in items_of(meter, value)]


def _items(meter: Meter, value: Mapping[object, object], /) -> list[object]:
    return [[key, value[key]] for key in items_of(meter, value)]


_TEXT: dict[str, Method] = {
    "capitalize": _simple(str.capitalize),
    "casefold": _simple(str.casefold),
    "center": _padding(str.center),
    "count": _searching(str.count),
    "endswith": _affix(str.endswith),
    "find": _searching(str.find),
    "index": _text_index,
    "isalnum": _simple(str.isalnum),
    "isalpha": _simple(str.isalpha),
    "isdigit": _simple(str.isdigit),
    "islower": _simple(str.islower),
    "isspace": _simple(str.isspace),
    "isupper": _simple(str.isupper),
    "join": _join,
    "ljust": _padding(str.ljust),
    "lower": _simple(str.lower),
    "lstrip": _stripping(str.lstrip),
    "partition": _searching(lambda text, sought: list(text.partition(sought))),
    "removeprefix": _searching(str.removeprefix),
    "removesuffix": _searching(str.removesuffix),
    "replace": _replace,
    "rfind": _searching(str.rfind),
    "rjust": _padding(str.rjust),
    "rpartition": _searching(lambda text, sought: list(text.rpartition(sought))),
    "rsplit": _splitting(str.rsplit),
    "rstrip": _stripping(str.rstrip),
    "split": _splitting(str.split),
    "splitlines": _splitlines,
    "startswith": _affix(str.startswith),
    "strip": _stripping(str.strip),
    "title": _simple(str.title),
    "upper": _simple(str.upper),
    "zfill": _zfill,
}

_LIST: dict[str, Method] = {"count": _list_count, "index": _list_index}

_OBJECT: dict[str, Method] = {
    "get": _get,
    "items": _items,
    "keys": items_of,
    "values": _values,
}

METHODS = frozenset(_TEXT) | frozenset(_LIST) | frozenset(_OBJECT)
"""Names of all methods of all kinds of values."""
