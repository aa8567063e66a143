"""Takes secrets out of the lines of a step, also where one is split over several lines.

Whoever logs what a program prints, as it comes, breaks it at any place. So the end of a
line that may be the begin of a secret is kept back until the next line tells, or until
nobody waits any longer: then it is masked, whatever it is. Lines without such an end pass
at once.
"""

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from flowyard.telemetry.encodings import Span
from flowyard.telemetry.masking import FURTHEST, SHORTEST_PART, Masker, joined, masked

MAX_HELD_LINES = 64
"""Lines that are kept back together; a secret that is broken into more is masked as it comes."""

MAX_CHARACTERS = 32 * 1024
"""Of a line that are looked at; what is behind is cut off, as a log keeps a quarter of it."""


class Said(NamedTuple):
    """A line as a plugin says it."""

    level: str
    at: datetime
    text: str


class LineMasker:
    """Masks the lines of one step, in their order.

    Parameters
    ----------
    masker
        Finds the step's secrets.
    """

    __slots__ = ("_before", "_held", "_masker", "lock")

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._held: list[Said] = []
        self._before = ""
        """The end of what was passed on: a secret may begin there."""
        self.lock = threading.Lock()
        """Is held by whoever takes or releases lines, until they are where they go."""

    @property
    def is_holding(self) -> bool:
        """Tell whether lines are kept back."""
        return bool(self._held)

    def take(self, line: Said) -> list[Said]:
        """Return what may be passed on now that a line has come."""
        self._held.append(line._replace(text=self._shortened(line.text)))
        if len(self._held) > MAX_HELD_LINES:
            return self.release()
        text, spans, begin = self._look()
        return self._passed(text, spans, begin, self._lines_before(begin))

    def release(self) -> list[Said]:
        """Return what is kept back: nobody waits for the next line any longer."""
        text, spans, begin = self._look()
        return self._passed(text, [*spans, (begin, len(text))], begin, len(self._held))

    def _look(self) -> tuple[str, list[Span], int]:
        """Return all that is looked at together, its secrets, and where it may go on."""
        text = self._before + "".join(one.text for one in self._held)
        spans, begin = self._masker.look(text)
        at = len(self._before)
        for line in self._held:
            # A short secret is found where it is the whole of a line.
            if len(line.text) < SHORTEST_PART and self._masker.mask(line.text) != line.text:
                spans.append((at, at + len(line.text)))
            at += len(line.text)
        return text, spans, begin

    def _shortened(self, text: str) -> str:
        if len(text) <= MAX_CHARACTERS:
            return text
        # What was cut in two at the end is found by neither half. Counted in the text as it came:
        # the masked one is shorter, and its end would be within reach.
        kept = max(0, MAX_CHARACTERS - FURTHEST * self._masker.longest)
        spans = self._masker.spans(text[:MAX_CHARACTERS])
        return masked(text[:kept], [(at, min(end, kept)) for at, end in spans if at < kept])

    def _lines_before(self, begin: int) -> int:
        """Return how many lines end before a place."""
        at, count = len(self._before), 0
        for line in self._held:
            at += len(line.text)
            if at > begin:
                break
            count += 1
        return count

    def _passed(self, text: str, spans: list[Span], begin: int, count: int) -> list[Said]:
        lines = list(self._masked(joined(one for one in spans if one[0] < one[1]), count))
        passed = len(self._before) + sum(len(one.text) for one in self._held[:count])
        self._before = text[max(0, min(begin, passed - SHORTEST_PART + 1)) : passed]
        del self._held[:count]
        return lines

    def _masked(self, spans: list[Span], count: int) -> Iterator[Said]:
        at = len(self._before)
        for line in self._held[:count]:
            end = at + len(line.text)
            own = [
                (max(at, first) - at, min(end, last) - at)
                for first, last in spans
                if first < end and last > at
            ]
            yield line._replace(text=masked(line.text, own))
            at = end
