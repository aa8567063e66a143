"""Lengths of time as people write them."""

import re

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_MAX_CHARS = 100
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s|m|h|d)?")

MAX_SECONDS = 3660 * 86400.0
"""Longest time that a document may name: ten years, which calendars and timers hold."""

DURATION_PATTERN = r"^[0-9]+(\.[0-9]+)? ?(ms|s|m|h|d)?$"
"""What :func:`seconds` takes as text, for JSON Schema."""


def seconds(text: str) -> float | None:
    """Return the seconds of a length of time such as ``30s`` or ``1.5h``; None if it is none."""
    match = _DURATION.fullmatch(text.strip()) if len(text) <= _MAX_CHARS else None
    return float(match[1]) * _UNITS[match[2] or ""] if match else None
