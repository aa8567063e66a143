"""``http_request``: calls a system over HTTP, and follows long work by polls or a callback."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import quote

import httpx
from pydantic import BaseModel, JsonValue
from typing_extensions import override

from flowyard.clock import Clock, SystemClock
from flowyard.contracts.plugin import Done, Failed, Plugin, StepContext, Wait
from flowyard_plugin_gateway.http_client import HttpAnswer
from flowyard_plugin_gateway.json_pointer import PointerError, look_up
from flowyard_plugin_gateway.plugins.http_call import auth_headers, call, calling_headers
from flowyard_plugin_gateway.plugins.http_request_models import (
    Condition,
    HttpRequestInputs,
    HttpRequestOutputs,
    Poll,
)

KEPT_HEADERS = ("content-type", "etag", "last-modified", "location", "retry-after", "x-request-id")
"""Response headers that become outputs; cookies and tokens are not among them."""

CALLBACK_PLACEHOLDER = "{callback_url}"
"""Replaced by the address that the receiver calls back."""

CALLBACK_HEADER = "X-Flowyard-Callback-Url"
"""Carries that address where the placeholder stands nowhere."""

MAX_POLL_FAULTS = 3
"""Polls in a row that may fail before the node does: a receiver may restart in between."""

_POLL_PLACEHOLDER = re.compile(r"\{(/[^{}]*)\}")

Outputs = HttpRequestOutputs
Answer = Done[Outputs] | Wait | Failed


class PollState(BaseModel):
    """What is kept between two polls."""

    url: str
    deadline: datetime
    faults: int = 0


@dataclass(frozen=True, slots=True)
class _Response:
    answer: HttpAnswer
    body: JsonValue
    elapsed_seconds: float

    def outputs(self, inputs: HttpRequestInputs, values: dict[str, JsonValue]) -> Outputs:
        headers = self.answer.headers
        return Outputs(
            status=self.answer.status,
            headers={name: headers[name] for name in KEPT_HEADERS if name in headers},
            body=None if inputs.response == "none" else self.body,
            values=values,
            elapsed_seconds=round(self.elapsed_seconds, 6),
        )


class HttpRequest(Plugin[HttpRequestInputs, HttpRequestOutputs]):
    """Calls a system over HTTP.

    The call carries the attempt's id as `Idempotency-Key`, the same for every
    delivery of the attempt, and the trace as `traceparent`. Failure codes:
    `http_status`, `connection_failed`, `timeout`, `response_too_large`,
    `invalid_response`, `extract_failed`, `poll_failed`, `invalid_inputs`.
    """

    name = "http_request"
    title = "HTTP request"
    idempotency: ClassVar[Literal["always", "never", "by_inputs"]] = "by_inputs"
    inputs_model = HttpRequestInputs
    outputs_model = HttpRequestOutputs

    def __init__(self, client: httpx.AsyncClient, clock: Clock | None = None) -> None:
        self._client = client
        self._clock = clock or SystemClock()

    @override
    def is_idempotent(self, inputs: HttpRequestInputs) -> bool:
        """Tell whether the method, or the user, says that repeating is harmless."""
        return inputs.is_repeatable

    @override
    async def execute(self, context: StepContext, inputs: HttpRequestInputs) -> Answer:
        """Make the call, or one poll, or take what was called back."""
        if context.resume is None:
            return await self._call(context, inputs)
        if inputs.callback:
            return _called_back(context, inputs)
        if inputs.poll is None:
            return Failed(code="invalid_inputs", message="Expected poll or callback to resume.")
        state = PollState.model_validate(context.state)
        return await self._poll(context, inputs, inputs.poll, state)

    async def _call(self, context: StepContext, inputs: HttpRequestInputs) -> Answer:
        try:
            request = self._request(context, inputs)
        except (httpx.InvalidURL, ValueError):
            return Failed(code="invalid_inputs", message="The URL or a header is not valid.")
        response = await self._exchange(context, request, inputs)
        if isinstance(response, Failed):
            return response
        if inputs.callback:
            return _waiting_for_callback(response, inputs)
        if inputs.poll is not None:
            return self._begin_polls(response, inputs, inputs.poll)
        return _done(response, inputs)

    async def _exchange(
        self, context: StepContext, request: httpx.Request, inputs: HttpRequestInputs
    ) -> _Response | Failed:
        began = self._clock.monotonic()
        answer = await call(
            self._client,
            request,
            context,
            timeout_seconds=inputs.timeout,
            follow_redirects=inputs.follow_redirects,
        )
        if isinstance(answer, Failed):
            return answer
        return _checked(answer, inputs, self._clock.monotonic() - began)

    def _request(self, context: StepContext, inputs: HttpRequestInputs) -> httpx.Request:
        sent = _with_callback(context, inputs) if inputs.callback else inputs
        content = sent.body if sent.json_body is None else None
        return self._client.build_request(
            sent.method,
            sent.url,
            params=sent.query or None,
            headers=_headers(context, sent),
            content=content,
            json=sent.json_body,
        )

    def _begin_polls(self, response: _Response, inputs: HttpRequestInputs, poll: Poll) -> Answer:
        try:
            url = _poll_url(response, inputs, poll)
        except PointerError as error:
            return Failed(code="extract_failed", message=f"{error}, in the first response.")
        except (httpx.InvalidURL, ValueError):
            message = "The address to poll is not valid, or leaves the host of the first call."
            return Failed(code="invalid_response", message=message)
        deadline = self._clock.now() + timedelta(seconds=poll.timeout)
        return _next_poll(poll, PollState(url=url, deadline=deadline))

    async def _poll(
        self, context: StepContext, inputs: HttpRequestInputs, poll: Poll, state: PollState
    ) -> Answer:
        headers = _headers(context, inputs)
        headers.pop("Idempotency-Key", None)
        response = await self._exchange(
            context, self._client.build_request("GET", state.url, headers=headers), inputs
        )
        if isinstance(response, Failed):
            if state.faults + 1 >= MAX_POLL_FAULTS:
                return response
            return self._again(poll, state.model_copy(update={"faults": state.faults + 1}))
        if poll.failed_when is not None and _holds(poll.failed_when, response.body):
            outputs = response.outputs(inputs, {}).model_dump()
            message = "The work that was polled has failed."
            return Failed(code="poll_failed", message=message, outputs=outputs)
        if _holds(poll.until, response.body):
            return _done(response, inputs)
        return self._again(poll, state.model_copy(update={"faults": 0}))

    def _again(self, poll: Poll, state: PollState) -> Wait | Failed:
        if self._clock.now() >= state.deadline:
            message = f"The work did not end within {poll.timeout:g} s."
            return Failed(code="timeout", message=message)
        return _next_poll(poll, state)


def _next_poll(poll: Poll, state: PollState) -> Wait:
    return Wait(after=timedelta(seconds=poll.interval), state=state.model_dump(mode="json"))


def _poll_url(response: _Response, inputs: HttpRequestInputs, poll: Poll) -> str:
    if poll.url is None:
        return _location(response, httpx.URL(inputs.url))

    def replace(match: re.Match[str]) -> str:
        found = look_up(response.body, match[1])
        if not isinstance(found, str | int):
            raise PointerError(f"Expected a text or number at {match[1]}, but found another kind")
        return quote(str(found), safe="")

    return str(httpx.URL(_POLL_PLACEHOLDER.sub(replace, poll.url)))


def _location(response: _Response, first: httpx.URL) -> str:
    url = first.join(response.answer.headers.get("location", ""))
    # The polls carry the same credentials, which no answer may send elsewhere.
    if (url.scheme, url.host, url.port) != (first.scheme, first.host, first.port):
        raise ValueError("Expected the first call's origin, but the location is elsewhere")
    return str(url)


def _headers(context: StepContext, inputs: HttpRequestInputs) -> httpx.Headers:
    headers = calling_headers()
    headers["Idempotency-Key"] = str(context.attempt_id)
    headers.update(auth_headers(inputs.auth))
    headers.update(inputs.headers)
    return headers


def _checked(
    answer: HttpAnswer, inputs: HttpRequestInputs, elapsed_seconds: float
) -> _Response | Failed:
    try:
        body = _body(answer, inputs)
    except ValueError:
        return Failed(code="invalid_response", message="The response is not the JSON it has to be.")
    response = _Response(answer, body, elapsed_seconds)
    if inputs.accepts(answer.status):
        return response
    return Failed(
        code="http_status",
        message=f"The call was answered with status {answer.status}.",
        outputs=response.outputs(inputs, {}).model_dump(),
    )


def _body(answer: HttpAnswer, inputs: HttpRequestInputs) -> Any:
    if inputs.response == "text":
        return answer.text()
    if inputs.response == "json" and inputs.accepts(answer.status):
        return answer.json()
    if not answer.is_json:
        return answer.text()
    try:
        return answer.json()
    except ValueError:
        return answer.text()


def _done(response: _Response, inputs: HttpRequestInputs) -> Done[Outputs] | Failed:
    try:
        values = {name: look_up(response.body, pointer) for name, pointer in inputs.extract.items()}
    except PointerError as error:
        outputs = response.outputs(inputs, {}).model_dump()
        return Failed(code="extract_failed", message=f"{error}.", outputs=outputs)
    return Done(response.outputs(inputs, values))


def _holds(condition: Condition, body: JsonValue) -> bool:
    try:
        found = look_up(body, condition.pointer)
    except PointerError:
        return False
    wanted = [condition.equals] if condition.one_of is None else condition.one_of
    return any(found == value and type(found) is type(value) for value in wanted)


def _waiting_for_callback(response: _Response, inputs: HttpRequestInputs) -> Wait:
    after = inputs.callback_timeout
    return Wait(
        reason="callback",
        after=None if after is None else timedelta(seconds=after),
        state=response.outputs(inputs, {}).model_dump(),
    )


def _called_back(context: StepContext, inputs: HttpRequestInputs) -> Done[Outputs] | Failed:
    if context.resume is None or context.resume.kind == "timer":
        return Failed(code="timeout", message="Nobody called back in time.")
    first = Outputs.model_validate(context.state)
    try:
        values = {
            name: look_up(context.resume.data, pointer) for name, pointer in inputs.extract.items()
        }
    except PointerError as error:
        return Failed(code="extract_failed", message=f"{error}, in the callback.")
    return Done(first.model_copy(update={"body": context.resume.data, "values": values}))


def _with_callback(context: StepContext, inputs: HttpRequestInputs) -> HttpRequestInputs:
    found = False

    def fill(value: Any) -> Any:
        nonlocal found
        if isinstance(value, str):
            found = found or CALLBACK_PLACEHOLDER in value
            return value.replace(CALLBACK_PLACEHOLDER, context.callback_url)
        if isinstance(value, list):
            return [fill(item) for item in value]
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        return value

    filled = {
        "url": inputs.url.replace(CALLBACK_PLACEHOLDER, quote(context.callback_url, safe="")),
        "headers": fill(inputs.headers),
        "query": fill(inputs.query),
        "json_body": fill(inputs.json_body),
        "body": fill(inputs.body),
    }
    if not found and filled["url"] == inputs.url:
        filled["headers"] = {CALLBACK_HEADER: context.callback_url} | filled["headers"]
    return inputs.model_copy(update=filled)
