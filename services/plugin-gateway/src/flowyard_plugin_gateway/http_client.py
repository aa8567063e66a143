"""HTTP calls of plugins: one pool of connections, answers read up to a bound."""

from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import orjson

MAX_RESPONSE_BYTES = 1024 * 1024
"""Largest response that is read; four times what may become outputs, so that a larger one can
still be looked into by pointers."""

IDLE_CONNECTIONS = 100
"""Connections kept open between calls."""


class ResponseTooLargeError(Exception):
    """Raised while reading, as soon as a response is larger than allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A response, read to its end."""

    status: int
    headers: httpx.Headers
    content: bytes

    def text(self) -> str:
        """Return the body as text; what its encoding does not allow is replaced."""
        try:
            return self.content.decode(self._encoding(), errors="replace")
        except LookupError:
            return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Return the body as JSON.

        Raises
        ------
        ValueError
            Raised if it is none.
        """
        return orjson.loads(self.content)

    @property
    def is_json(self) -> bool:
        """Tell whether the sender says that it is JSON."""
        content_type: str = self.headers.get("content-type", "")
        kind = content_type.partition(";")[0].strip().lower()
        return kind == "application/json" or kind.endswith("+json")

    def _encoding(self) -> str:
        _, _, rest = self.headers.get("content-type", "").partition("charset=")
        return rest.partition(";")[0].strip().strip("\"'") or "utf-8"


def new_client(*, proxy_url: str | None = None) -> httpx.AsyncClient:
    """Return the client that all calls share; the caller closes it.

    It keeps no cookies, as calls of different projects must not meet in a jar,
    and reads nothing from the environment, which only settings may.
    """
    return httpx.AsyncClient(
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=IDLE_CONNECTIONS),
        proxy=proxy_url,
        timeout=None,  # noqa: S113 - the caller bounds the whole call, not its parts
        trust_env=False,
    )


async def exchange(
    client: httpx.AsyncClient, request: httpx.Request, *, follow_redirects: bool = False
) -> HttpAnswer:
    """Send a request and read its response.

    Raises
    ------
    httpx.HTTPError
        Raised if there is no response.
    ResponseTooLargeError
        Raised if it is larger than :data:`MAX_RESPONSE_BYTES`.
    """
    response = await client.send(request, stream=True, follow_redirects=follow_redirects)
    try:
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > MAX_RESPONSE_BYTES:
                raise ResponseTooLargeError
    finally:
        await response.aclose()
    return HttpAnswer(status=response.status_code, headers=response.headers, content=bytes(content))
