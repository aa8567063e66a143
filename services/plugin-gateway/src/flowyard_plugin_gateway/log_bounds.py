"""What an attempt's log may hold, and where its lines stand."""

from collections.abc import Iterable, Sequence

from flowyard.storage.cancellations import AttemptKey
from flowyard.storage.log_lines import LogEnd, LogLine, PlacedLine

MAX_LINES = 10_000
"""Lines that an attempt keeps."""

MAX_BYTES = 1024 * 1024
"""Bytes of lines that an attempt keeps."""

MAX_LINE_CHARACTERS = 8192
"""Longest line; what is beyond is cut off."""

CUT_TEXT = f"Nothing more is kept: a log holds {MAX_LINES} lines and {MAX_BYTES // 1024} KiB."
"""The last line of a log that was too long."""

NOTHING = LogEnd(0, 0)
"""The end of a log without lines."""

Unplaced = tuple[AttemptKey, LogEnd | None, Sequence[LogLine]]
"""Lines of an attempt, and the end that they stand behind."""


def place_lines(logs: Iterable[Unplaced]) -> list[PlacedLine]:
    """Return lines with their places, in the order of their keys.

    Logs of the same attempt follow each other. Lines that are too many are left out; the
    first of them becomes the one that says so.
    """
    placed: list[PlacedLine] = []
    ends: dict[AttemptKey, LogEnd] = {}
    for key, stored, lines in sorted(logs, key=lambda log: log[0]):
        end = ends.get(key, stored or NOTHING)
        for line in lines:
            one = _next(key, line, end)
            if one is not None:
                placed.append(one)
                end = LogEnd(one.line.sequence, one.size_so_far)
        ends[key] = end
    return placed


def _next(key: AttemptKey, line: LogLine, end: LogEnd) -> PlacedLine | None:
    """Return a line in the place behind an end, or the one that says that the log was cut."""
    if is_cut(end):
        return None
    sequence, size = end.sequence + 1, end.size_so_far + size_of(line)
    level, text = line.level, line.text
    if sequence > MAX_LINES or size > MAX_BYTES:
        size, level, text = MAX_BYTES + 1, "warning", CUT_TEXT
    return PlacedLine(
        key=key,
        line=LogLine(sequence=sequence, at=line.at, level=level, text=text),
        size_so_far=size,
    )


def is_cut(end: LogEnd) -> bool:
    """Tell whether nothing more is kept behind an end."""
    return end.size_so_far > MAX_BYTES


def size_of(line: LogLine) -> int:
    """Return the bytes that a line counts."""
    return len(line.text.encode())


def clean(text: str) -> str:
    """Return text that Postgres stores: without NUL bytes and lone surrogates, and not too long."""
    text = text.replace("\x00", "")
    if len(text) > MAX_LINE_CHARACTERS:
        text = text[:MAX_LINE_CHARACTERS] + "…"
    return text.encode(errors="replace").decode()
