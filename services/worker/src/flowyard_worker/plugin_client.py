"""How a worker talks to one plugin gateway."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Protocol, Self

from flowyard.contracts.plugin_api import MAX_OUTPUT_BYTES, STEPS_PATH
from flowyard.errors import PermanentError, RetryableError
from flowyard_worker.http_connection import HttpBrokenError, HttpConnections
from flowyard_worker.wire import StepAnswer, UnreadableError, read_answer

MAX_LINE_BYTES = 16 * MAX_OUTPUT_BYTES
"""Longest line that is waited for; escapes and a wait's state come on top of the outputs."""

HEALTH_SECONDS = 1.0
"""How long a gateway may take to say that it is ready."""

_SUCCESS = range(200, 300)
_SERVER_ERROR = 500
_PASSING = frozenset({408, 425, 429})


class GatewayUnavailableError(RetryableError):
    """Raised if a plugin gateway did not answer, or stopped answering."""

    code = "gateway_unavailable"


class BatchRefusedError(PermanentError):
    """Raised if a plugin gateway refuses a request as such; the same again cannot help."""

    code = "batch_refused"

    def __init__(self, url: str, status: int) -> None:
        super().__init__(f"Expected {url} to take a batch of steps, but it answered {status}")
        self.status = status


class UnreadableAnswerError(RetryableError):
    """Raised at the end of an answer of which some lines could not be read."""

    code = "unreadable_answer"

    def __init__(self, url: str, lines: int) -> None:
        super().__init__(f"Expected answers from {url}, but {lines} lines are none")
        self.lines = lines


class PluginClient(Protocol):
    """One plugin gateway."""

    @property
    def url(self) -> str:
        """Its address, which is also its name."""
        ...

    def run(self, bodies: Sequence[bytes]) -> AsyncGenerator[list[StepAnswer]]:
        """Hand over steps and yield what becomes known about them, as it becomes known.

        Parameters
        ----------
        bodies
            One ``ReadyStep`` as JSON each.

        Raises
        ------
        GatewayUnavailableError
            Raised if it does not answer, or stops in the middle.
        BatchRefusedError
            Raised if it refuses the request.
        UnreadableAnswerError
            Raised after all readable answers if some were not.
        """
        ...

    async def is_ready(self) -> bool:
        """Tell whether it would run steps now."""
        ...


class HttpPluginClient:
    """A plugin gateway reached over HTTP; an async context manager.

    Parameters
    ----------
    url
        Its address without a path.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._connections = HttpConnections(self._url)

    @property
    def url(self) -> str:
        """Its address, which is also its name."""
        return self._url

    async def __aenter__(self) -> Self:
        await self._connections.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connections.__aexit__(exc_type, exc, traceback)

    async def run(self, bodies: Sequence[bytes]) -> AsyncGenerator[list[StepAnswer]]:
        """Hand over steps and yield what becomes known about them, as it becomes known."""
        # The values of the records are JSON already: they are not encoded a second time.
        body = b'{"steps":[' + b",".join(bodies) + b"]}"
        try:
            connection = await self._connections.take()
            try:
                connection.send(self._connections.post(STEPS_PATH, body))
                # A step may take as long as it likes; whoever reads the answer sets the bound.
                self._expect_success(await connection.status())
                reader = LineReader(self._url)
                async with aclosing(connection.body()) as chunks:
                    async for chunk in chunks:
                        answers = reader.feed(chunk)
                        if answers:
                            yield answers
                reader.close()
            finally:
                self._connections.give_back(connection)
        except HttpBrokenError as error:
            raise GatewayUnavailableError(
                f"Expected {self._url} to answer, but: {error}"
            ) from error

    async def is_ready(self) -> bool:
        """Tell whether it would run steps now."""
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                return await self._status_of("/readyz") in _SUCCESS
        except (HttpBrokenError, TimeoutError):
            return False

    async def _status_of(self, path: str) -> int:
        connection = await self._connections.take()
        try:
            connection.send(self._connections.get(path))
            status = await connection.status()
            async for _ in connection.body():
                pass
        finally:
            self._connections.give_back(connection)
        return status

    def _expect_success(self, status: int) -> None:
        if status in _SUCCESS:
            return
        if status >= _SERVER_ERROR or status in _PASSING:
            raise GatewayUnavailableError(
                f"Expected {self._url} to take steps, but it answered {status}"
            )
        raise BatchRefusedError(self._url, status)


class LineReader:
    """Cuts chunks of bytes into answers; keeps count of what is none."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rest = b""
        self._unreadable = 0

    def feed(self, chunk: bytes) -> list[StepAnswer]:
        """Return the answers of all lines that are whole by now.

        Raises
        ------
        UnreadableAnswerError
            Raised if a line does not end.
        """
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            raise UnreadableAnswerError(self._url, self._unreadable + 1)
        answers: list[StepAnswer] = []
        for line in lines:
            if not line or line.isspace():
                continue
            try:
                answers.append(read_answer(line))
            except UnreadableError:
                self._unreadable += 1
        return answers

    def close(self) -> None:
        """Take note that nothing follows.

        Raises
        ------
        UnreadableAnswerError
            Raised if lines were no answers, or the last one is not whole.
        """
        if self._unreadable or self._rest.strip():
            raise UnreadableAnswerError(self._url, self._unreadable + bool(self._rest.strip()))
