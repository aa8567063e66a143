"""Conditions as people write them, with or without ``${...}``, as plain expressions."""

import re

from flowyard.engine.expressions.source import OPENING
from flowyard.engine.expressions.text import Marked, split_text

_MARK = re.compile(r"\$\{|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def plain_condition(condition: str) -> str:
    """Return a condition as an expression without ``${...}``.

    Outside quotes ``${x}`` means the expression in it, inside quotes its value
    as text, as everywhere in texts: ``${x} > 1`` is ``(x) > 1``, and
    ``"${x}" == "1"`` is ``(str(x)) == "1"``. What is not marked stays as it is.

    Parameters
    ----------
    condition
        What stands at an edge.

    Raises
    ------
    ExpressionError
        Raised if an expression in it has no end or can never be evaluated.
    """
    if OPENING not in condition:
        return condition
    pieces: list[str] = []
    place = 0
    while match := _MARK.search(condition, place):
        pieces.append(condition[place : match.start()])
        if match[0] == OPENING:
            marked = _first_marked(condition[match.start() :])
            pieces.append(f"({marked.parsed().expression})")
            place = match.end() + len(marked.text) + 1
        else:
            pieces.append(_unquoted(match[0]))
            place = match.end()
    pieces.append(condition[place:])
    return "".join(pieces)


def _first_marked(text: str) -> Marked:
    return next(piece for piece in split_text(text) if isinstance(piece, Marked))


def _unquoted(literal: str) -> str:
    if OPENING not in literal:
        return literal
    quote, body = literal[0], literal[1:-1]
    parts = [
        f"{quote}{piece}{quote}" if isinstance(piece, str) else f"str({piece.parsed().expression})"
        for piece in split_text(body)
    ]
    return f"({' + '.join(parts)})"
