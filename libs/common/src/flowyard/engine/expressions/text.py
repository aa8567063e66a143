"""Texts with ``${...}`` in them, taken apart and looked over."""

from collections.abc import Iterator
from dataclasses import dataclass

from flowyard.engine.expressions.errors import ExpressionError, RefusedError, SyntaxProblem
from flowyard.engine.expressions.limits import MAX_DEPTH
from flowyard.engine.expressions.parse import Code, parse
from flowyard.engine.expressions.source import OPENING, end_of_expression
from flowyard.engine.graph import JsonValue

_SHOWN = 200
"""Characters that are shown of an expression without an end."""


@dataclass(frozen=True, slots=True)
class Marked:
    """An expression in a text."""

    text: str
    """The expression without its ``${`` and ``}``; the beginning of it if it has no end."""
    offset: int
    """Where it begins, after its ``${``."""
    failure: RefusedError | None = None
    """Why it has no end."""

    def parsed(self) -> Code:
        """Return it as a checked tree.

        Raises
        ------
        ExpressionError
            Raised if it has no end, does not parse, or is not allowed.
        """
        if self.failure is None:
            return parse(self.text)
        raise ExpressionError(
            expression=self.text,
            position=self.failure.position or 0,
            reason=self.failure.reason,
        ) from self.failure


def split_text(text: str) -> Iterator[str | Marked]:
    """Yield the literal pieces and the expressions of a text, in order.

    What follows an expression without an end is not looked at.
    """
    place = 0
    while (opening := text.find(OPENING, place)) >= 0:
        start = opening + len(OPENING)
        if opening > place and text[opening - 1] == "$":
            yield text[place : opening - 1] + OPENING
            place = start
            continue
        if opening > place:
            yield text[place:opening]
        try:
            end = end_of_expression(text, start)
        except RefusedError as error:
            shown = max(_SHOWN, error.position or 0)
            yield Marked(text[start : start + shown], start, error)
            return
        yield Marked(text[start:end], start)
        place = end + 1
    if place < len(text):
        yield text[place:]


def problems_of(value: JsonValue) -> Iterator[SyntaxProblem]:
    """Yield what can never be evaluated in a value, in order."""
    pending: list[tuple[tuple[str | int, ...], JsonValue]] = [((), value)]
    while pending:
        path, part = pending.pop()
        if isinstance(part, str):
            yield from _text_problems(part, path)
        elif isinstance(part, list | dict) and len(path) >= MAX_DEPTH:
            yield SyntaxProblem(
                expression="",
                position=0,
                reason=f"Expected at most {MAX_DEPTH} nested lists and objects",
                path=path,
            )
        elif isinstance(part, list):
            pending.extend(((*path, index), part[index]) for index in reversed(range(len(part))))
        elif isinstance(part, dict):
            pending.extend(((*path, key), part[key]) for key in reversed(part))


def _text_problems(text: str, path: tuple[str | int, ...]) -> Iterator[SyntaxProblem]:
    for piece in split_text(text) if OPENING in text else ():
        if isinstance(piece, str):
            continue
        try:
            piece.parsed()
        except ExpressionError as error:
            yield problem(error, path=path, offset=piece.offset)


def problem(
    error: ExpressionError, *, path: tuple[str | int, ...] = (), offset: int = 0
) -> SyntaxProblem:
    """Return an error as what is wrong with a value."""
    return SyntaxProblem(
        expression=error.expression,
        position=error.position,
        reason=error.reason,
        path=path,
        offset=offset,
    )


def has_opening(value: JsonValue) -> bool:
    """Tell whether any text of a value holds ``${``, without parsing it."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            if OPENING in part:
                return True
        elif isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, dict):
            pending.extend(part.values())
    return False


def codes_of(value: JsonValue) -> Iterator[Code]:
    """Yield the expressions of a value that parse."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            yield from _text_codes(part)
        elif isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, dict):
            pending.extend(part.values())


def _text_codes(text: str) -> Iterator[Code]:
    for piece in split_text(text) if OPENING in text else ():
        if isinstance(piece, Marked):
            try:
                yield piece.parsed()
            except ExpressionError:
                continue
