"""What is wrong with a document, each with its place in the file."""

from collections.abc import Iterable
from dataclasses import dataclass

from typing_extensions import override

from flowyard.errors import PermanentError

Path = tuple[str | int, ...]
"""Keys and indexes from the top of a document down to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to change before a document can be used."""

    code: str
    """Stable name of the cause."""
    message: str
    """One sentence for the person who wrote the document."""
    node_id: str | None = None
    """The node that it is about, where it is about one."""
    path: Path = ()
    """Where in the document."""
    line: int | None = None
    """Where in the file, counted from 1; None for a document that was not read from text."""
    column: int | None = None
    """Counted from 1, in characters."""

    @override
    def __str__(self) -> str:
        """Return the place and the message, on one line."""
        where = f"{self.line}:{self.column}: " if self.line is not None else ""
        return f"{where}{self.message} [{self.code}]"


class DocumentError(PermanentError):
    """Raised for a document that cannot be used, with everything that is wrong with it.

    Parameters
    ----------
    problems
        At least one, in any order.
    """

    code = "invalid_document"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_place))
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(f"{self.problems[0]}{more}")


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.line or 0, problem.column or 0)
