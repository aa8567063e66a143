"""Models of attempts.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime

from flowyard.client.model import OPEN, Answer


class LogLineView(Answer):
    """One line that a plugin has logged."""

    sequence: int
    """Counted from 1 over all steps of the attempt."""
    at: AwareDatetime
    level: Annotated[Literal["debug", "info", "warning", "error"], OPEN]
    text: str
    """Without secrets; may hold several lines."""


class LogPageView(Answer):
    """A part of an attempt's log."""

    lines: list[LogLineView]
    next_after: int
    """Pass it as `after` to go on."""
    is_complete: bool
    """True when the attempt has ended and nothing follows."""
