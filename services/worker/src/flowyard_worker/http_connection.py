"""One HTTP/1.1 connection on which requests follow each other, and a stock of such connections.

A general HTTP client spends more on a request than the rest of this worker on all
of its steps together; this one knows only what talking to a near server
needs: a request whose body is there, and a response that is read as it comes.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser
from typing_extensions import override

CONNECT_SECONDS = 2.0
"""How long a connection may take: servers are near, and there may be another."""

IDLE_SECONDS = 30.0
"""How long an idle connection is kept: shorter than the server keeps it (75 s)."""

MAX_WAITING_BYTES = 1024 * 1024
"""How much of a response may wait to be read before the server is slowed down."""


class HttpBrokenError(ConnectionError):
    """Raised if a server cannot be reached, stops in the middle, or does not speak HTTP."""


class HttpConnection(asyncio.Protocol):
    """One connection; it carries one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._status = 0
        self._chunks: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._is_complete = True
        self._may_be_used_again = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_reusable(self) -> bool:
        """Tell whether another request may follow."""
        is_read = self._is_complete and not self._chunks
        return self._error is None and is_read and self._may_be_used_again

    def send(self, request: bytes) -> None:
        """Send a request as a whole."""
        if self._transport is None or self._error is not None:
            raise HttpBrokenError("Expected an open connection, but it is closed")
        self._parser = HttpResponseParser(self)
        self._status = 0
        self._is_complete = self._may_be_used_again = False
        self._transport.write(request)

    async def status(self) -> int:
        """Wait for the response and return its status.

        Raises
        ------
        HttpBrokenError
            Raised if none comes.
        """
        while not self._status:
            await self._news()
        return self._status

    async def body(self) -> AsyncGenerator[bytes]:
        """Yield the response's body, as much as there is each time.

        Raises
        ------
        HttpBrokenError
            Raised if it does not come to an end.
        """
        while True:
            if self._chunks:
                yield self._take()
            elif self._is_complete:
                return
            else:
                await self._news()

    def close(self) -> None:
        """Close it at once."""
        if self._transport is not None:
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the connection."""
        # No check of its class: uvloop's transports are of none of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._break(HttpBrokenError(f"Expected HTTP, but {type(error).__name__} came"))
        self._wake()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that nothing comes any more."""
        self._break(HttpBrokenError("Expected a response, but the connection was closed"))

    def on_headers_complete(self) -> None:
        """Take note of the status; called by the parser."""
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; called by the parser."""
        self._chunks.append(body)
        self._waiting_bytes += len(body)
        if self._waiting_bytes > MAX_WAITING_BYTES and self._transport is not None:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """Take note of the end of the response; called by the parser."""
        self._is_complete = True
        self._may_be_used_again = self._parser.should_keep_alive()

    def _take(self) -> bytes:
        chunk = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        if self._waiting_bytes > MAX_WAITING_BYTES and self._transport is not None:
            self._transport.resume_reading()
        self._waiting_bytes = 0
        return chunk

    async def _news(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _break(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
        self.close()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class HttpConnections:
    """The connections to one server; an async context manager that closes them.

    Parameters
    ----------
    url
        The server's address: ``http`` or ``https``, host, port, and perhaps a path before all
        paths.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._ssl else 80)
        self._path = parts.path.rstrip("/")
        self._headers = f" HTTP/1.1\r\nhost: {parts.netloc.rpartition('@')[2]}\r\n".encode()
        self._idle: list[tuple[HttpConnection, float]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()

    async def take(self) -> HttpConnection:
        """Return a connection that nobody uses, a new one if need be.

        Raises
        ------
        HttpBrokenError
            Raised if the server cannot be reached.
        """
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_reusable and since > oldest:
                return connection
            connection.close()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, made = await asyncio.get_running_loop().create_connection(
                    HttpConnection, self._host, self._port, ssl=self._ssl
                )
        except (OSError, TimeoutError) as error:
            raise HttpBrokenError(f"{type(error).__name__} came") from error
        return made

    def give_back(self, connection: HttpConnection) -> None:
        """Keep a connection for later, or close it in the middle of a response."""
        if connection.is_reusable:
            self._idle.append((connection, asyncio.get_running_loop().time()))
        else:
            connection.close()

    def get(self, path: str) -> bytes:
        """Return a request without a body."""
        return b"GET " + self._line(path) + b"\r\n"

    def post(self, path: str, body: bytes) -> bytes:
        """Return a request with JSON."""
        head = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        return b"POST " + self._line(path) + head + body

    def _line(self, path: str) -> bytes:
        return f"{self._path}{path}".encode() + self._headers
