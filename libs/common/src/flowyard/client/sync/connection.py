# Made by `make client` from aio/connection.py: change that instead.
"""Sends requests, again where that may help, and reads their answers."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from copy import copy
from math import inf
from types import TracebackType
from typing import Self, TypeVar
from warnings import warn

import httpx
from pydantic import BaseModel

from flowyard.client.answers import answer_of, refusal_of
from flowyard.client.call import Call
from flowyard.client.errors import UnreachableError
from flowyard.client.events import EventReader, ServerEvent
from flowyard.client.retrying import Patience, Retries
from flowyard.client.sync.primitives import sleep
from flowyard.client.tracing import trace_headers
from flowyard.clock import Clock, SystemClock

AnswerT = TypeVar("AnswerT", bound=BaseModel)

SILENCE_SECONDS = 30.0
"""How long a stream may say nothing: twice as long as the server lets pass between two comments."""

CONNECT_SECONDS = 5.0
"""How long a server may take to accept a connection."""

_LEAST_SECONDS = 0.001


class Connection:
    """A server, and how one talks to it.

    Parameters
    ----------
    server
        Its address, without a slash at its end.
    token
        Proves who asks.
    timeout
        Seconds that an answer may take, beside those that the server was asked to hold it.
    retries
        When a request is sent again.
    user_agent
        Who asks, in the server's logs.
    http
        What carries requests; None makes one, which is closed with the connection.
    clock
        Measures waits.
    """

    def __init__(
        self,
        server: str,
        token: str,
        *,
        timeout: float,
        retries: Retries,
        user_agent: str,
        http: httpx.Client | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.server = server
        self.clock = clock or SystemClock()
        self.retries = retries
        self._timeout = timeout
        self._headers = {
            "Authorization": f"Bearer {token}",
            "User-Agent": user_agent,
            "Accept": "application/json",
        }
        self._is_own = http is None
        self._http = http or httpx.Client()

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close what was opened; may be called again."""
        if self._is_own:
            self._http.close()

    def send(self, call: Call, *, deadline: float = inf) -> httpx.Response:
        """Return the answer to a call, read, once it is none that asks for patience.

        Parameters
        ----------
        deadline
            When to give up in any case, by the clock's monotonic seconds.

        Raises
        ------
        ProblemError
            Raised if the server refuses it.
        UnreachableError
            Raised if it does not answer.
        """
        request = self._request(call, self._timeout + call.held_seconds, deadline)
        patience = Patience(retries=self.retries, call=call, deadline=deadline, clock=self.clock)
        while True:
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                pause = patience.after_error(error)
                if pause is None:
                    raise self._unreachable(error, call) from error
            else:
                pause = patience.after_answer(response) if response.is_error else None
                if pause is None:
                    break
            sleep(pause)
            request.extensions["timeout"] = self._timeouts(
                self._timeout + call.held_seconds, deadline
            ).as_dict()
        if "Deprecation" in response.headers:
            self._warn(call, response)
        if response.is_error:
            raise refusal_of(response)
        return response

    def fetch(self, call: Call, kind: type[AnswerT], *, deadline: float = inf) -> AnswerT:
        """Return what a call is answered; raises as :meth:`send` does.

        Raises
        ------
        UnexpectedAnswerError
            Raised if the answer is none of that kind.
        """
        return answer_of(self.send(call, deadline=deadline), kind)

    @contextmanager
    def lines(
        self, call: Call, *, silence: float = SILENCE_SECONDS, deadline: float = inf
    ) -> Generator[Iterator[str], None, None]:
        """Open an answer that goes on and on, and hand out its lines.

        It is opened as patiently as :meth:`send` sends; once it is open, its end and
        every failure are the caller's.

        Parameters
        ----------
        silence
            Seconds without a line after which it counts as broken.
        deadline
            When to give up opening it.

        Raises
        ------
        ProblemError, UnreachableError
            Raised as by :meth:`send`, and where the stream breaks off.
        """
        response = self._opened(call, silence, deadline)
        try:
            yield response.iter_lines()
        except httpx.TransportError as error:
            raise self._unreachable(error, call) from error
        finally:
            response.close()

    @contextmanager
    def stream(self, call: Call) -> Generator[Iterator[ServerEvent], None, None]:
        """Open a stream of events, and hand them out; raises as :meth:`lines` does."""
        with self.lines(call) as lines:
            yield _events(lines)

    def patient(self, retries: Retries) -> Self:
        """Return the same connection with another patience."""
        other = copy(self)
        other.retries = retries
        return other

    def _opened(self, call: Call, silence: float, deadline: float) -> httpx.Response:
        patience = Patience(retries=self.retries, call=call, deadline=deadline, clock=self.clock)
        while True:
            request = self._request(call, silence, deadline)
            request.headers["Accept"] = "text/event-stream"
            try:
                response = self._http.send(request, stream=True)
                if response.is_success:
                    return response
                response.read()
                response.close()
            except httpx.TransportError as error:
                pause = patience.after_error(error)
                if pause is None:
                    raise self._unreachable(error, call) from error
            else:
                pause = patience.after_answer(response)
                if pause is None:
                    raise refusal_of(response)
            sleep(pause)

    def _request(self, call: Call, seconds: float, deadline: float) -> httpx.Request:
        content = call.content()
        headers = {**self._headers, **trace_headers(), **call.sent_headers()}
        if content is not None:
            headers["Content-Type"] = content[1]
        return self._http.build_request(
            call.method,
            f"{self.server}{call.path}",
            params=call.sent_query() or None,
            content=None if content is None else content[0],
            headers=headers,
            timeout=self._timeouts(seconds, deadline),
        )

    def _timeouts(self, seconds: float, deadline: float) -> httpx.Timeout:
        left = max(deadline - self.clock.monotonic(), _LEAST_SECONDS)
        return httpx.Timeout(min(seconds, left), connect=min(CONNECT_SECONDS, seconds, left))

    def _warn(self, call: Call, response: httpx.Response) -> None:
        """Tell that an operation ends some day (RFC 9745, RFC 8594)."""
        until = response.headers.get("Sunset")
        end = "" if until is None else f" and goes on {until} at the earliest"
        warn(f"{call.method} {call.path} is deprecated{end}", DeprecationWarning, stacklevel=4)

    def _unreachable(self, error: httpx.TransportError, call: Call) -> UnreachableError:
        cause = str(error) or type(error).__name__
        unknown = "" if call.is_repeatable else "; whether it was done is not known"
        return UnreachableError(
            f"Expected {self.server} to answer {call.method} {call.path}, but: {cause}{unknown}"
        )


def _events(lines: Iterator[str]) -> Iterator[ServerEvent]:
    reader = EventReader()
    for line in lines:
        event = reader.read(line)
        if event is not None:
            yield event
