"""Examples for every operation, recorded from a server that does a release of a service."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, TypedDict

import orjson

_FILE = "examples.json"
_JSON = "application/json"


class Recorded(TypedDict, total=False):
    """What one operation was asked, and what it answered."""

    parameters: dict[str, Any]
    """Keyed by place and name, such as ``path.project``."""
    body: Any
    answers: dict[str, Any]
    """JSON, keyed by status."""


def read_examples() -> Mapping[str, Recorded]:
    """Return what was recorded, keyed by operation id.

    Source: ``make api-examples`` plays every operation on a real server.
    """
    text = files("flowyard_api").joinpath("documentation", _FILE).read_bytes()
    found: dict[str, Recorded] = orjson.loads(text)
    return found


def add_examples(operation: dict[str, Any], recorded: Recorded) -> None:
    """Show in OpenAPI what an operation was asked and answered."""
    given = recorded.get("parameters", {})
    for parameter in operation.get("parameters", ()):
        place = f"{parameter['in']}.{parameter['name'].lower()}"
        if place in given:
            parameter["example"] = given[place]
    if "body" in recorded and _JSON in operation["requestBody"]["content"]:
        operation["requestBody"]["content"][_JSON]["example"] = recorded["body"]
    for status, answer in recorded.get("answers", {}).items():
        operation["responses"][status]["content"][_JSON]["example"] = answer
