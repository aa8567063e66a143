"""One call of a webhook: signed, bounded, and never anywhere else than to its address."""

import asyncio
from dataclasses import dataclass

import httpx
import orjson

from flowyard.clock import Clock
from flowyard.contracts.webhooks import CALL_SECONDS
from flowyard.errors import PermanentError
from flowyard.storage.sealed_box import BoxOpener
from flowyard.storage.sealing import UnsealableError
from flowyard.storage.webhook_claims import DueDelivery
from flowyard.telemetry.tracing import Tracing
from flowyard_plugin_gateway.plugins.http_call import calling_headers
from flowyard_plugin_gateway.signing import signed_headers

MAX_EXCERPT_BYTES = 1024
"""How much of an answer is read and kept: enough for the first words of an error page."""

MAX_RETRY_AFTER_SECONDS = 3600
"""Longest pause that a receiver may ask for."""

_MAY_ASK_TO_WAIT = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)


class _NotSentError(PermanentError):
    code = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswer:
    """What came of a call."""

    status_code: int | None = None
    """None without an answer."""
    error: str | None = None
    """Why it does not count as delivered, without secrets; None where it does."""
    response: str = ""
    """How the body of the answer begins."""
    retry_after_seconds: int = 0
    """What the receiver asks for."""

    @property
    def is_gone(self) -> bool:
        """Tell whether the receiver wants to hear nothing any more."""
        return self.status_code == httpx.codes.GONE


class WebhookCall:
    """Calls receivers.

    Parameters
    ----------
    client
        Follows no redirects, keeps no cookies, and goes through the gateway's proxy.
    boxes
        Opens the secrets.
    tracing
        Records calls within the traces of their instances.
    clock
        Receivers compare their own with it.
    """

    def __init__(
        self, client: httpx.AsyncClient, boxes: BoxOpener, tracing: Tracing, clock: Clock
    ) -> None:
        self._client = client
        self._boxes = boxes
        self._tracing = tracing
        self._clock = clock

    async def send(self, due: DueDelivery) -> CallAnswer:
        """Send a delivery once; whatever goes wrong is an answer, too."""
        try:
            request = self._request(due)
        except _NotSentError as error:
            return CallAnswer(error=str(error))
        attributes = {
            "http.request.method": "POST",
            "url.scheme": request.url.scheme,
            "server.address": request.url.host,
            "flowyard.webhook": str(due.webhook_id),
            "flowyard.event": due.event,
        }
        if due.traceparent is None:
            return await self._exchange(request)
        with self._tracing.call_span(
            "POST", traceparent=due.traceparent, attributes=attributes
        ) as span:
            request.headers["traceparent"] = span.traceparent
            answer = await self._exchange(request)
            if answer.status_code is not None:
                span.set("http.response.status_code", answer.status_code)
            if answer.error is not None:
                span.fail("not_delivered", answer.error)
        return answer

    def _request(self, due: DueDelivery) -> httpx.Request:
        body = payload(due)
        headers = calling_headers()
        try:
            secrets = [str(self._boxes.open_box(box)) for box in due.boxes]
        except UnsealableError as error:
            message = "No plugin gateway here has the key that the signing secret was sealed for."
            raise _NotSentError(message) from error
        timestamp = int(self._clock.now().timestamp())
        headers.update(signed_headers(secrets, str(due.delivery_id), timestamp, body))
        try:
            return self._client.build_request("POST", due.url, headers=headers, content=body)
        except (httpx.InvalidURL, ValueError) as error:
            raise _NotSentError("The URL is not valid.") from error

    async def _exchange(self, request: httpx.Request) -> CallAnswer:
        response: httpx.Response | None = None
        excerpt = ""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                response = await self._client.send(request, stream=True, follow_redirects=False)
                excerpt = await _beginning(response)
        except (TimeoutError, httpx.TimeoutException):
            if response is None:
                return CallAnswer(error=f"No answer within {CALL_SECONDS:g} s.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if response is None:
                return CallAnswer(error=f"The call failed: {type(error).__name__}.")
        finally:
            if response is not None:
                await response.aclose()
        return _judged(response, excerpt)


def payload(due: DueDelivery) -> bytes:
    """Return what is sent, the same bytes with every try."""
    return orjson.dumps(
        {"type": due.event, "timestamp": due.occurred_at.isoformat(), "data": due.data}
    )


async def _beginning(response: httpx.Response) -> str:
    found = b""
    async for chunk in response.aiter_raw():
        found += chunk
        if len(found) >= MAX_EXCERPT_BYTES:
            break
    # No text of Postgres holds NUL.
    return found[:MAX_EXCERPT_BYTES].decode(errors="replace").replace("\0", "\ufffd")


def _judged(response: httpx.Response, excerpt: str) -> CallAnswer:
    status = response.status_code
    if httpx.codes.is_success(status):
        return CallAnswer(status_code=status, response=excerpt)
    error = f"Answered with status {status}."
    if httpx.codes.is_redirect(status):
        error = f"Answered with status {status}: redirects are not followed."
    asked = response.headers.get("retry-after", "")
    may_ask = status in _MAY_ASK_TO_WAIT and asked.isascii() and asked.isdecimal()
    return CallAnswer(
        status_code=status,
        error=error,
        response=excerpt,
        retry_after_seconds=min(int(asked[:6]), MAX_RETRY_AFTER_SECONDS) if may_ask else 0,
    )
