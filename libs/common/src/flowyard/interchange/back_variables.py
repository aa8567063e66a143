"""Our inputs, constants, computed and lazy variables as global variables of bk-sops."""

from collections.abc import Iterator, Mapping

import orjson

from flowyard.engine.graph import Graph, InputSpec, JsonValue, VariableType
from flowyard.interchange.back_references import BackReferences
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import FlowVariable
from flowyard.interchange.input_forms import (
    DATETIME_PATTERN,
    JOINED_TYPES,
    derived_name,
    joined,
)

_TYPES: Mapping[VariableType, str] = {
    VariableType.STRING: "input",
    VariableType.TEXT: "textarea",
    VariableType.INTEGER: "int",
    VariableType.SELECT: "select",
    VariableType.MULTI_SELECT: "select",
    VariableType.DATE: "date",
    VariableType.TIME: "time",
    VariableType.PASSWORD: "password",
    VariableType.TABLE: "datatable",
    VariableType.HOST_LIST: "ip",
    VariableType.USER_LIST: "bk_user_selector",
    VariableType.JSON: "",
}
"""What asks there for a value of our type; others are asked for as text."""

_LOST_KEYS = (
    *("placeholder", "group", "choices", "minimum", "maximum", "min_length", "max_length"),
    *("min_items", "max_items", "visible_when"),
)


def derived_variables(graph: Graph) -> dict[str, str]:
    """Return the inputs that stand behind variables made of them, by the variables' names."""
    found: dict[str, str] = {}
    for spec in graph.inputs:
        name = derived_name(spec.name)
        while name in graph.lazy and name not in found:
            value = graph.lazy[name]
            is_joined = spec.type in JOINED_TYPES and value == joined(spec.name)
            if is_joined or _is_pair(spec, value):
                found[name] = spec.name
                break
            name = derived_name(name)
    return found


def _is_pair(spec: InputSpec, value: JsonValue) -> bool:
    is_pair = isinstance(value, dict) and value.keys() == {"value", "text"}
    return spec.type is VariableType.SELECT and is_pair


class BackVariables:
    """Writes the variables of one graph, but for those that nodes write.

    Parameters
    ----------
    graph
        Whose variables are written.
    derived
        As :func:`derived_variables` returns it.
    """

    def __init__(
        self,
        graph: Graph,
        derived: Mapping[str, str],
        references: BackReferences,
        findings: Findings,
    ) -> None:
        self._graph = graph
        self._derived = derived
        self._pairs = {
            source for name, source in derived.items() if isinstance(graph.lazy[name], dict)
        }
        self._references = references
        self._findings = findings

    def variables(self) -> Iterator[FlowVariable]:
        """Yield the variables."""
        exported = {name for node in self._graph.nodes.values() for name in node.exports}
        for spec in self._graph.inputs:
            yield self._input(spec, self._findings.about("inputs", spec.name))
        for name, value in self._graph.constants.items():
            if name not in exported:
                text, is_rendered = self._references.literal(value)
                yield self._hidden(name, text, is_rendered=is_rendered)
        for name, value in self._graph.computed.items():
            findings = self._findings.about("computed", name)
            text, is_rendered = self._references.value(value, findings)
            yield self._hidden(name, text, is_rendered=is_rendered, is_early=True)
        for name, value in self._graph.lazy.items():
            if name not in self._derived:
                findings = self._findings.about("lazy", name)
                text, is_rendered = self._references.value(value, findings)
                yield self._hidden(name, text, is_rendered=is_rendered)

    def _hidden(
        self, name: str, value: JsonValue, *, is_rendered: bool, is_early: bool = False
    ) -> FlowVariable:
        return FlowVariable(
            name=name,
            path=(),
            value=value,
            is_shown=False,
            is_rendered=is_rendered,
            is_early=is_early,
        )

    def _input(self, spec: InputSpec, findings: Findings) -> FlowVariable:
        for key in _LOST_KEYS:
            if getattr(spec, key) not in (None, "", ()):
                findings.about(key).warning("form_lost", f"bk-sops has no {key} for {spec.name}")
        value, is_rendered = self._references.literal(self._default(spec, findings))
        is_form = spec.type in (
            VariableType.SELECT,
            VariableType.MULTI_SELECT,
            VariableType.TABLE,
        )
        return FlowVariable(
            name=spec.name,
            path=(),
            title=spec.label,
            description=spec.description,
            value=value,
            custom_type=self._type(spec, findings),
            is_shown=spec.is_shown,
            validation=self._validation(spec),
            is_meta=is_form,
            is_rendered=is_rendered,
        )

    def _type(self, spec: InputSpec, findings: Findings) -> str:
        if spec.type is VariableType.STRING and spec.pattern == DATETIME_PATTERN:
            return "datetime"
        if spec.type not in _TYPES:
            findings.about("type").warning(
                "type_lost", f"bk-sops asks for {spec.name} as text, not as {spec.type.value}"
            )
        if spec.name in self._pairs:
            return "text_value_select"
        return _TYPES.get(spec.type, "input")

    def _validation(self, spec: InputSpec) -> str:
        pattern = spec.pattern or ""
        if not pattern or pattern == DATETIME_PATTERN:
            return ""
        begin, end = r"[\s\S]*(?:", r")[\s\S]*"
        if pattern.startswith(begin) and pattern.endswith(end):
            return pattern[len(begin) : -len(end)]
        is_whole = pattern.startswith("^") and pattern.endswith("$")
        return pattern if is_whole else f"^(?:{pattern})$"

    def _default(self, spec: InputSpec, findings: Findings) -> JsonValue:
        default = (
            "" if spec.default is None and spec.type is not VariableType.JSON else spec.default
        )
        match spec.type:
            case VariableType.PASSWORD:
                return ""
            case VariableType.SELECT | VariableType.MULTI_SELECT:
                return self._select(spec, default)
            case VariableType.TABLE:
                return self._table(spec)
            case VariableType.HOST_LIST:
                text = _words(spec.default)
                return {"var_ip_method": "custom", "var_ip_custom_value": text}
            case VariableType.USER_LIST:
                return _words(spec.default)
            case VariableType.JSON if isinstance(default, str):
                findings.about("type").warning(
                    "type_lost", f"bk-sops asks for {spec.name} as text: its default is one"
                )
                return default
            case _:
                return default

    def _select(self, spec: InputSpec, default: JsonValue) -> JsonValue:
        items = [{"text": one.label or str(one.value), "value": one.value} for one in spec.options]
        is_several = spec.type is VariableType.MULTI_SELECT
        return {
            "datasource": "0",
            "items_text": orjson.dumps(items).decode(),
            "type": "1" if is_several else "0",
            "default": _words(default) if is_several else default,
        }

    def _table(self, spec: InputSpec) -> JsonValue:
        columns: list[JsonValue] = [
            {"tag_code": one.name, "type": "input", "attrs": {"name": one.label}}
            for one in spec.columns
        ]
        return {"columns": columns, "default": spec.default if spec.default is not None else []}


def _words(value: JsonValue) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else ""
