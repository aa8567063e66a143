"""Bodies that are no plain JSON model: documents, and whatever outside systems call back with."""

from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from pydantic import JsonValue

from flowyard_api.errors import ApiError, BodyTooLargeError, MalformedBodyError
from flowyard_api.models.templates import DOCUMENT_EXAMPLE
from flowyard_api.storable import unstorable_part

YAML_TYPES = frozenset(
    {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"}
)
"""Media types under which people send YAML; RFC 9512 names the first."""

MAX_CALLBACK_BYTES = 256 * 1024
"""Largest body of a callback: the limit of one step's outputs, which it usually becomes."""


class UnsupportedMediaTypeError(ApiError):
    """Raised for a body of a media type that the route does not read."""

    code = "unsupported_media_type"


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise MalformedBodyError(
            f"Expected text in UTF-8, but byte {error.start} does not fit"
        ) from error


def _load(body: bytes) -> JsonValue:
    try:
        value: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBodyError(f"Expected JSON, but it cannot be parsed: {error}") from error
    found = unstorable_part(value)
    if found is not None:
        raise MalformedBodyError(f"Expected nothing but storable values, but found {found}")
    return value


async def _document_source(request: Request) -> str:
    kind = _media_type(request)
    body = await request.body()
    if kind in YAML_TYPES:
        return _decode(body)
    if kind != "application/json":
        raise UnsupportedMediaTypeError(
            f"Expected application/yaml or application/json, but got {kind or 'none'}"
        )
    value = _load(body)
    if isinstance(value, dict) and value.keys() == {"source"} and isinstance(value["source"], str):
        return value["source"]
    return _decode(body)


DocumentSource = Annotated[str, Depends(_document_source)]
"""The text of a document, sent as YAML, as JSON, or as ``{"source": text}``."""


async def _callback_data(request: Request) -> JsonValue:
    body = await request.body()
    if len(body) > MAX_CALLBACK_BYTES:
        raise BodyTooLargeError(
            f"Expected at most {MAX_CALLBACK_BYTES} bytes, but there are {len(body)}"
        )
    return _load(body) if body else None


CallbackData = Annotated[JsonValue, Depends(_callback_data)]
"""The JSON that an outside system sends, or None for an empty body."""

DOCUMENT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {
                "schema": {"description": "The document, or what is to become one."},
                "example": DOCUMENT_EXAMPLE,
            },
            "application/json": {
                "schema": {
                    "anyOf": [
                        {
                            "type": "object",
                            "required": ["source"],
                            "properties": {"source": {"type": "string"}},
                            "description": "The text of the document, as YAML or JSON.",
                        },
                        {"description": "The document itself, or what is to become one."},
                    ]
                },
                "example": {"source": DOCUMENT_EXAMPLE},
            },
        },
    }
}
"""How routes that read a document describe their body."""

CALLBACK_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {"schema": {}, "example": {"state": "done", "build": 1204}}
        },
    }
}
"""How the callback route describes its body."""
