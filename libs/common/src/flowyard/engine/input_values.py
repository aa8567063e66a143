"""What the value of an input has to be, type by type."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from ipaddress import ip_address
from itertools import islice

from flowyard.engine.inputs import (
    LIST_TYPES,
    InputSpec,
    VariableType,
)
from flowyard.engine.matching import Matching
from flowyard.engine.work import JsonValue

RESERVED_PREFIX = "$"
"""Keys of JSON objects that begin so stand for references; people may not write them."""

SECRET_KEY = "secret"  # noqa: S105 - the name of a key, not a password
"""The only key of what people give to a password input: ``{"secret": "DEPLOY_TOKEN"}``."""

REFERENCE_KEYS = frozenset({"$secret", "$sealed", "$concat"})
"""The only keys of what expressions make of secrets, and of what holds them."""

MAX_REPORTED = 20
"""How many mistakes of one input are told."""

MAX_LISTED = 50
"""How many allowed values a mistake lists."""

_TYPES: dict[VariableType, tuple[type, ...]] = {
    VariableType.STRING: (str,),
    VariableType.TEXT: (str,),
    VariableType.INTEGER: (int,),
    VariableType.NUMBER: (int, float),
    VariableType.BOOLEAN: (bool,),
    VariableType.SELECT: (str, int, float, bool),
    VariableType.MULTI_SELECT: (list,),
    VariableType.DATE: (str,),
    VariableType.DATETIME: (str,),
    VariableType.TIME: (str,),
    VariableType.PASSWORD: (dict,),
    VariableType.TABLE: (list,),
    VariableType.JSON: (object,),
    VariableType.LIST: (list,),
    VariableType.OBJECT: (dict,),
    VariableType.HOST_LIST: (list,),
    VariableType.USER_LIST: (list,),
}

_TAKES_BOOLEANS = frozenset({VariableType.BOOLEAN, VariableType.JSON, VariableType.SELECT})

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_HOST_NAME = re.compile(
    r"(?=.{1,253}\.?$)(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?",
    re.ASCII,
)
_USER_NAME = re.compile(r"[^\s,;]{1,100}")
_SECRET_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_ALL_DIGITS = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """One expectation that a value does not meet."""

    expected: str
    """What it has to be, as the end of *Expected input x to be ...*."""
    path: tuple[str | int, ...] = ()
    """Where in the value: an index, or the index of a row and the name of a column."""


def has_reserved_key(value: JsonValue) -> bool:
    """Tell whether a value holds an object with a key that stands for a reference."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            if any(key.startswith(RESERVED_PREFIX) for key in current):
                return True
            pending.extend(current.values())
        elif isinstance(current, list):
            pending.extend(current)
    return False


def is_reference(value: JsonValue) -> bool:
    """Tell whether a value is what an expression makes of a secret."""
    return isinstance(value, dict) and len(value) == 1 and not REFERENCE_KEYS.isdisjoint(value)


def taken(spec: InputSpec, value: JsonValue) -> JsonValue:
    """Return a value that meets all expectations as expressions are to see it.

    The name of a secret becomes a reference to it, and rows of a table get the defaults of
    columns that they leave out.
    """
    match spec.type, value:
        case VariableType.PASSWORD, {"secret": name}:
            return {"$secret": name}
        case VariableType.TABLE, list():
            return [_full_row(spec, row) for row in value]
        case _:
            return value


def _full_row(spec: InputSpec, row: JsonValue) -> JsonValue:
    given = row if isinstance(row, dict) else {}
    return {column.name: given.get(column.name, column.default) for column in spec.columns}


def unmet(spec: InputSpec, value: JsonValue, matching: Matching | None = None) -> Iterator[Unmet]:
    """Yield what a value is not that it has to be.

    Parameters
    ----------
    spec
        The input, or a column.
    value
        As it was given; holds no reserved keys.
    matching
        Matches patterns, for all values that are given together.
    """
    yield from _unmet(spec, value, matching or Matching())


def _unmet(spec: InputSpec, value: JsonValue, matching: Matching) -> Iterator[Unmet]:
    is_wrong_type = not isinstance(value, _TYPES[spec.type]) or (
        isinstance(value, bool) and spec.type not in _TAKES_BOOLEANS
    )
    if is_wrong_type:
        yield Unmet(expected=_wanted(spec.type))
    elif spec.choices and value not in _Known(spec.choices):
        yield Unmet(expected=_one_of(spec.choices))
    elif spec.type is VariableType.SELECT:
        yield from _option(spec, value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number(spec, value)
    elif isinstance(value, str):
        yield from _text(spec, value, matching)
    elif spec.type in LIST_TYPES and isinstance(value, list):
        yield from _list(spec, value, matching)
    elif spec.type is VariableType.PASSWORD and not _is_secret(value):
        yield Unmet(expected=_wanted(spec.type))


def _wanted(kind: VariableType) -> str:
    match kind:
        case VariableType.PASSWORD:
            return 'the name of a stored secret, as in {"secret": "DEPLOY_TOKEN"}'
        case VariableType.SELECT:
            return "one of its options"
        case VariableType.TABLE:
            return "a table: a list of objects"
        case _:
            return f"of type {kind}"


def _number(spec: InputSpec, value: float) -> Iterator[Unmet]:
    if spec.minimum is not None and value < spec.minimum:
        yield Unmet(expected=f"at least {spec.minimum}")
    if spec.maximum is not None and value > spec.maximum:
        yield Unmet(expected=f"at most {spec.maximum}")


def _text(spec: InputSpec, value: str, matching: Matching) -> Iterator[Unmet]:
    match spec.type:
        case VariableType.DATE | VariableType.DATETIME | VariableType.TIME:
            if not _is_moment(spec.type, value):
                yield Unmet(expected=_MOMENTS[spec.type])
        case _:
            yield from _free_text(spec, value, matching)


def _free_text(spec: InputSpec, value: str, matching: Matching) -> Iterator[Unmet]:
    if spec.min_length is not None and len(value) < spec.min_length:
        yield Unmet(expected=f"at least {_counted(spec.min_length, 'character')} long")
    if spec.max_length is not None and len(value) > spec.max_length:
        yield Unmet(expected=f"at most {_counted(spec.max_length, 'character')} long")
    if spec.pattern is None:
        return
    is_match = matching.matches(spec.pattern, value)
    if is_match is None:
        yield Unmet(expected="shorter: its pattern would take too long on so much text")
    elif not is_match:
        yield Unmet(expected=spec.pattern_message or f"text that matches {spec.pattern}")


_MOMENTS = {
    VariableType.DATE: "a date such as 2026-01-31",
    VariableType.DATETIME: "a time with its offset from UTC, such as 2026-01-31T08:00:00+01:00",
    VariableType.TIME: "a time of day such as 08:00",
}


def _is_moment(kind: VariableType, value: str) -> bool:
    try:
        match kind:
            case VariableType.DATE:
                return bool(_DATE.fullmatch(value) and date.fromisoformat(value))
            case VariableType.TIME:
                return bool(_TIME.fullmatch(value) and time.fromisoformat(value))
            case _:
                return bool(_DATETIME.fullmatch(value) and datetime.fromisoformat(value))
    except ValueError:
        return False


def _option(spec: InputSpec, value: JsonValue) -> Iterator[Unmet]:
    offered = _offered(spec)
    if offered and value not in _Known(offered):
        yield Unmet(expected=_one_of(offered))


def _offered(spec: InputSpec) -> tuple[JsonValue, ...]:
    return tuple(option.value for option in spec.options)


def _one_of(values: Iterable[JsonValue]) -> str:
    """Return some values, to follow *Expected input x to be*."""
    listed = [str(value) for value in islice(values, MAX_LISTED + 1)]
    more = ", ..." if len(listed) > MAX_LISTED else ""
    return f"one of {', '.join(listed[:MAX_LISTED])}{more}"


class _Known:
    """Values that are looked for often; compared as JSON does: true is not 1.

    Parameters
    ----------
    values
        Any JSON; lists and objects among them are compared one by one.
    """

    def __init__(self, values: Iterable[JsonValue] = ()) -> None:
        self._plain: set[tuple[bool, JsonValue]] = set()
        self._large: list[JsonValue] = []
        for value in values:
            self.add(value)

    def add(self, value: JsonValue) -> None:
        if isinstance(value, list | dict):
            self._large.append(value)
        else:
            self._plain.add((isinstance(value, bool), value))

    def __contains__(self, value: JsonValue) -> bool:
        if isinstance(value, list | dict):
            return value in self._large
        return (isinstance(value, bool), value) in self._plain


def _is_secret(value: JsonValue) -> bool:
    if not isinstance(value, dict) or value.keys() != {SECRET_KEY}:
        return False
    name = value[SECRET_KEY]
    return isinstance(name, str) and _SECRET_NAME.fullmatch(name) is not None


def _list(spec: InputSpec, value: list[JsonValue], matching: Matching) -> Iterator[Unmet]:
    if spec.min_items is not None and len(value) < spec.min_items:
        yield Unmet(expected=f"a list of at least {_counted(spec.min_items, 'item')}")
    if spec.max_items is not None and len(value) > spec.max_items:
        yield Unmet(expected=f"a list of at most {_counted(spec.max_items, 'item')}")
    match spec.type:
        case VariableType.TABLE:
            yield from _rows(spec, value, matching)
        case VariableType.MULTI_SELECT:
            yield from _selected(spec, value)
        case VariableType.HOST_LIST:
            yield from _named(value, "a host name or an IP address", _is_host)
        case VariableType.USER_LIST:
            yield from _named(value, "a name without spaces", _is_user)
        case _:
            pass


def _selected(spec: InputSpec, value: list[JsonValue]) -> Iterator[Unmet]:
    offered = _offered(spec)
    known, chosen = _Known(offered), _Known()
    for index, item in enumerate(value):
        if offered and item not in known:
            yield Unmet(expected=_one_of(offered), path=(index,))
        if item in chosen:
            yield Unmet(expected="an option that is not chosen already", path=(index,))
        chosen.add(item)


def _named(
    value: list[JsonValue], expected: str, is_right: Callable[[str], bool]
) -> Iterator[Unmet]:
    for index, item in enumerate(value):
        if not isinstance(item, str) or not is_right(item):
            yield Unmet(expected=expected, path=(index,))


def _is_host(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        # What looks like an address and is none is a slip, not a name.
        return not _ALL_DIGITS.fullmatch(text) and _HOST_NAME.fullmatch(text) is not None
    return True


def _is_user(text: str) -> bool:
    return _USER_NAME.fullmatch(text) is not None


def _rows(spec: InputSpec, rows: list[JsonValue], matching: Matching) -> Iterator[Unmet]:
    columns = {column.name: column for column in spec.columns}
    # A cell is looked up among many, and there are many cells: the lookup is made once.
    allowed = {
        name: _Known(column.choices or _offered(column))
        for name, column in columns.items()
        if column.choices or column.options
    }
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            yield Unmet(expected="an object with the columns of the table", path=(index,))
            continue
        for name in row:
            if name not in columns:
                yield Unmet(expected=f"a column, {_one_of(columns)}", path=(index, name))
        for name, column in columns.items():
            if name in row and name in allowed and row[name] in allowed[name]:
                column = replace(column, choices=(), options=())  # noqa: PLW2901 - met already
            if name in row:
                for problem in _unmet(column, row[name], matching):
                    yield Unmet(expected=problem.expected, path=(index, name))
            elif column.is_required:
                yield Unmet(expected="given", path=(index, name))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
