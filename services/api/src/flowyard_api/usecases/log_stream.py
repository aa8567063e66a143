"""A log as a stream of server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from flowyard.clock import Clock
from flowyard.storage.cancellations import AttemptKey
from flowyard.storage.log_lines import LOG_LEVELS, LogLine
from flowyard_api.log_feeds import LineEvent, LogFeeds, line_event
from flowyard_api.usecases.live import HEARTBEAT
from flowyard_api.usecases.logs import LogRequest

MAX_CHUNK_BYTES = 64 * 1024
"""Events that one reader is given at once: what its connection does not take waits in none."""

_OPEN = b": open\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStream:
    """Follows logs for readers.

    Parameters
    ----------
    feeds
        Where lines come from.
    clock
        Measures silence.
    heartbeat_seconds
        How long a stream is silent at most.
    """

    feeds: LogFeeds
    clock: Clock
    heartbeat_seconds: float

    async def follow(self, wanted: LogRequest) -> AsyncGenerator[bytes, None]:
        """Yield a log's events until it is whole, or the process stops.

        Raises
        ------
        DatabaseUnavailableError
            Raised if a reader that is behind cannot be given what it has missed.
        """
        key = AttemptKey(wanted.instance_id, wanted.node_id, wanted.number)
        least, after = LOG_LEVELS.index(wanted.level), wanted.after
        # A proxy sends an answer on with its first bytes: the reader knows that it is open.
        yield _OPEN
        sent_at = self.clock.monotonic()
        with self.feeds.watch(key, after) as feed:
            while not feed.is_closed:
                news, is_over = feed.news, feed.is_over
                lines = feed.lines_after(after)
                if lines is None:
                    lines = await self.feeds.read(key, after)
                if lines:
                    after = lines[-1].sequence
                    for chunk in _chunks(lines, least):
                        yield chunk
                        sent_at = self.clock.monotonic()
                elif is_over:
                    yield _end(max(after, feed.end))
                    return
                else:
                    await self._hear(news, sent_at)
                if self.clock.monotonic() - sent_at >= self.heartbeat_seconds:
                    yield HEARTBEAT
                    sent_at = self.clock.monotonic()

    async def _hear(self, news: asyncio.Event, sent_at: float) -> None:
        """Wait for news, until a heartbeat is due."""
        left = sent_at + self.heartbeat_seconds - self.clock.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, left)):
                await news.wait()


async def tell_archived(
    lines: Sequence[LogLine], wanted: LogRequest
) -> AsyncGenerator[bytes, None]:
    """Yield the events of a log that is whole, as :meth:`LogStream.follow` does.

    Parameters
    ----------
    lines
        Of all levels, from where the request begins.
    """
    yield _OPEN
    for chunk in _chunks([line_event(one) for one in lines], LOG_LEVELS.index(wanted.level)):
        yield chunk
    yield _end(lines[-1].sequence if lines else wanted.after)


def _chunks(lines: Sequence[LineEvent], least: int) -> list[bytes]:
    """Return the events of the lines that matter enough, in parts that a connection takes."""
    chunks: list[bytes] = []
    part: list[bytes] = []
    size = 0
    for line in lines:
        if line.rank < least:
            continue
        part.append(line.event)
        size += len(line.event)
        if size >= MAX_CHUNK_BYTES:
            chunks.append(b"".join(part))
            part, size = [], 0
    return [*chunks, b"".join(part)] if part else chunks


def _end(after: int) -> bytes:
    return f'event: end\nid: {after}\ndata: {{"next_after":{after}}}\n\n'.encode()
