"""Reads operations and schemas out of an OpenAPI document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
"""A JSON schema, as it stands in the document."""

METHODS = ("get", "post", "put", "patch", "delete")
"""What an operation may be, in the order in which methods of a class are written."""

LEFT_OUT_TAGS = frozenset({"session"})
"""Operations that only browsers need: whoever holds a token sends it with each request."""

KEY_HEADER = "idempotency-key"
"""What makes a write repeatable, in lower case."""

JSON, YAML, STREAM = "application/json", "application/yaml", "text/event-stream"

_REF = "#/components/schemas/"
_MANY = "Page_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value that a request carries outside of its body."""

    name: str
    place: str
    """``path``, ``query`` or ``header``."""
    schema: Schema
    is_required: bool
    text: str
    """What the document says about it; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a request carries in its body.

    Attributes
    ----------
    schema
        Of the JSON; None where any JSON is taken.
    is_document
        Whether it is a text of the caller's own, sent as YAML or as JSON.
    """

    schema: Schema | None
    is_required: bool
    is_document: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    summary: str
    text: str
    name: str
    """``operationId``: only for what has no name of its own otherwise."""
    parameters: tuple[Parameter, ...]
    body: Body | None
    answer: Schema | None
    """Schema of the JSON that is answered; None for nothing."""
    is_stream: bool
    is_deprecated: bool
    refusals: tuple[tuple[int, str], ...]
    """Status of each problem, and what the document says about it."""

    @property
    def is_keyed(self) -> bool:
        """Tell whether a write can be repeated under its key."""
        return any(one.name.lower() == KEY_HEADER for one in self.parameters)


def ref_name(schema: Schema) -> str | None:
    """Return the name of the schema that this one stands for, if it does."""
    ref = schema.get("$ref")
    return ref.removeprefix(_REF) if isinstance(ref, str) else None


class Document:
    """An OpenAPI document.

    Parameters
    ----------
    content
        The document, decoded.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self.schemas: Mapping[str, Schema] = content["components"]["schemas"]

    def resolved(self, schema: Schema) -> Schema:
        """Return the schema that a reference leads to, or the schema itself."""
        name = ref_name(schema)
        return schema if name is None else self.schemas[name]

    def item_of_page(self, schema: Schema | None) -> Schema | None:
        """Return what a page holds, where the schema is that of a page and of nothing else."""
        if schema is None:
            return None
        properties = self.resolved(schema).get("properties", {})
        if set(properties) != {"items", "next_cursor"}:
            return None
        item: Schema = properties["items"]["items"]
        return item

    def is_page(self, name: str) -> bool:
        """Tell whether a named schema is a page of a list."""
        return self.item_of_page(self.schemas[name]) is not None

    def operations(self) -> Iterator[Operation]:
        """Yield every operation that a program may want."""
        for path, item in sorted(self._content["paths"].items()):
            for method in METHODS:
                found = item.get(method)
                if found is None or LEFT_OUT_TAGS & set(found.get("tags", ())):
                    continue
                yield from self._read(method, path, {**item, **found})

    def _read(self, method: str, path: str, found: Mapping[str, Any]) -> Iterator[Operation]:
        """Yield one operation, or two where its answer may also be a stream."""
        media, refusals = _answers(found.get("responses", {}))
        streams = [STREAM in media] if len(media) == 1 or STREAM not in media else [False, True]
        for is_stream in streams:
            yield Operation(
                method=method,
                path=path,
                summary=found.get("summary", ""),
                text=found.get("description", ""),
                name=found.get("operationId", f"{method}_{path}"),
                parameters=tuple(self._parameters(found.get("parameters", ()))),
                body=self._body(found.get("requestBody")),
                answer=None if is_stream else media.get(JSON),
                is_stream=is_stream,
                is_deprecated=found.get("deprecated", False),
                refusals=refusals,
            )

    def _parameters(self, found: Any) -> Iterator[Parameter]:
        for one in found:
            if "$ref" in one:
                raise ValueError(f"Expected parameters in their places, but one is {one['$ref']}")
            if one["in"] == "cookie":
                continue
            yield Parameter(
                name=one["name"],
                place=one["in"],
                schema=one.get("schema", {}),
                is_required=one.get("required", False),
                text=one.get("description", ""),
            )

    def _body(self, found: Mapping[str, Any] | None) -> Body | None:
        if found is None:
            return None
        content = found["content"]
        schema = content.get(JSON, {}).get("schema", {})
        return Body(
            schema=self._object(schema),
            is_required=found.get("required", False),
            is_document=YAML in content,
        )

    def _object(self, schema: Schema) -> Schema | None:
        """Return the object that a body is, ``null`` left out of account; None for any JSON."""
        whole = self.resolved(schema)
        if "properties" in whole:
            return whole
        choices = [one for one in whole.get("anyOf", ()) if one.get("type") != "null"]
        return self._object(choices[0]) if len(choices) == 1 else None


def _answers(found: Mapping[str, Any]) -> tuple[dict[str, Schema], tuple[tuple[int, str], ...]]:
    """Return the schema of what is answered by media type, and what may be refused."""
    media: dict[str, Schema] = {}
    refusals: list[tuple[int, str]] = []
    for status, answer in sorted(found.items()):
        if not status.isdigit():
            continue
        if status >= "400":
            refusals.append((int(status), answer.get("description", "")))
        elif status.startswith("2"):
            for kind, content in answer.get("content", {}).items():
                media.setdefault(kind, content.get("schema", {}))
    return media, tuple(refusals)
