"""What a variable of bk-sops asks for, as an input of ours.

Rules: expressions of a flow see the same value as in bk-sops. Where a form of ours yields
another one, such as a list in place of words with commas, a further variable makes the old
value of it, and takes its place in the expressions.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import orjson

from flowyard.document.patterns import VARIABLE_NAME
from flowyard.engine.graph import InputSpec, JsonValue, Option, VariableType
from flowyard.engine.input_values import unmet
from flowyard.engine.matching import pattern_problem
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import FlowVariable
from flowyard.interchange.part import Part

JsonObject = dict[str, JsonValue]
"""Values by name."""

PASSWORD = "password"  # noqa: S105  # the name of a type
"""The type whose values are never taken over."""

DYNAMIC_TYPES = frozenset(
    {
        *("current_time", "format_support_current_time", "format_support_datetime"),
        *("staff_group_selector", "ip", "ip_selector", "ip_filter", "attribute_query"),
        *("set_allocation", "set_filter_selector", "set_group_selector"),
        *("set_module_selector", "set_module_ip_selector"),
    }
)
"""Types whose value bk-sops computes when it is used."""

DATETIME_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?"
"""A moment as bk-sops writes it: without an offset from UTC, so it is text here."""

DATETIME_MESSAGE = "a date and time such as 2026-01-31 08:00:00"
"""What a moment has to look like, for people."""

JOINED_TYPES = frozenset({"multi_select", "host_list", "user_list"})
"""Our types of lists whose value is words with commas in bk-sops."""

_FORMS = ("select", "text_value_select")


@dataclass(frozen=True, slots=True)
class InputForm:
    """An input, and what expressions read in its place."""

    spec: JsonObject
    derived: JsonValue = None
    """Value of a further variable that expressions read; None where they read the input."""


def derived_name(name: str) -> str:
    """Return what the variable is called that stands for an input in expressions."""
    return f"{name}_value"


def joined(name: str) -> str:
    """Return the words of a list with commas between them, as an expression."""
    return f"${{','.join({name})}}"


def has_derived(variable: FlowVariable) -> bool:
    """Tell whether expressions read something else than the input itself."""
    if not variable.is_shown or variable.is_output:
        return False
    return input_form(variable, "x", variable.value, Findings()).derived is not None


def input_form(
    variable: FlowVariable, name: str, value: JsonValue, findings: Findings
) -> InputForm:
    """Return the input that asks for a variable.

    Parameters
    ----------
    name
        What it is called here.
    value
        Its value where nobody gives another.
    """
    make = _MAKERS.get(variable.custom_type)
    if make is not None:
        found = make(variable, name, value, findings)
        if found is not None:
            spec = {**found.spec, **described(variable)}
            return InputForm(_checked(name, spec, findings), found.derived)
    if variable.custom_type in DYNAMIC_TYPES:
        findings.error(
            "dynamic_variable",
            f"Expected a fixed value, but bk-sops computes one of type {variable.custom_type}",
            "Give the value at the start, or compute it in a node.",
        )
    elif variable.is_meta or variable.custom_type in (*_FORMS, "datatable"):
        findings.warning("form_lost", "The choices and the form of this variable are lost")
    return InputForm(_plain(variable, name, value, findings))


def described(variable: FlowVariable) -> JsonObject:
    """Return what people read about an input."""
    told = {"label": variable.title, "description": variable.description}
    return {key: text for key, text in told.items() if text}


def form_of(variable: FlowVariable) -> JsonValue:
    """Return the form that a meta variable is made of; None where there is none."""
    meta = variable.meta
    for found in (variable.value, meta.get("value") if isinstance(meta, dict) else None, meta):
        if isinstance(found, dict) and found.keys() & {"items_text", "columns"}:
            return found
    return None


def plain_value(variable: FlowVariable) -> JsonValue:
    """Return a variable's value; of a form, what it takes where nobody chooses."""
    form = form_of(variable)
    if isinstance(form, dict) and variable.value == form:
        return form.get("default", "")
    return variable.value


def _plain(variable: FlowVariable, name: str, value: JsonValue, findings: Findings) -> JsonObject:
    kind = VariableType.JSON
    if isinstance(value, str) and not variable.is_loosely_typed:
        is_long = variable.custom_type == "textarea"
        kind = VariableType.TEXT if is_long else VariableType.STRING
    spec: JsonObject = {"type": kind.value, **described(variable)}
    if kind is not VariableType.JSON:
        pattern = _pattern(variable, findings)
        spec |= {} if pattern is None else {"pattern": pattern}
    if value is not None or kind is VariableType.JSON:
        spec["default"] = value
    if value is None:
        spec["required"] = False
    return _checked(name, spec, findings)


def _checked(name: str, spec: JsonObject, findings: Findings) -> JsonObject:
    """Return an input whose default is one of its values."""
    default = spec.get("default")
    if default is None or _fits(name, spec, default):
        return spec
    if default != "":
        findings.warning(
            "default_left_out", "Its default is none of the values that it may have, and left out"
        )
    return {key: value for key, value in spec.items() if key != "default"}


def _fits(name: str, spec: JsonObject, value: JsonValue) -> bool:
    options, columns = spec.get("options"), spec.get("columns")
    pattern = spec.get("pattern")
    if isinstance(columns, dict):
        return isinstance(value, list) and all(_is_row(row, columns) for row in value)
    tried = InputSpec(
        name=name,
        type=VariableType(str(spec["type"])),
        pattern=pattern if isinstance(pattern, str) else None,
        options=tuple(
            Option(value=one["value"] if isinstance(one, dict) else one)
            for one in (options if isinstance(options, list) else [])
        ),
    )
    return next(unmet(tried, value), None) is None


def _is_row(value: JsonValue, columns: JsonObject) -> bool:
    return isinstance(value, dict) and all(
        name in columns and isinstance(cell, str) for name, cell in value.items()
    )


def _pattern(variable: FlowVariable, findings: Findings) -> str | None:
    pattern = variable.validation
    if not pattern:
        return None
    if not (pattern.startswith("^") and pattern.endswith("$")):
        # Ours has to match a text as a whole, theirs is looked for in it.
        pattern = rf"[\s\S]*(?:{pattern})[\s\S]*"
    problem = pattern_problem(pattern)
    if problem is not None:
        findings.warning(
            "validation_lost", f"Its validation {variable.validation!r} is lost: {problem}"
        )
        return None
    return pattern


def _integer(
    variable: FlowVariable, _: str, value: JsonValue, findings: Findings
) -> InputForm | None:
    number = as_integer(value)
    if number is None and value not in ("", None):
        findings.warning("form_lost", f"It is asked for as text: {value!r} is no whole number")
        return None
    default: JsonObject = {} if number is None else {"default": number}
    if variable.validation:
        findings.warning("validation_lost", "The validation of a number is lost")
    return InputForm({"type": VariableType.INTEGER.value, **default})


def as_integer(value: JsonValue) -> int | None:
    """Return a whole number, also one that is written as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    is_whole = isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]{1,18}", value)
    return int(value) if is_whole and isinstance(value, str) else None


def _moment(kind: VariableType) -> Callable[..., InputForm | None]:
    def make(_: FlowVariable, name: str, value: JsonValue, __: Findings) -> InputForm | None:
        if value in ("", None):
            return InputForm({"type": kind.value})
        is_one = _fits(name, {"type": kind.value}, value)
        return InputForm({"type": kind.value, "default": value}) if is_one else None

    return make


def _datetime(
    variable: FlowVariable, _: str, value: JsonValue, findings: Findings
) -> InputForm | None:
    if not isinstance(value, str):
        return None
    own = _pattern(variable, findings)
    spec: JsonObject = {"type": VariableType.STRING.value, "pattern": own or DATETIME_PATTERN}
    spec |= {} if own else {"pattern_message": DATETIME_MESSAGE}
    return InputForm({**spec, "default": value})


def _password(_: FlowVariable, name: str, __: JsonValue, findings: Findings) -> InputForm:
    findings.warning(
        "password_left_out",
        "Expected no password in a definition, so its value is left out",
        f"Store it with `flowyard secret set {name.upper()}`, and name it at the start.",
    )
    return InputForm({"type": VariableType.PASSWORD.value})


def _people(_: FlowVariable, name: str, value: JsonValue, __: Findings) -> InputForm | None:
    if not isinstance(value, str):
        return None
    return InputForm(_listed(VariableType.USER_LIST, words(value)), joined(name))


def _hosts(_: FlowVariable, name: str, value: JsonValue, findings: Findings) -> InputForm | None:
    part = Part(value, Findings())
    is_custom = part.get("var_ip_method").value == "custom"
    if not isinstance(value, str) and not is_custom:
        return None
    text = value if isinstance(value, str) else part.get("var_ip_custom_value").text()
    findings.warning(
        "inventory_unasked", "The addresses are taken as they are; no inventory is asked for them"
    )
    return InputForm(_listed(VariableType.HOST_LIST, words(text)), joined(name))


def _listed(kind: VariableType, items: Iterable[JsonValue]) -> JsonObject:
    listed = list(items)
    return {"type": kind.value, **({"default": listed} if listed else {})}


def words(value: JsonValue) -> list[JsonValue]:
    """Return the words of a text with commas, spaces or breaks between them."""
    return [word for word in re.split(r"[,;\s]+", value) if word] if isinstance(value, str) else []


def _select(
    variable: FlowVariable, name: str, value: JsonValue, findings: Findings
) -> InputForm | None:
    form = Part(form_of(variable), Findings())
    options = _options(form.get("items_text").value)
    if form.value is None or form.get("datasource").text("0") != "0" or not options:
        return None
    is_pair = variable.custom_type == "text_value_select"
    if form.get("type").text("0") == "1":
        if is_pair:
            return None
        chosen = value if isinstance(value, list) else words(value)
        spec = _listed(VariableType.MULTI_SELECT, chosen)
        return InputForm({**spec, "options": options}, joined(name))
    spec = {"type": VariableType.SELECT.value, "options": options}
    spec |= {} if value in ("", None) else {"default": value}
    if not is_pair:
        return InputForm(spec)
    texts = {str(_value_of(one)): _label_of(one) for one in options}
    if any("${" in text or "$" in key[:1] for key, text in texts.items()):
        return None
    known = orjson.dumps(texts).decode()
    pair: JsonObject = {"value": f"${{{name}}}", "text": f"${{{known}[str({name})]}}"}
    findings.warning(
        "form_narrowed",
        "Of its value only `value` and `text` are there; what was not chosen is not",
    )
    return InputForm(spec, pair)


def _options(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except ValueError:
            return []
    found: JsonObject = {}
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict) and isinstance(item.get("value"), str | int | float):
            chosen, text = item["value"], str(item.get("text") or "")
            is_named = text not in ("", str(chosen))
            found[str(chosen)] = {"value": chosen, "label": text} if is_named else chosen
    return list(found.values())


def _value_of(option: JsonValue) -> JsonValue:
    return option["value"] if isinstance(option, dict) else option


def _label_of(option: JsonValue) -> str:
    return str(option["label"] if isinstance(option, dict) else option)


def _table(
    variable: FlowVariable, _: str, value: JsonValue, findings: Findings
) -> InputForm | None:
    form = Part(form_of(variable), Findings())
    columns = form.get("columns").value
    if isinstance(columns, str):
        try:
            columns = orjson.loads(columns)
        except ValueError:
            return None
    found: JsonObject = {}
    for item in Part(columns, Findings()).items():
        name = item.get("tag_code").text()
        if not VARIABLE_NAME.fullmatch(name):
            return None
        label = item.get("attrs").get("name").text()
        found[name] = {"type": "string", "default": "", **({"label": label} if label else {})}
    if not found:
        return None
    findings.warning(
        "table_rows",
        "Its value is a list of rows; a column is ${[row.name for row in table]} here",
    )
    rows = value if isinstance(value, list) else []
    spec = _listed(VariableType.TABLE, rows)
    return InputForm({**spec, "columns": found})


_MAKERS: Mapping[str, Callable[..., InputForm | None]] = {
    "int": _integer,
    "date": _moment(VariableType.DATE),
    "time": _moment(VariableType.TIME),
    "datetime": _datetime,
    PASSWORD: _password,
    "bk_user_selector": _people,
    "ip": _hosts,
    "select": _select,
    "text_value_select": _select,
    "datatable": _table,
}
"""What makes an input of a variable, by its type; None from it means that its form is lost."""
