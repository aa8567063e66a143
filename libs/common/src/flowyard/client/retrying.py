"""When a request is sent again, and after how long."""

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf

import httpx

from flowyard.client.call import Call
from flowyard.clock import Clock, SystemClock

_AGAIN = frozenset({429, 502, 503, 504})
_CONFLICT = 409
_IN_FLIGHT = re.compile(rb'"code"\s*:\s*"request_in_flight"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How patient the client is with a server that cannot do something now.

    Only what does no harm when it is done twice is repeated: reads, replacements,
    and writes under an idempotency key, which are nearly all others. Each pause is as
    long as ``Retry-After`` wants it, or up to twice as long as the one before; a part of
    it is left to chance, so that many clients do not come back together.

    Attributes
    ----------
    patience_seconds
        How long one request is repeated at most; 0 has nothing repeated.
    waiting_patience_seconds
        How long a server may be away while one waits for what it does: longer, for
        nothing is lost by it.
    first_pause_seconds, longest_pause_seconds
        Bounds of a pause that the server has not named.
    """

    patience_seconds: float = 60.0
    waiting_patience_seconds: float = 300.0
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 5.0


NO_RETRIES = Retries(patience_seconds=0.0)
"""Everything is sent once."""


def retry_after(response: httpx.Response, now: datetime) -> float | None:
    """Return after how many seconds the server wants to be asked again, if it says so."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return float(asked)
    try:
        at = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


@dataclass(slots=True, kw_only=True)
class Patience:
    """What is left of the patience with one request.

    Attributes
    ----------
    retries
        How much there was.
    call
        The request.
    deadline
        When it ends in any case, by the clock's monotonic seconds.
    clock
        Measures it.
    """

    retries: Retries
    call: Call
    deadline: float = inf
    clock: Clock = field(default_factory=SystemClock)
    _began: float = field(init=False)
    _pause: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin to measure."""
        self._began = self.clock.monotonic()
        self._pause = self.retries.first_pause_seconds

    def after_answer(self, response: httpx.Response) -> float | None:
        """Return how long to wait before the request is sent again; None for no more.

        Of a conflict, the body has to be read.
        """
        is_in_flight = response.status_code == _CONFLICT and _IN_FLIGHT.search(response.content)
        if response.status_code not in _AGAIN and not is_in_flight:
            return None
        if not self.call.is_repeatable:
            return None
        return self._next(retry_after(response, self.clock.now()))

    def after_error(self, error: httpx.TransportError) -> float | None:
        """Return how long to wait after the network has failed; None for no more."""
        never_sent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
        return self._next(None) if never_sent or self.call.is_repeatable else None

    def _next(self, asked: float | None) -> float | None:
        if asked is None:
            pause = self._pause * random.uniform(0.5, 1.0)  # noqa: S311  # no secret
            self._pause = min(2 * self._pause, self.retries.longest_pause_seconds)
        else:
            pause = asked
        end = min(self.deadline, self._began + self.retries.patience_seconds)
        return pause if self.clock.monotonic() + pause < end else None


@dataclass(slots=True, kw_only=True)
class Absence:
    """How long nothing has come through a stream that was opened again and again.

    It begins with the first failure: how long one has worked on what came last is no absence.

    Attributes
    ----------
    retries
        How long it may be.
    clock
        Measures it.
    """

    retries: Retries
    clock: Clock = field(default_factory=SystemClock)
    _since: float | None = None
    _pause: float = 0.0

    def end(self) -> None:
        """Note that something has come."""
        self._since = None

    def pause(self) -> float | None:
        """Return how long to wait before the stream is opened again; None for no more."""
        now = self.clock.monotonic()
        if self._since is None:
            self._since, self._pause = now, self.retries.first_pause_seconds
        if now - self._since > self.retries.waiting_patience_seconds:
            return None
        pause = self._pause
        self._pause = min(2 * pause, self.retries.longest_pause_seconds)
        return pause
