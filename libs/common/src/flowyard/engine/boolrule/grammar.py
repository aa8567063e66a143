r"""The grammar of bamboo's branch conditions, read without ever trying a second way.

::

    chain      := condition (("and" | "or") condition)*
    condition  := operand operator operand | "(" chain ")"
    operand    := value | "(" value ("," value)* ")"
    value      := real | integer | "text" | 'text' | true | false | word ("." word)*
    word       := ["${"] ["_"] letter (letter | digit | "_")* ["}"]

What looks odd is kept on purpose, because flows rely on it: keywords of values and
operators end anywhere (``trueish`` is ``true`` and a mistake after it, ``1 inlist`` is
``1 in list``), while ``and`` and ``or`` must stand free; an integer with an exponent can
never be read; in quotes only ``\t``, ``\n``, ``\f`` and ``\r`` mean something else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NoReturn

from flowyard.engine.boolrule.errors import BoolRuleError

MAX_CHARS = 8192
"""Longest condition: as for expressions of our own."""

MAX_DEPTH = 50
"""Deepest nesting of brackets: as for expressions of our own."""

Operator = Literal["==", "!=", "<=", "<", ">=", ">", "in", "notin", "issuperset", "notissuperset"]
"""How two operands are compared."""

OPERATORS: tuple[Operator, ...] = (
    *("==", "!=", "<=", "<", ">=", ">"),
    *("in", "notin", "issuperset", "notissuperset"),
)
"""In the order in which they are tried."""

_REAL = re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?[0-9]+(?:[eE]\+?[0-9]+)?")
_QUOTED = re.compile(r"\"[^\"\n\r]*\"|'[^'\n\r]*'")
_PART = r"(?:\$\{)?_?[A-Za-z][A-Za-z0-9_]*\}?"
_WORD = re.compile(rf"{_PART}(?:\.{_PART})*")
_SPACE = re.compile(r"[ \n\t\r]*")
_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\f": "\f", "\\r": "\r"}
_KEYWORD_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")

Scalar = str | int | float | bool
"""What a value is once it is read; a word is the text of its own name."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it was written."""

    value: Scalar
    kind: Literal["real", "integer", "text", "truth", "word"]
    source: str
    """The characters that it was read from."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and what they are asked; a tuple is a list in brackets."""

    left: Value | tuple[Value, ...]
    operator: Operator
    right: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Conditions and the words between them, in the order in which they stand."""

    conditions: tuple["Comparison | Chain", ...]
    joints: tuple[Literal["and", "or"], ...]
    """One less than there are conditions."""


def parse(text: str) -> Chain:
    """Return the tree of a condition whose ``${...}`` are rendered.

    Raises
    ------
    BoolRuleError
        Raised if it is too long, too deeply nested, or no condition.
    """
    if len(text) > MAX_CHARS:
        reason = f"Expected at most {MAX_CHARS} characters, but there are {len(text)}"
        raise BoolRuleError(condition=text[:100], position=None, reason=reason)
    return _Parser(text.expandtabs()).parsed()


class _MismatchError(Exception):
    """Raised when what stands at a place cannot be what is looked for."""


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def parsed(self) -> Chain:
        try:
            chain = self._chain(0)
        except _MismatchError as mismatch:
            self._refuse(str(mismatch))
        self._skip()
        if self._place < len(self._text):
            self._refuse("Expected the condition to end here, or and or or")
        return chain

    def _refuse(self, reason: str) -> NoReturn:
        raise BoolRuleError(condition=self._text, position=self._place, reason=reason)

    def _chain(self, depth: int) -> Chain:
        if depth > MAX_DEPTH:
            self._refuse(f"Expected at most {MAX_DEPTH} nested brackets")
        conditions: list[Comparison | Chain] = [self._condition(depth)]
        joints: list[Literal["and", "or"]] = []
        while joint := self._joint():
            joints.append(joint)
            conditions.append(self._condition(depth))
        return Chain(tuple(conditions), tuple(joints))

    def _joint(self) -> Literal["and", "or"] | None:
        self._skip()
        words: tuple[Literal["and", "or"], ...] = ("and", "or")
        for word in words:
            end = self._place + len(word)
            is_free = self._is_free(self._place - 1) and self._is_free(end)
            if is_free and self._text[self._place : end].upper() == word.upper():
                self._place = end
                return word
        return None

    def _is_free(self, place: int) -> bool:
        """Tell whether a keyword may border on a place."""
        inside = 0 <= place < len(self._text)
        return not inside or self._text[place].upper() not in _KEYWORD_CHARS

    def _condition(self, depth: int) -> Comparison | Chain:
        start = self._place
        try:
            left = self._operand()
            operator = self._operator()
            return Comparison(left, operator, self._operand())
        except _MismatchError:
            furthest, self._place = self._place, start
            if not self._has("("):
                self._place = furthest
                raise
        chain = self._chain(depth + 1)
        self._expect(")")
        return chain

    def _operator(self) -> Operator:
        self._skip()
        for operator in OPERATORS:
            if self._takes(operator):
                return operator
        raise _MismatchError("Expected a comparison such as == or in")

    def _operand(self) -> Value | tuple[Value, ...]:
        value = self._value()
        if value is not None:
            return value
        if not self._has("("):
            raise _MismatchError("Expected a value or a bracket")
        values = [self._listed()]
        while self._has(","):
            values.append(self._listed())
        self._expect(")")
        return tuple(values)

    def _listed(self) -> Value:
        value = self._value()
        if value is None:
            raise _MismatchError("Expected a number, a text in quotes, true, false or a word")
        return value

    def _value(self) -> Value | None:
        self._skip()
        readers: tuple[Callable[[], Value | None], ...] = (
            *(self._real, self._integer, self._quoted),
            *(self._truth, self._word),
        )
        return next((value for read in readers if (value := read()) is not None), None)

    def _real(self) -> Value | None:
        found = self._found(_REAL)
        return None if found is None else Value(float(found), "real", found)

    def _integer(self) -> Value | None:
        found = self._found(_INTEGER)
        if found is None:
            return None
        try:
            return Value(int(found), "integer", found)
        except ValueError:
            self._refuse("Expected a whole number without an exponent and not too long")

    def _quoted(self) -> Value | None:
        found = self._found(_QUOTED)
        if found is None:
            return None
        text = found[1:-1]
        for written, meant in _ESCAPES.items():
            text = text.replace(written, meant)
        return Value(text, "text", found)

    def _truth(self) -> Value | None:
        start = self._place
        for word in ("true", "false"):
            if self._takes(word):
                return Value(word == "true", "truth", self._text[start : self._place])
        return None

    def _word(self) -> Value | None:
        found = self._found(_WORD)
        return None if found is None else Value(found, "word", found)

    def _found(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self._text, self._place)
        if match is None:
            return None
        self._place = match.end()
        return match[0]

    def _takes(self, word: str) -> bool:
        """Go past a word in any case, if it stands here."""
        end = self._place + len(word)
        is_here = self._text[self._place : end].upper() == word.upper()
        if is_here:
            self._place = end
        return is_here

    def _has(self, sign: str) -> bool:
        self._skip()
        return self._takes(sign)

    def _expect(self, sign: str) -> None:
        if not self._has(sign):
            raise _MismatchError(f"Expected {sign}")

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._place)
        self._place = match.end() if match else self._place
