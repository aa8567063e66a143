"""Postgres' clock, carried on by the machine's monotonic one between two looks at it."""

from datetime import datetime, timedelta

from flowyard.clock import Clock


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
        self._read_at = clock.monotonic()
        self._reading = clock.now()

    def set(self, reading: datetime) -> None:
        """Take over a reading that has just come from Postgres."""
        self._reading = reading
        self._read_at = self._clock.monotonic()

    def now(self) -> datetime:
        """Return the present instant by Postgres' clock."""
        return self._reading + timedelta(seconds=self._clock.monotonic() - self._read_at)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return self._clock.monotonic()
