"""Variables that bk-sops renders when they are used, because they are made of nodes' outputs.

Ours are computed at the start, when there is no output yet; so the expression of such a
variable is put wherever the variable is used.
"""

import re
from collections.abc import Mapping

from flowyard.engine.boolrule.rendering import REFERENCE
from flowyard.interchange.flow import Flow, FlowVariable
from flowyard.interchange.references import References

MAX_EXPRESSION_CHARS = 2000
"""Longest expression that is put in place of a variable: what uses others may grow fast."""

_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")


def late_expressions(flow: Flow, names: Mapping[str, str]) -> dict[str, str]:
    """Return the expressions of all variables made of outputs, by their names in the file.

    A variable whose expression cannot be read, is too long or runs in a circle is left out.
    """
    used = {
        variable.name: _names_in(variable.value)
        for variable in flow.variables.values()
        if not variable.is_output and isinstance(variable.value, str)
    }
    outputs = {variable.name for variable in flow.variables.values() if variable.is_output}
    known: dict[str, str] = {}
    pending = _depending(used, outputs)
    is_growing = True
    while is_growing:
        is_growing = False
        for name in [*pending]:
            if used[name] & pending:
                continue
            pending.discard(name)
            expression = _expression(flow.variables[name], References(names, known))
            if expression is not None:
                known[name] = expression
                is_growing = True
    return known


def _names_in(text: str) -> set[str]:
    return {name for match in REFERENCE.finditer(text) for name in _NAME.findall(match[1])}


def _depending(used: Mapping[str, set[str]], outputs: set[str]) -> set[str]:
    """Return all variables that use an output, or one that does."""
    users: dict[str, list[str]] = {}
    for name, others in used.items():
        for other in others:
            users.setdefault(other, []).append(name)
    found: set[str] = set()
    pending = [*outputs]
    while pending:
        for name in users.get(pending.pop(), ()):
            if name not in found:
                found.add(name)
                pending.append(name)
    return found


def _expression(variable: FlowVariable, references: References) -> str | None:
    text = str(variable.value)
    pieces: list[str] = []
    place = 0
    for match in REFERENCE.finditer(text):
        translated = references.expression(match[1])
        if translated is None or len(translated) > MAX_EXPRESSION_CHARS:
            return None
        if match[0] == text:
            return translated
        pieces += [repr(text[place : match.start()]), f"str({translated})"]
        place = match.end()
    expression = " + ".join(piece for piece in [*pieces, repr(text[place:])] if piece != "''")
    return expression if len(expression) <= MAX_EXPRESSION_CHARS else None
