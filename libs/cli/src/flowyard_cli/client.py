"""A client of the HTTP API, for people's commands: patient with the network, plain about refusals.

Every write carries an ``Idempotency-Key``, so that a write whose answer was
lost is sent again without doing it twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
import orjson

from flowyard.ids import new_id
from flowyard_cli.errors import FieldError, RefusedError, ServerUnreachableError
from flowyard_cli.target import Target
from flowyard_cli.terminal import JsonObject

API = "/api/v1"
"""Where the API's routes lie."""

TIMEOUT = httpx.Timeout(30.0, connect=3.0)
"""Longer than any wait that the client asks the server for."""

ATTEMPTS = 4
"""How often a request is sent before the command gives up."""

PATIENCE_SECONDS = 300.0
"""How long a server that has too much to do is waited for, over all pauses of one request."""

PAGE = 200
"""Rows asked for at a time."""

_RETRY_SECONDS = 0.25
_MAX_PAUSE_SECONDS = 5.0
_CONFLICT = 409
_TOO_MANY_REQUESTS = 429
_IN_FLIGHT = "request_in_flight"
_TRY_AGAIN = frozenset({502, 503, 504})

Params = Mapping[str, str | int | list[str] | None]
"""Query parameters; those that are None are left out."""


def segment(text: object) -> str:
    """Return a text as one segment of an address."""
    return quote(str(text), safe="")


class Client:
    """Talks to one server, blocking.

    Parameters
    ----------
    target
        The server and the token for it.
    transport
        Stands in for the network in tests.
    sleep
        Lets the seconds between two attempts go by.
    say
        Tells the person why it takes so long.
    """

    def __init__(
        self,
        target: Target,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.server = target.server
        self.sleep = sleep
        self._say = say
        self._http = httpx.Client(
            base_url=target.server,
            headers={"Authorization": f"Bearer {target.token}", "User-Agent": "flowyard-cli"},
            timeout=TIMEOUT,
            transport=transport,
        )

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self._http.close()

    def get(self, path: str, params: Params | None = None) -> Any:
        """Return what a route answers, decoded.

        Raises
        ------
        RefusedError
            Raised if the server answers with a problem.
        ServerUnreachableError
            Raised if it does not answer.
        """
        return self._decode(self._send("GET", path, params=params))

    def post(
        self,
        path: str,
        body: Any = None,
        params: Params | None = None,
        *,
        wait_seconds: int | None = None,
    ) -> Any:
        """Send a JSON body and return what the route answers; raises like :meth:`get`.

        Parameters
        ----------
        wait_seconds
            How long the server may hold its answer until there is more to tell; it need not.
        """
        content = orjson.dumps({} if body is None else body)
        prefer = None if wait_seconds is None else f"wait={wait_seconds}"
        return self._decode(
            self._send(
                "POST",
                path,
                params=params,
                content=content,
                media="application/json",
                prefer=prefer,
            )
        )

    def post_yaml(self, path: str, text: str, params: Params | None = None) -> Any:
        """Send a document and return what the route answers; raises like :meth:`get`."""
        return self._decode(
            self._send("POST", path, params=params, content=text.encode(), media="application/yaml")
        )

    def put(self, path: str, body: Any) -> Any:
        """Send a JSON body that replaces what is there; raises like :meth:`get`."""
        content = orjson.dumps(body)
        return self._decode(self._send("PUT", path, content=content, media="application/json"))

    def patch(self, path: str, body: Any) -> Any:
        """Send a JSON body that changes what is there; raises like :meth:`get`."""
        content = orjson.dumps(body)
        return self._decode(self._send("PATCH", path, content=content, media="application/json"))

    def delete(self, path: str) -> Any:
        """Take away what is there, and return what the route answers; raises like :meth:`get`."""
        return self._decode(self._send("DELETE", path))

    def pages(self, path: str, params: Params | None = None, *, most: int) -> Iterator[JsonObject]:
        """Yield the rows of a list, page by page, up to ``most``."""
        cursor: str | None = None
        left = most
        while left > 0:
            asked = {**(params or {}), "limit": min(left, PAGE), "cursor": cursor}
            page = self.get(path, asked)
            rows = page["items"][:left]
            yield from rows
            left -= len(rows)
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    @contextmanager
    def stream(
        self, path: str, params: Params | None = None, *, silence_seconds: float
    ) -> Iterator[Iterator[str]]:
        """Open a long answer and hand out its lines; it ends when nothing comes for too long.

        Raises
        ------
        ServerUnreachableError
            Raised if the stream cannot be opened or breaks off.
        """
        timeout = httpx.Timeout(TIMEOUT.connect, read=silence_seconds)
        headers = {"Accept": "text/event-stream"}
        given = _given(params)
        try:
            with self._http.stream(
                "GET", path, params=given, headers=headers, timeout=timeout
            ) as response:
                if response.is_error:
                    response.read()
                    raise refusal(response)
                yield response.iter_lines()
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        content: bytes | None = None,
        media: str | None = None,
        prefer: str | None = None,
    ) -> httpx.Response:
        headers = {"Idempotency-Key": str(new_id())} if method != "GET" else {}
        if media is not None:
            headers["Content-Type"] = media
        if prefer is not None:
            headers["Prefer"] = prefer
        request = self._http.build_request(
            method, path, params=_given(params), content=content, headers=headers
        )
        patience = PATIENCE_SECONDS
        while True:
            response = self._send_patiently(request)
            pause = max(1.0, _asked(response) or 1.0)
            if not _asks_for_patience(response) or pause > patience:
                return response
            patience -= pause
            self._say(f"{refusal(response).detail}; trying again in {pause:.0f} s")
            self.sleep(pause)

    def _send_patiently(self, request: httpx.Request) -> httpx.Response:
        """Send a request again while the network or the server fails for a moment."""
        for attempt in range(1, ATTEMPTS + 1):
            is_last = attempt == ATTEMPTS
            try:
                response = self._http.send(request)
            except httpx.ConnectError as error:
                raise self._unreachable(error) from error
            except httpx.TransportError as error:
                if is_last:
                    raise self._unreachable(error) from error
                self.sleep(_RETRY_SECONDS * attempt)
                continue
            if response.status_code not in _TRY_AGAIN or is_last:
                break
            self.sleep(_pause(response, attempt))
        return response

    def _decode(self, response: httpx.Response) -> Any:
        if response.is_error:
            raise refusal(response)
        if not response.content:
            return None
        if "json" not in response.headers.get("Content-Type", ""):
            return response.text
        return orjson.loads(response.content)

    def _unreachable(self, error: httpx.TransportError) -> ServerUnreachableError:
        cause = str(error) or type(error).__name__
        return ServerUnreachableError(
            f"Expected an answer from {self.server}, but: {cause}."
            " Is the server running ('flowyard dev')?"
        )


def _given(params: Params | None) -> dict[str, str | int | list[str]] | None:
    return {name: value for name, value in (params or {}).items() if value is not None} or None


def _asks_for_patience(response: httpx.Response) -> bool:
    """Tell whether the same request is to be sent again until there is another answer."""
    if response.status_code == _CONFLICT:
        # The answer to its first sending was not waited for long enough.
        return refusal(response).reason == _IN_FLIGHT
    return response.status_code == _TOO_MANY_REQUESTS


def _asked(response: httpx.Response) -> float | None:
    """Return after how many seconds the server wants to be asked again, if it says so."""
    asked = response.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else None


def _pause(response: httpx.Response, attempt: int) -> float:
    asked = _asked(response)
    return min(_RETRY_SECONDS * attempt if asked is None else asked, _MAX_PAUSE_SECONDS)


def refusal(response: httpx.Response) -> RefusedError:
    """Return the error that a problem document describes, or what else the answer tells."""
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        body = None
    problem = body if isinstance(body, dict) else {}
    detail = problem.get("detail") or problem.get("title") or response.reason_phrase
    return RefusedError(
        status=response.status_code,
        reason=str(problem.get("code") or f"http_{response.status_code}"),
        detail=str(detail),
        request_id=problem.get("instance") or response.headers.get("X-Request-ID"),
        fields=[_field(item) for item in problem.get("errors") or () if isinstance(item, dict)],
    )


def _field(item: Mapping[str, Any]) -> FieldError:
    place = item.get("loc") or ()
    where = ".".join(str(part) for part in place) if isinstance(place, list) else str(place)
    if isinstance(item.get("line"), int):
        where += f" (line {item['line']}, column {item.get('column')})"
    return FieldError(place=where or "body", message=str(item.get("msg") or item.get("message")))
