"""One value of a document together with its place: asked for what it should be.

A part that is not what it should be reports that and yields a harmless value, so
that one reading finds every problem of a document.
"""

import difflib
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from flowyard.document.durations import MAX_SECONDS, seconds
from flowyard.document.problems import Path, Problem
from flowyard.document.source import Place, Places
from flowyard.engine.graph import JsonValue

_EnumT = TypeVar("_EnumT", bound=StrEnum)

MAX_LISTED = 12
"""How many known words a message lists."""

MAX_SHOWN_CHARS = 100
"""How much of a value a message repeats; what is longer is no slip of a known name."""

MAX_SUGGESTED = 100
"""How many problems of a document come with the name that was probably meant."""

MAX_COMPARED = 200
"""With how many known names one name is compared."""


@dataclass(frozen=True, slots=True)
class Report:
    """Collects what is wrong."""

    places: Places
    problems: list[Problem]

    def add(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        node_id: str | None = None,
        place: Place | None = None,
    ) -> None:
        """Note a problem at a path, or at a place within its text."""
        found = place or self.places.of(path)
        self.problems.append(
            Problem(
                code=code,
                message=message,
                node_id=node_id,
                path=path,
                line=found.line if found else None,
                column=found.column if found else None,
            )
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A value and its path."""

    value: JsonValue
    path: Path
    report: Report
    node_id: str | None = None

    def wrong(self, code: str, message: str) -> None:
        """Report a problem of this value."""
        self.report.add(code, message, self.path, node_id=self.node_id)

    def wrong_key(self, code: str, message: str) -> None:
        """Report a problem of the key that this value has."""
        place = self.report.places.of(self.path, is_key=True)
        self.report.add(code, message, self.path, node_id=self.node_id, place=place)

    def of_node(self, node_id: str | None) -> "Part":
        """Return the same part, as one of a node."""
        return replace(self, node_id=node_id)

    def child(self, key: str | int, value: JsonValue) -> "Part":
        """Return a part below this one."""
        return Part(value, (*self.path, key), self.report, self.node_id)

    def is_a(self, expected: type | tuple[type, ...], what: str) -> bool:
        """Tell whether the value has a type, and report it if not."""
        is_right = isinstance(self.value, expected) and not (
            isinstance(self.value, bool) and expected is not bool
        )
        if not is_right:
            self.wrong("wrong_type", f"Expected {what}, but {describe(self.value)}")
        return is_right

    def fields(self, known: Iterable[str], what: str) -> "dict[str, Part]":
        """Return the values of a mapping by key; unknown keys are reported and left out."""
        names = tuple(known)
        found = self.entries(f"a mapping of {what}")
        for key in [key for key in found if key not in names]:
            self.unknown_key(key, names, what)
            del found[key]
        return found

    def entries(self, what: str = "a mapping") -> "dict[str, Part]":
        """Return the values of a mapping by key."""
        if not self.is_a(dict, what) or not isinstance(self.value, dict):
            return {}
        return {key: self.child(key, value) for key, value in self.value.items()}

    def items(self, what: str = "a list") -> "list[Part]":
        """Return the values of a list."""
        if not self.is_a(list, what) or not isinstance(self.value, list):
            return []
        return [self.child(index, value) for index, value in enumerate(self.value)]

    def unknown_key(self, key: str, known: Iterable[str], what: str) -> None:
        """Report a key that a mapping may not have."""
        path = (*self.path, key)
        self.report.add(
            "unknown_key",
            f"Expected a key of {what}, but {key} is none"
            f"{suggest(key, known, told=len(self.report.problems))}",
            path,
            node_id=self.node_id,
            place=self.report.places.of(path, is_key=True),
        )

    def missing_key(self, key: str, what: str) -> None:
        """Report a key that a mapping must have."""
        self.wrong("missing_key", f"Expected {what} to have the key {key}, but it is missing")

    def text(self, what: str = "text") -> str:
        """Return a text."""
        return self.value if self.is_a(str, what) and isinstance(self.value, str) else ""

    def word(self, pattern: re.Pattern[str], what: str) -> str:
        """Return a text that matches a pattern, else an empty one."""
        text = self.text(what)
        if isinstance(self.value, str) and not pattern.fullmatch(text):
            self.wrong("invalid_value", f"Expected {what}, but {shortened(text)} is none")
            return ""
        return text

    def flag(self, what: str = "true or false") -> bool:
        """Return a boolean."""
        return self.is_a(bool, what) and self.value is True

    def choice(self, known: type[_EnumT], what: str) -> _EnumT:
        """Return a member of an enumeration by its value; the first one where it is none."""
        members = {member.value: member for member in known}
        text = self.text(what)
        if text in members:
            return members[text]
        if isinstance(self.value, str):
            self.wrong(
                "invalid_value",
                f"Expected {what}, but {shortened(text)} is none"
                f"{suggest(text, members, told=len(self.report.problems))}",
            )
        return next(iter(known))

    def integer(self, what: str, *, least: int, most: int | None = None) -> int:
        """Return an integer that is neither too small nor too large."""
        if not self.is_a(int, what) or not isinstance(self.value, int):
            return least
        if self.value < least:
            self.wrong("invalid_value", f"Expected {what}, at least {least}, but it is less")
            return least
        if most is not None and self.value > most:
            self.wrong("invalid_value", f"Expected {what}, at most {most}, but it is more")
            return most
        return self.value

    def number(self, what: str) -> float | None:
        """Return a number."""
        if self.is_a((int, float), what) and isinstance(self.value, (int, float)):
            return self.value
        return None

    def seconds(self, what: str, *, may_be_nothing: bool = False) -> float | None:
        """Return a length of time in seconds, more than nothing unless that is allowed."""
        amount: float | None = None
        if isinstance(self.value, str):
            amount = seconds(self.value)
        elif self.is_a((int, float), what) and isinstance(self.value, (int, float)):
            amount = float(self.value)
        else:
            return None
        if amount is None or amount < 0 or (amount == 0 and not may_be_nothing):
            self.wrong("invalid_value", f"Expected {what}, but {shortened(self.value)} is none")
            return None
        if amount > MAX_SECONDS:
            self.wrong("invalid_value", f"Expected {what}, at most 3660d, but it is longer")
            return None
        return amount

    def values(self) -> Mapping[str, JsonValue]:
        """Return a mapping as it is."""
        return self.value if self.is_a(dict, "a mapping") and isinstance(self.value, dict) else {}


def shortened(value: object) -> str:
    """Return a value as a message shows it."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS]}..."


def suggest(name: str, known: Iterable[str], *, told: int = 0) -> str:
    """Return the end of a message: the nearest known name, else what is known.

    Parameters
    ----------
    told
        How many problems were reported before; after :data:`MAX_SUGGESTED` nobody reads on,
        and looking for near names would take the time of all the rest.
    """
    if told >= MAX_SUGGESTED:
        return ""
    names = sorted(known)
    near = difflib.get_close_matches(name, _around(name, names), n=1) if _is_short(name) else []
    if near:
        return f" (did you mean {near[0]}?)"
    if not names:
        return ""
    listed = ", ".join(names[:MAX_LISTED]) + (", ..." if len(names) > MAX_LISTED else "")
    return f" (known: {listed})"


def _around(name: str, names: list[str]) -> list[str]:
    """Return the sorted names that may be near: of very many those that begin alike."""
    place = max(0, bisect_left(names, name) - MAX_COMPARED // 2)
    return [one for one in names[place : place + MAX_COMPARED] if _is_short(one)]


def _is_short(name: str) -> bool:
    return len(name) <= MAX_SHOWN_CHARS


def describe(value: JsonValue) -> str:
    """Return what a value is, to follow ``but`` in a message."""
    match value:
        case None:
            return "there is nothing"
        case bool():
            return f"{str(value).lower()} is true or false (put it in quotes to make it text)"
        case int() | float():
            return f"{value} is a number (put it in quotes to make it text)"
        case str():
            return "it is text"
        case list():
            return "it is a list"
        case dict():
            return "it is a mapping"
