"""Plays every operation on a server, and keeps what was asked and answered as examples."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx

from flowyard_api.examples import Recorded
from tests.contract.calls import Call
from tests.contract.likeness import MOST_ITEMS, alike
from tests.contract.stage import Stage
from tests.contract.table import CALLS

WAIT_SECONDS = 5
"""How long the outcome of a command is waited for, so that there is an answer with it."""


def record(stage: Stage, document: Mapping[str, Any]) -> dict[str, Recorded]:
    """Return examples of all operations of an OpenAPI document, keyed by operation id."""
    found: dict[str, Recorded] = {}
    for method, path, operation in operations_of(document):
        name = operation["operationId"]
        recorded = Recorded(parameters={}, answers={})
        for call in _variants(stage, operation):
            answer = send(stage, method, path, call)
            _keep(recorded, call, answer)
        _keep_cursor(recorded)
        found[name] = alike(recorded)
    return found


def operations_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of each operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def send(stage: Stage, method: str, path: str, call: Call) -> httpx.Response:
    """Send a call; of a stream, only its head is read."""
    url = path.format(**call.path).removeprefix("/api/v1")
    with stage.http.stream(
        method,
        url,
        params=dict(call.query),
        headers=dict(call.headers),
        content=call.text,
        json=call.body if call.has_body else None,
    ) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
        return answer


def _variants(stage: Stage, operation: Mapping[str, Any]) -> Iterator[Call]:
    make = CALLS[operation["operationId"]]
    first = make(stage)
    names = {one["name"] for one in operation.get("parameters", ())}
    yield replace(first, query={**first.query, "limit": MOST_ITEMS}) if "cursor" in names else first
    successes = [status for status in operation["responses"] if status.startswith("2")]
    if len(successes) == 1:
        return
    if "wait" in names:
        other = make(stage)
        yield Call(path=other.path, query={"wait": WAIT_SECONDS}, body=other.body)
    else:
        # Whatever publishes answers 200 where nothing has changed.
        yield first


def _keep_cursor(recorded: Recorded) -> None:
    """Have the example of a cursor be one that the list itself has given."""
    page = recorded["answers"].get("200", {})
    if isinstance(page, dict) and page.get("next_cursor") is not None:
        recorded["parameters"]["query.cursor"] = page["next_cursor"]


def _keep(recorded: Recorded, call: Call, answer: httpx.Response) -> None:
    if not answer.is_success:
        raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.text}")
    given = recorded["parameters"]
    for place, values in (("path", call.path), ("query", call.query), ("header", call.headers)):
        for name, value in values.items():
            given.setdefault(f"{place}.{name.lower()}", value)
    if call.has_body:
        recorded.setdefault("body", call.body)
    if answer.headers.get("content-type") == "application/json" and answer.content:
        recorded["answers"].setdefault(str(answer.status_code), answer.json())
