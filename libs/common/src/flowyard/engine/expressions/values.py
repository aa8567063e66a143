"""The values that expressions work on, measured, copied and turned into text.

Inside an evaluation a value is JSON, a :class:`Reference`, or a mapping whose
items are looked up only when they are used. Nothing else is let in, so there is
no object whose attributes could lead anywhere.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from flowyard.engine.expressions.errors import RefusedError
from flowyard.engine.expressions.limits import (
    CHARS_PER_STEP,
    COMPARISONS_PER_STEP,
    ITEMS_PER_STEP,
    MAX_DEPTH,
    MAX_INTEGER_BITS,
    MAX_ITEMS,
    MAX_RESULT_BYTES,
    MAX_RESULT_INTEGER,
    MIN_RESULT_INTEGER,
)
from flowyard.engine.graph import JsonValue


@dataclass(frozen=True, slots=True)
class SecretName:
    """What ``secrets.X`` stands for: a secret's name, never its value."""

    name: str
    """The secret's name in its project."""


class Reference:
    """A value that only the plugin gateway knows, as an expression passes it on.

    It may be returned, chosen and put into lists and objects. Whatever would
    have to look at it is refused.

    Parameters
    ----------
    parts
        What it is in rendered values: texts and objects whose only key begins with ``$``.
    """

    __slots__ = ("parts",)

    def __init__(self, *parts: JsonValue) -> None:
        self.parts = parts

    def __bool__(self) -> bool:
        raise RefusedError("Expected a value that can be tested, but a secret cannot")

    def rendered(self) -> JsonValue:
        """Return it as it stands in rendered values."""
        return self.parts[0] if len(self.parts) == 1 else {"$concat": list(self.parts)}


class Meter:
    """Counts down what one evaluation may still cost.

    Parameters
    ----------
    steps
        How many steps are left.
    """

    __slots__ = ("steps",)

    def __init__(self, steps: int = 0) -> None:
        self.steps = steps

    def charge(self, steps: int) -> None:
        """Take steps off.

        Raises
        ------
        RefusedError
            Raised if too few are left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise RefusedError("Expected an expression of fewer steps, but it takes too many")

    def charge_chars(self, count: int, sought: int = 0) -> None:
        """Take off what copying or searching a text costs, sought in it ``sought`` characters."""
        self.charge(1 + count // CHARS_PER_STEP + count * sought // COMPARISONS_PER_STEP)

    def charge_items(self, count: int) -> None:
        """Take off what copying or looking through so many items costs."""
        self.charge(1 + count // ITEMS_PER_STEP)

    def charge_deep(self, *values: object) -> None:
        """Take off what looking at all there is in some values costs."""
        pending = list(values)
        while pending:
            value = pending.pop()
            match value:
                case str():
                    self.charge_chars(len(value))
                case list():
                    self.charge_items(len(value))
                    pending.extend(value)
                case Mapping():
                    self.charge_items(2 * len(value))
                    pending.extend(value)
                    pending.extend(value.values())
                case _:
                    pass


def admit(value: object) -> object:
    """Return a value as expressions may work on it.

    Raises
    ------
    RefusedError
        Raised if expressions may not work on values of its kind or size.
    """
    match value:
        case None | bool() | Reference():
            return value
        case int():
            if value.bit_length() > MAX_INTEGER_BITS:
                raise RefusedError(f"Expected an integer of at most {MAX_INTEGER_BITS} bits")
            return value
        case float():
            if not math.isfinite(value):
                raise RefusedError("Expected a finite number, but it is none")
            return value
        case SecretName():
            return Reference({"$secret": value.name})
        case dict():
            reference = reference_in(value)
            return value if reference is None else reference
        case Mapping() | list() | str():
            return value
        case tuple():
            return list(value)
        case _:
            raise RefusedError("Expected a value that JSON can hold, but it is none")


PLAIN_TYPES = frozenset({str, bool, type(None), list, Reference})
"""Types of values that need no admission."""


def reference_in(value: Mapping[object, JsonValue] | Mapping[str, JsonValue]) -> Reference | None:
    """Return the reference that an object stands for, or None for any other object."""
    if len(value) != 1:
        return None
    key = next(iter(value))
    if not (isinstance(key, str) and key.startswith("$")):
        return None
    parts = value[key]
    if key == "$concat" and isinstance(parts, list):
        return Reference(*parts)
    return Reference({key: parts})


def kind(value: object) -> str:
    """Return what a template's author calls a value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case Reference():
            return "a secret"
        case Mapping():
            return "an object"
        case _:
            return "something else"


def new_key(key: object) -> str:
    """Return a key for an object that an expression builds.

    Raises
    ------
    RefusedError
        Raised if it is no text, or reserved for references.
    """
    if not isinstance(key, str):
        raise RefusedError(f"Expected a text as the key of an object, but got {kind(key)}")
    if key.startswith("$"):
        raise RefusedError("Expected a key that does not begin with $: those are reserved")
    return key


def bounded(count: int) -> None:
    """Refuse a list that would be too long.

    Raises
    ------
    RefusedError
        Raised if it would have more than the allowed number of items.
    """
    if count > MAX_ITEMS:
        raise RefusedError(f"Expected at most {MAX_ITEMS} items in a list, but there are more")


def bounded_text(count: int) -> None:
    """Refuse a text that would be too long.

    Raises
    ------
    RefusedError
        Raised if it would have more characters than a result may have bytes.
    """
    if count > MAX_RESULT_BYTES:
        raise RefusedError(f"Expected a text of at most {MAX_RESULT_BYTES} characters")


class Copier:
    """Copies results out of evaluations, as long as they fit.

    Parameters
    ----------
    size
        Bytes that all copies together may take, estimated as JSON.
    """

    __slots__ = ("_left",)

    def __init__(self, size: int = MAX_RESULT_BYTES) -> None:
        self._left = size

    def copy(self, value: object, depth: int = 0) -> JsonValue:
        """Return a copy that shares nothing that could be changed.

        Raises
        ------
        RefusedError
            Raised if the value is no JSON, too large, or nested too deeply.
        """
        match value:
            case str():
                return self.text(value)
            case None | bool():
                self.take(5)
                return value
            case int():
                self.take(value.bit_length() // 3 + 1)
                if not MIN_RESULT_INTEGER <= value <= MAX_RESULT_INTEGER:
                    raise RefusedError("Expected a result of at most 64 bits, but it is larger")
                return value
            case float():
                self.take(16)
                if not math.isfinite(value):
                    raise RefusedError("Expected a finite number, but it is none")
                return value
            case _:
                return self._copy_large(value, depth)

    def text(self, value: str) -> str:
        """Return a text that may leave an expression.

        Raises
        ------
        RefusedError
            Raised if it is too large, or holds what databases and JSON writers refuse.
        """
        if value.isascii():
            self.take(len(value) + 2)
        else:
            bounded_text(len(value))
            try:
                self.take(len(value.encode()) + 2)
            except UnicodeEncodeError as error:
                raise RefusedError("Expected whole characters, but one is a half") from error
        if "\0" in value:
            raise RefusedError("Expected a text without NUL characters")
        return value

    def take(self, size: int) -> None:
        """Count bytes of a result.

        Raises
        ------
        RefusedError
            Raised if it becomes too large.
        """
        self._left -= size
        if self._left < 0:
            raise RefusedError(f"Expected a result of at most {MAX_RESULT_BYTES} bytes")

    def _copy_large(self, value: object, depth: int) -> JsonValue:
        if depth >= MAX_DEPTH:
            raise RefusedError(f"Expected a result of at most {MAX_DEPTH} nested levels")
        match value:
            case list() | tuple():
                self.take(2 + len(value))
                return [self.copy(item, depth + 1) for item in value]
            case SecretName():
                return self._copy_object({"$secret": value.name}, depth)
            case Reference():
                return self.copy(value.rendered(), depth)
            case Mapping():
                return self._copy_object(value, depth)
            case _:
                raise RefusedError("Expected a value that JSON can hold, but it is none")

    def _copy_object(self, value: Mapping[object, object], depth: int) -> JsonValue:
        self.take(2)
        copied: dict[str, JsonValue] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise RefusedError(f"Expected a text as the key of an object, but got {kind(key)}")
            if key.startswith("$") and len(value) > 1:
                raise RefusedError("Expected keys that do not begin with $: those are reserved")
            self.take(2)
            copied[self.text(key)] = self.copy(item, depth + 1)
        return copied


def to_text(value: object) -> str:
    """Return a value as text, as it stands inside text.

    Texts stay what they are; everything else is written as JSON.

    Raises
    ------
    RefusedError
        Raised for secrets and what holds them, and for what is too large.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    copied = Copier().copy(value)
    _refuse_references(copied)
    return json.dumps(copied, ensure_ascii=False, allow_nan=False)


def _refuse_references(value: JsonValue) -> None:
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, dict):
            if reference_in(part) is not None:
                raise RefusedError("Expected a value that can be read, but a secret cannot")
            pending.extend(part.values())
