"""What Postgres can keep of what a client may send as JSON."""

import math

from flowyard.engine.graph import JsonValue

MAX_DEPTH = 100
"""Deepest nesting of lists and objects: as for the data that expressions may read."""

_MAX_INTEGER = 2**63 - 1
_MIN_INTEGER = -(2**63)


def unstorable_part(value: JsonValue) -> str | None:
    """Return what in a value cannot be stored, in words, or None when all of it can.

    Text with NUL characters or halves of surrogate pairs, integers of more than
    64 bits, numbers that are not finite and values nested without end pass a
    lenient parser, and would fail or change on their way through the database.
    """
    if _is_deeper(value, MAX_DEPTH):
        return f"more than {MAX_DEPTH} nested levels"
    pending: list[JsonValue] = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            pending.extend(current.values())
            pending.extend(current)
        elif isinstance(current, list):
            pending.extend(current)
        elif (found := _unstorable_scalar(current)) is not None:
            return found
    return None


def _unstorable_scalar(value: JsonValue) -> str | None:
    match value:
        case str() if "\x00" in value:
            return "a NUL character"
        case str() if not value.isascii() and _is_broken(value):
            return "half of a surrogate pair"
        case float() if not math.isfinite(value):
            return "a number that is not finite"
        case int() if not _MIN_INTEGER <= value <= _MAX_INTEGER:
            return "an integer of more than 64 bits"
        case _:
            return None


def _is_deeper(value: JsonValue, most: int) -> bool:
    """Tell whether lists and objects are nested more deeply than allowed, level by level."""
    level: list[JsonValue] = [value]
    for _ in range(most + 1):
        below: list[JsonValue] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(part for part in one.values() if isinstance(part, list | dict))
            elif isinstance(one, list):
                below.extend(part for part in one if isinstance(part, list | dict))
        if not below:
            return False
        level = below
    return True


def _is_broken(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)
