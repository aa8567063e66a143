"""One look of ``http_check``: a call, and what its answer means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import orjson
from pydantic import JsonValue

from flowyard.contracts.plugin import Failed, StepContext
from flowyard_plugin_gateway.comparison import compare, holds
from flowyard_plugin_gateway.http_client import HttpAnswer
from flowyard_plugin_gateway.json_pointer import PointerError, look_up
from flowyard_plugin_gateway.plugins.http_call import auth_headers, call, calling_headers
from flowyard_plugin_gateway.plugins.http_check_models import (
    Comparison,
    HttpCheckInputs,
    HttpTarget,
    PrometheusTarget,
    Rule,
    Sample,
    Threshold,
    accepts,
)
from flowyard_plugin_gateway.plugins.http_request_models import Auth

MAX_SAMPLES = 20
"""Samples that are kept of a look, so that the state stays small."""

MAX_SHOWN_BYTES = 1000
"""Largest value, and largest labels, of a sample that is kept, as JSON."""

MAX_REASON_CHARACTERS = 300
"""How much is repeated of what a server says about a query."""

Verdict = Literal["passes", "fails", "not_yet"]
"""What a look means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look has found."""

    verdict: Verdict = "not_yet"
    status: int | None = None
    samples: list[Sample] = field(default_factory=list)
    fault: Failed | None = None
    """Why there is no usable answer."""
    is_final: bool = False
    """True for a fault that a further look cannot mend."""


async def look_at_http(
    client: httpx.AsyncClient, context: StepContext, inputs: HttpCheckInputs, target: HttpTarget
) -> Look:
    """Call an endpoint, and tell what its status and body mean."""
    try:
        request = client.build_request(
            target.method,
            target.url,
            headers=_headers(target.auth, target.headers),
            json=target.json_body,
        )
    except (httpx.InvalidURL, ValueError):
        return _invalid_inputs()
    answer = await call(
        client,
        request,
        context,
        timeout_seconds=inputs.call_timeout,
        follow_redirects=target.follow_redirects,
    )
    if isinstance(answer, Failed):
        return Look(fault=answer)
    body = _body(answer)
    verdict = _judge(target, answer.status, body)
    first, second = target.pass_when, target.fail_when
    rules = (second, first) if verdict == "fails" else (first, second)
    return Look(verdict=verdict, status=answer.status, samples=_found(rules, body))


async def look_at_prometheus(
    client: httpx.AsyncClient,
    context: StepContext,
    inputs: HttpCheckInputs,
    target: PrometheusTarget,
) -> Look:
    """Ask a query, and tell what its samples mean."""
    try:
        request = client.build_request(
            "GET",
            f"{target.url.rstrip('/')}/api/v1/query",
            params={"query": target.query},
            headers=_headers(target.auth, target.headers),
        )
    except (httpx.InvalidURL, ValueError):
        return _invalid_inputs()
    answer = await call(client, request, context, timeout_seconds=inputs.call_timeout)
    if isinstance(answer, Failed):
        return Look(fault=answer)
    return _read(answer, target)


def _headers(auth: Auth | None, further: dict[str, str]) -> httpx.Headers:
    headers = calling_headers()
    headers.update(auth_headers(auth))
    headers.update(further)
    return headers


def _invalid_inputs() -> Look:
    message = "The URL or a header is not valid."
    return Look(fault=Failed(code="invalid_inputs", message=message), is_final=True)


def _body(answer: HttpAnswer) -> JsonValue:
    # Many services label their JSON as plain text.
    if answer.is_json or answer.content.lstrip()[:1] in {b"{", b"["}:
        try:
            found: JsonValue = answer.json()
        except ValueError:
            return answer.text()
        return found
    return answer.text()


def _judge(target: HttpTarget, status: int, body: JsonValue) -> Verdict:
    if accepts(target.failing_status, status):
        return "fails"
    if target.fail_when is not None and _is_satisfied(target.fail_when, body):
        return "fails"
    if not accepts(target.expected_status, status):
        return "not_yet"
    if target.pass_when is None or _is_satisfied(target.pass_when, body):
        return "passes"
    return "not_yet"


def _is_satisfied(rule: Rule, body: JsonValue) -> bool:
    every = all(_is_true(comparison, body) for comparison in rule.all)
    return every and (not rule.any or any(_is_true(comparison, body) for comparison in rule.any))


def _is_true(comparison: Comparison, body: JsonValue) -> bool:
    try:
        found = look_up(body, comparison.pointer)
    except PointerError:
        return comparison.operator == "exists" and comparison.value is False
    return holds(comparison.operator, found, comparison.value)


def _found(rules: Sequence[Rule | None], body: JsonValue) -> list[Sample]:
    pointers = [
        comparison.pointer for rule in rules if rule is not None for comparison in rule.comparisons
    ]
    samples = []
    for pointer in list(dict.fromkeys(pointers))[:MAX_SAMPLES]:
        try:
            value = _shown(look_up(body, pointer))
        except PointerError:
            continue
        samples.append(Sample(labels={"pointer": pointer[:MAX_SHOWN_BYTES]}, value=value))
    return samples


def _shown(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value[:MAX_SHOWN_BYTES]
    return value if len(orjson.dumps(value)) <= MAX_SHOWN_BYTES else None


def _read(answer: HttpAnswer, target: PrometheusTarget) -> Look:
    try:
        content = answer.json()
    except ValueError:
        content = None
    if answer.status == httpx.codes.BAD_REQUEST:
        reason = content.get("error") if isinstance(content, dict) else None
        return _rejected(f"The server rejects the query: {str(reason)[:MAX_REASON_CHARACTERS]}.")
    if not httpx.codes.is_success(answer.status):
        message = f"The query was answered with status {answer.status}."
        return Look(status=answer.status, fault=Failed(code="http_status", message=message))
    try:
        pairs = _pairs(content)
    except (LookupError, TypeError, ValueError):
        message = "The answer is not one of Prometheus."
        return Look(status=answer.status, fault=Failed(code="invalid_response", message=message))
    if pairs is None:
        return _rejected("Expected a query that gives a vector or a scalar, but it gives another.")
    return Look(
        verdict=_judge_samples(target, [value for _, value in pairs]),
        status=answer.status,
        samples=[_sample(labels, value) for labels, value in pairs[:MAX_SAMPLES]],
    )


def _rejected(message: str) -> Look:
    return Look(fault=Failed(code="query_rejected", message=message), is_final=True)


def _pairs(content: Any) -> list[tuple[dict[str, str], float]] | None:
    data = content["data"]
    match data["resultType"]:
        case "scalar":
            return [({}, float(data["result"][1]))]
        case "vector":
            return [
                (dict(series["metric"]), float(series["value"][1])) for series in data["result"]
            ]
        case _:
            return None


def _judge_samples(target: PrometheusTarget, values: list[float]) -> Verdict:
    if not values:
        meaning: dict[str, Verdict] = {"pass": "passes", "fail": "fails", "wait": "not_yet"}
        return meaning[target.on_empty]
    if target.fail_when is not None and _is_reached(target.fail_when, values):
        return "fails"
    return "passes" if _is_reached(target.pass_when, values) else "not_yet"


def _is_reached(threshold: Threshold, values: list[float]) -> bool:
    reached = (compare(threshold.operator, value, threshold.value) for value in values)
    return all(reached) if threshold.samples == "every" else any(reached)


def _sample(labels: dict[str, str], value: float) -> Sample:
    is_small = len(orjson.dumps(labels)) <= MAX_SHOWN_BYTES
    return Sample(
        labels={name: str(text) for name, text in labels.items()} if is_small else {},
        value=value if math.isfinite(value) else _name(value),
    )


def _name(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "+Inf" if value > 0 else "-Inf"
