"""The text of expressions, cut into tokens before Python's parser may see it.

Theory of operation: finding the end of ``${...}`` and refusing what would hurt
the parser need the same knowledge: where strings, numbers and brackets begin
and end. Both read the tokens below. What Python would only warn of, or treats
differently from version to version, is refused here: unknown escapes, numbers
glued to words, format strings, comments.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from flowyard.engine.expressions.errors import RefusedError
from flowyard.engine.expressions.limits import MAX_BRACKETS, MAX_SOURCE_CHARS, MAX_TOKENS

OPENING = "${"
"""What begins an expression in text."""

CLOSERS = {"(": ")", "[": "]", "{": "}"}
"""Which bracket closes which."""

_SPACE = re.compile(r"\s+")
_STRING_START = re.compile(r"([A-Za-z]*)(['\"])")
_BODIES = {
    "'": re.compile(r"[^'\\\n\r]*(?:\\.[^'\\\n\r]*)*'", re.DOTALL),
    '"': re.compile(r'[^"\\\n\r]*(?:\\.[^"\\\n\r]*)*"', re.DOTALL),
}
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_GOOD_ESCAPE = re.compile(
    r"\\(?:[\\'\"abfnrtv]|0(?![0-9])|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"
)
_STRING_PREFIX = re.compile(r"[bfrutBFRUT]{1,3}")
_PLAIN_PREFIXES = frozenset({"", "r", "R", "u", "U"})
_NUMBER = re.compile(
    r"0[xX][0-9A-Fa-f_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]+)?"
)
_WORD = re.compile(r"\w+")


class Kind(Enum):
    """What a token is."""

    SPACE = auto()
    STRING = auto()
    NUMBER = auto()
    WORD = auto()
    OPEN = auto()
    CLOSE = auto()
    SIGN = auto()


class Token(NamedTuple):
    """A piece of an expression."""

    kind: Kind
    start: int
    end: int


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of an expression, up to an unpaired ``}`` or the end of the text.

    Parameters
    ----------
    text
        What holds the expression.
    start
        Where the expression begins.

    Raises
    ------
    RefusedError
        Raised at what no expression may hold; its position counts from ``start``.
    """
    brackets: list[str] = []
    place = start
    count = 0
    while place < len(text):
        token = _next_token(text, place, start)
        char = text[place]
        if token.kind is Kind.OPEN:
            brackets.append(CLOSERS[char])
        elif token.kind is Kind.CLOSE:
            if not brackets and char == "}":
                return
            if not brackets or brackets.pop() != char:
                raise RefusedError(
                    f"Expected brackets in pairs, but {char} closes none", place - start
                )
        count += token.kind is not Kind.SPACE
        place = token.end
        _check_bounds(len(brackets), count, place - start, token.start - start)
        yield token
    if brackets:
        raise RefusedError(f"Expected a closing {brackets[-1]}, but it is missing", place - start)


def end_of_expression(text: str, start: int) -> int:
    """Return where the ``}`` stands that ends the expression which begins at ``start``.

    Raises
    ------
    RefusedError
        Raised if there is none; its position counts from ``start``.
    """
    end = start
    for token in tokens(text, start):
        end = token.end
    if end >= len(text):
        raise RefusedError(
            "Expected a closing } (a literal ${ is written as $${), but it is missing", end - start
        )
    return end


def _check_bounds(depth: int, count: int, length: int, position: int) -> None:
    if depth > MAX_BRACKETS:
        raise RefusedError(f"Expected at most {MAX_BRACKETS} nested brackets", position)
    if count > MAX_TOKENS:
        raise RefusedError(f"Expected at most {MAX_TOKENS} words and signs", position)
    if length > MAX_SOURCE_CHARS:
        raise RefusedError(f"Expected at most {MAX_SOURCE_CHARS} characters", position)


def _next_token(text: str, place: int, start: int) -> Token:
    char = text[place]
    if char in "([{":
        return Token(Kind.OPEN, place, place + 1)
    if char in ")]}":
        return Token(Kind.CLOSE, place, place + 1)
    if match := _SPACE.match(text, place):
        return Token(Kind.SPACE, place, match.end())
    if (match := _STRING_START.match(text, place)) and not _is_word(match[1]):
        return _string(text, match, start)
    if "0" <= char <= "9" and (match := _NUMBER.match(text, place)):
        return _number(text, match, start)
    if match := _WORD.match(text, place):
        return Token(Kind.WORD, place, match.end())
    _check_sign(text, place, start)
    return Token(Kind.SIGN, place, place + 1)


def _is_word(prefix: str) -> bool:
    """Tell whether the letters before a quote are a word of their own, as in ``else"x"``."""
    return prefix not in _PLAIN_PREFIXES and _STRING_PREFIX.fullmatch(prefix) is None


def _string(text: str, match: re.Match[str], start: int) -> Token:
    prefix, quote = match[1], match[2]
    if prefix not in _PLAIN_PREFIXES:
        raise RefusedError(
            "Expected a plain string, but f, b and t strings are not available;"
            " join texts with + or put ${...} into text",
            match.start() - start,
        )
    if text.startswith(quote * 3, match.end() - 1):
        raise RefusedError(
            "Expected one quote on each side of a string, but there are three",
            match.start() - start,
        )
    body = _BODIES[quote].match(text, match.end())
    if body is None:
        raise RefusedError("Expected the string to end, but it does not", match.start() - start)
    if prefix not in ("r", "R") and "\\" in body[0]:
        _check_escapes(text, match.end(), body.end(), start)
    return Token(Kind.STRING, match.start(), body.end())


def _check_escapes(text: str, place: int, end: int, start: int) -> None:
    for match in _ESCAPE.finditer(text, place, end):
        if not _GOOD_ESCAPE.match(text, match.start(), end):
            raise RefusedError(
                "Expected a known escape; a backslash is written as \\\\ or in r'...'",
                match.start() - start,
            )


def _number(text: str, match: re.Match[str], start: int) -> Token:
    following = text[match.end() : match.end() + 1]
    if following.isalnum() or following == "_":
        raise RefusedError(
            "Expected a space or sign after the number, but a letter follows",
            match.end() - start,
        )
    return Token(Kind.NUMBER, match.start(), match.end())


def _check_sign(text: str, place: int, start: int) -> None:
    char = text[place]
    if text.startswith(OPENING, place):
        raise RefusedError(
            "Expected no ${ inside an expression: names stand there by themselves", place - start
        )
    if char in "#\\\0;`?$":
        raise RefusedError("Expected an expression, but this sign is none of it", place - start)
