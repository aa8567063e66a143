"""Makes one story of what was recorded: its own names, numbers and times in place of a run's."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

import orjson

from flowyard_api.models.webhooks import SECRET_EXAMPLE

MOST_ITEMS = 2
"""Items of a list that an example shows; more of the same tell nothing."""

MOST_PARTS = 10
"""Parts of anything else that is a list, such as the nodes of an instance."""

FIRST_AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
"""When the story begins; what comes next in it comes a second later."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
_OWN_TEMPLATE = re.compile(r"release-service-\d+(-backup)?(-user)?")
_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_SHOWN_ONCE = (
    (re.compile(r'"shop-\d+"'), '"shop"'),
    (re.compile(r"http://127\.0\.0\.1:\d+/hooks"), "https://tickets.example/hooks/flowyard"),
    (re.compile(r"http://127\.0\.0\.1:\d+/builds"), "https://builds.example/orders"),
    (re.compile(r"flowyard_[A-Za-z0-9_-]{20,}"), "flowyard_3k9v"),
    (re.compile(r'"host":"[^"]*"'), '"host":"node-3"'),
    (re.compile(r'"token":"(?!flowyard_)[^"]*"'), '"token":"3q2-7w"'),
    (re.compile(r'"path\.token":"[^"]*"'), '"path.token":"3q2-7w"'),
    (re.compile(r"whsec_[A-Za-z0-9+/=]{20,}"), SECRET_EXAMPLE),
    (re.compile(r'"duration_ms":\d+'), '"duration_ms":87'),
    (re.compile(r'"estimated_bytes":[1-9]\d*'), '"estimated_bytes":36000'),
    (re.compile(r'"name":"shop/\d{4}/\d\d/'), '"name":"shop/2026/11/'),
    (re.compile(r'"file":"shop/\d{4}/\d\d/'), '"file":"shop/2026/11/'),
    (re.compile(r'"bytes":\d+'), '"bytes":2048'),
    (re.compile(r'"sha256":"[0-9a-f]{64}"'), f'"sha256":"{sha256(b"shop").hexdigest()}"'),
    (re.compile(r'"trace_url":null'), f'"trace_url":"https://jaeger.example.com/trace/{_TRACE}"'),
    (re.compile(r'"trace_id":"[0-9a-f]{32}"'), f'"trace_id":"{_TRACE}"'),
)

ValueT = TypeVar("ValueT")


def alike(value: ValueT) -> ValueT:
    """Return a recorded value as the story tells it: the same whenever it is recorded."""
    text = orjson.dumps(_shortened(value)).decode()
    text = _OWN_TEMPLATE.sub(_template, text)
    for pattern, shown in _SHOWN_ONCE:
        text = pattern.sub(shown, text)
    text = _renumbered(_UUID, text, lambda number: f"0197c0de-0000-7000-8000-{number + 1:012}")
    text = _renumbered(_INSTANT, text, _instant)
    told: ValueT = orjson.loads(text)
    return told


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _shortened(part[:MOST_ITEMS] if name == "items" and type(part) is list else part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_shortened(part) for part in value[:MOST_PARTS]]
    return value


def _template(found: re.Match[str]) -> str:
    if found[2]:
        return "nightly"
    return "backup" if found[1] else "release-service"


def _renumbered(pattern: re.Pattern[str], text: str, shown: Callable[[int], str]) -> str:
    """Replace what a pattern finds, by its order: of instants in time, of ids in the text."""
    found = dict.fromkeys(pattern.findall(text))
    ordered = sorted(found) if pattern is _INSTANT else list(found)
    names = {one: shown(number) for number, one in enumerate(ordered)}
    return pattern.sub(lambda one: names[one[0]], text)


def _instant(number: int) -> str:
    return (FIRST_AT + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
