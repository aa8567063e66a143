"""Postgres' clock, carried on by the machine's monotonic one between two looks at it.

Theory of operation. A reading is taken somewhere between the moment it was asked for
and the moment its answer was read, which a busy process does late. So it says within
which bounds the two clocks differ, and bounds that were found before still hold but for
the drift since. A reading that took long changes nothing about what a quick one has
told; only one that contradicts it, because a clock was set, counts alone.
"""

from datetime import UTC, datetime

from flowyard.clock import Clock

DRIFT = 1e-4
"""Seconds by which two clocks may part in a second. Source: quartz stays within half of it."""


class PostgresClock:
    """What time it is where timers are kept; the machine's own time before the first reading.

    A machine's own clock may jump, or differ from another's; a monotonic one does not jump,
    and whoever writes to Postgres brings a new reading along.

    Parameters
    ----------
    clock
        The machine's.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = clock.now().timestamp() - clock.monotonic()
        self._least = float("-inf")
        self._most = float("inf")
        self._bounded_at = 0.0

    def set(self, reading: datetime, *, asked_at: float) -> None:
        """Take over a reading that has just come from Postgres.

        Parameters
        ----------
        asked_at
            When it was asked for, in :meth:`monotonic` seconds.
        """
        now = self._clock.monotonic()
        told = reading.timestamp()
        drift = DRIFT * (now - self._bounded_at)
        least = max(told - now, self._least - drift)
        most = min(told - asked_at, self._most + drift)
        if least > most:
            least, most = told - now, told - asked_at
        self._least, self._most, self._bounded_at = least, most, now
        self._ahead = (least + most) / 2

    def now(self) -> datetime:
        """Return the present instant by Postgres' clock."""
        return datetime.fromtimestamp(self._clock.monotonic() + self._ahead, UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return self._clock.monotonic()
