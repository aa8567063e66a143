"""What plugins that call over HTTP share: what they send, and what a call without an answer is."""

import asyncio

import httpx

from flowyard.contracts.plugin import Failed, StepContext
from flowyard_plugin_gateway.http_body import ResponseTooLargeError
from flowyard_plugin_gateway.http_client import (
    MAX_RESPONSE_BYTES,
    HttpAnswer,
    exchange,
)
from flowyard_plugin_gateway.plugins.http_request_models import (
    Auth,
    BasicAuth,
    BearerAuth,
    HeaderAuth,
)


async def call(
    client: httpx.AsyncClient,
    request: httpx.Request,
    context: StepContext,
    *,
    timeout_seconds: float,
    follow_redirects: bool = False,
) -> HttpAnswer | Failed:
    """Return what a server answered, whatever its status, or why there is no answer.

    The codes are ``timeout``, ``response_too_large`` and ``connection_failed``; the
    server may have received the request with any of them. It is given the trace that
    the call belongs to.
    """
    # Paths and queries may hold secrets: a trace names the server alone.
    with context.calling(
        request.method,
        {
            "http.request.method": request.method,
            "url.scheme": request.url.scheme,
            "server.address": request.url.host,
        },
    ) as span:
        if span.traceparent:
            request.headers.setdefault("traceparent", span.traceparent)
        answer = await _answer(
            client, request, timeout_seconds=timeout_seconds, follow_redirects=follow_redirects
        )
        if isinstance(answer, Failed):
            span.fail(answer.code, answer.message)
        else:
            span.set("http.response.status_code", answer.status)
    return answer


async def _answer(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    timeout_seconds: float,
    follow_redirects: bool,
) -> HttpAnswer | Failed:
    try:
        async with asyncio.timeout(timeout_seconds):
            return await exchange(client, request, follow_redirects=follow_redirects)
    except (TimeoutError, httpx.TimeoutException):
        return Failed(code="timeout", message=f"No answer within {timeout_seconds:g} s.")
    except ResponseTooLargeError:
        message = f"The response is larger than {MAX_RESPONSE_BYTES} bytes."
        return Failed(code="response_too_large", message=message)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"The call to {request.url.host} failed: {type(error).__name__}."
        return Failed(code="connection_failed", message=message)


def calling_headers() -> httpx.Headers:
    """Return what every call of a step carries."""
    # A compressed response could grow past the bound within one chunk.
    return httpx.Headers({"Accept-Encoding": "identity", "User-Agent": "flowyard"})


def auth_headers(auth: Auth | None) -> dict[str, str]:
    """Return the headers by which a call proves who makes it."""
    match auth:
        case None:
            return {}
        case BearerAuth(token=token):
            return {"Authorization": f"Bearer {token}"}
        case HeaderAuth(name=name, value=value):
            return {name: value}
        case BasicAuth(username=username, password=password):
            request = httpx.Request("GET", "http://localhost")
            flow = httpx.BasicAuth(username, password).auth_flow(request)
            return {"Authorization": next(flow).headers["Authorization"]}
