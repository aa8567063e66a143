"""What clients would rather have, if it can be had: the header ``Prefer`` of RFC 7240."""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Header
from pydantic import WithJsonSchema

APPLIED_HEADER = "Preference-Applied"
"""Names the preferences that an answer goes by."""

MAX_WAIT_SECONDS = 60
"""Longest wait for an answer; proxies commonly give up on one after that."""

_PREFERENCE = re.compile(
    r"""\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)        # its name
        (?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s",;]*))?    # its value
        \s*(?:;(?:[^",]|"(?:[^"\\]|\\.)*")*)?        # its parameters: wait has none
        (?:,|$)""",
    re.VERBOSE,
)
_SECONDS = re.compile(r"[0-9]{1,9}")


def preferred_wait(lines: Sequence[str]) -> int | None:
    """Return how many seconds an answer may be waited for; None for no wish that counts.

    Parameters
    ----------
    lines
        The header as often as it was sent. Of a preference that is named twice the first one
        counts, and what is malformed is passed over, as RFC 7240 wants it.
    """
    for line in lines:
        place = 0
        while found := _PREFERENCE.match(line, place):
            if found[1].lower() == "wait":
                return _seconds(found[2] or "")
            place = found.end()
            if place == len(line):
                break
    return None


def _seconds(value: str) -> int | None:
    text = value.strip('"')
    if _SECONDS.fullmatch(text) is None or int(text) == 0:
        return None
    return min(int(text), MAX_WAIT_SECONDS)


async def _wait(
    prefer: Annotated[
        list[str] | None,
        # A list in several lines, or in one: what a client sends is a text.
        WithJsonSchema({"type": "string"}),
        Header(
            description="`wait=SECONDS` (RFC 7240), from 1 to 60, holds the answer until the"
            " instance does not go on by itself, or that time is over. Anything else is ignored.",
        ),
    ] = None,
) -> int | None:
    return preferred_wait(prefer or ())


PreferredWait = Annotated[int | None, Depends(_wait)]
"""How many seconds the client would have its answer held; None for at once."""
