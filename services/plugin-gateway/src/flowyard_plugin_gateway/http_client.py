"""HTTP calls of plugins: one pool of connections, answers read up to a bound."""

from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, cast

import httpx
import orjson

from flowyard_plugin_gateway.http_body import ACCEPTED, Body, UnpackError, decoded

MAX_RESPONSE_BYTES = 1024 * 1024
"""Largest response that is read; four times what may become outputs, so that a larger one can
still be looked into by pointers."""

IDLE_CONNECTIONS = 100
"""Connections kept open between calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A response, read to its end."""

    status: int
    headers: httpx.Headers
    content: bytes

    def text(self) -> str:
        """Return the body as text; what its encoding does not allow is replaced."""
        return decoded(self.content, self._charset())

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

    def _charset(self) -> str:
        _, _, rest = self.headers.get("content-type", "").partition("charset=")
        return rest.partition(";")[0].strip().strip("\"'") or "utf-8"


def new_client(*, proxy_url: str | None = None) -> httpx.AsyncClient:
    """Return the client that all calls share; the caller closes it.

    It keeps no cookies, as calls of different projects must not meet in a jar,
    and reads nothing from the environment, which only settings may.
    """
    return httpx.AsyncClient(
        headers={"accept-encoding": ACCEPTED},
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
        Raised if there is no response, or one that cannot be unpacked.
    ResponseTooLargeError
        Raised if it is larger than :data:`MAX_RESPONSE_BYTES`.
    """
    response = await client.send(request, stream=True, follow_redirects=follow_redirects)
    try:
        body = Body(response.headers.get("content-encoding", ""), MAX_RESPONSE_BYTES)
        # As it came: httpx would unpack it without a bound.
        async for chunk in cast("httpx.AsyncByteStream", response.stream):
            body.add(chunk)
    except UnpackError as error:
        raise httpx.DecodingError(str(error), request=request) from error
    finally:
        await response.aclose()
    return HttpAnswer(status=response.status_code, headers=response.headers, content=body.content())
