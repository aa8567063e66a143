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


def openapi_text() -> str:
    """Return the document as JSON, keys in a fixed order."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    return orjson.dumps(openapi_document(), option=options).decode() + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
