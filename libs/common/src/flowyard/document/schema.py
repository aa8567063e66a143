"""The JSON Schema of the native definition, for editors and the API's documentation."""

from flowyard.document.input_schema import INPUT_SCHEMA
from flowyard.document.layout import FARTHEST
from flowyard.document.model import FORMAT_VERSION
from flowyard.document.option_schema import (
    MAP_SCHEMA,
    OPTION_SCHEMAS,
    PLUGIN_SCHEMAS,
    SUBFLOW_SCHEMAS,
)
from flowyard.document.patterns import NODE_ID, SCHEME_NAME, TEMPLATE_KEY, VARIABLE_NAME
from flowyard.document.schema_parts import Schema, closed, list_of, text, values
from flowyard.engine.graph import DEFAULT_LOOP_LIMIT, FailurePolicy, SubflowMode

_ID = text("Unique in the document; other nodes and expressions name it.", NODE_ID.pattern)
_NAME = text("What people read on the canvas.")
_NEXT = text("Id of the next node, or end; left out, the following node.", NODE_ID.pattern)
_EXPORT: Schema = {
    "type": "object",
    "description": "Variable name to the output that it takes its value from.",
    "propertyNames": {"pattern": f"^(?:{VARIABLE_NAME.pattern})$"},
    "additionalProperties": {"type": "string"},
}
_WHEN = text("An expression; ${...} around it or its parts means the same.")
_BOOLRULE = text("A condition in the language of bk-sops.")
_TARGET: Schema = {"next": _NEXT, "name": _NAME}
_BRANCH: Schema = {
    "oneOf": [
        closed(
            "A branch with a condition.",
            {"when": _WHEN, "default": {"const": False}, **_TARGET},
            *("when", "next"),
        ),
        closed(
            "A branch with a condition in the language of bk-sops.",
            {"boolrule": _BOOLRULE, "default": {"const": False}, **_TARGET},
            *("boolrule", "next"),
        ),
        closed(
            "The branch that is taken when no condition holds.",
            {"default": {"const": True}, **_TARGET},
            *("default", "next"),
        ),
    ]
}
_PARALLEL_BRANCH: Schema = {
    "oneOf": [_NEXT, closed("A branch with a name.", {"next": _NEXT, "name": _NAME}, "next")]
}
_COMMON: Schema = {"id": _ID, "name": _NAME}

_ACTIVITY = closed(
    "Runs a plugin, with a map once per item.",
    {
        **_COMMON,
        "map": MAP_SCHEMA,
        **PLUGIN_SCHEMAS,
        "export": _EXPORT,
        "secret_outputs": list_of("Outputs that are stored sealed.", {"type": "string"}),
        **OPTION_SCHEMAS,
        "next": _NEXT,
    },
    *("id", "plugin"),
)
_SUBFLOW = closed(
    "Runs another template and waits for its end, with a map once per item.",
    {
        **_COMMON,
        "map": MAP_SCHEMA,
        **SUBFLOW_SCHEMAS,
        "mode": {"enum": [mode.value for mode in SubflowMode], "default": "independent"},
        "export": _EXPORT,
        **OPTION_SCHEMAS,
        "next": _NEXT,
    },
    *("id", "subflow"),
)
_EXCLUSIVE = closed(
    "Takes the one branch whose condition holds, else the default.",
    {
        **_COMMON,
        "exclusive": list_of("Branches in order.", _BRANCH, least=1),
        "first_match": {
            "type": "boolean",
            "description": "Of several branches whose conditions hold, take the first.",
        },
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
_PARALLEL = closed(
    "Starts all branches.",
    {**_COMMON, "parallel": list_of("Where the branches begin.", _PARALLEL_BRANCH, least=1)},
    "id",
    "parallel",
)
_CONDITIONAL = closed(
    "Starts every branch whose condition holds, else the default.",
    {**_COMMON, "conditional_parallel": list_of("Branches in order.", _BRANCH, least=1)},
    "id",
    "conditional_parallel",
)
_CONVERGE = closed(
    "Waits for the branches that were started.",
    {**_COMMON, "converge": {"const": True}, "next": _NEXT},
    "id",
    "converge",
)
_SCHEME = closed(
    "A choice among the optional nodes.",
    {
        "keeps": list_of("Optional nodes that run.", text("Id of a node.", NODE_ID.pattern)),
        "default": {"type": "boolean", "description": "Taken where nobody chooses."},
        "description": text("When to choose it."),
    },
    "keeps",
)

_POSITION: Schema = {
    **list_of(
        "Left and upper edge in pixels.",
        {"type": "integer", "minimum": -FARTHEST, "maximum": FARTHEST},
        least=2,
    ),
    "maxItems": 2,
}

DOCUMENT_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Flowyard definition",
    **closed(
        "A flow: nodes in order, from an implied start to an implied end.",
        {
            "flowyard": {"const": FORMAT_VERSION, "description": "Version of the format."},
            "key": text("Short name, unique in the project.", TEMPLATE_KEY.pattern),
            "title": text("What people read in lists."),
            "description": text("What it does, when to use it."),
            "inputs": values("What is asked for at the start.", VARIABLE_NAME.pattern)
            | {"additionalProperties": INPUT_SCHEMA},
            "constants": values("Values that never change.", VARIABLE_NAME.pattern),
            "computed": values("Values made at the start from the others.", VARIABLE_NAME.pattern),
            "lazy": values("Values made at each use from the others.", VARIABLE_NAME.pattern),
            "nodes": list_of(
                "Each leads to the following one unless it says otherwise.",
                {
                    "oneOf": [
                        *(_ACTIVITY, _SUBFLOW, _EXCLUSIVE),
                        *(_PARALLEL, _CONDITIONAL, _CONVERGE),
                    ]
                },
                least=1,
            ),
            "outputs": values("What the instance yields at its end."),
            "schemes": values("Named choices among the optional nodes.", SCHEME_NAME.pattern)
            | {"additionalProperties": _SCHEME},
            "on_failure": {
                "enum": [policy.value for policy in FailurePolicy],
                "default": FailurePolicy.STOP.value,
                "description": "What happens when nothing can go on without a person.",
            },
            "layout": {
                "type": "object",
                "description": "Where nodes stand on the canvas, by id; others are laid out.",
                "additionalProperties": _POSITION,
            },
        },
        "flowyard",
        "key",
        "nodes",
    ),
}
"""JSON Schema (draft 2020-12) of the native definition."""
