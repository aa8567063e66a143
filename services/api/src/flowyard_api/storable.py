"""What Postgres can keep of what a client may send as JSON."""

import math

from flowyard.engine.graph import JsonValue

_MAX_INTEGER = 2**63 - 1
_MIN_INTEGER = -(2**63)


def unstorable_part(value: JsonValue) -> str | None:
    """Return what in a value cannot be stored, in words, or None when all of it can.

    Text with NUL characters or halves of surrogate pairs, integers of more than
    64 bits and numbers that are not finite pass a lenient parser, and would fail
    or change on their way through the database.
    """
    pending: list[JsonValue] = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            pending.extend(current.values())
            pending.extend(current)
        elif isinstance(current, list):
            pending.extend(current)
        elif isinstance(current, str):
            if "\x00" in current:
                return "a NUL character"
            if not current.isascii() and _is_broken(current):
                return "half of a surrogate pair"
        elif isinstance(current, float):
            if not math.isfinite(current):
                return "a number that is not finite"
        elif isinstance(current, int) and not _MIN_INTEGER <= current <= _MAX_INTEGER:
            return "an integer of more than 64 bits"
    return None


def _is_broken(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)
