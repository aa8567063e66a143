"""The JSON Schema of the native definition, for editors and the API's documentation."""

from typing import Any

from flowyard.document.durations import DURATION_PATTERN
from flowyard.document.model import FORMAT_VERSION
from flowyard.document.nodes import (
    NODE_ID,
    PLUGIN_REFERENCE,
    QUEUE_NAME,
    SUBFLOW_REFERENCE,
    TEMPLATE_KEY,
    VARIABLE_NAME,
)
from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_LOOP_LIMIT,
    DEFAULT_QUEUE,
    VariableType,
)

Schema = dict[str, Any]
"""A JSON Schema or a part of one."""


def _text(description: str, pattern: str | None = None) -> Schema:
    schema: Schema = {"type": "string", "description": description}
    return schema | ({"pattern": f"^(?:{pattern})$"} if pattern else {})


def _closed(description: str, properties: Schema, *required: str) -> Schema:
    schema: Schema = {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
    }
    return schema | ({"required": list(required)} if required else {})


def _values(description: str, pattern: str | None = None) -> Schema:
    schema: Schema = {"type": "object", "description": description}
    return schema | ({"propertyNames": {"pattern": f"^(?:{pattern})$"}} if pattern else {})


def _list(description: str, items: Schema, *, least: int = 0) -> Schema:
    schema: Schema = {"type": "array", "description": description, "items": items}
    return schema | ({"minItems": least} if least else {})


_ID = _text("Unique in the document; other nodes and expressions name it.", NODE_ID.pattern)
_NAME = _text("What people read on the canvas.")
_NEXT = _text("Id of the next node, or end; left out, the following node.", NODE_ID.pattern)
_EXPORT: Schema = {
    "type": "object",
    "description": "Variable name to the output that it takes its value from.",
    "propertyNames": {"pattern": f"^(?:{VARIABLE_NAME.pattern})$"},
    "additionalProperties": {"type": "string"},
}
_INPUTS = _values("Values by input name; ${...} in texts is an expression.")
_SECONDS: Schema = {
    "description": "How long one step may take: seconds, or text such as 30s, 5m, 1h.",
    "default": DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    "oneOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": DURATION_PATTERN},
    ],
}
_WHEN = _text("An expression; ${...} around it or its parts means the same.")
_BRANCH: Schema = {
    "oneOf": [
        _closed(
            "A branch with a condition.",
            {"when": _WHEN, "default": {"const": False}, "next": _NEXT, "name": _NAME},
            "when",
            "next",
        ),
        _closed(
            "The branch that is taken when no condition holds.",
            {"default": {"const": True}, "next": _NEXT, "name": _NAME},
            "default",
            "next",
        ),
    ]
}
_PARALLEL_BRANCH: Schema = {
    "oneOf": [_NEXT, _closed("A branch with a name.", {"next": _NEXT, "name": _NAME}, "next")]
}
_COMMON: Schema = {"id": _ID, "name": _NAME}

_ACTIVITY = _closed(
    "Runs a plugin.",
    {
        **_COMMON,
        "plugin": _text("A plugin at its exact version.", PLUGIN_REFERENCE.pattern),
        "inputs": _INPUTS,
        "export": _EXPORT,
        "queue": _text("Which workers may take it.", QUEUE_NAME.pattern)
        | {"default": DEFAULT_QUEUE},
        "timeout": _SECONDS,
        "secret_outputs": _list("Outputs that are stored sealed.", {"type": "string"}),
        "next": _NEXT,
    },
    "id",
    "plugin",
)
_SUBFLOW = _closed(
    "Runs another template and waits for its end.",
    {
        **_COMMON,
        "subflow": _text("Key of the template, or key@version.", SUBFLOW_REFERENCE.pattern),
        "inputs": _INPUTS,
        "export": _EXPORT,
        "next": _NEXT,
    },
    "id",
    "subflow",
)
_EXCLUSIVE = _closed(
    "Takes the one branch whose condition holds, else the default.",
    {
        **_COMMON,
        "exclusive": _list("Branches in order.", _BRANCH, least=1),
        "loop_limit": {
            "type": "integer",
            "minimum": 1,
            "default": DEFAULT_LOOP_LIMIT,
            "description": "How often it may send the flow back.",
        },
    },
    "id",
    "exclusive",
)
_PARALLEL = _closed(
    "Starts all branches.",
    {**_COMMON, "parallel": _list("Where the branches begin.", _PARALLEL_BRANCH, least=1)},
    "id",
    "parallel",
)
_CONDITIONAL = _closed(
    "Starts every branch whose condition holds, else the default.",
    {**_COMMON, "conditional_parallel": _list("Branches in order.", _BRANCH, least=1)},
    "id",
    "conditional_parallel",
)
_CONVERGE = _closed(
    "Waits for the branches that were started.",
    {**_COMMON, "converge": {"const": True}, "next": _NEXT},
    "id",
    "converge",
)
_INPUT_TYPE: Schema = {"enum": [kind.value for kind in VariableType]}
_INPUT: Schema = {
    "oneOf": [
        _INPUT_TYPE,
        _closed(
            "A typed input.",
            {
                "type": _INPUT_TYPE | {"default": VariableType.STRING.value},
                "required": {"type": "boolean", "description": "True unless there is a default."},
                "default": {"description": "Taken when nothing is given."},
                "description": _text("What people read beside the field."),
                "choices": _list("Allowed values.", {}),
                "pattern": _text("Regular expression that a text must match as a whole."),
                "minimum": {"type": "number"},
                "maximum": {"type": "number"},
            },
        ),
    ]
}

DOCUMENT_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Flowyard definition",
    **_closed(
        "A flow: nodes in order, from an implied start to an implied end.",
        {
            "flowyard": {"const": FORMAT_VERSION, "description": "Version of the format."},
            "key": _text("Short name, unique in the project.", TEMPLATE_KEY.pattern),
            "title": _text("What people read in lists."),
            "description": _text("What it does, when to use it."),
            "inputs": _values("What is asked for at the start.", VARIABLE_NAME.pattern)
            | {"additionalProperties": _INPUT},
            "constants": _values("Values that never change.", VARIABLE_NAME.pattern),
            "computed": _values("Values made at the start from the others.", VARIABLE_NAME.pattern),
            "nodes": _list(
                "Each leads to the following one unless it says otherwise.",
                {
                    "oneOf": [
                        *(_ACTIVITY, _SUBFLOW, _EXCLUSIVE),
                        *(_PARALLEL, _CONDITIONAL, _CONVERGE),
                    ]
                },
                least=1,
            ),
            "outputs": _values("What the instance yields at its end."),
        },
        "flowyard",
        "key",
        "nodes",
    ),
}
"""JSON Schema (draft 2020-12) of the native definition."""
