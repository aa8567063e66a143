"""Reading and writing what a document asks for at its start."""

from collections.abc import Iterable, Mapping

from flowyard.document.canonical import number
from flowyard.document.conditions import read_condition
from flowyard.document.part import Part, shortened, suggest
from flowyard.document.patterns import VARIABLE_NAME
from flowyard.engine.binding import default_problems, visibility_cycle
from flowyard.engine.expressions import paths_in
from flowyard.engine.graph import JsonValue
from flowyard.engine.inputs import (
    CHOICE_TYPES,
    COLUMN_TYPES,
    LIST_TYPES,
    TEXT_TYPES,
    InputSpec,
    Option,
    VariableType,
)
from flowyard.engine.matching import pattern_problem

INPUT_KEYS = (
    *("type", "label", "required", "default", "description", "placeholder", "group"),
    *("choices", "options", "columns", "pattern", "pattern_message", "minimum", "maximum"),
    *("min_length", "max_length", "min_items", "max_items", "show", "visible_when"),
)
"""The keys of an input, in the order in which they are written."""

COLUMN_KEYS = tuple(
    key
    for key in INPUT_KEYS
    if key not in ("group", "columns", "min_items", "max_items", "show", "visible_when")
)
"""The keys of a column, in the order in which they are written."""

_OPTION_KEYS = ("value", "label")

_ONLY_FOR: Mapping[str, frozenset[VariableType]] = {
    "choices": frozenset(VariableType) - CHOICE_TYPES,
    "options": CHOICE_TYPES,
    "columns": frozenset({VariableType.TABLE}),
    "min_length": TEXT_TYPES,
    "max_length": TEXT_TYPES,
    "min_items": LIST_TYPES,
    "max_items": LIST_TYPES,
}
"""Keys that mean something for some types only."""


def read_inputs(part: Part | None) -> tuple[InputSpec, ...]:
    """Return the inputs of a document; what is wrong with them is reported."""
    if part is None:
        return ()
    entries = part.entries("a mapping of inputs")
    specs = tuple(_input(name, item) for name, item in entries.items())
    for spec in specs:
        if spec.visible_when is not None:
            _check_names(spec, entries)
    cycle = visibility_cycle(specs)
    if cycle:
        circle = " depends on ".join(cycle)
        entries[cycle[0]].wrong(
            "visibility_cycle", f"Expected visibility without a circle, but {circle}"
        )
    return specs


def _check_names(spec: InputSpec, entries: Mapping[str, Part]) -> None:
    known = entries.keys()
    for name in sorted({path[0] for path in paths_in(f"${{{spec.visible_when}}}")} - known):
        place = entries[spec.name].entries()["visible_when"]
        place.wrong(
            "unknown_name",
            f"Expected another input, but {name} is none"
            f"{suggest(name, known, told=len(place.report.problems))}",
        )


def _input(name: str, part: Part) -> InputSpec:
    if isinstance(part.value, str):
        return _spec(name, part, {"type": part}, frozenset(VariableType))
    fields = part.fields(INPUT_KEYS, "an input")
    return _spec(name, part, fields, frozenset(VariableType))


def _column(name: str, part: Part) -> InputSpec:
    if not VARIABLE_NAME.fullmatch(name):
        part.wrong_key("invalid_value", f"Expected the name of a column, but {name} is none")
    if isinstance(part.value, str):
        return _spec(name, part, {"type": part}, COLUMN_TYPES)
    return _spec(name, part, part.fields(COLUMN_KEYS, "a column"), COLUMN_TYPES)


def _spec(
    name: str, part: Part, fields: Mapping[str, Part], types: frozenset[VariableType]
) -> InputSpec:
    texts = {
        key: fields[key].text("text")
        for key in ("label", "description", "placeholder", "group", "pattern_message")
        if key in fields
    }
    spec = InputSpec(
        name=name,
        type=_type(fields["type"], types) if "type" in fields else VariableType.STRING,
        is_required=fields["required"].flag() if "required" in fields else "default" not in fields,
        default=fields["default"].value if "default" in fields else None,
        choices=_choices(fields.get("choices")),
        options=_options(fields.get("options")),
        columns=_columns(fields.get("columns")),
        pattern=_pattern(fields.get("pattern")),
        minimum=fields["minimum"].number("a number") if "minimum" in fields else None,
        maximum=fields["maximum"].number("a number") if "maximum" in fields else None,
        min_length=_count(fields.get("min_length")),
        max_length=_count(fields.get("max_length")),
        min_items=_count(fields.get("min_items")),
        max_items=_count(fields.get("max_items")),
        is_shown=fields["show"].flag() if "show" in fields else True,
        visible_when=read_condition(fields["visible_when"]) if "visible_when" in fields else None,
        **texts,
    )
    _check(spec, part, fields)
    return spec


def _check(spec: InputSpec, part: Part, fields: Mapping[str, Part]) -> None:
    """Report what does not go together."""
    for key, types in _ONLY_FOR.items():
        if key in fields and spec.type not in types:
            fields[key].wrong_key(
                "unexpected_key", f"Expected {key} not to be said of the type {spec.type}"
            )
    for key, types in (("options", CHOICE_TYPES), ("columns", _ONLY_FOR["columns"])):
        if spec.type in types and key not in fields:
            part.missing_key(key, f"an input of type {spec.type}")
    for least, most in (
        ("minimum", "maximum"),
        ("min_length", "max_length"),
        ("min_items", "max_items"),
    ):
        _check_bounds(getattr(spec, least), getattr(spec, most), fields.get(most))
    is_hidden = "show" in fields and fields["show"].value is False
    if is_hidden and spec.is_required and spec.default is None:
        part.missing_key("default", "an input that is not shown")
    if spec.default is not None:
        for problem in default_problems(spec):
            fields["default"].wrong("invalid_default", problem.message)


def _check_bounds(least: float | None, most: float | None, part: Part | None) -> None:
    if part is not None and least is not None and most is not None and least > most:
        part.wrong("invalid_value", f"Expected at least {least}, but it is less")


def _type(part: Part, types: frozenset[VariableType]) -> VariableType:
    known = [kind.value for kind in VariableType if kind in types]
    text = part.text("a type")
    if text in known:
        return VariableType(text)
    if isinstance(part.value, str):
        part.wrong(
            "invalid_value",
            f"Expected a type, but {shortened(text)} is none"
            f"{suggest(text, known, told=len(part.report.problems))}",
        )
    return VariableType.JSON


def _choices(part: Part | None) -> tuple[JsonValue, ...]:
    items: Iterable[Part] = part.items("a list of allowed values") if part else ()
    return tuple(item.value for item in items)


def _options(part: Part | None) -> tuple[Option, ...]:
    if part is None:
        return ()
    items = part.items("a list of options")
    if isinstance(part.value, list) and not items:
        part.wrong("invalid_value", "Expected at least one option, but there is none")
    return tuple(_option(item) for item in items)


def _option(part: Part) -> Option:
    if not isinstance(part.value, dict):
        return Option(value=_plain(part))
    fields = part.fields(_OPTION_KEYS, "an option")
    if "value" not in fields:
        part.missing_key("value", "an option")
    return Option(
        value=_plain(fields["value"]) if "value" in fields else "",
        label=fields["label"].text("a label") if "label" in fields else "",
    )


def _plain(part: Part) -> JsonValue:
    if not isinstance(part.value, (str, int, float)):
        part.wrong("wrong_type", "Expected a text, a number, true or false, but it is none")
    return part.value


def _columns(part: Part | None) -> tuple[InputSpec, ...]:
    if part is None:
        return ()
    entries = part.entries("a mapping of columns")
    if isinstance(part.value, dict) and not entries:
        part.wrong("invalid_value", "Expected at least one column, but there is none")
    return tuple(_column(name, item) for name, item in entries.items())


def _count(part: Part | None) -> int | None:
    return None if part is None else part.integer("a whole number", least=0)


def _pattern(part: Part | None) -> str | None:
    if part is None:
        return None
    text = part.text("a regular expression")
    problem = pattern_problem(text)
    if problem is not None:
        part.wrong("invalid_value", f"Expected a regular expression of RE2, but {problem}")
        return None
    return text


def canonical_input(spec: InputSpec) -> JsonValue:
    """Return an input, or a column, as it stands in a canonical document."""
    value: dict[str, JsonValue] = {
        "type": spec.type.value,
        "label": spec.label,
        "required": spec.is_required if spec.is_required == (spec.default is not None) else None,
        "default": spec.default,
        "description": spec.description,
        "placeholder": spec.placeholder,
        "group": spec.group,
        "choices": list(spec.choices),
        "options": [_canonical_option(option) for option in spec.options],
        "columns": {column.name: canonical_input(column) for column in spec.columns},
        "pattern": spec.pattern,
        "pattern_message": spec.pattern_message,
        "minimum": None if spec.minimum is None else number(spec.minimum),
        "maximum": None if spec.maximum is None else number(spec.maximum),
        "min_length": spec.min_length,
        "max_length": spec.max_length,
        "min_items": spec.min_items,
        "max_items": spec.max_items,
        "show": None if spec.is_shown else False,
        "visible_when": spec.visible_when,
    }
    return {
        key: one
        for key, one in value.items()
        if one is not None and (key == "default" or one not in ("", [], {}))
    }


def _canonical_option(option: Option) -> JsonValue:
    return {"value": option.value, "label": option.label} if option.label else option.value
