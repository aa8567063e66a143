"""What goes wrong with expressions, told to the author of a template."""

from collections.abc import Iterable
from dataclasses import dataclass

from flowyard.errors import PermanentError

MAX_KNOWN_NAMES = 100
"""How many names an error lists."""


class ExpressionError(PermanentError):
    """Raised when an expression does not parse, may not be evaluated, or fails.

    Parameters
    ----------
    expression
        The expression without its ``${`` and ``}``.
    position
        Where in it, in characters from 0.
    reason
        One sentence; says nothing about the values at hand but their kinds.
    known_names
        Names that could have been used, sorted; empty where nothing was evaluated.
    """

    code = "expression_failed"

    def __init__(
        self, *, expression: str, position: int, reason: str, known_names: Iterable[str] = ()
    ) -> None:
        super().__init__(f"{reason} (at position {position} of the expression {expression!r})")
        self.expression = expression
        self.position = position
        self.reason = reason
        self.known_names = tuple(known_names)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxProblem:
    """One expression of a value that can never be evaluated."""

    expression: str
    """The expression without its ``${`` and ``}``."""
    position: int
    """Where in the expression, in characters from 0."""
    reason: str
    """One sentence."""
    path: tuple[str | int, ...] = ()
    """Keys and indexes that lead to the text which holds the expression."""
    offset: int = 0
    """Where in that text the expression begins, after its ``${``."""


class RefusedError(Exception):
    """What the parts of the evaluator raise; :class:`ExpressionError` is made of it.

    Parameters
    ----------
    reason
        One sentence.
    position
        Where in the expression, once that is known.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


def sorted_names(names: Iterable[object]) -> tuple[str, ...]:
    """Return the names that an error lists, sorted."""
    return tuple(sorted(name for name in names if isinstance(name, str))[:MAX_KNOWN_NAMES])
