"""Binding the inputs that a person gives to what a template declares.

Inputs that nobody is asked for have their default: those with ``show: false``
always, and those with a condition while it does not hold. A condition reads
other inputs as they are bound, so these are bound first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import islice

from flowyard.engine.expressions import ExpressionError, evaluate, names_in
from flowyard.engine.input_values import (
    MAX_REPORTED,
    RESERVED_PREFIX,
    Unmet,
    has_reserved_key,
    is_reference,
    taken,
    unmet,
)
from flowyard.engine.inputs import InputSpec, VariableType
from flowyard.engine.matching import Matching
from flowyard.engine.work import JsonValue

__all__ = [
    "RESERVED_PREFIX",
    "Binding",
    "InputProblem",
    "bind_inputs",
    "default_problems",
    "has_reserved_key",
    "visibility_cycle",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputProblem:
    """What is wrong with one given input."""

    name: str
    code: str
    """``missing_input``, ``unknown_input``, ``invalid_input``, ``hidden_input``,
    ``invalid_visibility`` or ``reserved_key``."""
    message: str
    path: tuple[str | int, ...] = ()
    """Where in the value, for lists and tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Inputs as an instance sees them, or why they cannot be."""

    values: Mapping[str, JsonValue]
    """By name, with defaults filled in; incomplete when there are problems."""
    problems: tuple[InputProblem, ...]
    hidden: frozenset[str] = frozenset()
    """Names of inputs that nobody is asked for with these values."""


def bind_inputs(
    specs: tuple[InputSpec, ...],
    given: Mapping[str, JsonValue],
    *,
    are_references_trusted: bool = False,
) -> Binding:
    """Check given inputs against their declarations and fill in defaults.

    Parameters
    ----------
    specs
        The template's inputs.
    given
        Values by name.
    are_references_trusted
        Whether the values come from an expression, not from a person: then a password may
        also be what an expression makes of a secret.
    """
    binder = _Binder(given, are_references_trusted=are_references_trusted)
    for spec in _ordered(specs):
        binder.bind(spec)
    declared = {spec.name: index for index, spec in enumerate(specs)}
    problems = sorted(binder.problems, key=lambda problem: declared[problem.name])
    unknown = [
        InputProblem(
            name=name,
            code="unknown_input",
            message=f"Expected one of {', '.join(sorted(declared)) or 'no inputs'},"
            f" but {name} is none of them",
        )
        for name in given
        if name not in declared
    ]
    values = {spec.name: binder.values[spec.name] for spec in specs if spec.name in binder.values}
    return Binding(values=values, problems=(*problems, *unknown), hidden=frozenset(binder.hidden))


def default_problems(spec: InputSpec) -> tuple[InputProblem, ...]:
    """Return what is wrong with the default of an input that has one."""
    alone = replace(spec, is_shown=True, visible_when=None)
    return bind_inputs((alone,), {spec.name: spec.default}).problems


def visibility_cycle(specs: tuple[InputSpec, ...]) -> tuple[str, ...]:
    """Return the names of inputs whose visibility depends on itself; empty where none does."""
    try:
        _sorted_names(specs)
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return tuple(cycle)
    return ()


def _ordered(specs: tuple[InputSpec, ...]) -> list[InputSpec]:
    """Return inputs so that each stands behind those that its visibility depends on."""
    if all(spec.visible_when is None for spec in specs):
        return list(specs)
    by_name = {spec.name: spec for spec in specs}
    try:
        return [by_name[name] for name in _sorted_names(specs)]
    except CycleError:
        # Documents with a circle are refused; of any other graph, one of its names is unknown.
        return list(specs)


def _sorted_names(specs: tuple[InputSpec, ...]) -> list[str]:
    known = {spec.name for spec in specs}
    return list(
        TopologicalSorter(
            {spec.name: sorted(_read_by(spec) & known) for spec in specs}
        ).static_order()
    )


def _read_by(spec: InputSpec) -> frozenset[str]:
    return frozenset() if spec.visible_when is None else names_in(f"${{{spec.visible_when}}}")


class _Binder:
    def __init__(self, given: Mapping[str, JsonValue], *, are_references_trusted: bool) -> None:
        self._given = given
        self._are_references_trusted = are_references_trusted
        self._matching = Matching()
        self.values: dict[str, JsonValue] = {}
        self.problems: list[InputProblem] = []
        self.hidden: set[str] = set()

    def bind(self, spec: InputSpec) -> None:
        """Note an input's value, or what is wrong with it."""
        if not spec.is_shown:
            self._hide(spec)
        elif not self._is_visible(spec):
            self.hidden.add(spec.name)
            self.values[spec.name] = taken(spec, spec.default)
        elif spec.name in self._given:
            self._take(spec, self._given[spec.name])
        elif spec.is_required:
            self._wrong(
                spec,
                "missing_input",
                f"Expected a value for input {spec.name}, but none was given",
            )
        else:
            self.values[spec.name] = taken(spec, spec.default)

    def _hide(self, spec: InputSpec) -> None:
        self.hidden.add(spec.name)
        self.values[spec.name] = taken(spec, spec.default)
        if spec.name in self._given:
            self._wrong(
                spec,
                "hidden_input",
                f"Expected no value for input {spec.name}, which nobody is asked for,"
                " but one was given",
            )

    def _is_visible(self, spec: InputSpec) -> bool:
        if spec.visible_when is None:
            return True
        failed = {problem.name for problem in self.problems}
        if failed & _read_by(spec):
            # What it depends on has to be put right first.
            return False
        try:
            return bool(evaluate(spec.visible_when, self.values))
        except ExpressionError as error:
            self._wrong(
                spec,
                "invalid_visibility",
                f"{error.reason} (in visible_when of input {spec.name}, at position"
                f" {error.position} of ${{{error.expression}}}; known names:"
                f" {', '.join(error.known_names)})",
            )
            return False

    def _take(self, spec: InputSpec, value: JsonValue) -> None:
        is_password = spec.type is VariableType.PASSWORD
        if is_password and self._are_references_trusted and is_reference(value):
            self.values[spec.name] = value
            return
        if has_reserved_key(value):
            self._wrong(
                spec,
                "reserved_key",
                f"Expected no key that begins with {RESERVED_PREFIX},"
                f" but input {spec.name} has one",
            )
            return
        found = list(islice(unmet(spec, value, self._matching), MAX_REPORTED))
        for one in found:
            self.problems.append(
                InputProblem(
                    name=spec.name,
                    code="invalid_input",
                    message=f"Expected {_place(spec, one)} to be {one.expected}, but it is not",
                    path=one.path,
                )
            )
        if not found:
            self.values[spec.name] = taken(spec, value)

    def _wrong(self, spec: InputSpec, code: str, message: str) -> None:
        self.problems.append(InputProblem(name=spec.name, code=code, message=message))


def _place(spec: InputSpec, problem: Unmet) -> str:
    match problem.path:
        case (int(index), column):
            return f"column {column} in row {index + 1} of input {spec.name}"
        case (int(index),):
            noun = "row" if spec.type is VariableType.TABLE else "item"
            return f"{noun} {index + 1} of input {spec.name}"
        case _:
            return f"input {spec.name}"
