"""Requests as nobody should send them, made of what the API says about itself."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.odd import ODD_NUMBERS, ODD_TEXTS
from tests.support.api import DOCUMENT

_MEDIA_TYPES = (
    "application/json",
    "application/yaml",
    "text/plain",
    "application/JSON; x=y",
    "",
    "é",
)
_HEADERS = ("idempotency-key", "if-match", "last-event-id", "traceparent", "x-request-id", "accept")


@dataclass(frozen=True, slots=True)
class Operation:
    """One route and method, and what OpenAPI shows as an example of its body."""

    method: str
    path: str
    body: Any = None
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


def operations(schema: dict[str, Any]) -> Iterator[Operation]:
    """Yield all operations of a description; live views are left out, they never end."""
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            if path.endswith(("/events", "/logs/stream")) or "text/event-stream" in json.dumps(
                one.get("responses", {})
            ):
                continue
            queries = tuple(
                parameter["name"]
                for parameter in one.get("parameters", ())
                if parameter["in"] == "query"
            )
            yield Operation(method.upper(), path, _example(schema, one), queries)


def _example(schema: dict[str, Any], operation: dict[str, Any]) -> Any:
    contents = operation.get("requestBody", {}).get("content", {})
    content = contents.get("application/json")
    if content is None:
        return None
    if "example" in content:
        return content["example"]
    return _of_schema(schema, content.get("schema", {}), 0)


def _of_schema(root: dict[str, Any], one: dict[str, Any], depth: int) -> Any:
    """Return a value that a schema describes, of its examples where it has some."""
    if "$ref" in one:
        name = one["$ref"].rpartition("/")[2]
        return _of_schema(root, root["components"]["schemas"][name], depth)
    if one.get("examples"):
        return one["examples"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in one:
            return _of_schema(root, one[key][0], depth)
    match one.get("type"):
        case "object" if depth < 5:
            properties = one.get("properties", {})
            return {name: _of_schema(root, part, depth + 1) for name, part in properties.items()}
        case "array" if depth < 5:
            return [_of_schema(root, one.get("items", {}), depth + 1)]
        case "integer" | "number":
            return one.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return "text"
        case _:
            return one.get("default")


class Sender:
    """Makes requests; the same seed makes the same.

    Parameters
    ----------
    seed
        Of all chance.
    known
        What exists, by the name that it has in paths.
    """

    def __init__(self, seed: int, known: Mapping[str, str]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secret is made of it
        self._known = known

    def request(self, operation: Operation) -> Sent:
        """Return a request of an operation with some of it damaged."""
        chance = self._random
        path = "/".join(
            self._segment(part) if part.startswith("{") else part
            for part in operation.path.split("/")
        )
        query = "&".join(
            f"{name}={self._quoted(self._text())}"
            for name in operation.queries
            if chance.random() < 0.4
        )
        headers = {
            name: self._text().encode("latin-1", "replace").decode("latin-1").translate(_NO_BREAKS)
            for name in _HEADERS
            if chance.random() < 0.2
        }
        content = b""
        if operation.method not in ("GET", "DELETE", "HEAD"):
            content = self._body(operation.body)
            headers["content-type"] = chance.choice(_MEDIA_TYPES[:1] * 8 + _MEDIA_TYPES)
        return Sent(operation.method, path, query, _sendable(headers), content)

    def _segment(self, part: str) -> str:
        known = self._known.get(part.strip("{}"))
        is_known = known is not None and self._random.random() < 0.85
        return self._quoted(known if known is not None and is_known else self._text()) or "x"

    def _quoted(self, text: str) -> str:
        # By bytes: half characters are sent as well.
        raw = text.encode(errors="surrogatepass")[:1500]
        return "".join(
            chr(one) if chr(one).isalnum() and one < 128 else f"%{one:02x}" for one in raw
        )

    def _text(self) -> str:
        return self._random.choice(
            (*ODD_TEXTS, *self._known.values(), "1", "-1", str(10**30), CURSORS[0], *CURSORS)
        )

    def _body(self, example: Any) -> bytes:
        chance = self._random
        if example is None or chance.random() < 0.15:
            raw = DOCUMENT.encode()
            place = chance.randrange(len(raw))
            return raw[:place] + self._text().encode(errors="surrogatepass") + raw[place:]
        value = json.loads(json.dumps(example))
        for _ in range(chance.randint(0, 3)):
            value = self._damaged(value)
        text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
        return text.encode(errors="surrogatepass")

    def _damaged(self, value: Any) -> Any:
        chance = self._random
        if isinstance(value, dict) and value and chance.random() < 0.85:
            key = chance.choice(list(value))
            if chance.random() < 0.15:
                return {name: one for name, one in value.items() if name != key}
            return {**value, key: self._damaged(value[key])}
        if isinstance(value, list) and value and chance.random() < 0.6:
            return [self._damaged(value[0]), *value[1:]] * chance.choice((1, 1, 3, 300))
        return chance.choice(
            (
                *(None, True, [], {}, self._text(), self._text(), chance.choice(ODD_NUMBERS)),
                *({self._text(): self._text()}, [self._text()], _deep(300), self._text() * 200),
            )
        )


def _deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def _sendable(headers: dict[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in headers.items()}


_NO_BREAKS = dict.fromkeys((0, 10, 11, 12, 13, 28, 29, 30, 31, 127), "")

CURSORS = (
    "WyJyZWxlYXNlIl0=",
    *("WzFd", "WzE4NDQ2NzQ0MDczNzA5NTUxNjE1XQ==", "Wy0xXQ==", "W3RydWVd", "WyJcdTAwMDAiXQ=="),
    *("WyIiXQ==", "WyJhfGJ8YyJd", "WyIyMDI2LTAxLTAxfDEiXQ==", "W1tdXQ==", "W251bGxd", "%%%"),
    "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwfDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd",
    "WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTE0OjAwfDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd",
)
"""Cursors that no page has given: JSON lists in base64."""
