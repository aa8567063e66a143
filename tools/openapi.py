"""Prints the API's OpenAPI document; needs no server and no database."""

import sys
from typing import Any

import orjson

from flowyard.messaging.local import LocalBroker
from flowyard_api.main import ApiService
from flowyard_api.settings import Settings

_NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def openapi_document() -> dict[str, Any]:
    """Return the document that the API serves."""
    service = ApiService(Settings(database_url=_NOWHERE), broker=LocalBroker())
    return service.app.openapi()


def openapi_text(document: dict[str, Any] | None = None) -> str:
    """Return a document, or else the whole one, as JSON with its keys in a fixed order."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    return orjson.dumps(document or openapi_document(), option=options).decode() + "\n"


def without_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without what operations are asked and answer: types need none of it."""
    for methods in document["paths"].values():
        for operation in methods.values():
            answers = [operation.get("requestBody", {}), *operation["responses"].values()]
            contents = [one for part in answers for one in part.get("content", {}).values()]
            for place in [*operation.get("parameters", ()), *contents]:
                place.pop("example", None)
    return document


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
