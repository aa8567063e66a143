"""How fast a line moves: by what left it while it stood, the last seconds above all.

A line that comes and goes would look slow by the clock, as most of the time nobody stands there.
"""

from dataclasses import dataclass

KEPT = 0.7
"""What a second of standing leaves of what was counted before."""

LEAST_SECONDS = 0.5
"""A line that has stood for less has a pace that nobody knows."""

LEAST_RATE = 0.001
"""One in a quarter of an hour; below, it stands still."""


@dataclass(slots=True)
class Pace:
    """Of one line; times are monotonic seconds."""

    seen_at: float
    """When it was last looked at."""
    is_standing: bool = False
    """Whether anybody stood there then."""
    _left: float = 0.0
    _seconds: float = 0.0

    def look(self, at: float) -> None:
        """Count the time since the last look, if the line has stood."""
        if not self.is_standing:
            return
        seconds = at - self.seen_at
        fading = KEPT**seconds
        self._left *= fading
        self._seconds = self._seconds * fading + seconds
        self.seen_at = at

    def leave(self) -> None:
        """Count one that has left it; whoever came only now has not stood there."""
        if self.is_standing:
            self._left += 1

    def stand(self, at: float, *, is_standing: bool) -> None:
        """Take note of whether anybody stands there from now on."""
        if is_standing or self.is_standing:
            self.seen_at = at
        self.is_standing = is_standing

    def rate(self) -> float:
        """Return how many leave it in a second; 0 where none do, or nobody knows yet."""
        if self._seconds < LEAST_SECONDS:
            return 0.0
        rate = self._left / self._seconds
        return rate if rate > LEAST_RATE else 0.0
