"""What stands in addresses, in queries and in headers: in words, and with examples."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import JsonValue


class _Explained(NamedTuple):
    description: str
    example: JsonValue


_ID = "0197c0de-0000-7000-8000-000000000001"

EXPLAINED: Final[Mapping[str, _Explained]] = {
    "path.project": _Explained("Name of the project, or its id.", "shop"),
    "path.template": _Explained("Key of the template, or its id.", "release-service"),
    "path.instance_id": _Explained("Id of the instance, as its creation answered it.", _ID),
    "path.node_id": _Explained(
        "Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the"
        " inline subflow `deploy`, and `deploy:rollback` its compensation.",
        "deploy",
    ),
    "path.number": _Explained("Number of the attempt, or of the version, from 1.", 1),
    "path.webhook_id": _Explained("Id of the webhook, as its creation answered it.", _ID),
    "path.delivery_id": _Explained("Id of the delivery: the header `webhook-id`.", _ID),
    "path.command_id": _Explained("Id of the command, as its request answered it.", 42),
    "path.name": _Explained("Name of it, as the list shows it.", "noop"),
    "path.version": _Explained("Version of the plugin.", "1.0"),
    "path.queue": _Explained("Name of the queue.", "default"),
    "path.resource": _Explained("Which list the filter is of.", "instances"),
    "path.revision": _Explained("Revision of the shared draft.", 1),
    "path.user": _Explained("Name of the person, as `GET /me` tells it.", "ops"),
    "path.token": _Explained("The attempt's own token, which is part of its address.", "3q2-7w"),
    "path.action": _Explained("What is to be done.", "pause"),
    "header.idempotency-key": _Explained("", "release-2026-11-22"),
    "header.prefer": _Explained("", "wait=10"),
    "query.cursor": _Explained("", "WyJyZWxlYXNlIl0="),
    "query.against": _Explained("", 1),
    "query.category": _Explained("", "OpsTools"),
    "query.created_after": _Explained("", "2026-11-22T00:00:00Z"),
    "query.created_before": _Explained("", "2026-11-23T00:00:00Z"),
    "query.ended_after": _Explained("", "2026-11-22T00:00:00Z"),
    "query.ended_before": _Explained("", "2026-11-23T00:00:00Z"),
    "query.is_mock": _Explained("", example=False),
    "query.kind": _Explained("", "approval"),
    "query.project": _Explained("", "shop"),
    "query.status": _Explained("", "failed"),
    "query.template": _Explained("", "release-service"),
    "query.template_id": _Explained("", [_ID]),
    "query.text": _Explained("", "release"),
    "query.version": _Explained("", 1),
    "query.webhook_id": _Explained("", _ID),
}
"""What is said of a parameter unless its route says more, keyed by place and name.

An empty description means that every route has its own.
"""


def describe_parameter(parameter: dict[str, Any]) -> None:
    """Complete what OpenAPI says of a parameter: description, one example, and never null.

    What an address, a query or a header does not say is left out: none of them can be null.
    The example of what may be left out stands within the schema: Swagger UI fills in what stands
    beside it, and nobody wants each filter of a list set.
    """
    schema = _without_nul(_without_null(parameter["schema"]), parameter["in"])
    explained = EXPLAINED.get(f"{parameter['in']}.{parameter['name'].lower()}")
    if explained is not None and explained.description:
        parameter.setdefault("description", explained.description)
    own = schema.pop("examples", [])
    if "example" not in parameter:
        parameter["example"] = _example(schema, own, explained)
    if not parameter["required"]:
        schema["examples"] = [parameter.pop("example")]
    parameter["schema"] = schema


def _example(schema: dict[str, Any], own: list[JsonValue], explained: _Explained | None) -> Any:
    if own:
        return own[0]
    if "default" in schema:
        return schema["default"]
    choices: list[JsonValue] = schema.get("enum", [])
    if explained is not None and (not choices or explained.example in choices):
        is_list = schema.get("type") == "array" and not isinstance(explained.example, list)
        return [explained.example] if is_list else explained.example
    return choices[0] if choices else None


def _without_nul(schema: dict[str, Any], place: str) -> dict[str, Any]:
    """Return a schema that says what no address may hold (``middleware``)."""
    if place not in ("path", "query"):
        return schema
    if schema.get("type") == "array":
        return {**schema, "items": _without_nul(schema["items"], place)}
    is_free = schema.get("type") == "string" and not _BOUND & schema.keys()
    return {**schema, "pattern": _NO_NUL} if is_free else schema


_BOUND = frozenset({"const", "enum", "format", "pattern"})
_NO_NUL = r"^[^\u0000]*$"


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(choices) == len(schema.get("anyOf", ())):
        return dict(schema)
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **(choices[0] if len(choices) == 1 else {"anyOf": choices})}
