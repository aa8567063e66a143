"""Follows the logs that somebody looks at, once for everybody who does.

Theory of operation
-------------------
Lines are told by nothing but their rows: plugin gateways do not know the broker. So each
process reads what is new of all logs that are looked at in it, in one statement, again and
again: as often as :data:`LIVE_SECONDS` where lines come, and :data:`IDLE_SECONDS` where none
have come for a while. A hundred readers of a log cost what one costs.

A feed keeps its latest lines, written as events, and no more than :data:`MAX_KEPT_BYTES` of
them. A reader takes from them when its connection takes more, and keeps nothing itself: one
who is too slow, or begins further back, reads Postgres page by page until it has caught up.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from types import TracebackType
from typing import NamedTuple, Self

from flowyard.clock import Clock
from flowyard.storage.cancellations import AttemptKey
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.log_lines import LOG_LEVELS, LogLine, LogNews, read_log_news
from flowyard.tasks import stop
from flowyard.telemetry.metrics import Metrics
from flowyard_api.models.logs import LogLineView

_log = logging.getLogger("flowyard.api")

LIVE_SECONDS = 0.1
"""Time between two looks at a log that lines come to."""

IDLE_SECONDS = 0.25
"""Time between two looks at a log that is silent."""

LIVE_FOR_SECONDS = 5.0
"""How long after its last line a log counts as live."""

RETRY_SECONDS = 1.0
"""Time between two looks while Postgres does not answer."""

MAX_LINES = 500
"""Lines of one log in one read, and most that a reader is given at once."""

MAX_KEPT_BYTES = 256 * 1024
"""Events of one log that are kept for its readers."""

MAX_LOGS = 200
"""Logs in one statement."""


class LineEvent(NamedTuple):
    """A line as readers get it."""

    sequence: int
    rank: int
    """Its level, counted from the least."""
    event: bytes


class LogFeed:
    """One log that somebody looks at.

    Parameters
    ----------
    key
        Whose log it is.
    after
        Where it begins: behind this sequence.
    """

    def __init__(self, key: AttemptKey, after: int) -> None:
        self.key = key
        self.end = after
        """Sequence of the last line that was read."""
        self.is_over = False
        """Set once no further line will come."""
        self.is_closed = False
        """Set when the process stops: nothing more will be read."""
        self.readers = 0
        self.look_at = 0.0
        """When it is read next, in monotonic seconds."""
        self.live_until = 0.0
        self.news = asyncio.Event()
        """Set when there is something new; there is another one from then on."""
        self._begin = after
        self._kept: deque[LineEvent] = deque()
        self._size = 0

    def lines_after(self, after: int) -> Sequence[LineEvent] | None:
        """Return lines behind a sequence, as many as a reader takes; None if they are gone."""
        if after < self._begin:
            return None
        skipped = max(0, after - self._begin)
        return list(islice(self._kept, skipped, skipped + MAX_LINES))

    def take(self, news: LogNews) -> None:
        """Keep what was read, and wake the readers."""
        for event in map(line_event, news.lines):
            self._kept.append(event)
            self._size += len(event.event)
            self.end = event.sequence
        while self._size > MAX_KEPT_BYTES:
            gone = self._kept.popleft()
            self._size -= len(gone.event)
            self._begin = gone.sequence
        self.is_over = news.is_closed and len(news.lines) < MAX_LINES
        if news.lines or self.is_over:
            self.wake()

    def begin_at(self, after: int) -> bool:
        """Begin further back, and tell whether it does: only as long as nothing was read.

        Whoever came first may have begun behind the log's end: others must not wait for that.
        """
        if self.end != self._begin or after >= self._begin:
            return False
        self._begin = self.end = after
        self.is_over, self.look_at = False, 0.0
        return True

    def wake(self) -> None:
        """Wake the readers."""
        news, self.news = self.news, asyncio.Event()
        news.set()


def line_event(line: LogLine) -> LineEvent:
    """Return a line as a server-sent event, whose id is its place."""
    view = LogLineView.model_validate(line, from_attributes=True)
    text = f"event: line\nid: {line.sequence}\ndata: {view.model_dump_json()}\n\n"
    return LineEvent(line.sequence, LOG_LEVELS.index(line.level), text.encode())


class LogFeeds:
    """Reads all logs that are looked at in this process; an async context manager.

    Parameters
    ----------
    database, clock, metrics
        As everywhere.
    """

    def __init__(self, database: Database, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._feeds: dict[AttemptKey, LogFeed] = {}
        self._wake = asyncio.Event()
        self._is_closed = False
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start to read."""
        self._reading = asyncio.create_task(self._run(), name="read-logs")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let all readers go and stop; safe to call twice."""
        self._is_closed = True
        for feed in self._feeds.values():
            feed.is_closed = True
            feed.wake()
        reading, self._reading = self._reading, None
        if reading is not None:
            await stop(reading)

    @contextmanager
    def watch(self, key: AttemptKey, after: int) -> Iterator[LogFeed]:
        """Look at a log for the length of the block.

        Parameters
        ----------
        after
            Where the reader begins; so does the feed, if it is the first.
        """
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = LogFeed(key, after)
            feed.is_closed = self._is_closed
            feed.live_until = self._clock.monotonic() + LIVE_FOR_SECONDS
            self._wake.set()
        elif feed.begin_at(after):
            self._wake.set()
        feed.readers += 1
        try:
            yield feed
        finally:
            feed.readers -= 1
            if not feed.readers and self._feeds.get(key) is feed:
                del self._feeds[key]

    async def read(self, key: AttemptKey, after: int) -> list[LineEvent]:
        """Return lines for a reader that is behind, from Postgres.

        Raises
        ------
        DatabaseUnavailableError
            Raised if the read fails.
        """
        self._metrics.count("flowyard_api_log_reads_total", by="reader")
        async with self._database.hot() as connection:
            [news] = await read_log_news(connection, [(key, after)], limit=MAX_LINES)
        return [line_event(line) for line in news.lines]

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now = self._clock.monotonic()
            due = [feed for feed in self._feeds.values() if feed.look_at <= now]
            try:
                for at in range(0, len(due), MAX_LOGS):
                    await self._look(due[at : at + MAX_LOGS])
            except DatabaseUnavailableError:
                _log.warning("Logs cannot be followed", extra={"retry_seconds": RETRY_SECONDS})
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:  # noqa: BLE001  # logged, and tried again
                # The outermost loop: without it nobody here would see a line again.
                _log.exception("Logs cannot be followed")
                await asyncio.sleep(RETRY_SECONDS)
            await self._rest()

    async def _look(self, feeds: Sequence[LogFeed]) -> None:
        self._metrics.count("flowyard_api_log_reads_total", by="feed")
        places = [(feed.key, feed.end) for feed in feeds]
        async with self._database.hot() as connection:
            found = await read_log_news(connection, places, limit=MAX_LINES)
        now = self._clock.monotonic()
        for feed, (_, after), news in zip(feeds, places, found, strict=True):
            if feed.end != after:
                # It has begun further back meanwhile.
                continue
            feed.take(news)
            if news.lines:
                feed.live_until = now + LIVE_FOR_SECONDS
            is_behind = len(news.lines) == MAX_LINES
            pause = LIVE_SECONDS if now < feed.live_until else IDLE_SECONDS
            feed.look_at = now + (0.0 if is_behind else pause)

    async def _rest(self) -> None:
        """Wait until a log is due, or a new one is looked at."""
        if not self._feeds:
            await self._wake.wait()
            return
        until = min(feed.look_at for feed in self._feeds.values()) - self._clock.monotonic()
        with suppress(TimeoutError):
            # At least one turn of the loop, so that readers take what there is.
            async with asyncio.timeout(max(0.0, until)):
                await self._wake.wait()
