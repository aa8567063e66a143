"""Looking into JSON by pointers such as ``/items/0/name``.

Source: RFC 6901.
"""

from pydantic import JsonValue


class PointerError(LookupError):
    """Raised when a pointer leads nowhere."""


def look_up(value: JsonValue, pointer: str) -> JsonValue:
    """Return what a pointer leads to; an empty one leads to the whole.

    Raises
    ------
    PointerError
        Raised if the value has nothing there.
    """
    if not pointer:
        return value
    found = value
    for part in pointer.removeprefix("/").split("/"):
        found = _enter(found, part.replace("~1", "/").replace("~0", "~"), pointer)
    return found


def _enter(value: JsonValue, name: str, pointer: str) -> JsonValue:
    if isinstance(value, dict) and name in value:
        return value[name]
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return value[int(name)]
    raise PointerError(f"Expected something at {pointer}, but there is nothing")
