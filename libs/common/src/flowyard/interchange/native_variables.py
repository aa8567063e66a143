"""Global variables as inputs, constants and computed variables of ours."""

import re
from collections.abc import Collection, Mapping

from flowyard.engine.graph import JsonValue, VariableType
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import Flow, FlowVariable
from flowyard.interchange.references import References

DYNAMIC_TYPES = frozenset(
    {
        *("current_time", "format_support_current_time", "format_support_datetime"),
        *("staff_group_selector", "ip", "ip_selector", "ip_filter", "attribute_query"),
        *("set_allocation", "set_filter_selector", "set_group_selector"),
        *("set_module_selector", "set_module_ip_selector"),
    }
)
"""Types whose value bk-sops computes when it is used."""

PASSWORD = "password"  # noqa: S105  # the name of a type
"""The type whose values are never taken over."""

JsonObject = dict[str, JsonValue]
"""Values by name."""


class VariablesWriter:
    """Sorts the variables of one flow into what our definitions have for them."""

    def __init__(
        self,
        flow: Flow,
        names: Mapping[str, str],
        references: References,
        late: Collection[str],
        findings: Findings,
    ) -> None:
        self._flow = flow
        self._names = names
        self._references = references
        self._late = late
        self._findings = findings
        self.inputs: JsonObject = {}
        self.constants: JsonObject = {}
        self.computed: JsonObject = {}

    def write(self) -> None:
        """Fill in all of them; those that nodes write are exports of the nodes."""
        for variable in self._flow.variables.values():
            findings = self._findings.at(variable.path)
            name = self._names[variable.name]
            if name != variable.name:
                findings.note("variable_renamed", f"{variable.name} is called {name} here")
            if variable.is_output:
                continue
            if variable.name in self._late:
                findings.note(
                    "variable_put_in",
                    f"{variable.name} is made of outputs; its expression stands where it is used",
                )
                continue
            self._report_losses(variable, findings)
            if variable.custom_type == PASSWORD:
                self._put_password(variable, name, findings)
            else:
                self._put(variable, name, findings)

    def _report_losses(self, variable: FlowVariable, findings: Findings) -> None:
        if variable.custom_type in DYNAMIC_TYPES:
            findings.error(
                "dynamic_variable",
                f"Expected a fixed value, but bk-sops computes one of type {variable.custom_type}",
                "Give the value at the start, or compute it in a node.",
            )
        elif variable.is_meta or variable.custom_type in ("select", "text_value_select"):
            findings.warning("form_lost", "The choices and the form of this variable are lost")

    def _put_password(self, variable: FlowVariable, name: str, findings: Findings) -> None:
        findings.error(
            "password_left_out",
            "Expected no password in a definition, so its value is left out",
            f"Store it as a secret and write ${{secrets.{name.upper()}}} where it is used.",
        )
        self.inputs[name] = {"type": VariableType.STRING.value, **_described(variable)}

    def _put(self, variable: FlowVariable, name: str, findings: Findings) -> None:
        value = self._references.value(variable.value, findings.about("value"))
        if _has_expression(value):
            if variable.is_shown:
                findings.warning(
                    "input_computed", "It is computed from others and no longer asked for"
                )
            self.computed[name] = value
        elif not variable.is_shown:
            self.constants[name] = _without_escapes(value)
        else:
            self.inputs[name] = self._input(variable, _without_escapes(value), findings)

    def _input(self, variable: FlowVariable, value: JsonValue, findings: Findings) -> JsonValue:
        kind = VariableType.JSON
        if variable.custom_type == "int" and _as_integer(value) is not None:
            kind, value = VariableType.INTEGER, _as_integer(value)
        elif isinstance(value, str):
            kind = VariableType.STRING
        spec: JsonObject = {"type": kind.value, **_described(variable)}
        pattern = self._pattern(variable, findings) if kind is VariableType.STRING else None
        if pattern is not None:
            spec["pattern"] = pattern
        is_allowed = pattern is None or re.fullmatch(pattern, str(value)) is not None
        if value is not None and is_allowed:
            spec["default"] = value
        elif not is_allowed and value != "":
            findings.warning(
                "default_left_out", "Its default does not match its own pattern and is left out"
            )
        return spec

    def _pattern(self, variable: FlowVariable, findings: Findings) -> str | None:
        pattern = variable.validation
        if not pattern:
            return None
        if not (pattern.startswith("^") and pattern.endswith("$")):
            # Ours has to match a text as a whole, theirs is looked for in it.
            pattern = rf"[\s\S]*(?:{pattern})[\s\S]*"
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            findings.warning(
                "validation_lost", f"Its validation {variable.validation!r} is lost: it is none"
            )
            return None
        return pattern


def _described(variable: FlowVariable) -> JsonObject:
    words = [word for word in (variable.title, variable.description) if word]
    return {"description": ": ".join(words)} if words else {}


def _as_integer(value: JsonValue) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    is_whole = isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]{1,18}", value)
    return int(value) if is_whole and isinstance(value, str) else None


def _has_expression(value: JsonValue) -> bool:
    match value:
        case str():
            return "${" in value.replace("$${", "")
        case list():
            return any(_has_expression(item) for item in value)
        case dict():
            return any(_has_expression(item) for item in value.values())
        case _:
            return False


def _without_escapes(value: JsonValue) -> JsonValue:
    """Return a value for a place where ``${`` means nothing, and needs no second dollar sign."""
    match value:
        case str():
            return value.replace("$${", "${")
        case list():
            return [_without_escapes(item) for item in value]
        case dict():
            return {key: _without_escapes(item) for key, item in value.items()}
        case _:
            return value
