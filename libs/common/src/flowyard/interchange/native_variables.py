"""Global variables as inputs, constants, computed and lazy variables of ours."""

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from flowyard.engine.expressions import names_in
from flowyard.engine.graph import JsonValue
from flowyard.interchange.diagnostics import Findings
from flowyard.interchange.flow import Flow, FlowVariable
from flowyard.interchange.input_forms import (
    PASSWORD,
    JsonObject,
    derived_name,
    described,
    has_derived,
    input_form,
    plain_value,
)
from flowyard.interchange.references import (
    References,
    has_references,
    literal,
    without_escapes,
)


def derived_names(flow: Flow, names: Mapping[str, str]) -> dict[str, str]:
    """Return what expressions read in place of variables, by the names in the file.

    Parameters
    ----------
    names
        Our names of the flow's variables.
    """
    found: dict[str, str] = {}
    taken = set(names.values())
    for variable in flow.variables.values():
        if variable.is_declared and has_derived(variable):
            word = derived_name(names[variable.name])
            while word in taken:
                word = derived_name(word)
            taken.add(word)
            found[variable.name] = word
    return found


class VariablesWriter:
    """Sorts the variables of one flow into what our definitions have for them.

    Parameters
    ----------
    flow
        Whose variables are written.
    names
        Our names of them.
    derived
        What expressions read in place of some of them.
    references
        Translates expressions.
    always_given
        Names, in the file, of variables that whoever runs the flow gives a value.
    """

    def __init__(
        self,
        flow: Flow,
        names: Mapping[str, str],
        derived: Mapping[str, str],
        references: References,
        *,
        always_given: Collection[str],
        findings: Findings,
    ) -> None:
        self._flow = flow
        self._names = names
        self._derived = derived
        self._references = references
        self._given = always_given
        self._findings = findings
        self.inputs: JsonObject = {}
        self.constants: JsonObject = {}
        self.computed: JsonObject = {}
        self.lazy: JsonObject = {}

    def write(self) -> None:
        """Fill in all of them; those that nodes write begin as constants."""
        for variable in self._flow.variables.values():
            findings = self._findings.at(variable.path)
            if not variable.is_declared:
                continue
            name = self._names[variable.name]
            if name != variable.name:
                findings.note("variable_renamed", f"{variable.name} is called {name} here")
            if variable.is_output:
                self.constants[name] = without_escapes(literal(variable.value, findings))
            elif variable.custom_type == PASSWORD:
                self._put_password(variable, name, findings)
            else:
                self._put(variable, name, findings)
        self._compute_what_is_needed()

    def _put_password(self, variable: FlowVariable, name: str, findings: Findings) -> None:
        form = input_form(variable, name, "", findings)
        self.inputs[name] = form.spec
        if not variable.is_shown:
            hidden: JsonObject = {"default": {"secret": name.upper()}, "show": False}
            self.inputs[name] = {**form.spec, **hidden}

    def _put(self, variable: FlowVariable, name: str, findings: Findings) -> None:
        place = findings.about("value")
        value = plain_value(variable)
        if variable.is_rendered:
            value = self._references.value(value, place)
        else:
            value = literal(value, place)
        if has_references(value):
            self._put_expression(variable, name, value, findings)
        elif variable.is_shown:
            form = input_form(variable, name, without_escapes(value), findings)
            self.inputs[name] = form.spec
            if form.derived is not None:
                self.lazy[self._derived[variable.name]] = form.derived
        else:
            self.constants[name] = without_escapes(value)

    def _put_expression(
        self, variable: FlowVariable, name: str, value: JsonValue, findings: Findings
    ) -> None:
        if variable.is_shown and variable.name in self._given:
            findings.note(
                "input_given", "Its expression is left out: whoever runs the flow gives a value"
            )
            self.inputs[name] = {"type": "json", **described(variable)}
            return
        if variable.is_shown:
            findings.warning(
                "input_computed", "It is made of other variables and no longer asked for"
            )
        (self.computed if variable.is_early else self.lazy)[name] = value

    def _compute_what_is_needed(self) -> None:
        """Render early also what variables that are rendered early need, each after its needs."""
        pending = [*self.computed]
        while pending:
            for name in sorted(names_in(self.computed[pending.pop()]) & self.lazy.keys()):
                self.computed[name] = self.lazy.pop(name)
                pending.append(name)
                self._findings.note(
                    "rendered_early", f"{name} is computed at the start: what needs it is, too"
                )
        needs = {
            name: names_in(value) & self.computed.keys() for name, value in self.computed.items()
        }
        try:
            order = [*TopologicalSorter(needs).static_order()]
        except CycleError as error:
            circle = " needs ".join(error.args[1])
            self._findings.error(
                "circular_variable",
                f"Expected variables that do not need themselves, but {circle}",
            )
            return
        self.computed = {name: self.computed[name] for name in order}
