"""The JSON Schema of a document's inputs: a part of :mod:`flowyard.document.schema`."""

from typing import Any

from flowyard.document.patterns import VARIABLE_NAME
from flowyard.engine.inputs import CHOICE_TYPES, COLUMN_TYPES, VariableType

_Schema = dict[str, Any]


def _text(description: str) -> _Schema:
    return {"type": "string", "description": description}


def _count(description: str) -> _Schema:
    return {"type": "integer", "minimum": 0, "description": description}


def _type(types: frozenset[VariableType]) -> _Schema:
    return {"enum": [kind.value for kind in VariableType if kind in types]}


_PLAIN: _Schema = {"type": ["string", "number", "boolean"]}
_OPTIONS: _Schema = {
    "type": "array",
    "minItems": 1,
    "description": "What a select or a multi_select offers.",
    "items": {
        "oneOf": [
            _PLAIN,
            {
                "type": "object",
                "properties": {
                    "value": _PLAIN | {"description": "What expressions see."},
                    "label": _text("What people read."),
                },
                "additionalProperties": False,
                "required": ["value"],
            },
        ]
    },
}


def _fields(types: frozenset[VariableType]) -> _Schema:
    return {
        "type": _type(types) | {"default": VariableType.STRING.value},
        "label": _text("What people read above the field; left out, the name."),
        "required": {"type": "boolean", "description": "True unless there is a default."},
        "default": {"description": "Taken when nothing is given."},
        "description": _text("Help for who fills it in."),
        "placeholder": _text("What an empty field shows."),
        "choices": {"type": "array", "description": "Allowed values.", "items": {}},
        "options": _OPTIONS,
        "pattern": _text("Regular expression that a text must match as a whole."),
        "pattern_message": _text(
            "What is said instead of the pattern, after: Expected input x to be ..."
        ),
        "minimum": {"type": "number"},
        "maximum": {"type": "number"},
        "min_length": _count("Fewest characters of a text."),
        "max_length": _count("Most characters of a text."),
    }


def _with_parts(types: frozenset[VariableType], properties: _Schema, description: str) -> _Schema:
    """Return the schema of an input or a column: the name of a type, or a mapping."""
    needing = {*CHOICE_TYPES, VariableType.TABLE}
    return {
        "oneOf": [
            _type(types - needing),
            {
                "type": "object",
                "description": description,
                "properties": properties,
                "additionalProperties": False,
                "allOf": [
                    _needs(sorted(CHOICE_TYPES & types), "options"),
                    *(
                        [_needs([VariableType.TABLE], "columns")]
                        if VariableType.TABLE in types
                        else []
                    ),
                ],
            },
        ]
    }


def _needs(types: list[VariableType], key: str) -> _Schema:
    """Return the rule that a key is there exactly for some types."""
    return {
        "if": {
            "properties": {"type": {"enum": [kind.value for kind in types]}},
            "required": ["type"],
        },
        "then": {"required": [key]},
        "else": {"properties": {key: False}},
    }


_COLUMN = _with_parts(COLUMN_TYPES, _fields(COLUMN_TYPES), "A column of a table.")

INPUT_SCHEMA: _Schema = _with_parts(
    frozenset(VariableType),
    {
        **_fields(frozenset(VariableType)),
        "group": _text("Inputs of one group stand together in a form."),
        "columns": {
            "type": "object",
            "minProperties": 1,
            "description": "Fields of each row of a table, in order.",
            "propertyNames": {"pattern": f"^(?:{VARIABLE_NAME.pattern})$"},
            "additionalProperties": _COLUMN,
        },
        "min_items": _count("Fewest items of a list."),
        "max_items": _count("Most items of a list."),
        "show": {
            "type": "boolean",
            "default": True,
            "description": "False for what nobody is asked for: it always has its default.",
        },
        "visible_when": _text(
            "An expression over other inputs; where it is false, the default is taken."
        ),
    },
    "A typed input.",
)
"""JSON Schema (draft 2020-12) of one input."""
