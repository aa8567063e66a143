"""Patterns of template authors, matched in a time that is bounded whatever is given.

Whoever writes a pattern and whoever gives the text are two people, and neither may hold the
process up. So patterns are those of RE2: no looking around, no references back, nothing that
has to be tried a second time. What is left grows with the pattern's program times the text,
and that product is counted.
"""

from functools import lru_cache
from typing import Protocol, cast

import re2

MAX_PROGRAM = 2500
"""Largest program of a pattern, in RE2's instructions; ``.{1,200}`` takes 2,000."""

MAX_WORK = 100_000_000
"""Instructions times bytes of text for all values that are given together: half a second."""

_MAX_BYTES = 1 << 20
"""Memory of one pattern at work."""

_KEPT = 256
"""Compiled patterns that are kept: the inputs of a few dozen templates."""


class _Pattern(Protocol):
    @property
    def programsize(self) -> int: ...

    def fullmatch(self, text: bytes) -> object: ...


def pattern_problem(pattern: str) -> str | None:
    """Return why a text is no pattern, to follow ``but``; None if it is one."""
    try:
        compiled = _compiled(pattern)
    except re2.error as error:
        return _reason(error)
    if compiled.programsize > MAX_PROGRAM:
        return f"it is too large: {compiled.programsize} steps, and {MAX_PROGRAM} are allowed"
    return None


class Matching:
    """Matches texts against patterns, as long as that takes no more than is allowed.

    Parameters
    ----------
    work
        How much all of it may take.
    """

    __slots__ = ("_left",)

    def __init__(self, work: int = MAX_WORK) -> None:
        self._left = work

    def matches(self, pattern: str, text: str) -> bool | None:
        """Tell whether a text matches a pattern as a whole; None if that would take too much.

        Nothing matches what is no pattern.
        """
        if pattern_problem(pattern) is not None:
            return False
        compiled, encoded = _compiled(pattern), _encoded(text)
        self._left -= compiled.programsize * len(encoded)
        return None if self._left < 0 else compiled.fullmatch(encoded) is not None


@lru_cache(maxsize=_KEPT)
def _compiled(pattern: str) -> _Pattern:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MAX_BYTES
    return cast("_Pattern", re2.compile(_encoded(pattern), options))


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _reason(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)
