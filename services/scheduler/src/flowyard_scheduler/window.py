"""How many steps of one queue may be handed out: as many as begin soon.

Theory of operation. What is handed out lies in Kafka in the order in which it
was published, so whatever lies there too long is out of reach of priorities and of
fairness among projects. Whoever takes the steps is kept busy if a little more
is handed out than runs. How much that is, is measured: each step tells when it
began, and the mean wait of a round, less the least wait seen of late, is what a
step spends in line. The latter also takes the clocks' difference out, and the way
through the broker; but a clock that was set while steps were under way makes it wrong,
so that no step counts for longer than it took until its owner knew of it, by one clock.
A line that is too long narrows the window, in proportion; a window that is full while
there is hardly any line widens.

One round is judged at a time, by steps that were handed out after the window
was changed last: what was handed out before tells of the window before.
"""

from datetime import datetime

FIRST_SIZE = 32
"""Size before anything is known."""

FIRST_GROWTH = 0.4
"""By how much of itself a full window widens at first: doubling would overshoot a small queue's
worker by a second's work before the first steps tell of it."""

LEAST_GROWTH = 0.25
"""By how much of itself a full window widens in the first round without a line, then by twice as
much each."""

LEAST_SIZE = 16
"""Smallest size: enough to keep a few slots busy over the way through the broker."""

LEAST_ROUND = 8
"""Fewest steps that tell of a round."""

LONGEST = 10.0
"""As how many times the target a wait counts at most: one step that was delivered twice, after
its worker died, says nothing about the line."""

MEMORY_SECONDS = 60.0
"""For how long the least wait counts, once or twice: by then clocks and ways may be others."""


class Window:
    """The size of one queue's window.

    Parameters
    ----------
    target_seconds
        How long a step may lie in line once it is handed out.
    """

    __slots__ = (
        "_base",
        "_base_since",
        "_changed_at",
        "_count",
        "_earlier_base",
        "_growth",
        "_is_full",
        "_latest_at",
        "_size",
        "_target",
        "_waited",
    )

    def __init__(self, target_seconds: float) -> None:
        self._target = target_seconds
        self._size = FIRST_SIZE
        self._growth = FIRST_GROWTH
        self._is_full = False
        self._changed_at: datetime | None = None
        self._latest_at: datetime | None = None
        self._waited = 0.0
        self._count = 0
        self._base = float("inf")
        self._earlier_base = float("inf")
        self._base_since: datetime | None = None

    @property
    def size(self) -> int:
        """Most steps that are to be handed out and not finished."""
        return self._size

    def hand_out(self, at: datetime, *, is_full: bool) -> None:
        """Take note of when steps were handed out last, and whether more had no room."""
        self._latest_at = at
        self._is_full = self._is_full or is_full

    def begin(self, handed_out_at: datetime, began_at: datetime, known_at: datetime) -> None:
        """Take note of when a step was handed out for the first time, and when it began.

        Parameters
        ----------
        began_at
            By the clock of who ran it.
        known_at
            When that became known, by the clock of ``handed_out_at``.
        """
        wait = (began_at - handed_out_at).total_seconds()
        self._remember(wait, handed_out_at)
        if self._changed_at is not None and handed_out_at <= self._changed_at:
            return
        line = min(
            wait - min(self._base, self._earlier_base),
            (known_at - handed_out_at).total_seconds(),
        )
        self._waited += min(line, LONGEST * self._target)
        self._count += 1
        if self._count >= max(LEAST_ROUND, self._size // 2):
            self._judge(self._waited / self._count)

    def limit(self, most: int) -> None:
        """Grow beyond a bound no further."""
        self._size = min(self._size, max(most, LEAST_SIZE))

    def _remember(self, wait: float, at: datetime) -> None:
        since = self._base_since
        if since is None or (at - since).total_seconds() > MEMORY_SECONDS:
            self._base_since = at
            self._earlier_base, self._base = self._base, wait
        self._base = min(self._base, wait)

    def _judge(self, line: float) -> None:
        if line > self._target:
            self._size = max(LEAST_SIZE, int(self._size * max(0.7, self._target / line)))
        elif self._is_full and line < self._target / 2:
            self._size += max(1, int(self._size * self._growth))
            self._growth = min(1.0, 2 * self._growth)
        if line >= self._target / 2:
            self._growth = LEAST_GROWTH
        self._changed_at = self._latest_at
        self._waited = 0.0
        self._count = 0
        self._is_full = False
