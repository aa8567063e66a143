"""Which plugin of ours takes the place of a component; a table that users extend."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import yaml

from flowyard.document.patterns import PLUGIN_REFERENCE
from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings, InterchangeError
from flowyard.interchange.part import Part, plain

PLACEHOLDER = "bk_sops_placeholder@1.0"
"""The plugin that keeps what is not mapped, and fails when it is reached."""


EVERYTHING = "*"
"""Stands for all fields that no other rule takes, or for outputs that keep their names."""


@dataclass(frozen=True, slots=True)
class InputRule:
    """Where one input of ours comes from."""

    field: str
    """:data:`EVERYTHING` for one object of all fields that no other rule takes."""
    kind: str = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentRule:
    """What becomes of one component."""

    plugin: str
    inputs: Mapping[str, InputRule] = field(default_factory=dict)
    fixed: Mapping[str, JsonValue] = field(default_factory=dict)
    outputs: Mapping[str, str] | None = field(default_factory=dict)
    """None where every output keeps its name."""
    ignored: frozenset[str] = frozenset()


ComponentTable = Mapping[str, ComponentRule]
"""Rules by code, or by code and version as in ``job_fast_execute_script@v1.0``."""


@cache
def built_in_components() -> ComponentTable:
    """Return the table that comes with Flowyard."""
    text = files("flowyard.interchange").joinpath("components.yaml").read_text(encoding="utf-8")
    return read_components(yaml.safe_load(text))


def read_components(value: object) -> ComponentTable:
    """Return a table that a user wrote in the form of ``components.yaml``.

    Raises
    ------
    InterchangeError
        Raised if it is not of that form.
    """
    findings = Findings()
    rules = {code: _rule(part) for code, part in Part(plain(value), findings).entries()}
    if findings.found:
        first = findings.found[0]
        raise InterchangeError(f"{first.reason} at {'.'.join(map(str, first.path))}")
    return rules


def _rule(part: Part) -> ComponentRule:
    plugin = part.get("plugin")
    if not PLUGIN_REFERENCE.fullmatch(plugin.text()):
        plugin.findings.error("wrong_type", "Expected a plugin with its version, as in noop@1.0")
    return ComponentRule(
        plugin=plugin.text(),
        inputs={name: _input_rule(item) for name, item in part.get("inputs").entries()},
        fixed={name: item.value for name, item in part.get("fixed").entries()},
        outputs=_outputs(part),
        ignored=frozenset(part.get("ignored").texts()),
    )


def _outputs(part: Part) -> Mapping[str, str] | None:
    outputs = part.get("outputs")
    takes_all = any(item.value == EVERYTHING for _, item in part.get("inputs").entries())
    if outputs.value == EVERYTHING or (takes_all and "outputs" not in part):
        return None
    return {name: item.text() for name, item in outputs.entries()}


def _input_rule(part: Part) -> InputRule:
    if isinstance(part.value, str):
        return InputRule(part.value)
    rule = InputRule(part.get("field").text(), part.get("as").text("value"))
    if rule.kind not in CONVERSIONS:
        part.get("as").findings.error("wrong_type", f"Expected one of {', '.join(CONVERSIONS)}")
    return rule


def _value(value: JsonValue, _: Findings) -> JsonValue:
    return value


def _number(value: JsonValue, _: Findings) -> JsonValue:
    """Return a number where a text holds one; expressions become numbers when they are used."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", value.strip()):
        number = float(value)
        return int(number) if number.is_integer() else number
    return value


def _seconds(value: JsonValue, findings: Findings) -> JsonValue:
    number = _number(value, findings)
    if isinstance(number, str) and "${" not in number:
        findings.error(
            "unsupported_time",
            f"Expected a number of seconds, but it is {number!r}",
            "Give the input until a time with its offset from UTC.",
        )
    return number


def _words(value: JsonValue, _: Findings) -> JsonValue:
    if isinstance(value, str) and "${" not in value:
        return list[JsonValue]([word for word in re.split(r"[,;\s]+", value) if word])
    return [value] if isinstance(value, str) else value


def _headers(value: JsonValue, findings: Findings) -> JsonValue:
    found: dict[str, JsonValue] = {}
    for item in Part(value, findings).items():
        name = item.get("name", "key").text()
        if name:
            found[name] = item.get("value").text()
    return found


def _message(value: JsonValue, _: Findings) -> JsonValue:
    return {"message": value}


CONVERSIONS: Mapping[str, Callable[[JsonValue, Findings], JsonValue]] = {
    "value": _value,
    "verbatim": _value,
    "number": _number,
    "seconds": _seconds,
    "words": _words,
    "headers": _headers,
    "message": _message,
}
"""What may become of a field's value, by the name that a table gives it.

``verbatim`` takes it as it is, for inputs that nothing is replaced in.
"""
