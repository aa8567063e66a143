"""The parts that JSON Schemas of a document are made of."""

from typing import Any

Schema = dict[str, Any]
"""A JSON Schema or a part of one."""


def text(description: str, pattern: str | None = None) -> Schema:
    """Return the schema of a text, which may have to match a pattern as a whole."""
    schema: Schema = {"type": "string", "description": description}
    return schema | ({"pattern": f"^(?:{pattern})$"} if pattern else {})


def closed(description: str, properties: Schema, *required: str) -> Schema:
    """Return the schema of a mapping with known keys, of which some are required."""
    schema: Schema = {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
    }
    return schema | ({"required": list(required)} if required else {})


def values(description: str, pattern: str | None = None) -> Schema:
    """Return the schema of a mapping by name, whose names may have to match a pattern."""
    schema: Schema = {"type": "object", "description": description}
    return schema | ({"propertyNames": {"pattern": f"^(?:{pattern})$"}} if pattern else {})


def list_of(description: str, items: Schema, *, least: int = 0) -> Schema:
    """Return the schema of a list."""
    schema: Schema = {"type": "array", "description": description, "items": items}
    return schema | ({"minItems": least} if least else {})
