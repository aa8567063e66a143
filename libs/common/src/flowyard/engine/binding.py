"""Binding the inputs that a person gives to what a template declares."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowyard.engine.graph import InputSpec, JsonValue, VariableType

RESERVED_PREFIX = "$"
"""Keys of JSON objects that begin so stand for references; people may not write them."""

_TYPES: dict[VariableType, tuple[type, ...]] = {
    VariableType.STRING: (str,),
    VariableType.INTEGER: (int,),
    VariableType.NUMBER: (int, float),
    VariableType.BOOLEAN: (bool,),
    VariableType.LIST: (list,),
    VariableType.OBJECT: (dict,),
    VariableType.JSON: (object,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InputProblem:
    """What is wrong with one given input."""

    name: str
    code: str
    """``missing_input``, ``unknown_input``, ``invalid_input`` or ``reserved_key``."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Inputs as an instance sees them, or why they cannot be."""

    values: Mapping[str, JsonValue]
    """By name, with defaults filled in; incomplete when there are problems."""
    problems: tuple[InputProblem, ...]


def has_reserved_key(value: JsonValue) -> bool:
    """Tell whether a value holds an object with a key that stands for a reference."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            if any(key.startswith(RESERVED_PREFIX) for key in current):
                return True
            pending.extend(current.values())
        elif isinstance(current, list):
            pending.extend(current)
    return False


def bind_inputs(specs: tuple[InputSpec, ...], given: Mapping[str, JsonValue]) -> Binding:
    """Check given inputs against their declarations and fill in defaults.

    Parameters
    ----------
    specs
        The template's inputs.
    given
        Values by name.
    """
    values: dict[str, JsonValue] = {}
    problems: list[InputProblem] = []
    for spec in specs:
        if spec.name in given:
            value = given[spec.name]
            values[spec.name] = value
            problem = _problem(spec, value)
            if problem is not None:
                problems.append(problem)
        elif spec.is_required:
            problems.append(
                InputProblem(
                    name=spec.name,
                    code="missing_input",
                    message=f"Expected a value for input {spec.name}, but none was given",
                )
            )
        else:
            values[spec.name] = spec.default
    declared = {spec.name for spec in specs}
    problems.extend(
        InputProblem(
            name=name,
            code="unknown_input",
            message=f"Expected one of {', '.join(sorted(declared)) or 'no inputs'},"
            f" but {name} is none of them",
        )
        for name in given
        if name not in declared
    )
    return Binding(values=values, problems=tuple(problems))


def _problem(spec: InputSpec, value: JsonValue) -> InputProblem | None:
    if has_reserved_key(value):
        return InputProblem(
            name=spec.name,
            code="reserved_key",
            message=f"Expected no key that begins with {RESERVED_PREFIX},"
            f" but input {spec.name} has one",
        )
    expectation = _unmet(spec, value)
    if expectation is None:
        return None
    return InputProblem(
        name=spec.name,
        code="invalid_input",
        message=f"Expected input {spec.name} to be {expectation}, but it is not",
    )


def _unmet(spec: InputSpec, value: JsonValue) -> str | None:
    is_wrong_type = not isinstance(value, _TYPES[spec.type]) or (
        isinstance(value, bool) and spec.type not in (VariableType.BOOLEAN, VariableType.JSON)
    )
    if is_wrong_type:
        return f"of type {spec.type}"
    if spec.choices and value not in spec.choices:
        return f"one of {', '.join(str(choice) for choice in spec.choices)}"
    if spec.pattern is not None and isinstance(value, str):
        return None if re.fullmatch(spec.pattern, value) else f"text that matches {spec.pattern}"
    if isinstance(value, (int, float)):
        return _unmet_bound(spec, value)
    return None


def _unmet_bound(spec: InputSpec, value: float) -> str | None:
    if spec.minimum is not None and value < spec.minimum:
        return f"at least {spec.minimum}"
    if spec.maximum is not None and value > spec.maximum:
        return f"at most {spec.maximum}"
    return None
