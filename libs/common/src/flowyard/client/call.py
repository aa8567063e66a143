"""Requests before they are sent: what they say, and whether they may be repeated."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, cast
from urllib.parse import quote

import orjson
from pydantic import BaseModel

from flowyard.ids import new_id

KEY_HEADER = "Idempotency-Key"
"""Makes a write repeatable."""

_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
_HELD = re.compile(r"\bwait=(\d+)")


class Nothing(Enum):
    """What stands for no body, in contrast to ``null``."""

    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING
"""No body."""


def segment(value: object) -> str:
    """Return a value as one segment of an address."""
    return quote(str(value), safe="")


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has been given: None leaves the choice to the server."""
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an operation, however often it is sent.

    Attributes
    ----------
    path
        From the server's address.
    query, headers
        Those that are None are left out.
    body
        What is sent as JSON.
    document
        A text of the caller's own, sent as YAML, or what it says, sent as JSON.
    is_keyed
        Whether the operation takes an idempotency key.
    key
        The caller's own; left out, one is made up.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Any = NOTHING
    document: str | Mapping[str, Any] | None = None
    is_keyed: bool = False
    key: str | None = None

    @property
    def is_repeatable(self) -> bool:
        """Tell whether sending it twice does no more than sending it once."""
        return self.is_keyed or self.method in _REPEATABLE

    @property
    def held_seconds(self) -> float:
        """Return for how long the server may hold its answer."""
        found = _HELD.search(str(self.headers.get("prefer") or ""))
        return float(found[1] if found else self.query.get("wait") or 0)

    def sent_query(self) -> dict[str, list[str]]:
        """Return the query as httpx takes it."""
        return {name: _texts_of(value) for name, value in given(self.query).items()}

    def sent_headers(self) -> dict[str, str]:
        """Return headers, with a key that stays the same however often this is sent."""
        headers = {name: ", ".join(_texts_of(value)) for name, value in given(self.headers).items()}
        if self.is_keyed:
            headers[KEY_HEADER] = self.key or str(new_id())
        return headers

    def content(self) -> tuple[bytes, str] | None:
        """Return the body and its media type; None for no body."""
        if isinstance(self.document, str):
            return self.document.encode(), "application/yaml"
        body = self.body if self.document is None else self.document
        if body is NOTHING:
            return None
        return orjson.dumps(body, default=_plain), "application/json"


def _texts_of(value: Any) -> list[str]:
    """Return a value as texts, for an address: of several, each is sent by itself."""
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if hasattr(value, "isoformat"):
        return [value.isoformat()]
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return [str(value)]
    return [text for one in value for text in _texts_of(one)]


def _plain(value: Any) -> Any:
    """Return what JSON has no word for as something that it has."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    if hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"Expected a JSON value, but got {type(value).__name__}")
