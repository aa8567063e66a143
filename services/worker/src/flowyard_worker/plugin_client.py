"""How a worker talks to one plugin gateway."""

from collections.abc import AsyncGenerator, Sequence
from types import TracebackType
from typing import Protocol, Self

import httpx
from pydantic import ValidationError

from flowyard.contracts.plugin_api import (
    MAX_OUTPUT_BYTES,
    STEP_MESSAGES,
    STEPS_PATH,
    StepMessage,
)
from flowyard.errors import PermanentError, RetryableError

MAX_LINE_BYTES = 16 * MAX_OUTPUT_BYTES
"""Longest line that is waited for; escapes and a wait's state come on top of the outputs."""

CONNECT_SECONDS = 2.0
"""How long a connection may take: gateways are near, and there may be another."""

IDLE_SECONDS = 30.0
"""How long an idle connection is kept: shorter than the server keeps it (75 s)."""

HEALTH_SECONDS = 1.0
"""How long a gateway may take to say that it is ready."""

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
        super().__init__(f"Expected messages from {url}, but {lines} lines are none")
        self.lines = lines


class PluginClient(Protocol):
    """One plugin gateway."""

    @property
    def url(self) -> str:
        """Its address, which is also its name."""
        ...

    def run(self, bodies: Sequence[bytes]) -> AsyncGenerator[list[StepMessage]]:
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
            Raised after all readable messages if some were not.
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
        self._http = httpx.AsyncClient(
            base_url=self._url,
            # A step may take as long as it likes; whoever reads the answer sets the bound.
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            limits=httpx.Limits(
                max_connections=None,
                max_keepalive_connections=None,
                keepalive_expiry=IDLE_SECONDS,
            ),
            trust_env=False,
        )

    @property
    def url(self) -> str:
        """Its address, which is also its name."""
        return self._url

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def run(self, bodies: Sequence[bytes]) -> AsyncGenerator[list[StepMessage]]:
        """Hand over steps and yield what becomes known about them, as it becomes known."""
        request = self._http.build_request(
            "POST",
            STEPS_PATH,
            # The values of the records are JSON already: they are not encoded a second time.
            content=b'{"steps":[' + b",".join(bodies) + b"]}",
            headers={"content-type": "application/json", "accept-encoding": "identity"},
        )
        try:
            response = await self._http.send(request, stream=True)
            try:
                self._expect_success(response.status_code)
                reader = _LineReader(self._url)
                async for chunk in response.aiter_raw():
                    messages = reader.feed(chunk)
                    if messages:
                        yield messages
                reader.close()
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            raise GatewayUnavailableError(
                f"Expected {self._url} to answer, but {type(error).__name__} came"
            ) from error

    async def is_ready(self) -> bool:
        """Tell whether it would run steps now."""
        try:
            response = await self._http.get("/readyz", timeout=HEALTH_SECONDS)
        except httpx.TransportError:
            return False
        return response.is_success

    def _expect_success(self, status: int) -> None:
        if httpx.codes.is_success(status):
            return
        if status >= _SERVER_ERROR or status in _PASSING:
            raise GatewayUnavailableError(
                f"Expected {self._url} to take steps, but it answered {status}"
            )
        raise BatchRefusedError(self._url, status)


class _LineReader:
    """Cuts chunks of bytes into messages; keeps count of what is none."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rest = b""
        self._unreadable = 0

    def feed(self, chunk: bytes) -> list[StepMessage]:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            raise UnreadableAnswerError(self._url, self._unreadable + 1)
        messages: list[StepMessage] = []
        for line in lines:
            if not line or line.isspace():
                continue
            try:
                messages.append(STEP_MESSAGES.validate_json(line))
            except ValidationError:
                self._unreadable += 1
        return messages

    def close(self) -> None:
        if self._unreadable or self._rest.strip():
            raise UnreadableAnswerError(self._url, self._unreadable + bool(self._rest.strip()))
