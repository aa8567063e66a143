"""The JSON Schema of what a node runs, and of its options: a part of the document's."""

from flowyard.document.canonical import DEFAULT_RETRY_SECONDS
from flowyard.document.durations import DURATION_PATTERN
from flowyard.document.options import MAX_CONCURRENCY, MAX_FACTOR, MAX_RETRIES
from flowyard.document.patterns import (
    FAILURE_CODE,
    PLUGIN_REFERENCE,
    QUEUE_NAME,
    SCHEME_NAME,
    SUBFLOW_REFERENCE,
)
from flowyard.document.schema_parts import Schema, closed, list_of, text, values
from flowyard.engine.graph import (
    DEFAULT_ATTEMPT_TIMEOUT_SECONDS,
    DEFAULT_MAP_CONCURRENCY,
    DEFAULT_QUEUE,
    MAX_MAP_ITEMS,
    MAX_RETRY_SECONDS,
)
from flowyard.engine.operations import MAX_PRIORITY


def _flag(description: str, *, default: bool = False) -> Schema:
    return {"type": "boolean", "description": description, "default": default}


def _whole(description: str, least: int, most: int | None = None) -> Schema:
    schema: Schema = {"type": "integer", "description": description, "minimum": least}
    return schema | ({} if most is None else {"maximum": most})


def _share(description: str, least: float, most: float) -> Schema:
    return {"type": "number", "description": description, "minimum": least, "maximum": most}


def _seconds(description: str, **bounds: float) -> Schema:
    return {
        "description": f"{description}: seconds, or text such as 30s, 5m, 1h.",
        "oneOf": [
            {"type": "number", **bounds},
            {"type": "string", "pattern": DURATION_PATTERN},
        ],
    }


_INPUTS = values("Values by input name; ${...} in texts is an expression.")
_SHORT = r"\S"

PLUGIN_SCHEMAS: Schema = {
    "plugin": text("A plugin at its exact version.", PLUGIN_REFERENCE.pattern),
    "inputs": _INPUTS,
    "render": list_of("Verbatim inputs in which ${...} is replaced too.", {"type": "string"}),
    "queue": text("Which workers may take it.", QUEUE_NAME.pattern) | {"default": DEFAULT_QUEUE},
    "timeout": _seconds("How long one step may take", exclusiveMinimum=0)
    | {"default": DEFAULT_ATTEMPT_TIMEOUT_SECONDS},
}
"""What runs a plugin, by key."""

SUBFLOW_SCHEMAS: Schema = {
    "subflow": text("Key of the template, key@version or key@latest.", SUBFLOW_REFERENCE.pattern),
    "schemes": list_of(
        "Execution schemes to run it with.", text("Name of a scheme.", SCHEME_NAME.pattern)
    ),
    "inputs": _INPUTS,
}
"""What starts another template, by key."""

MAP_SCHEMA = closed(
    "Runs the plugin or the subflow once per item of a list.",
    {
        "items": {
            "description": "A list, or an expression that yields one.",
            "oneOf": [
                {"type": "array", "maxItems": MAX_MAP_ITEMS},
                {"type": "string", "pattern": r"\$\{"},
            ],
        },
        "concurrency": _whole("Most items under way at once.", 1, MAX_MAP_ITEMS)
        | {"default": DEFAULT_MAP_CONCURRENCY},
        "tolerate": {
            "description": "How many items may fail: a number, or a share such as 20%.",
            "oneOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\s*(100(\.0*)?|[0-9]{1,2}(\.[0-9]+)?)\s*%\s*$"},
            ],
        },
    },
    "items",
)
"""What makes a map of a node."""

_RETRY: Schema = {
    "description": "Tries a failed node again without a person.",
    "oneOf": [
        _whole("Most further attempts.", 1, MAX_RETRIES),
        closed(
            "When a failed attempt is followed by another one.",
            {
                "times": _whole("Most further attempts.", 1, MAX_RETRIES),
                "interval": _seconds("Pause before the first", minimum=0, maximum=MAX_RETRY_SECONDS)
                | {"default": DEFAULT_RETRY_SECONDS},
                "factor": _share("By what each further pause is longer.", 1, MAX_FACTOR),
                "limit": _seconds("Longest pause", minimum=0, maximum=MAX_RETRY_SECONDS),
                "jitter": _share("Share of the pause that is taken off by chance.", 0, 1),
                "codes": list_of(
                    "Failure codes to retry; left out, all but outcome_unknown.",
                    text("A failure code.", FAILURE_CODE.pattern),
                    least=1,
                ),
            },
            "times",
        ),
    ],
}
_AFTER = _seconds("How long an attempt may take, its waits included", exclusiveMinimum=0)
_DEADLINE: Schema = {
    "description": "How long an attempt may take, and what happens then.",
    "oneOf": [
        *_AFTER["oneOf"],
        closed(
            "What happens when an attempt takes too long.",
            {"after": _AFTER, "action": {"enum": ["fail", "skip"], "default": "fail"}},
            "after",
        ),
        closed(
            "Who is told when an attempt takes too long.",
            {
                "after": _AFTER,
                "action": {"const": "notify"},
                "notify": closed("What tells somebody.", PLUGIN_SCHEMAS, "plugin"),
            },
            *("after", "action", "notify"),
        ),
    ],
}
_COVERS_FAILED = {"covers_failed": _flag("Also where the node was begun and did not succeed.")}
_ROLLBACK: Schema = {
    "description": "What undoes the node when its instance is rolled back.",
    "oneOf": [
        closed("By a plugin.", {**PLUGIN_SCHEMAS, **_COVERS_FAILED}, "plugin"),
        closed("By another template.", {**SUBFLOW_SCHEMAS, **_COVERS_FAILED}, "subflow"),
    ],
}

OPTION_SCHEMAS: Schema = {
    "optional": _flag("May be left out by an execution scheme or at the start."),
    "run_when": text("An expression; where it is false, the node is passed over."),
    "ignore_failure": _flag("Counts as succeeded where it would have failed."),
    "retryable": _flag("A person may retry it.", default=True),
    "skippable": _flag("A person may skip it.", default=True),
    "retry": _RETRY,
    "deadline": _DEADLINE,
    "run_as": text("Who the plugin is told to act as.") | {"pattern": _SHORT},
    "priority": _whole("The higher the sooner it is dispatched.", 0, MAX_PRIORITY),
    "concurrency": closed(
        "How many attempts with the same key may work at once.",
        {
            "limit": _whole("Most attempts at once.", 1, MAX_CONCURRENCY),
            "key": text("Text with ${...}, shared within the project.") | {"pattern": _SHORT},
        },
        *("limit", "key"),
    ),
    "rollback": _ROLLBACK,
}
"""How a node is run, by key."""
