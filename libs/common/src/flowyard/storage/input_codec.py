"""Inputs of templates as JSON: a part of :mod:`flowyard.storage.graph_codec`."""

from collections.abc import Mapping
from typing import Any

from flowyard.engine.inputs import InputSpec, Option, VariableType
from flowyard.storage.work_codec import Encoded, without_defaults

_DEFAULTS: Encoded = {
    "type": VariableType.STRING.value,
    "required": True,
    "default": None,
    "description": "",
    "label": "",
    "placeholder": "",
    "group": "",
    "choices": [],
    "options": [],
    "columns": [],
    "pattern": None,
    "pattern_message": "",
    "minimum": None,
    "maximum": None,
    "min_length": None,
    "max_length": None,
    "min_items": None,
    "max_items": None,
    "show": True,
    "visible_when": None,
}


def encode_input(spec: InputSpec) -> Encoded:
    """Return an input, or a column of one, as JSON without what has its default value."""
    return without_defaults(
        {
            "name": spec.name,
            "type": spec.type.value,
            "required": spec.is_required,
            "default": spec.default,
            "description": spec.description,
            "label": spec.label,
            "placeholder": spec.placeholder,
            "group": spec.group,
            "choices": list(spec.choices),
            "options": [[option.value, option.label] for option in spec.options],
            "columns": [encode_input(column) for column in spec.columns],
            "pattern": spec.pattern,
            "pattern_message": spec.pattern_message,
            "minimum": spec.minimum,
            "maximum": spec.maximum,
            "min_length": spec.min_length,
            "max_length": spec.max_length,
            "min_items": spec.min_items,
            "max_items": spec.max_items,
            "show": spec.is_shown,
            "visible_when": spec.visible_when,
        },
        _DEFAULTS,
    )


def decode_input(encoded: Mapping[str, Any]) -> InputSpec:
    """Return the input that :func:`encode_input` was given."""
    known = {**_DEFAULTS, **encoded}
    return InputSpec(
        name=known["name"],
        type=VariableType(known["type"]),
        is_required=known["required"],
        default=known["default"],
        description=known["description"],
        label=known["label"],
        placeholder=known["placeholder"],
        group=known["group"],
        choices=tuple(known["choices"]),
        options=tuple(Option(value=value, label=label) for value, label in known["options"]),
        columns=tuple(decode_input(column) for column in known["columns"]),
        pattern=known["pattern"],
        pattern_message=known["pattern_message"],
        minimum=known["minimum"],
        maximum=known["maximum"],
        min_length=known["min_length"],
        max_length=known["max_length"],
        min_items=known["min_items"],
        max_items=known["max_items"],
        is_shown=known["show"],
        visible_when=known["visible_when"],
    )
