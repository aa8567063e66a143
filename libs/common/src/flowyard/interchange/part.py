"""Values of a foreign file, read without trusting them."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings, InterchangeError

MAX_DEPTH = 60
"""Deepest nesting of lists and objects in a file."""

MAX_VALUES = 500_000
"""How many values a file may hold, each alias counted with all that it stands for."""

MAX_INTEGER = 2**63
"""Whole numbers beyond it become texts: JSON's readers do not agree about them."""


def plain(value: object) -> JsonValue:
    """Return a parsed file's value as JSON: keys become texts, dates and the like too.

    Raises
    ------
    InterchangeError
        Raised if it is nested too deeply, or holds too many values.
    """
    return _Plain().of(value, 0)


class _Plain:
    """Copies values; counts them, as an alias may stand for many."""

    def __init__(self) -> None:
        self._count = 0

    def of(self, value: object, depth: int) -> JsonValue:
        self._count += 1
        if depth > MAX_DEPTH:
            raise InterchangeError(f"Expected at most {MAX_DEPTH} nested lists and objects")
        if self._count > MAX_VALUES:
            raise InterchangeError(f"Expected at most {MAX_VALUES} values")
        match value:
            case None | bool() | str():
                return value
            case int() if abs(value) < MAX_INTEGER:
                return value
            case float() if math.isfinite(value):
                return value
            case Mapping():
                return {str(key): self.of(item, depth + 1) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.of(item, depth + 1) for item in value]
            case _:
                return str(value)


@dataclass(frozen=True, slots=True)
class Part:
    """A value and its place; a wrong type is said once and read as if nothing was there."""

    value: JsonValue
    findings: Findings

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def get(self, *keys: str) -> "Part":
        """Return what stands under the first of some keys that is there."""
        found = self.value if isinstance(self.value, dict) else {}
        key = next((key for key in keys if key in found), keys[0])
        return Part(found.get(key), self.findings.about(key))

    def of_node(self, node_id: str) -> "Part":
        """Return the same value as one that belongs to a node."""
        return Part(self.value, self.findings.about(node_id=node_id))

    def entries(self) -> Iterator[tuple[str, "Part"]]:
        """Yield the entries of an object; none where there is nothing."""
        if isinstance(self.value, dict):
            for key, item in self.value.items():
                yield key, Part(item, self.findings.about(key))
        elif self.value not in (None, "", []):
            self._wrong("an object")

    def items(self) -> Iterator["Part"]:
        """Yield the items of a list; a text is a list of one."""
        if isinstance(self.value, str):
            if self.value:
                yield self
        elif isinstance(self.value, list):
            for index, item in enumerate(self.value):
                yield Part(item, self.findings.about(index))
        elif self.value is not None:
            self._wrong("a list")

    def texts(self) -> tuple[str, ...]:
        """Return the texts of a list."""
        return tuple(text for item in self.items() if (text := item.text()))

    def text(self, default: str = "") -> str:
        """Return a text; numbers are written out."""
        match self.value:
            case None:
                return default
            case str():
                return self.value
            case bool() | dict() | list():
                self._wrong("a text")
                return default
            case _:
                return str(self.value)

    def flag(self, *, default: bool) -> bool:
        """Return true or false."""
        if isinstance(self.value, bool):
            return self.value
        if self.value is not None:
            self._wrong("true or false")
        return default

    def number(self) -> int:
        """Return a whole number; 0 where there is none."""
        return self.value if isinstance(self.value, int) else 0

    def amount(self) -> float | None:
        """Return a number that is not negative, also one that is written as text."""
        value = self.value.strip() if isinstance(self.value, str) else self.value
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", value):
            value = float(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return float(value)
        if value is not None:
            self._wrong("a number")
        return None

    def _wrong(self, expected: str) -> None:
        kind = type(self.value).__name__
        self.findings.error("wrong_type", f"Expected {expected}, but found {kind}")


def variable_name(key: str) -> str:
    """Return a variable's name without ``${`` and ``}``."""
    return key.strip().removeprefix("${").removesuffix("}")
